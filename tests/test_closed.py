"""The end of a report on the real database: what is counted, who sees it, what staff read, what is joined."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot import numbers
from bot.care import desk
from storage import queries
from tests.phones import Got, Phone
from tests.streets import NOW, Town, open_town

BOSS, OFFICER = "koordinator@kota.test", "dpu@kota.test"
HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
ANSWER = "Sudah kami tambal."


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(city_database, folder) as made:
        made.clock.moment = NOW
        yield made


def answered(town: Town, kind: str = "telegram", words: str = ANSWER) -> tuple[Phone, str, Got]:
    """A citizen whose report was answered, its number, and what he was asked."""
    phone = town.phone(kind)
    phone.writes(HOLE)
    if kind != "sms":
        phone.got()
        phone.writes("1")
    number = town.one("select number from ticket order by id desc limit 1").number
    phone.got()
    desk.answer(town.house, town.staff(OFFICER), number, words)
    return phone, number, phone.got()[-1]


def ticket(town: Town, number: str) -> Any:
    return town.one("select * from ticket where number = :number", number=number)


def last_event(town: Town, number: str) -> Any:
    query = """select e.* from event e join ticket t on t.id = e.ticket_id
               where t.number = :number order by e.id desc limit 1"""
    return town.one(query, number=number)


def queue(town: Town, email: str) -> list[str]:
    with town.house.database.reading() as tx:
        rows = queries.ticket_list(tx, town.staff(email), queue="objected", now=NOW)
        assert queries.queue_counts(tx, town.staff(email), NOW)["objected"] == len(rows)
        return [row["number"] for row in rows]


# --- belum goes up ----------
def test_belum_goes_to_the_superior_first_and_then_to_the_coordinator(town: Town) -> None:
    phone, number, asked = answered(town)
    assert queue(town, BOSS) == []
    phone.presses(asked, "Belum")
    assert last_event(town, number).detail == {"objection": 1, "level": "superior"}
    row = ticket(town, number)
    assert (row.status, row.objections) == ("in_progress", 1)
    assert row.due_at.astimezone(town.house.city.timezone).strftime("%Y-%m-%d") == "2026-11-30"
    assert queue(town, BOSS) == queue(town, OFFICER) == [number]
    phone.got()
    desk.answer(town.house, town.staff(OFFICER), number, "Sudah kami ulangi.")
    phone.got()
    phone.writes("masih berlubang di sisi kiri")
    happened = last_event(town, number)
    assert happened.note == "masih berlubang di sisi kiri"
    assert happened.detail == {"objection": 2, "level": "coordinator"}
    assert "koordinator kota" in phone.got()[0].text


def test_the_same_button_pressed_twice_counts_once(town: Town) -> None:
    phone, number, asked = answered(town)
    phone.presses(asked, "Belum")
    phone.presses(asked, "Belum")
    assert ticket(town, number).objections == 1
    assert "dikerjakan" in phone.got()[-1].text


@pytest.mark.parametrize("kind", ["telegram", "whatsapp"])
def test_an_old_button_is_about_the_report_it_stood_under(town: Town, kind: str) -> None:
    phone, first, asked = answered(town, kind)
    phone.writes("LAPOR sampah menumpuk di Kelurahan Tugurejo")
    phone.got()
    phone.writes("1")
    phone.got()
    second = town.one("select number from ticket order by id desc limit 1").number
    desk.answer(town.house, town.staff(BOSS), second, "Sudah diangkut.")
    phone.got()
    phone.presses(asked, "Belum")
    assert ticket(town, first).objections == 1 and ticket(town, second).status == "answered"


def test_words_without_a_button_are_about_the_answer_that_came_last(town: Town) -> None:
    phone, first, _ = answered(town)
    phone.writes("LAPOR sampah menumpuk di Kelurahan Tugurejo")
    phone.got()
    phone.writes("1")
    phone.got()
    second = town.one("select number from ticket order by id desc limit 1").number
    desk.answer(town.house, town.staff(BOSS), second, "Sudah diangkut.")
    town.clock.moment += timedelta(hours=1)
    desk.answer(town.house, town.staff(BOSS), first, "Kini sudah rata.")
    phone.got()
    phone.writes("ya")
    assert ticket(town, first).status == "closed" and ticket(town, second).status == "answered"


def test_a_report_that_was_objected_to_leaves_the_queue_when_it_is_closed(town: Town) -> None:
    phone, number, asked = answered(town)
    phone.presses(asked, "Belum")
    phone.got()
    phone.presses(asked, "Ya")
    assert ticket(town, number).closed_how == "confirmed" and queue(town, BOSS) == []


# --- ya, once ----------
def test_a_mark_is_asked_for_and_kept_once(town: Town) -> None:
    phone, number, asked = answered(town)
    phone.presses(asked, "Ya")
    stars = phone.got()[-1]
    phone.presses(stars, "Cukup")
    phone.presses(stars, "Sangat buruk")
    assert ticket(town, number).rating == 3
    phone.got()
    phone.writes("belum diperbaiki pak")
    phone.got()
    desk.answer(town.house, town.staff(OFFICER), number, "Sudah lagi.")
    phone.got()
    phone.writes("sudah")
    (said,) = phone.got()
    assert said.text == f"Laporan {number} ditutup. Terima kasih." and not said.labels


def test_no_answer_to_the_mark_leaves_none(town: Town) -> None:
    phone, number, asked = answered(town, "sms")
    phone.presses(asked, "Ya")
    phone.got()
    phone.writes("terima kasih banyak pak")
    assert ticket(town, number).rating is None


# --- what has not been read cannot be answered ----------
@pytest.mark.parametrize("words", ["ya", "belum", "1"])
def test_behind_whatsapps_closed_window_ya_only_brings_the_answer(town: Town, words: str) -> None:
    phone = town.phone("whatsapp")
    phone.writes(HOLE)
    phone.writes("1")
    phone.got()
    number = town.one("select number from ticket").number
    town.clock.moment += timedelta(hours=25)
    desk.answer(town.house, town.staff(OFFICER), number, ANSWER)
    assert phone.got() == []
    phone.writes(words)
    assert ticket(town, number).status == "answered" and ticket(town, number).objections == 0
    (said,) = phone.got()
    assert ANSWER in said.text and said.labels == ("Ya", "Belum")
    phone.writes("ya")
    assert ticket(town, number).status == "closed"


def test_a_long_answer_on_whatsapp_is_followed_by_the_question_with_its_buttons(town: Town) -> None:
    long = "\n".join(f"Tahap {n}: pekerjaan dilakukan di ruas itu." for n in range(1, 40))
    phone, number, asked = answered(town, "whatsapp", long)
    assert asked.text == f"Apakah masalahnya sudah selesai?\n{number}" and len(asked.ids) == 2
    phone.presses(asked, "Ya")
    assert ticket(town, number).status == "closed"


def test_an_officers_words_and_the_question_are_at_most_two_sms(town: Town) -> None:
    phone, number, _ = answered(town, "sms", "Kata petugas. " * 10)
    sent = [one.text for one in town.kannel.sent if one.address == phone.address][1:]
    assert len(sent) <= 2 and sent[-1].endswith("1 Ya 2 Belum")
    phone.writes("1")
    assert ticket(town, number).status == "closed"


def test_followers_read_the_answer_without_the_question(town: Town) -> None:
    phone = town.phone("telegram")
    phone.writes(HOLE)
    phone.got()
    phone.writes("1")
    number = phone.got()[-1].text.splitlines()[-1]
    follower = town.phone("whatsapp")
    follower.writes(f"IKUT {number}")
    follower.got()
    desk.answer(town.house, town.staff(OFFICER), number, ANSWER)
    (said,) = follower.got()
    assert ANSWER in said.text and not said.labels and "?" not in said.text
    follower.writes("ya")
    assert ticket(town, number).status == "answered"


# --- taking back ----------
def test_taking_back_a_report_in_work_is_told_to_its_office_by_the_history(town: Town) -> None:
    phone, number, _ = answered(town)
    desk.move(town.house, town.staff(OFFICER), number, "in_progress", {})
    phone.got()
    phone.writes("tarik laporan saya")
    phone.presses(phone.got()[-1], "Ya")
    happened = last_event(town, number)
    assert (happened.status, happened.detail) == ("closed", {"how": "withdrawn"})
    assert phone.got()[-1].text.startswith(f"Laporan {number} Anda cabut.")
    with town.house.database.reading() as tx:
        seen = queries.one_ticket(tx, town.staff(OFFICER), number)
    assert seen and seen["status"] == "closed"


def test_an_unknown_number_and_a_wrong_one_are_told_apart_from_a_strangers_not_at_all(town: Town) -> None:
    _, number, _ = answered(town)
    stranger = town.phone("telegram")
    unknown = numbers.draw()
    for tried in (number, unknown):
        stranger.writes(f"TUTUP {tried}")
    said = [one.text.replace(number, "N").replace(unknown, "N") for one in stranger.got()]
    assert said[0] == said[1]
    stranger.writes("ya")
    stranger.got()
    stranger.writes("TUTUP 123456789")
    assert "9 angkanya" in stranger.got()[-1].text
    assert ticket(town, number).status == "answered"


# --- after closing ----------
def test_that_report_gets_the_words_and_the_photo_of_the_draft_and_staff_saw_it_meanwhile(town: Town) -> None:
    phone, number, asked = answered(town)
    phone.presses(asked, "Ya")
    phone.got()
    town.clock.moment += timedelta(days=2)
    phone.sends_photo("jalannya berlubang lagi setelah hujan")
    asked = phone.got()[-1]
    draft = town.one("select * from ticket where status = 'draft'")
    assert draft.text == "jalannya berlubang lagi setelah hujan"
    phone.presses(asked, "Laporan itu")
    row = ticket(town, number)
    assert (row.status, row.objections, row.closed_how) == ("in_progress", 0, "")
    photo = town.one("select ticket_id from attachment")
    assert photo.ticket_id == row.id
    joined = town.one("select * from ticket where id = :id", id=draft.id)
    assert (joined.status, joined.merged_into_id, joined.filed_at) == ("merged", row.id, None)
    assert [number in one.text for one in phone.got()] == [True]
    phone.writes("STATUS")
    assert len(phone.got()) == 1


def test_who_never_answers_leaves_a_draft_for_staff(town: Town) -> None:
    phone, _, asked = answered(town)
    phone.presses(asked, "Ya")
    phone.got()
    phone.writes("pohon tumbang menutup jalan dekat sekolah")
    phone.got()
    with town.house.database.reading() as tx:
        drafts = queries.ticket_list(tx, town.staff(BOSS), queue="draft", now=NOW)
    assert [row["text"] for row in drafts] == ["pohon tumbang menutup jalan dekat sekolah"]
