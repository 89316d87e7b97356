"""Closed parts of a report that came by chat stand nowhere else; HAPUS DATA takes their originals, too."""

from collections.abc import Iterator

import pytest

from bot.care import blacking_out, masking_words
from bot.delivery.blackening import Box
from tests import dump
from tests.phones import Phone, TelegramPhone, WhatsAppPhone
from tests.photos import jpeg, scene
from tests.streets import Town, open_town
from tests.test_attachments import by_whatsapp, run_jobs
from tests.test_forget_me import asks, carry_out, filed

NAMED = "jalan berlubang besar di depan rumah Ngatinem Sumiyati, Kelurahan Sekayu"
BOSS = "koordinator@kota.test"


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        yield made


def sealed_files(town: Town) -> list[str]:
    return [one.name for one in (town.house.settings.data_dir / "files").rglob("*.sealed")]


def sends_photo(phone: Phone) -> None:
    data = jpeg(scene(3))
    if isinstance(phone, WhatsAppPhone):
        by_whatsapp(phone, data, "image/jpeg")
    elif isinstance(phone, TelegramPhone):
        size = {**phone.town.telegram.add_file(data), "width": 1200, "height": 900}
        assert phone.post(phone.message(photo=[size], caption="rumah Ngatinem Sumiyati")) == 200


def reported(town: Town, phone: Phone) -> str:
    """A report by chat with a name and a photo, that was talked about."""
    number = filed(town, phone, NAMED)
    sends_photo(phone)
    phone.writes(f"tambah {number} Ngatinem sudah jatuh di situ")
    phone.writes("status")
    run_jobs(town)
    town.deliver()
    return number


@pytest.mark.parametrize("kind", ["telegram", "whatsapp"])
def test_what_is_closed_stands_nowhere_else_and_goes_with_its_citizen(town: Town, kind: str) -> None:
    phone = town.phone(kind)
    number = reported(town, phone)
    boss = town.staff(BOSS)
    assert {"ticket.text", "message.text"} <= set(dump.where(town.house, "Ngatinem", "Sumiyati"))
    photo = town.one("select id from attachment where media_type = 'image/jpeg' order by id desc limit 1")
    assert blacking_out.black_out(town.house, boss, photo.id, [Box(0, 0, 50, 50)]) == number
    masking_words.mask(town.house, boss, number, "Ngatinem Sumiyati\nNgatinem")
    assert dump.where(town.house, "Ngatinem", "Sumiyati") == ["masked_text.sealed"]
    assert len(sealed_files(town)) == 1
    carry_out(town, asks(town, phone))
    run_jobs(town)
    assert dump.where(town.house, "Ngatinem", "Sumiyati") == [] and sealed_files(town) == []
    for table in ("original_file", "masked_text", "leftover_file"):
        assert town.one(f"select count(*) as n from {table}").n == 0
