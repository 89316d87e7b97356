"""What an officer sends can be taken back for a moment: an answer for 10 s, many forwarded for 30 s."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from bot.care import desk
from bot.delivery import claims
from bot.house import House
from storage import queries
from storage.models import event, ticket
from tests.panel_house import client_of, file_ticket, house_on, panel_app, rows_of, submit

OFFICER, BOSS = "dinkes@kota.test", "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    return client_of(app, OFFICER)


def page_of(client: FlaskClient, number: str) -> str:
    return str(client.get(f"/panel/tickets/{number}").text)


def history(house: House, number: str) -> list[Any]:
    with house.database.reading() as tx:
        lines = select(event).join(ticket, ticket.c.id == event.c.ticket_id).where(ticket.c.number == number)
        return list(tx.execute(lines.order_by(event.c.id)))


def due_now(house: House) -> list[Any]:
    """What a worker would send at this moment."""
    with house.database.transaction() as tx:
        return claims.claim(tx, worker=1, limit=9, channels={"telegram": 9}, reporting=())


def pass_the_wait(house: House, seconds: int) -> None:
    """Let so many seconds go by, as far as the outbox and the history of the held move know."""
    with house.database.transaction() as tx:
        tx.execute(text("update message set due_at = due_at - make_interval(secs => :s)"), {"s": seconds})
        back = "update conversation set out_due_at = out_due_at - make_interval(secs => :s)"
        tx.execute(text(back), {"s": seconds})


# --- ten seconds ------------------------------------------------------------------------------------------


def test_an_answer_of_the_panel_waits_and_can_be_taken_back_whole(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    before = rows_of(house, number)[0]
    submit(officer, number, "answer", note="Salah kirim.")
    assert due_now(house) == []
    assert "Urungkan" in page_of(officer, number)
    assert submit(officer, number, "undo").status_code == 302
    after, out = rows_of(house, number)
    same = "status due_at stage stage_due_at office_id assignee_id paused_at closed_how filed_at".split()
    assert [getattr(after, one) for one in same] == [getattr(before, one) for one in same]
    assert [row.state for row in out] == ["cancelled"]
    pass_the_wait(house, 60)
    assert due_now(house) == []
    assert [(line.kind, line.status) for line in history(house, number)][-2:] == [
        ("status", "answered"),
        ("undone", "in_progress"),
    ]
    page = page_of(officer, number)
    assert "Diurungkan sebelum terkirim" in page
    assert "Salah kirim.</textarea>" in page  # the words are a draft again


def test_after_the_wait_the_answer_goes_and_cannot_be_taken_back(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    submit(officer, number, "answer", note="Besok dikerjakan.")
    pass_the_wait(house, 10)
    assert ["Besok dikerjakan." in one.payload.text for one in due_now(house)] == [True]
    with house.database.transaction() as tx:  # somebody else's word, in a transaction of its own
        tx.execute(update(ticket).where(ticket.c.number == number).values(rating=5))
    late = submit(officer, number, "undo")
    assert late.status_code == 409
    assert "Sudah terlambat" in late.text
    assert rows_of(house, number)[0].status == "answered"


def test_nobody_takes_back_what_a_colleague_sent(house: House, app: Flask, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    submit(officer, number, "answer", note="Besok dikerjakan.")
    assert submit(client_of(app, BOSS), number, "undo").status_code == 409
    assert rows_of(house, number)[0].status == "answered"


def test_an_answer_of_a_command_does_not_wait(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    with house.database.reading() as tx:
        by = queries.reader(tx, OFFICER)
    assert by is not None
    desk.answer(house, by, number, "Langsung.")
    assert len(due_now(house)) == 1


# --- many at once -----------------------------------------------------------------------------------------


def bulk(client: FlaskClient, numbers: list[str], action: str, **fields: str) -> Any:
    page = client.get("/panel/?queue=all").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "number": numbers, "action": action, **fields}
    return client.post("/panel/bulk", data=form)


def undo_bulk(client: FlaskClient, page: str) -> Any:
    found = dict(re.findall(r'name="(csrf_token|back)" value="([^"]+)"', page))
    return client.post("/panel/bulk/undo", data=found)


def test_of_fifty_reports_two_are_not_permitted_48_done_and_two_named(
    house: House, officer: FlaskClient
) -> None:
    own = [file_ticket(house, "DINKES") for _ in range(48)]
    foreign = [file_ticket(house, "DPU") for _ in range(2)]
    page = bulk(officer, [*own, *foreign], "assign", to=OFFICER).text
    assert "48 laporan ditugaskan" in page
    assert all(number in page.partition("2 laporan tidak ditugaskan")[2] for number in foreign)
    assert [rows_of(house, one)[0].assignee_id for one in foreign] == [None, None]
    assert "48 laporan diurungkan" in undo_bulk(officer, page).text
    assert {rows_of(house, one)[0].assignee_id for one in own} == {None}


def test_forwarding_many_waits_and_is_taken_back(house: House, app: Flask) -> None:
    boss = client_of(app, BOSS)
    numbers = [file_ticket(house, "DINKES") for _ in range(2)]
    page = bulk(boss, numbers, "forward", office="DPU").text
    assert "2 laporan diteruskan" in page
    assert [rows_of(house, one)[0].status for one in numbers] == ["forwarded"] * 2
    assert due_now(house) == []
    undo_bulk(boss, page)
    assert [rows_of(house, one)[0].status for one in numbers] == ["received"] * 2
    assert {row.state for one in numbers for row in rows_of(house, one)[1]} == {"cancelled"}


def test_many_are_tagged_and_merged(house: House, app: Flask) -> None:
    boss = client_of(app, BOSS)
    target, *others = [file_ticket(house, "DINKES", category="kesehatan") for _ in range(3)]
    page = bulk(boss, others, "tag", tag="kembar").text
    assert "Hapus #kembar" in page_of(boss, others[0])
    undo_bulk(boss, page)
    assert "Hapus #kembar" not in page_of(boss, others[0])
    bulk(boss, others, "merge", into=target)
    assert [rows_of(house, one)[0].status for one in others] == ["merged", "merged"]


def test_a_step_cannot_be_taken_back_by_another_or_with_a_made_up_list(
    house: House, app: Flask, officer: FlaskClient
) -> None:
    number = file_ticket(house, "DINKES")
    page = bulk(officer, [number], "assign", to=OFFICER).text
    boss = client_of(app, BOSS)
    back = dict(re.findall(r'name="(back)" value="([^"]+)"', page))
    token = boss.get("/panel/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert boss.post("/panel/bulk/undo", data={**back, "csrf_token": token}).status_code == 409
    assert boss.post("/panel/bulk/undo", data={"back": "x.y.z", "csrf_token": token}).status_code == 409
    assert rows_of(house, number)[0].assignee_id is not None
