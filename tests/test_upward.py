"""Passed on to another government: their number, no date of the city's, and reminders to ask there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.care import export, upward
from bot.care.desk import NotFound
from bot.workflow import NotAllowed
from storage import queries
from tests.offices import BOSS, Desk, hire
from tests.streets import open_town

SARI = "+628141000001"
PROVINCE = "PROV-JATENG"


@pytest.fixture
def desk(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        hire(town, "DLH")
        yield Desk(town)


def away(desk: Desk, theirs: str = "LGWP-20261") -> str:
    """A report at the province."""
    number = desk.files(SARI)
    desk.move(number, "forwarded", office=PROVINCE, external_number=theirs)
    return number


def last(desk: Desk) -> str:
    return str(desk.town.one("select text from message order by id desc limit 1").text)


def found(desk: Desk, words: str) -> list[str]:
    with desk.town.house.database.reading() as tx:
        now, by = desk.town.clock.now(), desk.town.staff(BOSS)
        return [row["number"] for row in queries.ticket_list(tx, by, queue="open", now=now, search=words)]


def test_the_citizen_is_told_where_it_is_and_their_number_and_no_date(desk: Desk) -> None:
    number = away(desk)
    told = desk.told(number)[-1]
    assert told == (
        "Laporan Anda kini di Provinsi Jawa Tengah, nomor mereka LGWP-20261. "
        f"Jawaban mereka kami sampaikan di sini.\n{number}"
    )
    desk.says(SARI, "STATUS")
    assert last(desk) == (
        f"{number}: kini di Provinsi Jawa Tengah, nomor mereka LGWP-20261. "
        "Jawaban mereka kami sampaikan di sini."
    )
    desk.move(number, "in_progress")
    assert "Provinsi Jawa Tengah sedang mengerjakan laporan Anda." in desk.told(number)[-1]
    desk.says(f"{SARI}9", f"IKUT {number}")
    assert "Target: belum ada." in last(desk)


def test_their_number_may_come_later_is_told_once_and_found(desk: Desk) -> None:
    number, by, house = away(desk, ""), desk.town.staff(BOSS), desk.town.house
    assert desk.told(number)[-1].startswith("Laporan Anda kini di Provinsi Jawa Tengah. Jawaban mereka")
    for _ in range(2):
        upward.note_number(house, by, number, "  LGWP  77 ")
    told = [one for one in desk.told(number) if "LGWP 77" in one]
    assert told == [
        "Nomor laporan Anda di Provinsi Jawa Tengah: LGWP 77. "
        f"Jawaban mereka kami sampaikan di sini.\n{number}"
    ]
    assert found(desk, "LGWP 77") == [number] and not found(desk, "LGWP 7")
    for odd in ("", "x" * 31, "<b>", "nomor\x00"):
        with pytest.raises(NotAllowed, match="paling banyak 30"):
            upward.note_number(house, by, number, odd)


def test_the_citys_clock_stands_still_and_runs_on_when_it_is_taken_back(desk: Desk) -> None:
    number = desk.files(SARI)
    promised = desk.row(number).due_at
    desk.move(number, "forwarded", office=PROVINCE)
    desk.town.clock.moment += timedelta(days=60)
    with desk.town.house.database.reading() as tx:
        (row,) = export.ticket_rows(tx, desk.town.clock.now())
    assert not row["overdue"] and desk.row(number).paused_at
    desk.move(number, "forwarded", office="DLH")
    back = desk.row(number)
    assert back.paused_at is None and back.due_at > promised and back.stage == "follow_up"
    assert "diteruskan ke DLH. Target: " in desk.told(number)[-1] and "2027" in desk.told(number)[-1]


def test_the_coordinator_is_reminded_to_ask_there_again_and_again(desk: Desk) -> None:
    number, house = away(desk), desk.town.house
    assert upward.remind(house) == 0
    desk.town.clock.moment = desk.row(number).stage_due_at + timedelta(minutes=1)
    assert (upward.remind(house), upward.remind(house)) == (1, 0)
    desk.town.clock.moment = desk.row(number).stage_due_at + timedelta(minutes=1)
    assert upward.remind(house) == 1 and desk.notices("away") == [f"koordinator {number}"] * 2
    desk.move(number, "answered", note="Jawaban provinsi: masuk program tahun depan.")
    desk.town.clock.moment += timedelta(days=30)
    assert upward.remind(house) == 0


def test_their_answer_is_told_and_a_belum_makes_it_the_citys_again(desk: Desk) -> None:
    number = away(desk)
    desk.move(number, "answered", note="Jalan sudah ditambal.")
    assert (
        "Provinsi Jawa Tengah" in desk.told(number)[-1] and "Jalan sudah ditambal." in desk.told(number)[-1]
    )
    desk.says(SARI, "belum pak, masih amblas")
    row = desk.row(number)
    assert row.status == "in_progress" and row.paused_at is None
    assert "koordinator kota. Jawaban baru paling lambat" in last(desk) and "2026" in last(desk)
    assert desk.notices("objection") == [f"koordinator {number}"]


def test_a_question_for_them_does_not_start_the_citys_clock(desk: Desk) -> None:
    number = away(desk)
    desk.move(number, "waiting", note="Provinsi bertanya: di kilometer berapa?")
    desk.says(SARI, "kilometer dua belas")
    assert desk.row(number).status == "in_progress" and desk.row(number).paused_at
    desk.says(SARI, "STATUS")
    assert "kini di Provinsi Jawa Tengah" in last(desk)


def test_the_other_system_is_given_the_matter_and_never_the_person(desk: Desk) -> None:
    number = away(desk)
    with desk.town.house.database.transaction() as tx:
        tx.exec_driver_sql("update ticket set anonymous = true where number = %s", (number,))
    given = upward.letter(desk.town.house, desk.town.staff(BOSS), number)
    assert number in given and "pipa bocor" in given and "Sekayu" in given
    assert SARI.lstrip("+") not in given and SARI[3:] not in given
    assert desk.row(number).anonymous  # and it stays so on its way
    with pytest.raises(NotFound):
        upward.letter(desk.town.house, desk.town.staff("dlh@kota.test"), number)


def test_a_number_elsewhere_belongs_to_an_office_elsewhere(desk: Desk) -> None:
    number = desk.files(SARI)
    with pytest.raises(NotAllowed, match="di luar kota"):
        desk.move(number, "forwarded", office="DLH", external_number="X1")
    with pytest.raises(NotAllowed, match="luar kota"):
        upward.note_number(desk.town.house, desk.town.staff(BOSS), number, "X1")
    desk.move(number, "forwarded", office=PROVINCE, external_number="X1")
    desk.move(number, "forwarded", office="PLN")
    assert desk.row(number).external_number == ""  # of another system


def test_one_of_several_offices_may_be_outside(desk: Desk) -> None:
    number = desk.files(SARI)
    desk.move(number, "forwarded", offices=("DLH", PROVINCE))
    assert "diteruskan ke 2 instansi" in desk.told(number)[-1]  # two such names are too long for an SMS
    part = desk.parts(number)[PROVINCE]
    assert part.paused_at and not desk.row(number).paused_at
    upward.note_number(desk.town.house, desk.town.staff(BOSS), part.number, "P-9")
    assert "P-9" in desk.told(number)[-1] and desk.told(number)[-1].endswith(number)
    desk.move(part.number, "answered", note="Kami periksa bendungan.")
    desk.move(desk.parts(number)["DLH"].number, "answered", "dlh", note="Puing diangkut.")
    assert "Provinsi Jawa Tengah: Kami periksa bendungan." in desk.told(number)[-1]
