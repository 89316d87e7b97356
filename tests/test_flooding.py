"""A flood from one number is slowed, told of once and kept whole; nobody else notices it (S16)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.flooding import MOST_A_MINUTE, MOST_AN_HOUR
from tests.streets import NOW, Town, open_town

STORY = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
NOTICE = "Anda baru saja mengirim banyak pesan."


@pytest.fixture(scope="module")
def shared_town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture
def town(shared_town: Town) -> Town:
    shared_town.clock.moment = NOW
    return shared_town


@pytest.mark.parametrize("kind", ["whatsapp", "sms"])
def test_sixty_messages_in_a_minute_are_kept_and_the_last_ones_answered_by_one_notice(
    town: Town, kind: str
) -> None:
    phone, other = town.phone(kind), town.phone(kind)
    before = town.one("select count(*) from message where direction = 'in'")[0]
    for n in range(60):
        town.clock.moment = NOW + timedelta(seconds=n)
        phone.writes(f"CEK {n:09}")
    got = [one.text for one in phone.got()]
    assert len(got) == MOST_A_MINUTE + 1
    assert [NOTICE in words for words in got] == [False] * MOST_A_MINUTE + [True]
    assert town.one("select count(*) from message where direction = 'in'")[0] == before + 60
    other.writes("halo")
    assert len(other.got()) == 1
    town.clock.moment = NOW + timedelta(seconds=61)
    phone.writes("CEK 000000999")
    assert NOTICE not in phone.got()[0].text  # the minute is over, the conversation goes on


def test_words_of_a_flood_lie_with_the_report_and_do_not_change_it(town: Town) -> None:
    phone = town.phone("sms")
    phone.writes(STORY)
    filed = town.one("select id, text from ticket order by id desc limit 1")
    for n in range(MOST_A_MINUTE + 5):
        phone.writes(f"CEK {n:09}")
    phone.writes("masih juga belum ada yang datang")
    assert town.one("select text from ticket where id = :id", id=filed.id).text == filed.text
    kept = town.all("select text from message where ticket_id = :id and direction = 'in'", id=filed.id)
    assert kept[-1].text == "masih juga belum ada yang datang"
    phone.got()


def test_twenty_reports_in_an_hour_become_no_twenty_reports_and_no_word_is_lost(town: Town) -> None:
    phone, before = town.phone("sms"), town.count("ticket")
    kept = town.one("select count(*) from message where direction = 'in'")[0]
    troubles = ("sampah menumpuk", "lampu jalan mati", "banjir", "pohon tumbang", "jalan berlubang")
    for n in range(20):
        town.clock.moment = NOW + timedelta(minutes=2 * n)
        phone.writes(f"{troubles[n % 5]} di Jalan Pandanaran nomor {n + 1}, Kelurahan Sekayu")
        if n % 2:
            phone.got()
    made = town.count("ticket") - before
    assert 0 < made <= MOST_AN_HOUR
    assert town.one("select count(*) from message where direction = 'in'")[0] == kept + 20


def test_danger_and_stop_are_heard_through_a_flood(town: Town) -> None:
    phone = town.phone("sms")
    for n in range(MOST_A_MINUTE + 3):
        phone.writes(f"CEK {n:09}")
    phone.got()
    phone.writes("tolong kebakaran rumah di Kelurahan Sekayu, ada orang terjebak")
    assert "112" in " ".join(one.text for one in phone.got())
    phone.writes("BERHENTI")
    assert len(phone.got()) == 1


@pytest.mark.parametrize(
    ("language", "word"), [("INGGRIS", "very often"), ("JAWA", "kathah"), ("SUNDA", "seueur")]
)
def test_the_notice_is_in_the_citizens_language(town: Town, language: str, word: str) -> None:
    phone = town.phone("sms")
    phone.writes(f"BAHASA {language}")
    phone.got()
    for n in range(MOST_A_MINUTE + 1):
        phone.writes(f"CEK {n:09}")
    assert word in phone.got()[-1].text
