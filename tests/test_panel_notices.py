"""The page of notices and the button that reminds an office: scope, counts, form tokens, once a day."""

import ast
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

import panel
from bot.care import notices, nudges
from bot.care.desk import NotFound
from bot.care.notices import Audience
from bot.house import House
from bot.people import retention
from bot.workflow import NotAllowed
from panel.notices import KINDS
from panel.steps import STEPS
from storage import queries
from storage.models import ticket
from tests.house import ROOT
from tests.panel_house import (
    NOW,
    PASSWORD,
    STAFF,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    token,
)
from tests.people import together

PAGE = "/panel/notices"
OFFICER, OTHER, COORDINATOR = "dpu@kota.test", "dinkes@kota.test", "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def tell(
    house: House, number: str, kind: str, to: Sequence[Audience], note: str = "", about: str = ""
) -> None:
    with house.database.transaction() as tx:
        row = tx.execute(select(ticket).where(ticket.c.number == number)).mappings().one()
        notices.tell(tx, row, kind, to, house.clock.now(), note=note, about=about)


def change(house: House, statement: str, **values: object) -> None:
    with house.database.transaction() as tx:
        tx.execute(text(statement), values)


def count(house: House, where: str) -> int:
    with house.database.reading() as tx:
        return int(tx.execute(text(f"select count(*) from {where}")).scalar_one())


def post(client: FlaskClient, page: str) -> int:
    return client.post(page, data={"csrf_token": token(client, PAGE)}).status_code


# --- the page -----------------------------------------------------------------------------------------------
def test_the_newest_comes_first_and_says_what_which_report_and_when(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU")
    tell(house, number, "due", ["office"], about="promise 2026-11-30")
    house.clock.moment = NOW + timedelta(days=1)  # type: ignore[attr-defined]
    tell(house, number, "objection", ["office"], "2 kali")
    page = client.get(PAGE).text
    assert page.index("Pelapor: belum selesai") < page.index("Batasnya hari ini")
    assert "(jawaban untuk pelapor)" in page and "2 kali" in page
    assert page.count(f'href="/panel/tickets/{number}"') == 2
    assert "Selasa, 24 Nov 2026 14.05 WIB" in page


@pytest.mark.parametrize("email", STAFF)
def test_every_role_opens_its_page_and_counts_its_own(app: Flask, house: House, email: str) -> None:
    client, number = client_of(app, email), file_ticket(house, "DPU")
    assert 'Pemberitahuan <span class="count">' not in client.get(PAGE).text
    change(
        house,
        """insert into notice (staff_id, ticket_id, kind, about, at)
           select s.id, t.id, 'late', 'promise ' || n, now() from staff s, ticket t, generate_series(1, 3) n
           where s.email = :email and t.number = :number""",
        email=email, number=number,
    )  # fmt: skip
    page = client.get(PAGE)
    assert page.status_code == 200 and 'Pemberitahuan <span class="count">3</span>' in page.text


def test_beyond_ninety_nine_nobody_counts_and_the_pages_hold_all(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU")
    for n in range(105):
        tell(house, number, "due", ["office"], about=f"promise {n}")
    assert 'Pemberitahuan <span class="count">99+</span>' in client.get(PAGE).text
    cards = [client.get(f"{PAGE}?page={page}").text.count('id="n-') for page in range(1, 6)]
    assert cards == [30, 30, 30, 15, 0]


def test_of_a_report_that_the_reader_may_no_longer_see_nothing_is_shown(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU")
    tell(house, number, "objection", ["office"], "catatan lama")
    assert number in client.get(PAGE).text and "catatan lama" in client.get(PAGE).text
    change(house, "update ticket set office_id = (select id from office where code = 'DINKES')")
    page = client.get(PAGE).text
    assert "Laporan ini tidak dapat Anda buka." in page
    assert number not in page and "catatan lama" not in page and "Dinas Kesehatan" not in page


def test_a_report_in_the_supervised_lane_is_shown_to_nobody_who_was_told_before(
    app: Flask, house: House
) -> None:
    client, number = client_of(app, COORDINATOR), file_ticket(house, "DPU")
    tell(house, number, "overdue", ["coordinator"], "catatan lama")
    change(house, "update ticket set supervised = true, confidential = true")
    page = client.get(PAGE).text
    assert "Lewat batas" in page and number not in page and "catatan lama" not in page


def test_marked_as_read_it_leaves_the_page_and_the_count(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU")
    for kind in ("before", "due"):
        tell(house, number, kind, ["office"])
    first = client.get(PAGE).text.partition('id="n-')[2].partition('"')[0]
    assert post(client, f"{PAGE}/{first}/read") == 302
    page = client.get(PAGE).text
    assert 'Pemberitahuan <span class="count">1</span>' in page and "Batasnya hari ini" not in page
    assert post(client, f"{PAGE}/read") == 302
    assert "Semua pemberitahuan sudah dibaca." in client.get(PAGE).text
    assert client.get(f"{PAGE}?show=all").text.count("sudah dibaca") >= 2


def test_nobody_marks_the_notices_of_another(app: Flask, house: House) -> None:
    client_of(app, OFFICER)
    tell(house, file_ticket(house, "DPU"), "due", ["office"])
    other = client_of(app, OTHER)
    with house.database.reading() as tx:
        notice_id = tx.execute(text("select id from notice")).scalar_one()
    assert [post(other, f"{PAGE}/{one}/read") for one in (notice_id, 2**63, notice_id + 1)] == [404, 404, 404]
    assert post(other, f"{PAGE}/read") == 302
    assert count(house, "notice where read_at is null") == 1


@pytest.mark.parametrize("path", ["/panel/notices/1/read", "/panel/notices/read", "/panel/digest/code",
                                  "/panel/digest/unlink", "/panel/tickets/{number}/nudge"])  # fmt: skip
def test_without_a_form_token_nothing_changes(app: Flask, house: House, path: str) -> None:
    client, number = client_of(app, COORDINATOR), file_ticket(house, "DPU", status="forwarded")
    tell(house, number, "late", ["coordinator"])
    assert client.post(path.format(number=number)).status_code == 400
    assert count(house, "notice where read_at is null") == 1 == count(house, "notice")
    assert count(house, "link_code") == 0


def test_who_is_not_logged_in_is_asked_to(app: Flask) -> None:
    for page in (PAGE, "/panel/digest"):
        answer = app.test_client().get(page)
        assert answer.status_code == 302 and "/panel/login" in answer.location


def test_what_was_read_goes_after_thirty_days_and_what_was_not_stays(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU")
    tell(house, number, "before", ["office"])
    post(client, f"{PAGE}/read")
    tell(house, number, "due", ["office"])
    gone = [
        {one.name: one.count for one in retention.let_go(house, NOW + timedelta(days=days))}
        for days in (29, 31)
    ]
    assert [one["notices that were read"] for one in gone] == [0, 1]
    assert count(house, "notice") == 1


def test_every_kind_that_is_told_has_a_name(app: Flask) -> None:
    told = {
        call.args[2].value
        for file in (ROOT / "bot").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "notices.tell"
        if len(call.args) > 2 and isinstance(call.args[2], ast.Constant)
    }
    assert {"nudge", "objection"} <= told
    assert told | set(STEPS) <= set(KINDS)


# --- one click to remind ------------------------------------------------------------------------------------
def head_of(house: House, code: str) -> str:
    email = f"kepala.{code.lower()}@kota.test"
    panel.add_staff(house, email, "officer", code, PASSWORD)
    change(house, "update staff set head = true where email = :email", email=email)
    return email


def test_a_coordinator_reminds_office_and_head_once_a_day(app: Flask, house: House) -> None:
    client, officer = client_of(app, COORDINATOR), client_of(app, OFFICER)
    head_of(house, "DPU")
    number = file_ticket(house, "DPU", status="forwarded")
    page = f"/panel/tickets/{number}"
    assert "Ingatkan instansi</button>" in client.get(page).text
    assert post(client, f"{page}/nudge") == 302
    assert count(house, "notice where kind = 'nudge'") == 2
    assert "Koordinator mengingatkan laporan ini" in officer.get(PAGE).text
    assert "Koordinator mengingatkan instansi" in client.get(page).text  # in the history, with who did
    again = client.post(f"{page}/nudge", data={"csrf_token": token(client, PAGE)})
    assert again.status_code == 409 and "sudah diingatkan hari ini" in again.text
    house.clock.moment = NOW + timedelta(days=1)  # type: ignore[attr-defined]
    assert post(client, f"{page}/nudge") == 302 and count(house, "notice where kind = 'nudge'") == 4


def test_an_officer_has_no_such_button_and_no_such_right(app: Flask, house: House) -> None:
    client, number = client_of(app, OFFICER), file_ticket(house, "DPU", status="forwarded")
    assert "Ingatkan instansi" not in client.get(f"/panel/tickets/{number}").text
    assert post(client, f"/panel/tickets/{number}/nudge") == 403
    assert count(house, "notice") == 0


@pytest.mark.parametrize("status", ["received", "waiting", "answered", "closed", "planned"])
def test_an_office_is_reminded_only_when_it_is_its_turn(app: Flask, house: House, status: str) -> None:
    client, number = client_of(app, COORDINATOR), file_ticket(house, "DPU", status=status)
    assert "Ingatkan instansi" not in client.get(f"/panel/tickets/{number}").text
    assert post(client, f"/panel/tickets/{number}/nudge") == 409
    assert count(house, "event where kind = 'nudged'") == 0


def test_two_coordinators_at_once_remind_once(app: Flask, house: House) -> None:
    client_of(app, COORDINATOR)
    client_of(app, OFFICER)
    number = file_ticket(house, "DPU", status="in_progress")
    with house.database.reading() as tx:
        by = queries.reader(tx, COORDINATOR)
    assert by

    def click() -> str:
        try:
            nudges.nudge(house, by, number)
        except (NotAllowed, NotFound) as refused:
            return str(refused)
        return "done"

    done = together([partial(click) for _ in range(4)])
    assert sorted(done)[-1] == "done" and done.count("done") == 1
    assert count(house, "notice where kind = 'nudge'") == 1


def test_the_history_says_how_far_a_report_was_raised(app: Flask, house: House) -> None:
    client, number = client_of(app, COORDINATOR), file_ticket(house, "DPU", status="in_progress")
    detail = '{"step": "overdue", "clock": "promise", "told": "coordinator head superior", "about": "x"}'
    change(
        house,
        "insert into event (ticket_id, at, kind, detail) select id, now(), 'escalated', :d from ticket",
        d=detail,
    )
    page = client.get(f"/panel/tickets/{number}").text
    assert (
        "Lewat batas (jawaban untuk pelapor), dinaikkan ke koordinator, kepala instansi, instansi atasan"
        in page
    )


def test_the_page_of_the_own_phone_shows_a_code_once_and_lets_the_phone_go(app: Flask, house: House) -> None:
    client = client_of(app, OFFICER)
    answer = client.post("/panel/digest/code", data={"csrf_token": token(client, "/panel/digest")})
    shown = answer.text.partition("SAMBUNG ")[2][:6]
    assert shown.isdigit() and "10 menit" in answer.text
    assert shown not in client.get("/panel/digest").text
    assert "Belum ada ponsel yang tersambung." in client.get("/panel/digest").text
    assert log_in(app.test_client(), OFFICER).status_code == 302
