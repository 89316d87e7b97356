"""What may be done with a ticket, on the real database: numbers, clocks, history, scope, and what is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import numbers, tickets
from bot.care import desk
from bot.workflow import NotAllowed
from tests.phones import Phone, TelegramPhone
from tests.streets import NOW, Town, open_town

BOSS, OFFICER = "koordinator@kota.test", "dpu@kota.test"
HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"


@pytest.fixture(scope="module")
def shared_town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture
def town(shared_town: Town) -> Town:
    shared_town.clock.moment = NOW
    return shared_town


def filed(town: Town, words: str = HOLE, kind: str = "telegram") -> tuple[Phone, str]:
    """A citizen with a report, and its number."""
    phone = town.phone(kind)
    phone.writes(words)
    if kind != "sms":
        asked = phone.got()[-1]
        if "Buat baru" in asked.labels:  # somebody else has told of the same: this test wants its own
            phone.presses(asked, "Buat baru")
            phone.got()
        phone.writes("1")
    said = phone.got()[-1].text
    return phone, said.split()[0] if kind == "sms" else said.splitlines()[-1]


def ticket(town: Town, number: str) -> Any:
    return town.one("select * from ticket where number = :number", number=number)


def move(town: Town, number: str, status: str, by: str = BOSS, **given: Any) -> None:
    desk.move(town.house, town.staff(by), number, status, given)


def history(town: Town, number: str) -> list[str]:
    with town.house.database.reading() as tx:
        query = """select e.kind || ' ' || e.status as line from event e join ticket t on t.id = e.ticket_id
                   where t.number = :number order by e.id"""
        return [line.strip() for line in tx.scalars(text(query), {"number": number})]


def local_day(town: Town, moment: datetime) -> str:
    return moment.astimezone(town.house.city.timezone).strftime("%Y-%m-%d")


# --- numbers ----------
def test_a_number_has_nine_digits_and_shows_every_slip_of_one_digit_and_every_swap() -> None:
    for _ in range(50):
        number = numbers.draw()
        assert len(number) == 9 and numbers.is_number(number)
        for place, digit in enumerate(number):
            for other in set("0123456789") - {digit}:
                assert not numbers.is_number(number[:place] + other + number[place + 1 :])
        for place in range(8):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert swapped == number or not numbers.is_number(swapped)


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "12345678a", "\uff11" * 9, " 41705823"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert not numbers.is_number(text)


# --- filing and clocks ----------
def test_a_filed_report_has_its_office_and_is_due_by_the_citys_clock(town: Town) -> None:
    _, number = filed(town)
    row = ticket(town, number)
    assert row.status == "received" and row.category == "jalan" and row.kind == "complaint"
    assert row.text == HOLE and row.place == "Sekayu" and row.channel == "telegram"
    assert town.one("select code from office where id = :id", id=row.office_id).code == "DPU"
    assert local_day(town, row.due_at) == "2026-12-02"  # 7 working days after Monday 23 November
    assert history(town, number) == ["status draft", "status received"]


def test_filing_twice_changes_nothing(town: Town) -> None:
    _, number = filed(town)
    before = ticket(town, number)
    with town.house.database.transaction() as tx:
        tickets.file(tx, town.house.city, before.id, NOW + timedelta(days=1))
    assert ticket(town, number) == before


def test_a_question_stops_the_clock_and_the_reply_starts_it_again(town: Town) -> None:
    phone, number = filed(town)
    due = ticket(town, number).due_at
    move(town, number, "waiting", OFFICER, note="Di sisi mana?")
    assert ticket(town, number).paused_at == NOW
    town.clock.moment += timedelta(days=7)
    phone.got()
    phone.writes("sisi kiri")
    row = ticket(town, number)
    assert row.status == "in_progress" and row.paused_at is None
    assert local_day(town, row.due_at) == "2026-12-09" and row.due_at - due == timedelta(days=7)
    assert history(town, number)[-2:] == ["added", "status in_progress"]


def test_a_second_question_does_not_start_the_pause_anew(town: Town) -> None:
    _, number = filed(town)
    move(town, number, "waiting", note="Di sisi mana?")
    town.clock.moment += timedelta(days=1)
    move(town, number, "waiting", note="Kiri atau kanan?")
    assert ticket(town, number).paused_at == NOW


def test_belum_after_closing_opens_the_report_with_a_new_date(town: Town) -> None:
    phone, number = filed(town)
    move(town, number, "answered", note="Sudah.")
    move(town, number, "closed", how="confirmed")
    town.clock.moment += timedelta(days=3)
    phone.writes("belum diperbaiki pak")
    row = ticket(town, number)
    assert (row.status, row.closed_how) == ("in_progress", "")
    assert row.due_at > town.clock.moment and row.objections == 1


def test_a_citizen_closes_his_own_report_only_and_is_asked_before(town: Town) -> None:
    phone, number = filed(town)
    stranger = town.phone("telegram")
    stranger.writes(f"TUTUP {number}")
    assert "tidak ditemukan" in stranger.got()[0].text
    assert ticket(town, number).status == "received"
    phone.writes(f"TUTUP {number}")
    assert phone.got()[-1].text == f"Tutup laporan {number}?"
    assert ticket(town, number).status == "received"
    phone.writes("ya")
    row = ticket(town, number)
    assert (row.status, row.closed_how) == ("closed", "withdrawn")
    phone.writes(f"TUTUP {number}")
    assert "selesai" in phone.got()[-1].text


def test_batal_after_an_officer_took_the_draft_up_breaks_nothing(town: Town) -> None:
    phone = town.phone("telegram")
    phone.writes(HOLE)
    number = town.one("select number from ticket order by id desc limit 1").number
    move(town, number, "rejected", note="Bukan wewenang kota.")
    phone.got()
    phone.writes("BATAL")
    assert "Tidak ada yang dibatalkan" in phone.got()[0].text
    assert ticket(town, number).status == "rejected"


# --- history ----------
@pytest.mark.parametrize("statement", ["update event set note = 'x'", "delete from event"])
def test_history_is_only_appended(town: Town, statement: str) -> None:
    filed(town)
    before = town.count("event")
    with pytest.raises(DBAPIError, match="only appended"), town.house.database.transaction() as tx:
        tx.execute(text(statement))
    assert town.count("event") == before


def test_the_status_is_the_last_of_the_history(town: Town) -> None:
    _, number = filed(town)
    move(town, number, "forwarded", office="DISHUB")
    move(town, number, "in_progress")
    move(town, number, "returned", note="Bukan wewenang kami.")
    statuses = [line.split()[1] for line in history(town, number)]
    assert statuses == ["draft", "received", "forwarded", "in_progress", "returned"]
    assert ticket(town, number).status == "returned" and ticket(town, number).return_count == 1


# --- staff ----------
def test_forwarding_gives_the_report_to_the_other_office(town: Town) -> None:
    phone, number = filed(town)
    move(town, number, "forwarded", office="DISHUB")
    row = ticket(town, number)
    assert town.one("select code from office where id = :id", id=row.office_id).code == "DISHUB"
    assert phone.got()[0].text.startswith("Laporan Anda diteruskan ke Dishub.")
    with pytest.raises(desk.NotFound):
        move(town, number, "answered", OFFICER, note="Bukan saya lagi.")


def test_a_report_of_another_office_does_not_exist_for_an_officer(town: Town) -> None:
    phone, number = filed(town, "sampah menumpuk di Kelurahan Tugurejo")
    with pytest.raises(desk.NotFound) as refused:
        move(town, number, "answered", OFFICER, note="Saya jawab saja.")
    with pytest.raises(desk.NotFound) as unknown:
        move(town, numbers.draw(), "answered", OFFICER, note="x")
    assert str(refused.value).replace(number, "") == str(unknown.value).replace(
        str(unknown.value).split()[1], ""
    )
    assert ticket(town, number).status == "received" and phone.got() == []


def test_a_refused_move_changes_and_tells_nothing(town: Town) -> None:
    phone, number = filed(town)
    before = ticket(town, number)
    for status, given in (("forwarded", {"office": "TIDAK-ADA"}), ("merged", {"into": number})):
        with pytest.raises(NotAllowed):
            move(town, number, status, **given)
    with pytest.raises(NotAllowed):
        move(town, number, "planned", note="x", year="tahun depan")
    with pytest.raises(NotAllowed):
        move(town, number, "closed", how="entah")
    with pytest.raises(NotAllowed):
        move(town, number, "rejected", OFFICER, note="x")
    assert ticket(town, number) == before and phone.got() == []


def test_what_is_written_after_merging_lands_on_the_target(town: Town) -> None:
    _, target = filed(town)
    phone, number = filed(town)
    move(town, number, "merged", into=target)
    assert phone.got()[0].text == f"Laporan Anda digabung dengan laporan {target}.\n{number}"
    phone.writes("lubangnya makin dalam")
    assert target in phone.got()[0].text
    assert history(town, target)[-1] == "added"
    with pytest.raises(NotAllowed):
        move(town, number, "answered", note="x")


@pytest.mark.parametrize("kind", ["whatsapp", "telegram", "sms"])
def test_every_push_goes_to_the_chat_that_filed_and_ends_with_the_number_alone(town: Town, kind: str) -> None:
    other: Phone = TelegramPhone(town)
    other.writes("halo")
    other.got()
    phone, number = filed(town, kind=kind)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("forwarded", {"office": "DPU"}),
        ("in_progress", {}),
        ("waiting", {"note": "Di sisi mana?"}),
        ("planned", {"note": "Masuk anggaran.", "year": "2027"}),
        ("answered", {"note": "Sudah kami tambal."}),
        ("closed", {"how": "confirmed"}),
    )
    for status, given in steps:
        move(town, number, status, **given)
        (said,) = phone.got()
        assert said.text.splitlines()[-1] == number
        assert said.labels == (("Ya", "Belum") if status == "answered" else ())
        assert given.get("note", "") in said.text
    assert other.got() == []


def test_a_follower_hears_of_it_and_an_anonymous_report_cannot_be_followed(town: Town) -> None:
    _, number = filed(town)
    follower = town.phone("sms")
    follower.writes(f"IKUT {number}")
    assert follower.got()[0].text.startswith(f"Anda mengikuti laporan {number}")
    follower.writes(f"IKUT {number}")
    follower.got()
    move(town, number, "answered", note="Sudah kami tambal.")
    assert [said.text.splitlines()[-1] for said in follower.got()] == [number]
    hidden = town.phone("telegram")
    hidden.writes("pohon tumbang di depan balai desa, Kelurahan Jerakah")
    hidden.got()
    hidden.writes("2")
    number = next(one.text for one in hidden.got() if "Laporan Anda diterima" in one.text).splitlines()[-1]
    for command, told in (("IKUT", "tidak ditemukan"), ("CEK", "dengan PIN-nya")):
        follower.writes(f"{command} {number}")
        assert told in follower.got()[0].text


def test_a_report_by_number_waits_for_its_officer_before_a_newer_one(town: Town) -> None:
    phone, first = filed(town)
    phone.writes("LAPOR lampu jalan mati di Kelurahan Tugurejo")
    phone.got()
    phone.writes("1")
    phone.got()
    move(town, first, "waiting", note="Di sisi mana?")
    phone.got()
    phone.writes("di sisi kiri")
    assert first in phone.got()[0].text and ticket(town, first).status == "in_progress"
