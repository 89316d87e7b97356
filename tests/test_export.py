"""Reports as sheets: one row a case, nobody's name or number, no formula, everybody only what is his."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import panel
from bot.care import desk
from bot.house import House
from storage import sheet
from storage.audit import Sought, listed
from tests.panel_house import (
    CITIZEN_NAME,
    CITIZEN_NUMBER,
    NOW,
    PASSWORD,
    STAFF,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    rows_of,
)
from tests.test_sheets import cells

COORDINATOR = "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


def taken(house: House, email: str = COORDINATOR, **asked: str) -> list[dict[str, str]]:
    answer = client_of(panel_app(house), email).get("/panel/reports.csv", query_string=asked)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def numbers(rows: list[dict[str, str]]) -> set[str]:
    return {row["Nomor"] for row in rows}


def test_a_case_is_one_row_with_what_planning_needs(house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan", planned_year=2027, status="planned", rating=4)
    whole = rows_of(house, number)[0].id
    file_ticket(house, "DINKES", parent_id=whole)
    (row,) = taken(house)
    assert row["Nomor"] == number
    assert row["Kategori nasional"] == "Pekerjaan Umum dan Penataan Ruang"
    assert (row["Tahun anggaran"], row["Kepuasan"], row["Status"]) == ("2027", "4", "menunggu anggaran")
    assert row["Masuk"] == "2026-11-20 14:05" and row["Asal"] == "warga sendiri"


def test_no_reporter_and_no_formula_is_in_it(house: House) -> None:
    file_ticket(house, "DPU", text='=HYPERLINK("http://x.test";"klik")', anonymous=True)
    file_ticket(house, "DPU", text="Hubungi [TELP]", place="@pasar")
    client = client_of(panel_app(house), COORDINATOR)
    plain, book = client.get("/panel/reports.csv"), client.get("/panel/reports.xlsx")
    for answer in (plain, book):
        for secret in (CITIZEN_NAME, CITIZEN_NUMBER, CITIZEN_NUMBER[2:]):
            assert secret.encode() not in answer.data
    texts = [row[12] for row in cells(book.data)[1:]]  # `cells` fails on a formula
    assert sorted(texts) == sorted(row["Isi"] for row in taken(house))
    assert all(not text.startswith(("=", "@")) for text in texts) and "Hubungi [TELP]" in texts


def test_everybody_takes_only_what_is_his(house: House) -> None:
    clinic, office = file_ticket(house, "PKM-MANGKANG"), file_ticket(house, "DPU")
    file_ticket(house, "DPU", supervised=True)
    assert numbers(taken(house, "admin@kota.test")) == {clinic, office}
    assert (
        numbers(taken(house, "dinkes@kota.test")) == numbers(taken(house, "puskesmas@kota.test")) == {clinic}
    )
    assert numbers(taken(house, "dpu@kota.test")) == {office}


@pytest.mark.parametrize("role", ["supervisor", "inspector", "custodian"])
def test_who_may_not_take_reports_out_is_refused(house: House, role: str) -> None:
    panel.add_staff(house, "lain@kota.test", role, "INSPEKTORAT", PASSWORD)
    client = panel_app(house).test_client()
    log_in(client, "lain@kota.test")
    for kind in ("csv", "xlsx"):
        assert client.get(f"/panel/reports.{kind}").status_code == 403


def test_the_filter_is_the_lists(house: House) -> None:
    lamp = file_ticket(house, "DPU", text="Lampu padam", created_at=NOW - timedelta(days=40))
    hole = file_ticket(house, "DPU", text="Jalan berlubang", status="closed", closed_how="confirmed")
    typed = file_ticket(house, "DPU", text="Pohon", origin="letter")
    assert numbers(taken(house)) == {lamp, hole, typed}
    assert numbers(taken(house, queue="open")) == {lamp, typed}
    assert numbers(taken(house, q="lampu")) == numbers(taken(house, q=lamp)) == {lamp}
    assert numbers(taken(house, origin="letter")) == {typed}
    assert numbers(taken(house, period="month")) == {hole, typed}
    assert taken(house, q="yang di dan") == []


def test_it_is_read_to_the_end_in_portions(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "A_PORTION", 2)
    made = {file_ticket(house, "DPU") for _ in range(5)}
    rows = taken(house)
    assert numbers(rows) == made and len(rows) == 5


def test_that_it_was_taken_is_noted_without_what_was_searched(house: House) -> None:
    taken(house, q="lampu kedip")
    with house.database.reading() as tx:
        panel.add_staff(house, "admin@kota.test", *STAFF["admin@kota.test"], PASSWORD)
        (row,) = listed(tx, desk.staff_reader(tx, "admin@kota.test"), Sought(action="export"))
    assert row["email"] == COORDINATOR and row["detail"]["what"] == "reports"
    assert "kedip" not in str(row["detail"])
