"""What the panel refuses: strangers, other offices, forms without a token, odd input."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.house import House
from panel.access import SAFE, declared
from tests.panel_house import (
    attach,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    rows_of,
    submit,
    token,
)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def panel_rules(app: Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/panel")]


def has_every_header(answer: Any) -> bool:
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    return (
        "frame-ancestors 'none'" in policy
        and "default-src 'none'" in policy
        and "unsafe" not in policy
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Referrer-Policy"] == "same-origin"
        and headers["Cache-Control"] == "no-store"
    )


def test_every_route_declares_its_audience(app: Flask) -> None:
    assert [rule.rule for rule in panel_rules(app) if declared(app, rule.endpoint) is None] == []


def test_a_route_that_declares_nobody_is_shut_even_for_the_administrator(app: Flask) -> None:
    app.add_url_rule("/panel/rahasia", "forgotten", lambda: "isi rahasia")
    answer = client_of(app, "admin@kota.test").get("/panel/rahasia")
    assert answer.status_code == 403
    assert "isi rahasia" not in answer.text


def test_every_page_sends_a_stranger_to_login_or_shows_nothing(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    file_id = attach(house, number, b"x", "image/jpeg", "jpg")
    stranger = app.test_client()
    for page in ("/panel/", f"/panel/tickets/{number}", f"/panel/files/{file_id}", "/panel/verify"):
        answer = stranger.get(page)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/panel/login"), page


def test_every_form_without_a_token_is_400_and_changes_nothing(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, "koordinator@kota.local")
    before = rows_of(house, number)
    form = {"note": "jawaban", "status": "in_progress", "office": "DPU", "email": "a@b", "password": "x"}
    unsafe = [rule for rule in panel_rules(app) if set(rule.methods) - SAFE]
    assert len(unsafe) >= 5
    for rule in unsafe:
        page = rule.rule.replace("<number>", number)
        for wrong in ({}, {"csrf_token": ""}, {"csrf_token": "palsu"}):
            answer = client.post(page, data={**form, **wrong})
            assert answer.status_code == 400, page
            assert "kedaluwarsa" in answer.text
    assert rows_of(house, number) == before
    assert client.get("/panel/").status_code == 200  # the logout was not carried out either


def test_the_token_of_another_session_is_refused(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    foreign = token(client_of(app, "admin@kota.test"), "/panel/")
    client = client_of(app, "dinkes@kota.test")
    answer = client.post(f"/panel/tickets/{number}/answer", data={"csrf_token": foreign, "note": "x"})
    assert answer.status_code == 400
    assert rows_of(house, number)[0].status == "received"


def test_an_office_sees_itself_and_below_and_nothing_else(app: Flask, house: House) -> None:
    own, below, other = (file_ticket(house, code) for code in ("DINKES", "PKM-MANGKANG", "DPU"))
    file_id = attach(house, other, b"x", "image/jpeg", "jpg")
    client = client_of(app, "dinkes@kota.test")
    listed = client.get("/panel/?queue=all").text
    assert own in listed
    assert below in listed
    assert other not in listed
    assert 'Semua <span class="count">2</span>' in listed
    found = client.get(f"/panel/?queue=all&q={other}").text.partition("</nav>")[2]
    for own_words in (f"“{other}”", f"q={other}"):  # what was typed, said again
        found = found.replace(own_words, "")
    assert other not in found
    assert client.get(f"/panel/tickets/{below}").status_code == 200
    assert client.get(f"/panel/tickets/{other}").status_code == 404
    assert client.get(f"/panel/files/{file_id}").status_code == 404
    form = {
        "csrf_token": token(client, "/panel/"),
        "note": "curang",
        "status": "in_progress",
        "office": "DINKES",
    }
    for action in ("answer", "forward", "move"):
        assert client.post(f"/panel/tickets/{other}/{action}", data=form).status_code == 404
    found, out = rows_of(house, other)
    assert (found.status, out) == ("received", [])


def test_an_office_below_does_not_see_the_one_above(app: Flask, house: House) -> None:
    above = file_ticket(house, "DINKES")
    client = client_of(app, "puskesmas@kota.test")
    assert above not in client.get("/panel/?queue=all").text
    assert client.get(f"/panel/tickets/{above}").status_code == 404


def test_a_page_of_another_role_is_told_so(app: Flask) -> None:
    answer = client_of(app, "pimpinan@kota.test").get("/panel/privacy")
    assert answer.status_code == 403
    assert "Peran Anda tidak boleh membuka halaman ini." in answer.text
    assert "Keluar" in answer.text


def test_a_role_or_office_slipped_into_a_form_changes_nothing(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, "dinkes@kota.test")
    slipped = {
        "office": "DPU",
        "role": "administrator",
        "staff_id": "1",
        "confidential": "0",
        "how": "confirmed",
    }
    assert submit(client, number, "answer", note="Sudah", **slipped).status_code == 302
    found, out = rows_of(house, number)
    with house.database.reading() as tx:
        code = tx.scalar(text("select code from office where id = :id"), {"id": found.office_id})
    assert (code, found.closed_how) == ("DINKES", "")
    assert out[0].staff_id is not None


def test_every_answer_carries_the_headers(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, "dinkes@kota.test")
    answers = {
        "list": client.get("/panel/"),
        "ticket": client.get(f"/panel/tickets/{number}"),
        "login": app.test_client().get("/panel/login"),
        "redirect": app.test_client().get("/panel/"),
        "done": submit(client, number, "answer", note="Sudah"),
        400: client.post("/panel/logout"),
        403: client_of(app, "pimpinan@kota.test").get("/panel/privacy"),
        404: client.get("/panel/tidak/ada"),
        405: client.post("/panel/", data={"csrf_token": token(client, "/panel/")}),
        413: client.post("/panel/login", data={"email": "x" * 300_000}),
        415: client.post("/panel/login", json={"email": "a@b", "password": "x"}),
    }
    with house.database.transaction() as tx:
        tx.execute(text("drop table follower, event"))
    answers[500] = client.get(f"/panel/tickets/{number}")
    for name, answer in answers.items():
        assert has_every_header(answer), name
        if isinstance(name, int):
            assert answer.status_code == name
            assert '<html lang="id">' in answer.text
    assert "event" not in answers[500].text
    assert "Terjadi gangguan" in answers[500].text


def test_the_pages_own_files_are_open_and_guarded(app: Flask) -> None:
    for name in ("panel.css", "panel.js", "theme.js", "icons.svg", "vendor/bootstrap/bootstrap.min.css"):
        answer = app.test_client().get(f"/panel/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert app.test_client().get("/panel/static/../routes.py").status_code == 404


def test_without_the_database_the_page_says_so(app: Flask, house: House, postgres_url: str) -> None:
    client = client_of(app, "dinkes@kota.test")
    maintenance = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    name = house.database.engine.url.database or ""
    gate = sql.SQL("alter database {} with allow_connections {}")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(gate.format(sql.Identifier(name), sql.Literal(False)))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
        away = client.get("/panel/")
        again = client.get("/panel/")
        connection.execute(gate.format(sql.Identifier(name), sql.Literal(True)))
    assert {away.status_code, again.status_code} == {503}
    assert "Basis data sedang tidak dapat dihubungi" in again.text
    assert client.get("/panel/").status_code == 200


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("/panel/?q=%00%01lampu", 200),
        ("/panel/?q=%25_%5C'\"--;", 200),
        ("/panel/?q=" + "a" * 5000, 200),
        ("/panel/?q=%ff%fe", 200),
        ("/panel/?queue=tidakada", 200),
        ("/panel/?page=-5", 200),
        ("/panel/?page=99999999999999999999999", 200),
        ("/panel/?page=satu", 200),
        ("/panel/tickets/1%00", 404),
        ("/panel/tickets/%D9%A1%D9%A2", 404),
        ("/panel/tickets/" + "9" * 400, 404),
        ("/panel/files/99999999999999999999999", 404),
        ("/panel/files/0", 404),
        ("/panel/logout", 404),
    ],
)
def test_odd_addresses_do_no_harm(app: Flask, page: str, code: int) -> None:
    assert client_of(app, "koordinator@kota.local").get(page).status_code == code


def test_the_rest_of_the_app_is_left_alone(app: Flask) -> None:
    app.add_url_rule("/webhooks/uji", "hook", lambda: "diterima", methods=["POST"])
    client = app.test_client()
    answer = client.post("/webhooks/uji", json={"text": "x"})
    assert (answer.status_code, answer.text) == (200, "diterima")
    assert "Content-Security-Policy" not in answer.headers
    assert "Kentongan" not in client.get("/tidak/ada").text
    assert log_in(client, "a@b").status_code == 200
