"""HAPUS DATA: who asked is not found anywhere any more, is told so first, and everything else stays."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import jobs
from bot.care import desk
from bot.people import farewell, requests
from bot.workflow import NotAllowed
from storage.files import Files
from tests import dump
from tests.living import NAME, SHOP, WORD, live, sends_paper
from tests.phones import Phone
from tests.streets import NOW, Town, open_town
from tests.test_attachments import run_jobs
from tests.test_media import PDF

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
GONE = (
    "Sesuai permintaan, kontak, nama, chat, dan foto Anda dihapus. "
    "Laporan Anda tetap ada tanpa itu. Terima kasih."
)


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture(autouse=True)
def noon(town: Town) -> None:
    town.clock.moment = NOW + timedelta(days=3)
    town.deliver()
    farewell.forget_addresses(town.house)
    town.clock.moment = NOW
    town.age_reports()


def asks(town: Town, phone: Phone) -> int:
    """The citizen asks to be forgotten; returns the request."""
    phone.writes("hapus data")
    phone.writes("1")
    return int(town.one("select max(id) as id from privacy_request where state = 'open'").id)


def carry_out(town: Town, request: int) -> None:
    requests.carry_out(town.house, town.staff("koordinator@kota.test"), request)


def filed(town: Town, phone: Phone, story: str = HOLE) -> str:
    phone.writes(story)
    phone.writes("kirim")
    phone.got()
    return str(town.one("select number from ticket order by id desc limit 1").number)


# --- nothing is left ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", ["whatsapp", "telegram", "sms", "simulator/telegram"])
def test_of_who_asked_not_a_word_and_not_a_number_is_left_anywhere(town: Town, kind: str, seed: int) -> None:
    phone = town.phone(kind)
    live(town, phone, random.Random(seed))
    words = (NAME, SHOP, WORD, phone.address.removeprefix("whatsapp:"), phone.address, "110.41234")
    before = dump.where(town.house, *words)
    assert {"message.text", "ticket.text", "address.sealed"} <= set(before)
    assert any(one.startswith("file ") for one in before) == (kind in ("whatsapp", "telegram"))
    kept = town.all("select id, number, category, status, rating, filed_at, due_at from ticket order by id")
    lines = town.all("select id, at, kind, status from event order by id")
    carry_out(town, asks(town, phone))
    phone.got()
    farewell.forget_addresses(town.house)
    run_jobs(town)
    assert dump.where(town.house, *words) == []
    after = town.all("select id, number, category, status, rating, filed_at, due_at from ticket order by id")
    for was, now in zip(kept, after, strict=False):
        assert (was.number, was.category, was.rating) == (now.number, now.category, now.rating)
        assert was.status == "draft" or (was.filed_at, was.due_at) == (now.filed_at, now.due_at)
    assert town.all("select id, at, kind, status from event order by id")[: len(lines)] == lines


def test_a_file_is_deleted_with_its_row_but_not_one_that_somebody_else_sent_too(town: Town) -> None:
    one, other = town.phone("telegram"), town.phone("whatsapp")
    for phone in (one, other):
        phone.writes(HOLE)
        sends_paper(phone, PDF)
        phone.got()
    run_jobs(town)
    query = "select distinct path from attachment where state = 'stored'"
    (path,) = [row.path for row in town.all(query)]
    carry_out(town, asks(town, one))
    run_jobs(town)
    files = Files(str(town.house.settings.data_dir.absolute() / "files"))
    assert files.open(path)
    carry_out(town, asks(town, other))
    assert jobs.delete_unneeded_files(town.house) == 1
    with pytest.raises(FileNotFoundError):
        files.open(path)
    assert town.all("select id from attachment where path <> ''") == []


# --- first told, then forgotten -----------------------------------------------------------------------------
def test_the_citizen_is_told_before_the_address_goes_and_is_a_stranger_afterwards(town: Town) -> None:
    phone = town.phone("telegram")
    filed(town, phone)
    request = asks(town, phone)
    phone.got()
    carry_out(town, request)
    farewell.forget_addresses(town.house)  # the message is still on its way: nothing is forgotten yet
    assert [one.text for one in phone.got()] == [GONE]
    assert farewell.forget_addresses(town.house) == 1
    assert farewell.forget_addresses(town.house) == 0
    phone.writes("data saya")
    assert "Laporan Anda: 0." in phone.got()[0].text
    phone.writes("status")
    assert phone.got()[0].text.startswith("Anda belum punya laporan")


def test_who_stopped_all_messages_is_told_all_the_same(town: Town) -> None:
    phone = town.phone("telegram")
    request = asks(town, phone)
    phone.writes("stop")
    phone.got()
    carry_out(town, request)
    assert [one.text for one in phone.got()] == [GONE]


def test_an_address_that_cannot_be_reached_goes_after_a_day(town: Town) -> None:
    phone = town.phone("whatsapp")
    request = asks(town, phone)
    phone.got()
    town.clock.moment += timedelta(hours=30)  # WhatsApp's window is shut: the last message is held
    carry_out(town, request)
    assert GONE not in [one.text for one in phone.got()]
    assert farewell.forget_addresses(town.house) == 0
    town.clock.moment += timedelta(hours=25)
    assert farewell.forget_addresses(town.house) == 1
    assert dump.where(town.house, phone.address) == []


def test_who_writes_in_between_gets_the_news_and_keeps_the_new_report(town: Town) -> None:
    phone = town.phone("whatsapp")
    old = filed(town, phone)
    request = asks(town, phone)
    phone.got()
    town.clock.moment += timedelta(hours=30)
    carry_out(town, request)
    phone.got()
    phone.writes("lampu jalan mati di Kelurahan Tugurejo")
    assert GONE in [one.text for one in phone.got()]
    phone.writes("kirim")
    new = town.one("select number from ticket order by id desc limit 1").number
    phone.got()
    assert farewell.forget_addresses(town.house) == 1
    phone.writes("data saya")
    said = phone.got()[0].text
    assert "Laporan Anda: 1." in said and new in said and old not in said
    desk.answer(town.house, town.staff("koordinator@kota.test"), new, "Lampu sudah menyala.")
    assert "Lampu sudah menyala." in phone.got()[0].text
    assert farewell.forget_addresses(town.house) == 0


# --- the queue ----------------------------------------------------------------------------------------------
def test_asking_twice_and_at_the_same_time_from_two_chats_is_one_request(town: Town) -> None:
    phone = town.phone("telegram")
    request = asks(town, phone)
    due = town.one("select due_at from privacy_request where id = :id", id=request).due_at
    assert due == NOW + timedelta(hours=72)
    town.clock.moment += timedelta(hours=5)
    phone.writes("cabut persetujuan")
    phone.writes("ya")
    assert "sudah tercatat" in phone.got()[-1].text
    one, barrier = town.phone("telegram"), Barrier(4)
    one.writes("hapus data")

    def confirm() -> None:
        barrier.wait()
        one.writes("hapus data")
        one.writes("ya")

    threads = [Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(town.all("select 1 from privacy_request where state = 'open' and id > :id", id=request)) == 1
    carry_out(town, request)
    with pytest.raises(requests.NoRequest):
        carry_out(town, request)


def test_the_requests_of_two_who_turn_out_to_be_one_person_are_one(town: Town) -> None:
    one, other = town.phone("telegram"), town.phone("whatsapp")
    first, second = asks(town, one), asks(town, other)
    one.got(), other.got()
    one.writes("sambung")
    (code,) = re.findall(r"\b\d{6}\b", one.got()[0].text)
    other.writes(f"SAMBUNG {code}")
    one.got(), other.got()
    carry_out(town, first)
    assert [row.state for row in town.all("select state from privacy_request order by id desc limit 2")] == [
        "done",
        "done",
    ]
    with pytest.raises(requests.NoRequest):
        carry_out(town, second)
    one.got()
    assert farewell.forget_addresses(town.house) == 1
    assert dump.where(town.house, one.address, other.address) == []


def test_open_reports_are_closed_as_withdrawn_but_not_what_others_follow(town: Town) -> None:
    phone, neighbour = town.phone("telegram"), town.phone("telegram")
    alone = filed(town, phone)
    town.age_reports()
    shared = filed(town, phone, "lapor lampu jalan mati di Kelurahan Tugurejo")
    neighbour.writes(f"IKUT {shared}")
    neighbour.got()
    carry_out(town, asks(town, phone))
    status = "select status, closed_how, place from ticket where number = :number"
    assert tuple(town.one(status, number=alone)) == ("closed", "withdrawn", "Sekayu")
    assert tuple(town.one(status, number=shared)) == ("received", "", "Tugurejo")
    phone.got()
    farewell.forget_addresses(town.house)
    desk.answer(town.house, town.staff("koordinator@kota.test"), shared, "Lampu sudah diganti.")
    assert "Lampu sudah diganti." in neighbour.got()[-1].text
    assert phone.got() == []


def test_a_refusal_is_told_with_its_reason_and_changes_nothing(town: Town) -> None:
    phone = town.phone("telegram")
    number = filed(town, phone)
    request = asks(town, phone)
    phone.got()
    boss = town.staff("koordinator@kota.test")
    for note in ("", "x" * 241):
        with pytest.raises(NotAllowed):
            requests.refuse(town.house, boss, request, note)
    with pytest.raises(NotAllowed):
        requests.carry_out(town.house, town.staff("dpu@kota.test"), request)
    requests.refuse(town.house, boss, request, "Masih dipakai dalam pemeriksaan.")
    (told,) = phone.got()
    assert told.text == "Data Anda belum dapat dihapus: Masih dipakai dalam pemeriksaan."
    assert town.one("select text from ticket where number = :number", number=number).text == HOLE
    assert town.one("select note from privacy_request where id = :id", id=request).note.startswith("Masih")


def test_history_still_refuses_every_other_change(town: Town) -> None:
    phone = town.phone("telegram")
    number = filed(town, phone)
    boss = town.staff("koordinator@kota.test")
    desk.move(town.house, boss, number, "in_progress", {"note": "Segera"})
    phone.got()
    for change in (
        "update event set note = 'lain'",
        "update event set note = '', at = at - interval '1 day'",
        "update event set status = 'closed'",
        "update event set note = '' where staff_id is not null",
        "delete from event",
    ):
        with pytest.raises(DBAPIError, match="only appended"), town.house.database.transaction() as tx:
            tx.execute(text(change))
