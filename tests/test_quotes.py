"""Answers to one message of ours: quoted, by its button, by a thumb; and corrections of one's own words."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot import inbound
from bot.channel import Inbound, MediaReference
from tests.gestures import answers, edits, reacts
from tests.phones import Got, Phone, TelegramPhone
from tests.streets import Town, open_town

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
WASTE = "LAPOR sampah menumpuk di Kelurahan Tugurejo"
CHANNELS = ["whatsapp", "telegram", "simulator/whatsapp", "simulator/telegram"]


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture(autouse=True)
def _nobody_reported_it_before(town: Town) -> None:
    """Two months later: the report of one test is no twin of another's."""
    town.clock.moment += timedelta(days=60)


def filed(phone: Phone, words: str) -> Got:
    """File a report; gives the message with its number."""
    phone.writes(words)
    phone.presses(phone.got()[-1], "Kirim")
    return next(one for one in phone.got() if number_in(one))


def number_in(got: Got) -> str:
    return next((word for word in got.text.split() if word.isdigit() and len(word) == 9), "")


def added(town: Town, number: str) -> list[str]:
    """What the citizen added to a report."""
    with town.house.database.reading() as tx:
        rows = tx.exec_driver_sql(
            """select e.note from event e join ticket t on t.id = e.ticket_id
               where t.number = %(number)s and e.kind = 'added' order by e.id""",
            {"number": number},
        )
        return [row.note for row in rows]


def status(town: Town, number: str) -> str:
    return str(town.one("select status from ticket where number = :number", number=number).status)


# --- quoting ----------
@pytest.mark.parametrize("channel", CHANNELS)
def test_an_answer_to_the_older_report_s_message_is_added_to_the_older_report(
    town: Town, channel: str
) -> None:
    phone = town.phone(channel)
    older, newer = filed(phone, HOLE), filed(phone, WASTE)
    answers(phone, older, "makin parah sejak kemarin")
    (said,) = phone.got()
    assert number_in(older) in said.text.replace(".", " ")
    assert added(town, number_in(older)) == ["makin parah sejak kemarin"]
    assert added(town, number_in(newer)) == []
    phone.writes("makin bau juga")
    assert added(town, number_in(newer)) == ["makin bau juga"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_answer_to_a_filed_report_leaves_the_draft_as_it_is(town: Town, channel: str) -> None:
    phone = town.phone(channel)
    older = filed(phone, HOLE)
    phone.writes("LAPOR lampu jalan mati")
    asked = phone.got()[-1]
    answers(phone, older, "makin parah sejak kemarin")
    assert phone.got()[-1].text.endswith(asked.text)
    phone.writes("Kelurahan Tugurejo")
    phone.presses(phone.got()[-1], "Kirim")
    newer = next(one for one in phone.got() if number_in(one))
    assert number_in(newer) != number_in(older)
    assert added(town, number_in(older)) == ["makin parah sejak kemarin"]
    rows = town.one("select text, place from ticket where number = :n", n=number_in(newer))
    assert "lampu" in rows.text and "Tugurejo" in rows.place
    assert "berlubang" in town.one("select text from ticket where number = :n", n=number_in(older)).text


def test_a_message_id_of_another_chat_is_not_ours(town: Town) -> None:
    """Telegram counts the messages of every chat from one."""
    first, second = TelegramPhone(town), TelegramPhone(town)
    theirs, ours = filed(first, HOLE), filed(second, WASTE)
    assert theirs.message == ours.message
    answers(second, ours, "makin parah sejak kemarin")
    assert added(town, number_in(theirs)) == []
    assert added(town, number_in(ours)) == ["makin parah sejak kemarin"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_old_button_of_a_filed_report_files_nothing(town: Town, channel: str) -> None:
    phone = town.phone(channel)
    phone.writes(HOLE)
    read_back = phone.got()[-1]
    phone.presses(read_back, "Kirim")
    number = next(filter(None, map(number_in, phone.got())))
    before = town.count("ticket")
    phone.presses(read_back, "Kirim")
    phone.got()
    assert town.count("ticket") == before and status(town, number) == "received"


# --- thumbs ----------
def test_a_thumb_on_the_question_is_yes(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    reacts(phone, phone.got()[-1], "👍")
    assert any(map(number_in, phone.got()))


@pytest.mark.parametrize("emoji", ["❤", "🔥", "🙏", "😢"])
def test_other_signs_are_no_answer(town: Town, emoji: str) -> None:
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    reacts(phone, phone.got()[-1], emoji)
    assert phone.got() == []


def test_a_thumb_on_an_older_message_does_not_answer_the_question(town: Town) -> None:
    phone = TelegramPhone(town)
    receipt = filed(phone, HOLE)
    reacts(phone, receipt, "👍")
    assert phone.got() == []  # nothing was asked
    phone.writes(WASTE)
    assert phone.got()[-1].ids
    reacts(phone, receipt, "👍", before="❤")
    assert phone.got() == []
    reacts(phone, receipt, "", before="👍")
    assert phone.got() == []


def test_a_thumb_down_on_the_read_back_asks_what_to_change(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    reacts(phone, phone.got()[-1], "👎")
    (said,) = phone.got()
    assert said.ids[0].startswith("change=")


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "👌🏻", "✅", "✔️", "👍👍", "👍🏿👍🏿"])
@pytest.mark.parametrize("channel", ["whatsapp", "telegram"])
def test_a_thumb_that_is_written_is_yes(town: Town, channel: str, emoji: str) -> None:
    phone = town.phone(channel)
    phone.writes(HOLE)
    phone.got()
    phone.writes(emoji)
    assert any(map(number_in, phone.got()))


@pytest.mark.parametrize("emoji", ["👎", "👎🏾", "❌"])
def test_a_thumb_down_that_is_written_is_no(town: Town, emoji: str) -> None:
    phone = town.phone("whatsapp")
    phone.writes(HOLE)
    phone.got()
    phone.writes(emoji)
    assert phone.got()[-1].ids[0].startswith("change=")


# --- corrections ----------
def write(phone: TelegramPhone, words: str) -> int:
    update = phone.message(text=words)
    assert phone.post(update) == 200
    return int(update["message"]["message_id"])


def file_by(phone: TelegramPhone, words: str) -> tuple[int, str]:
    message_id = write(phone, words)
    phone.presses(phone.got()[-1], "Kirim")
    return message_id, next(filter(None, map(number_in, phone.got())))


def test_a_correction_after_filing_is_added_once_to_its_own_report(town: Town) -> None:
    phone = TelegramPhone(town)
    written, older = file_by(phone, HOLE)
    _, newer = file_by(phone, WASTE)
    before = town.count("ticket")
    edits(phone, written, HOLE + " RT 3")
    (said,) = phone.got()
    assert said.text == f"Laporan {older} sudah terkirim. Perbaikan Anda ditambahkan."
    edits(phone, written, HOLE + " RT 3")  # Telegram tells again when a preview came
    assert phone.got() == []
    assert (added(town, older), added(town, newer)) == ([HOLE + " RT 3"], [])
    assert town.count("ticket") == before
    assert town.one("select text from ticket where number = :n", n=older).text == HOLE


def test_an_edit_that_changes_no_word_says_nothing(town: Town) -> None:
    phone = TelegramPhone(town)
    written, number = file_by(phone, HOLE)
    edits(phone, written, HOLE)
    assert phone.got() == [] and added(town, number) == []


def test_a_corrected_greeting_of_before_is_no_part_of_a_report(town: Town) -> None:
    phone = TelegramPhone(town)
    greeting = write(phone, "selamat pagi")
    phone.got()
    town.clock.moment += timedelta(days=2)
    _, number = file_by(phone, HOLE)
    edits(phone, greeting, "selamat siang semuanya")
    assert phone.got() == [] and added(town, number) == []


# --- kept and replayed ----------
def test_an_event_keeps_what_it_answers_and_old_ones_load() -> None:
    event = Inbound("whatsapp", "a", "p", "b", quoted="SM1", media=(MediaReference("r", "audio/ogg"),))
    assert inbound.from_json(inbound.to_json(event)) == event
    old: dict[str, Any] = json.loads(inbound.to_json(event))
    del old["quoted"]
    assert inbound.from_json(json.dumps(old)).quoted == ""
