"""What is over its time goes, to the last word; what is open or was changed lately stays as it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import jobs
from bot.care import desk
from bot.people import farewell, requests, retention
from tests import dump
from tests.house import SetClock
from tests.installation import Installation, is_one_sentence, tell
from tests.living import sends_paper
from tests.phones import Phone
from tests.streets import NOW, Town, open_town
from tests.test_attachments import run_jobs
from tests.test_media import PDF

SHOP, WORD = "warung pojok melati", "kucingoranye"
STORY = f"jalan berlubang besar di depan {SHOP} {WORD}, Kelurahan Sekayu"
CONTACT, TEXT = timedelta(days=366), timedelta(days=731)


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        yield made


def report(town: Town, phone: Phone) -> str:
    """A report with everything that a citizen can say; returns its number."""
    phone.writes(STORY)
    phone.writes("kirim")
    number = town.one("select number from ticket order by id desc").number
    phone.writes(f"BALAS {number} ada {WORD} juga")
    sends_paper(phone, PDF + WORD.encode())
    phone.got()
    run_jobs(town)
    return str(number)


def close(town: Town, phone: Phone, number: str) -> None:
    boss = town.staff("koordinator@kota.test")
    desk.answer(town.house, boss, number, "Sudah ditambal.")
    phone.got()
    desk.move(town.house, boss, number, "closed", {"how": "confirmed"})
    phone.got()


def let_go(town: Town, moment: datetime) -> dict[str, int]:
    gone = {over.name: over.count for over in retention.let_go(town.house, moment)}
    jobs.delete_unneeded_files(town.house)
    return {name: count for name, count in gone.items() if count}


def rows(town: Town, table: str) -> list[Any]:
    return list(town.all(f"select * from {table} order by 1, 2"))


def test_after_its_time_no_word_and_no_number_of_a_citizen_is_left_but_the_figures_are(town: Town) -> None:
    phone = town.phone("whatsapp")
    number = report(town, phone)
    phone.writes(f"data saya {WORD}")
    close(town, phone, number)
    with town.house.database.transaction() as tx:
        tx.execute(text("update ticket set rating = 4"))
    words = (SHOP, WORD, phone.address)
    assert {"message.text", "ticket.text", "address.sealed", "event.note"} <= set(
        dump.where(town.house, *words)
    )
    facts = "select number, status, category, place_code, rating, filed_at, due_at, changed_at from ticket"
    kept, lines = town.all(facts), town.all("select id, at, kind, status, staff_id from event order by id")
    assert let_go(town, NOW + TEXT)
    assert dump.where(town.house, *words) == []
    assert town.all(facts) == kept
    assert town.all("select id, at, kind, status, staff_id from event order by id") == lines
    place = town.one("select place, text from ticket")
    assert tuple(place) == ("Sekayu", "[dihapus setelah masa simpan]")
    assert let_go(town, NOW + TEXT) == {}, "a second run finds nothing"


def test_contacts_go_before_words_and_who_comes_back_is_a_stranger(town: Town) -> None:
    phone = town.phone("telegram")
    close(town, phone, report(town, phone))
    assert let_go(town, NOW + CONTACT) == {"contacts (address, name)": 1}
    assert dump.where(town.house, phone.address) == []
    assert "ticket.text" in dump.where(town.house, WORD)
    phone.writes("data saya")
    assert "Laporan Anda: 0." in phone.got()[0].text


@pytest.mark.parametrize("stays", ["open", "draft", "changed lately", "joined with an open one"])
def test_what_is_open_or_was_changed_lately_is_not_touched(town: Town, stays: str) -> None:
    phone = town.phone("telegram")
    number = report(town, phone)
    if stays == "draft":
        with town.house.database.transaction() as tx:
            tx.execute(text("update ticket set status = 'draft'"))
    elif stays == "changed lately":
        town.clock.moment = NOW + TEXT - timedelta(days=100)
        close(town, phone, number)
    elif stays != "open":
        town.age_reports()
        neighbour = town.phone("whatsapp")
        other = report(town, neighbour)
        boss = town.staff("koordinator@kota.test")
        desk.move(town.house, boss, number, "merged", {"into": other})
    tables = ("ticket", "address", "event", "attachment")
    before = {table: rows(town, table) for table in tables}
    assert "reports' words and files" not in let_go(town, NOW + TEXT)
    after = {table: rows(town, table) for table in tables}
    if stays == "joined with an open one":  # the first reporter's own report is finished
        before.pop("address"), after.pop("address")
        assert [row.text for row in after["ticket"]] == [row.text for row in before["ticket"]]
    else:
        assert after == before
    assert WORD in str(town.all("select text from message where ticket_id is not null"))


def test_who_follows_an_open_report_keeps_the_contact(town: Town) -> None:
    phone, neighbour = town.phone("telegram"), town.phone("telegram")
    number = report(town, phone)
    neighbour.writes(f"IKUT {number}")
    neighbour.got()
    assert let_go(town, NOW + CONTACT) == {}
    desk.answer(town.house, town.staff("koordinator@kota.test"), number, "Sudah ditambal.")
    assert "Sudah ditambal." in neighbour.got()[-1].text


def test_nothing_goes_where_a_city_says_never(city_database: str, tmp_path: Path) -> None:
    never: dict[str, Any] = {"retention_contact_days": 0, "retention_text_days": 0}
    with open_town(city_database, tmp_path, **never) as town:
        phone = town.phone("telegram")
        close(town, phone, report(town, phone))
        assert let_go(town, NOW + 10 * TEXT) == {}
        phone.writes("data saya")
        assert "kontak sampai Anda minta dihapus" in phone.got()[-1].text


def test_whose_words_are_gone_by_age_can_still_be_forgotten(city_database: str, tmp_path: Path) -> None:
    only_text: dict[str, Any] = {"retention_contact_days": 0}
    with open_town(city_database, tmp_path, **only_text) as town:
        phone = town.phone("telegram")
        close(town, phone, report(town, phone))
        let_go(town, NOW + TEXT)
        town.clock.moment = NOW + TEXT
        phone.writes("hapus data")
        phone.writes("ya")
        request = town.one("select id from privacy_request").id
        requests.carry_out(town.house, town.staff("koordinator@kota.test"), request)
        phone.got()
        assert farewell.forget_addresses(town.house) == 1
        assert dump.where(town.house, phone.address) == []


def test_many_are_let_go_in_batches(town: Town) -> None:
    for _ in range(5):
        phone = town.phone("telegram")
        phone.writes(f"halo {WORD}")
        phone.got()
    looked = {over.name: over.count for over in retention.preview(town.house, NOW + TEXT)}
    assert looked["contacts (address, name)"] == 5 and WORD in str(rows(town, "message"))
    gone = {over.name: over.count for over in retention.let_go(town.house, NOW + TEXT, batch=2)}
    assert gone["contacts (address, name)"] == 5 and dump.where(town.house, WORD) == []


# --- by command ---------------------------------------------------------------------------------------------
def test_the_command_counts_first_and_lets_go_only_when_told(city_database: str, data_dir: Path) -> None:
    here = Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})
    house = here.house(clock=SetClock(NOW))
    tell(house, STORY)
    tell(house, "CABUT ya", address="warga-2")
    with house.database.transaction() as tx:
        tx.execute(text("update ticket set status = 'closed', closed_how = 'confirmed'"))
    later = (NOW + TEXT).isoformat()
    counted = here.ok("retention", "--as-of", later)
    assert {line[:24].strip(): line.split()[-1] for line in counted.splitlines()}[
        "reports' words and files"
    ] >= "1"
    assert "ticket.text" in dump.where(house, WORD)
    refused = here.command("retention", "--do", "--as-of", later)
    assert refused.code == 1 and is_one_sentence(refused.errors)
    wrong = here.command("retention", "--as-of", "besok")
    assert wrong.code == 1 and is_one_sentence(wrong.errors)
    here.ok("retention", "--do")
    assert "ticket.text" in dump.where(house, WORD), "nothing is over its time today"
    said = here.ok("retention", "--do", KENTONGAN_TEST_CLOCK=later)
    assert "files deleted: 0" in said and dump.where(house, WORD) == []
