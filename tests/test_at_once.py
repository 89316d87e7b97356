"""Parts of one report that come at the same moment, to several processes, belong to one draft (R7)."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import inbound
from bot.channel import Inbound, MediaReference
from tests.phones import WhatsAppPhone
from tests.streets import Town, open_town

STORY = "saluran air mampet di Kelurahan Sekayu"


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        yield made


def parts(address: str, account: str) -> list[Inbound]:
    photo, voice = (MediaReference("0" * 32, kind) for kind in ("image/jpeg", "audio/ogg"))
    return [
        Inbound("whatsapp", account, f"{address}-1", address, kind="photo", media=(photo,)),
        Inbound("whatsapp", account, f"{address}-2", address, kind="recording", media=(voice,)),
        Inbound("whatsapp", account, f"{address}-3", address, text=STORY),
        Inbound("whatsapp", account, f"{address}-4", address, "location", latitude=-6.98, longitude=110.41),
    ]


def test_four_parts_at_the_same_moment_are_one_draft_with_four_parts(town: Town) -> None:
    account = town.house.channels["whatsapp"].account
    for _ in range(5):
        phone = WhatsAppPhone(town)
        phone.writes("halo")
        start = threading.Barrier(4)

        def take(part: Inbound, start: threading.Barrier = start) -> None:
            start.wait()
            assert inbound.receive(town.house, part) == "taken"

        crowd = [threading.Thread(target=take, args=(part,)) for part in parts(phone.address, account)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join(30)
    # The greeting belongs to it, too.
    drafts = town.all("select id from ticket where status = 'draft'")
    kept = town.all(
        """select ticket_id, array_agg(kind order by kind) as kinds from message
           where direction = 'in' and ticket_id is not null group by 1"""
    )
    assert len(drafts) == 5
    assert [row.kinds for row in kept] == [["location", "photo", "recording", "text", "text"]] * 5
