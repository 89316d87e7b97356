"""The audit log: what is in it, what can never be done to it, who reads it and what he may not learn."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import panel
from bot.care import handover
from bot.house import House
from storage import audit
from storage.queries import reader
from tests.panel_house import (
    CITIZEN_NAME,
    CITIZEN_NUMBER,
    NOW,
    PASSWORD,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    token,
)

ADMIN, OFFICER = "admin@kota.test", "dinkes@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def rows(house: House, *actions: str) -> list[Any]:
    with house.database.reading() as tx:
        found = tx.execute(
            text("select a.*, s.email from audit a left join staff s on s.id = a.staff_id order by a.id")
        )
        return [row for row in found if not actions or row.action in actions]


def write(house: House, action: str, ticket_id: int | None = None, **detail: Any) -> None:
    with house.database.transaction() as tx:
        audit.note(tx, None, action, NOW, ticket_id, **detail)


@pytest.mark.parametrize("change", ["update audit set action = ''", "delete from audit"])
def test_no_row_is_ever_changed_or_deleted(house: House, change: str) -> None:
    write(house, "settings")
    with pytest.raises(DBAPIError, match="only appended"):
        with house.database.transaction() as tx:
            tx.execute(text(change))
    assert len(rows(house)) == 1


def test_coming_and_going_stand_in_it(app: Flask, house: House) -> None:
    client = client_of(app, OFFICER)
    client.post("/panel/logout", data={"csrf_token": token(client, "/panel/")})
    log_in(client, OFFICER, "salah")
    log_in(client, "bukan@kota.test", "salah")
    found = rows(house, "login", "logout", "login_failed")
    assert [(row.action, row.email) for row in found] == [
        ("login", OFFICER),
        ("logout", OFFICER),
        ("login_failed", OFFICER),
    ]


def test_a_role_refused_and_an_id_of_another_office_stand_in_it(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    client = client_of(app, OFFICER)
    client.get(f"/panel/tickets/{number}")
    client.get("/panel/files/123456")
    client.get("/panel/handover")
    client.get("/panel/ini/bukan/halaman")
    client.get("/panel/invite/rahasia-sekali")
    outside = rows(house, "outside_scope")
    assert [row.detail["endpoint"] for row in outside] == [
        "panel.ticket",
        "panel.file",
        "invites.accept_page",
    ]
    assert outside[0].ticket_id is not None
    assert outside[1].detail["id_file_id"] == "123456"
    assert "rahasia" not in str(outside[2].detail)
    [refused] = rows(house, "role_refused")
    assert (refused.email, refused.detail["endpoint"]) == (OFFICER, "handover.page")


def test_a_hand_over_stands_in_it(app: Flask, house: House) -> None:
    for email in (OFFICER, ADMIN):
        client_of(app, email)
    with house.database.reading() as tx:
        by = reader(tx, ADMIN)
    assert by is not None
    handover.hand_over(house, by, OFFICER, office_code="DINKES", disable=True)
    [row] = rows(house, "handover")
    assert (row.email, row.detail["disabled"]) == (ADMIN, True)


def test_accounts_made_and_changed_stand_in_it(app: Flask, house: House) -> None:
    panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
    panel.invite(house, "baru@kota.test", "coordinator", None)
    assert [row.action for row in rows(house)] == ["staff_added", "staff_invited"]
    assert PASSWORD not in str(rows(house))


def test_only_administrators_and_inspectors_read_it(app: Flask, house: House) -> None:
    panel.add_staff(house, "pengawas@kota.test", "inspector", "INSPEKTORAT", PASSWORD)
    inspector = app.test_client()
    log_in(inspector, "pengawas@kota.test")
    for page in ("/panel/audit", "/panel/audit.csv"):
        assert client_of(app, ADMIN).get(page).status_code == 200
        assert inspector.get(page).status_code == 200
        for email in (OFFICER, "koordinator@kota.local", "pimpinan@kota.test"):
            assert client_of(app, email).get(page).status_code == 403


def test_it_is_filtered_by_person_action_and_day_and_paged(app: Flask, house: House) -> None:
    client = client_of(app, ADMIN)
    for n in range(60):
        write(house, "settings", count=f"nomor-{n}-")
    first = client.get("/panel/audit?action=settings").text
    assert "nomor-59-" in first and "nomor-10-" in first and "nomor-9-" not in first
    older = first.partition('href="/panel/audit?before=')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(f"/panel/audit?before={older}").text
    assert "nomor-9-" in second and "nomor-10-" not in second
    mine = rows(house, "login")[0].staff_id
    assert "nomor-" not in client.get(f"/panel/audit?who={mine}").text
    assert "nomor-" in client.get("/panel/audit?from=2026-11-23&to=2026-11-23").text
    for page in ("from=2026-11-24", "to=2026-11-22", "action=login"):
        assert "nomor-" not in client.get(f"/panel/audit?{page}").text


@pytest.mark.parametrize(
    "odd", ["who=x", "who=99999999999999999999", "from=2026-13-45", "before=-1", "action=%00"]
)
def test_odd_filters_do_no_harm(app: Flask, odd: str) -> None:
    assert client_of(app, ADMIN).get(f"/panel/audit?{odd}").status_code == 200


def test_the_sheet_holds_all_rows_no_formula_and_its_own_row(app: Flask, house: House) -> None:
    client = client_of(app, ADMIN)
    write(house, "settings", name="=1+1")
    answer = client.get("/panel/audit.csv")
    read = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(read) == 1 + len(rows(house))
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "-", "@"))]
    [taken] = rows(house, "export")
    assert taken.email == ADMIN


def test_the_number_of_a_report_in_the_closed_lane_is_for_inspectors_alone(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", supervised=True)
    with house.database.reading() as tx:
        ticket_id = tx.scalar(text("select id from ticket where number = :n"), {"n": number})
    write(house, "unlock_asked", ticket_id)
    client = client_of(app, ADMIN)
    client.get(f"/panel/tickets/{number}")
    assert number not in client.get("/panel/audit").text
    assert number not in client.get("/panel/audit.csv").text
    panel.add_staff(house, "pengawas@kota.test", "inspector", "INSPEKTORAT", PASSWORD)
    inspector = app.test_client()
    log_in(inspector, "pengawas@kota.test")
    assert number in inspector.get("/panel/audit").text


def test_nobody_who_reports_is_in_it(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, OFFICER)
    form = {"csrf_token": token(client, "/panel/"), "note": CITIZEN_NAME, "role": CITIZEN_NAME}
    client.post(f"/panel/tickets/{number}/answer", data=form)
    client.get(f"/panel/tickets/{CITIZEN_NUMBER}")
    kept = str(rows(house))
    assert rows(house, "power_in_form")
    assert CITIZEN_NAME not in kept and CITIZEN_NUMBER not in kept


def test_what_is_long_is_cut(house: House) -> None:
    write(house, "settings", name="x" * 5000)
    assert len(rows(house)[0].detail["name"]) == audit.LONGEST_DETAIL
