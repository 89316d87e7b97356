"""With too little room on the disk nothing new is taken, everything can be read, and nothing is lost (R9)."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.delivery import room
from bot.house import House
from bot.settings import BadSettings
from handlers.commands import opening
from handlers.webhooks import Door, health
from tests.house import make_house
from tests.installation import Installation, is_one_sentence
from tests.phones import SmsPhone, TelegramPhone, WhatsAppPhone
from tests.streets import Town, open_town

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
Disk = Callable[[Path, int], None]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Says how many MB are free on the disk of a folder and of what lies in it."""
    free: dict[Path, int] = {}

    def usage(folder: Path) -> Any:
        here = [where for where in free if Path(folder).is_relative_to(where)]
        megabytes = free[max(here, key=lambda where: len(where.parts))] if here else 10_000
        return SimpleNamespace(free=megabytes * room.MEGABYTE)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.0)
    return free.__setitem__


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    spool = tmp_path / "elsewhere"
    with open_town(city_database, tmp_path / "data", spool_dir=str(spool)) as made:
        health.install(made.client.application, made.house)
        yield made


def write(town: Town) -> list[int]:
    """What three providers get for a citizen's words."""
    whatsapp, telegram, sms = WhatsAppPhone(town), TelegramPhone(town), SmsPhone(town)
    form, update = whatsapp.form(Body=HOLE), telegram.message(text=HOLE)
    return [whatsapp.post(form), telegram.post(update), sms.get(HOLE)]


def test_with_too_little_room_everywhere_providers_are_asked_to_come_again(
    town: Town, tmp_path: Path, disk: Disk
) -> None:
    disk(tmp_path, 199)
    before = town.count("raw_event")
    assert write(town) == [503, 503, 503]
    assert town.count("raw_event") == before
    disk(tmp_path, 201)
    assert write(town) == [204, 200, 200]
    assert town.count("raw_event") == before + 3


def test_a_spool_on_another_disk_keeps_what_comes_until_there_is_room(
    town: Town, tmp_path: Path, disk: Disk
) -> None:
    disk(tmp_path / "data", 5)
    disk(tmp_path / "elsewhere", 5000)
    assert write(town) == [204, 200, 200]
    door = Door(town.house)
    assert len(list((tmp_path / "elsewhere").glob("*.event"))) == 3
    assert town.count("message") == 0
    disk(tmp_path / "data", 5000)
    door.play_back_once()
    assert town.one("select count(*) from message where direction = 'in'")[0] == 3


def test_what_became_of_sent_messages_is_still_noted(town: Town, tmp_path: Path, disk: Disk) -> None:
    phone = WhatsAppPhone(town)
    phone.writes(HOLE)
    assert phone.got()
    disk(tmp_path, 5)
    (sent,) = town.twilio.sent
    form = town.twilio.status_form(sent, "delivered")
    query = sent.status_callback.partition("?")[2]
    assert phone_status(town, form, query) == 204
    assert town.one("select state from message where direction = 'out'")[0] == "delivered"


def phone_status(town: Town, form: dict[str, str], query: str) -> int:
    from tests.phones import BASE
    from tests.twilio_server import AUTH_TOKEN, sign

    path = f"/webhooks/twilio/status?{query}"
    headers = sign(f"{BASE}{path}", form, AUTH_TOKEN)
    return town.client.post(path, data=form, headers=headers).status_code


def test_readiness_and_figures_tell_of_it(town: Town, tmp_path: Path, disk: Disk) -> None:
    disk(tmp_path, 150)
    ready = town.client.get("/readyz")
    assert ready.status_code == 503
    assert room.SENTENCE in json.loads(ready.text)["reasons"]
    figures = dict(line.rsplit(" ", 1) for line in town.client.get("/metrics").text.splitlines())
    assert float(figures["kentongan_disk_free_bytes"]) == 150 * room.MEGABYTE
    disk(tmp_path, 5000)
    assert room.SENTENCE not in json.loads(town.client.get("/readyz").text)["reasons"]


# --- a spool that cannot be used ----------
def test_a_start_without_a_place_to_keep_events_is_refused(city_database: str, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    here = Installation(tmp_path, {"DATABASE_URL": city_database, "SPOOL_DIR": str(blocked / "spool")})
    refused = here.command("web")
    assert refused.code == 2 and is_one_sentence(refused.errors) and "SPOOL_DIR" in refused.errors


def test_a_spool_that_takes_no_byte_is_refused(
    city_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house: House = make_house(city_database, tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk_full:
        disk_full.setattr("os.fsync", full)
        with pytest.raises(BadSettings, match="No space left"):
            opening.require_spool(house)
    opening.require_spool(house)
    assert list((tmp_path / "spool").iterdir()) == []
    house.database.engine.dispose()
