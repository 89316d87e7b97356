"""The commands for speaking with a citizen: take, say, handback; what is refused is one sentence."""

from pathlib import Path

import pytest
from sqlalchemy import select

import panel
from bot.house import House
from storage.models import conversation, message, ticket
from tests.house import SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell
from tests.streets import NOW

BOSS, SARI, BUDI = "boss@kota.test", "sari@kota.test", "budi@kota.test"


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})


@pytest.fixture
def house(here: Installation) -> House:
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, BOSS, "coordinator", None, "kata-sandi")
    panel.add_staff(house, SARI, "officer", "DPU", "kata-sandi")
    panel.add_staff(house, BUDI, "officer", "DISHUB", "kata-sandi")
    tell(house, STORY)
    return house


def number_of(house: House) -> str:
    with house.database.reading() as tx:
        return str(tx.scalar(select(ticket.c.number)))


def said(house: House) -> list[str]:
    with house.database.reading() as tx:
        query = select(message.c.text).where(message.c.direction == "out").order_by(message.c.id)
        return [str(words) for words in tx.scalars(query)][1:]


def test_an_officer_takes_a_chat_writes_and_gives_it_back(here: Installation, house: House) -> None:
    number = number_of(house)
    assert here.ok("take", number, "--as", SARI) == f"{number}: taken\n"
    assert here.ok("say", number, "Kami ke sana sore ini.", "--as", SARI) == f"{number}: said\n"
    tell(house, "baik pak")
    assert here.ok("handback", number, "--as", SARI) == f"{number}: handed back\n"
    assert said(house) == [
        "Petugas DPU membalas Anda di sini sekarang.",
        "Petugas: Kami ke sana sore ini.",
        "Petugas sudah selesai di percakapan ini. Sekarang bot menjawab lagi.",
    ]
    with house.database.reading() as tx:
        assert tx.execute(select(conversation.c.taken_by, conversation.c.taken_at)).one() == (None, None)


def test_a_refusal_is_one_sentence_and_tells_the_citizen_nothing(here: Installation, house: House) -> None:
    number = number_of(house)
    here.ok("take", number, "--as", SARI)
    before = said(house)
    refusals = (
        (("take", number, "--as", BOSS), SARI),
        (("say", number, "Halo", "--as", BOSS), SARI),
        (("take", number, "--as", BUDI), "wewenang"),
        (("say", number, " ", "--as", SARI), "Tulis dulu"),
        (("handback", "123456789", "--as", SARI), "123456789"),
        (("say", number, "Halo", "--as", "tidak@ada.test"), "tidak@ada.test"),
    )
    for words, why in refusals:
        refused = here.command(*words)
        assert refused.code == 1 and is_one_sentence(refused.errors) and why in refused.errors, refused
    assert said(house) == before
    assert here.ok("take", number, "--as", BOSS, "--from-colleague") == f"{number}: taken\n"


@pytest.mark.parametrize("command", ["say", "answer"])
def test_nobody_sends_a_citizen_a_hundred_sms_by_a_command(
    here: Installation, house: House, command: str
) -> None:
    refused = here.command(command, number_of(house), "kata " * 4_000, "--as", SARI)
    assert refused.code == 1 and is_one_sentence(refused.errors) and "paling banyak 5000" in refused.errors
    assert said(house) == []
