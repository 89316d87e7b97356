"""Personal numbers that the citizen wants kept: sealed in the report, opened by a click that is noted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.house import House
from storage.models import event, ticket
from tests.panel_house import client_of, file_ticket, house_on, panel_app, submit

NIK = "NIK 3374010101900001"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def with_numbers(house: House, **values: object) -> str:
    number = file_ticket(house, "DINKES", **values)
    with house.database.transaction() as tx:
        sealed = house.database.keys.seal(f"{NIK}\nTELP <b>0812</b>")
        tx.execute(update(ticket).where(ticket.c.number == number).values(hidden=sealed))
    return number


def openings(house: House) -> list[int | None]:
    with house.database.reading() as tx:
        return list(tx.scalars(select(event.c.staff_id).where(event.c.kind == "hidden")))


def test_the_numbers_are_shown_by_a_click_alone_and_the_click_stands_in_the_history(
    app: Flask, house: House
) -> None:
    number = with_numbers(house)
    officer = client_of(app, "dinkes@kota.test")
    page = officer.get(f"/panel/tickets/{number}")
    assert "Buka nomor pribadi" in page.text and NIK not in page.text and openings(house) == []
    opened = submit(officer, number, "hidden")
    assert opened.status_code == 200 and NIK in opened.text and "TELP &lt;b&gt;0812&lt;/b&gt;" in opened.text
    assert opened.headers["Cache-Control"] == "no-store"
    assert len(openings(house)) == 1 and openings(house)[0] is not None
    page = officer.get(f"/panel/tickets/{number}")
    assert "Nomor pribadi dibuka" in page.text and "dinkes@kota.test" in page.text and NIK not in page.text


def test_they_cannot_be_opened_by_a_link(app: Flask, house: House) -> None:
    number = with_numbers(house)
    answer = client_of(app, "dinkes@kota.test").get(f"/panel/tickets/{number}/hidden")
    assert answer.status_code in (404, 405) and NIK not in answer.text and openings(house) == []


@pytest.mark.parametrize("email", ["dpu@kota.test", "pimpinan@kota.test"])
def test_nobody_outside_the_scope_opens_them(app: Flask, house: House, email: str) -> None:
    number = with_numbers(house)
    other = client_of(app, email)
    own = file_ticket(house, "DPU")
    form = other.get(f"/panel/tickets/{own}").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = other.post(f"/panel/tickets/{number}/hidden", data={"csrf_token": form})
    assert answer.status_code in (400, 403, 404) and NIK not in answer.text and openings(house) == []


def test_a_report_without_numbers_has_nothing_to_open(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    officer = client_of(app, "dinkes@kota.test")
    assert "Buka nomor pribadi" not in officer.get(f"/panel/tickets/{number}").text
    assert submit(officer, number, "hidden").status_code == 404


def test_secrecy_stands_at_the_head_of_the_page(app: Flask, house: House) -> None:
    officer = client_of(app, "dinkes@kota.test")
    secret = file_ticket(house, "DINKES", confidential=True, anonymous=True)
    head = officer.get(f"/panel/tickets/{secret}").text.partition('class="chips"')[2].partition("</p>")[0]
    assert "rahasia" in head and "anonim" in head
    plain = officer.get(f"/panel/tickets/{file_ticket(house, 'DINKES')}").text
    assert "rahasia" not in plain.partition('class="chips"')[2].partition("</p>")[0]
