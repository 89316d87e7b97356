"""What a page offers is open to its reader: no form of a ticket's page leads to a refusal of the role."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

import panel
from bot.care import lane
from bot.house import House
from panel.access import ANYONE, declared
from panel.staff import IN_AN_OFFICE
from storage import queries
from tests.panel_house import PASSWORD, file_ticket, house_on, log_in, panel_app, submit

READERS = ("administrator", "coordinator", "officer", "inspector")
STATUSES = ("received", "forwarded", "in_progress", "waiting", "answered", "closed", "returned")


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    with house_on(city_database, tmp_path) as made:
        for role in READERS:
            office = "INSPEKTORAT" if role == "inspector" else "DINKES"
            panel.add_staff(made, email(role), role, office if role in IN_AN_OFFICE else None, PASSWORD)
        yield made


def email(role: str) -> str:
    return f"{role}@k.test"


def in_the_lane(house: House, number: str) -> None:
    with house.database.reading() as tx:
        by = queries.reader(tx, email("coordinator"))
    assert by is not None
    lane.place(house, by, number)


def refused_forms(app: Flask, role: str, page: str) -> list[str]:
    """The forms of a page that its reader's role may not send."""
    where = app.url_map.bind("localhost")
    asked = re.findall(r'<form method="post" action="([^"]+)"', page) + re.findall(
        r'formaction="([^"]+)"', page
    )
    assert len(asked) >= 1
    wrong = []
    for action in asked:
        endpoint, _ = where.match(action.partition("?")[0], method="POST")
        who = declared(app, endpoint) or frozenset()
        wrong += [] if role in who or ANYONE in who else [endpoint]
    return wrong


@pytest.mark.parametrize("role", READERS)
def test_every_form_of_a_tickets_page_is_open_to_its_reader(house: House, role: str) -> None:
    app = panel_app(house)
    numbers = [file_ticket(house, "DINKES", status=status) for status in STATUSES]
    numbers += [file_ticket(house, "DINKES", text="Lampu jalan mati juga") for _ in range(2)]
    for number in numbers[:3] if role == "inspector" else ():
        in_the_lane(house, number)
    client = app.test_client()
    assert log_in(client, email(role)).status_code == 302
    opened = 0
    for number in numbers:
        answer = client.get(f"/panel/tickets/{number}")
        if answer.status_code == 200:
            assert refused_forms(app, role, answer.text) == [], number
            opened += 1
    assert opened >= 3


def test_an_inspector_joins_two_reports_of_the_lane_and_parts_them_again(house: House) -> None:
    app = panel_app(house)
    first, second = (file_ticket(house, "DINKES", text="Petugas loket minta uang pelicin") for _ in range(2))
    for number in (first, second):
        in_the_lane(house, number)
    client = app.test_client()
    log_in(client, email("inspector"))
    assert submit(client, first, "merge", into=second).status_code == 302
    assert statuses(house) == {first: "merged", second: "received"}
    assert submit(client, first, "unmerge").status_code == 302
    assert statuses(house) == {first: "received", second: "received"}


def statuses(house: House) -> dict[str, str]:
    with house.database.reading() as tx:
        return {row.number: row.status for row in tx.execute(text("select number, status from ticket"))}
