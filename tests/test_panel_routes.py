"""Every page about a ticket, found from the URL map, against every kind of reader; and what is no number."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import panel
from bot.house import House
from panel.access import SAFE, declared
from tests.panel_house import (
    PASSWORD,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    rows_of,
    token,
)

FORM = {"note": "curang", "status": "closed", "how": "withdrawn", "office": "DPU", "category": "jalan_rusak"}
ODD_NUMBERS = ("1" * 40, "-1", "0x1", "%00", "1%00", "٤١٧٠٥٨٢٣٦", "%F0%9F%98%80", "417058236%20", "a" * 5_000)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def about_tickets(app: Flask) -> list[tuple[str, bool]]:
    """Every address with a ticket's number in it, and whether it changes something."""
    rules = [rule for rule in app.url_map.iter_rules() if "<number>" in rule.rule]
    return [(rule.rule, bool(set(rule.methods or ()) - SAFE)) for rule in rules]


def shut(app: Flask, page: str, role: str) -> int:
    """What a role is told of a ticket that is not there for it: 403 on an address that is not the role's."""
    (rule,) = (rule for rule in app.url_map.iter_rules() if rule.rule == page)
    return 404 if role in (declared(app, rule.endpoint) or ()) else 403


def asks(client: FlaskClient, page: str, changes: bool, form_token: str) -> Any:
    if not changes:
        return client.get(page)
    return client.post(page, data={**FORM, "csrf_token": form_token, "from_colleague": "yes"})


def hired(app: Flask, role: str, office: str | None) -> FlaskClient:
    email = f"{role}@kota.test"
    panel.add_staff(app.extensions["kentongan"], email, role, office, PASSWORD)
    client = app.test_client()
    assert log_in(client, email).status_code == 302
    return client


def test_another_office_finds_nothing_on_any_address_of_a_ticket(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    before = rows_of(house, number)
    client = client_of(app, "dinkes@kota.test")
    form_token = token(client, "/panel/")
    pages = about_tickets(app)
    assert len(pages) >= 9
    for page, changes in pages:
        answer = asks(client, page.replace("<number>", number), changes, form_token)
        assert (answer.status_code, number in answer.text) == (shut(app, page, "officer"), False), page
    assert rows_of(house, number) == before


LANDS_ON = {"custodian": "/panel/privacy", "supervisor": "/panel/figures"}


@pytest.mark.parametrize("role", ["inspector", "supervisor", "custodian"])
def test_who_may_not_act_changes_nothing_by_any_form(app: Flask, house: House, role: str) -> None:
    number = file_ticket(house, "DPU")
    before = rows_of(house, number)
    client = hired(app, role, "DPU")
    form_token = token(client, LANDS_ON.get(role, "/panel/"))
    placing = "/panel/tickets/<number>/supervise"  # the one thing that an inspector does with any ticket
    opening = "/panel/tickets/<number>/masked"  # and a custodian, who must give a reason
    for page, changes in about_tickets(app):
        if changes and not (page == placing and role == "inspector"):
            answer = asks(client, page.replace("<number>", number), changes, form_token)
            refused = (409,) if page == opening and role == "custodian" else (403,)
            assert answer.status_code in ((400, 403, 404, 409) if role == "inspector" else refused), page
    assert rows_of(house, number) == before


def test_no_form_is_carried_out_by_a_link(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    client = client_of(app, "admin@kota.test")
    before = rows_of(house, number)
    for page, changes in about_tickets(app):
        if changes:
            assert client.get(page.replace("<number>", number), query_string=FORM).status_code == 404, page
    assert rows_of(house, number) == before


@pytest.mark.parametrize("odd", ODD_NUMBERS)
def test_what_is_no_number_is_a_page_that_is_not_there(app: Flask, odd: str) -> None:
    client = client_of(app, "admin@kota.test")
    form_token = token(client, "/panel/")
    for page, changes in about_tickets(app):
        answer = asks(client, page.replace("<number>", odd), changes, form_token)
        assert answer.status_code == 404, page


def test_the_custodian_lands_on_the_page_that_is_his(app: Flask) -> None:
    client = hired(app, "custodian", None)
    landed = client.get("/panel/", follow_redirects=True)
    assert landed.status_code == 200
    assert "<h1>Permintaan data</h1>" in landed.text
    assert "Daftar laporan" not in landed.text  # there is no list for him to go back to
