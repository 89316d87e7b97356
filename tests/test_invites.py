"""Invitations: whoever is invited chooses the password; the link is good once and for 72 hours."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot.house import House
from tests.panel_house import PASSWORD, house_on, log_in, panel_app, token

NEW = "baru@kota.test"
OWN = "kata-sandi-pilihan"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def invited(house: House, email: str = NEW) -> str:
    """The path of a new invitation."""
    link = panel.invite(house, email, "officer", "DINKES")
    assert link.startswith(house.settings.base_url)
    return link.removeprefix(house.settings.base_url)


def choose(client: FlaskClient, page: str, password: str = OWN, again: str = OWN) -> Any:
    form = {"csrf_token": token(client, page), "password": password, "again": again}
    return client.post(page, data=form)


def test_the_link_lets_its_owner_choose_a_password_and_log_in(app: Flask, house: House) -> None:
    client, page = app.test_client(), invited(house)
    assert NEW in client.get(page).text
    assert choose(client, page).status_code == 302
    assert "Silakan masuk" in client.get("/panel/login").text
    assert log_in(client, NEW, OWN).status_code == 302
    assert client.get("/panel/").status_code == 200


def test_the_link_is_good_once(app: Flask, house: House) -> None:
    page = invited(house)
    client = app.test_client()
    form_token = token(client, page)
    choose(app.test_client(), page)
    again = client.post(
        page, data={"csrf_token": form_token, "password": "lain-sekali", "again": "lain-sekali"}
    )
    assert again.status_code == 404
    assert client.get(page).status_code == 404
    assert log_in(client, NEW, "lain-sekali").status_code == 200


def test_the_link_ends_after_72_hours(app: Flask, house: House) -> None:
    page = invited(house)
    house.clock.moment += timedelta(hours=71)  # type: ignore[attr-defined]
    assert app.test_client().get(page).status_code == 200
    house.clock.moment += timedelta(hours=1)  # type: ignore[attr-defined]
    assert app.test_client().get(page).status_code == 404


def test_a_newer_invitation_makes_the_older_one_worthless(app: Flask, house: House) -> None:
    older, newer = invited(house), invited(house)
    assert app.test_client().get(older).status_code == 404
    assert app.test_client().get(newer).status_code == 200


def test_a_made_up_link_is_no_page(app: Flask, house: House) -> None:
    page = invited(house)
    mark, _, seal = page.rpartition(".")
    for wrong in (f"{mark}.x{seal[1:]}", mark, f"{page}xx", "/panel/invite/x", "/panel/invite/karangan.abc"):
        assert app.test_client().get(wrong).status_code == 404, wrong


def test_two_passwords_that_differ_are_told_and_the_link_stays_good(app: Flask, house: House) -> None:
    client, page = app.test_client(), invited(house)
    refused = choose(client, page, OWN, "beda-sekali")
    assert refused.status_code == 409
    assert "Kedua kata sandi tidak sama." in refused.text
    assert choose(client, page).status_code == 302


def test_before_the_password_is_chosen_nobody_logs_in(app: Flask, house: House) -> None:
    invited(house)
    for password in ("", OWN, "None"):
        assert log_in(app.test_client(), NEW, password).status_code == 200


def test_who_is_invited_again_begins_anew(app: Flask, house: House) -> None:
    """A lost phone, a lost password: sessions, password and second factor of before are gone."""
    panel.add_staff(house, NEW, "officer", "DINKES", PASSWORD)
    client = app.test_client()
    log_in(client, NEW)
    with house.database.transaction() as tx:
        tx.execute(text("update staff set tf_primary_method = 'authenticator', tf_totp_secret = 'x'"))
    page = invited(house)
    assert client.get("/panel/").status_code == 302
    assert log_in(app.test_client(), NEW).status_code == 200
    choose(client, page)
    assert log_in(app.test_client(), NEW, OWN).location == "/panel/"


def test_a_disabled_account_accepts_nothing(app: Flask, house: House) -> None:
    page = invited(house)
    with house.database.transaction() as tx:
        tx.execute(text("update staff set active = false"))
    assert app.test_client().get(page).status_code == 404


def test_in_public_a_short_password_is_refused(city_database: str, data_dir: Path) -> None:
    with house_on(city_database, data_dir, public_url="https://lapor.kota.test") as house:
        client, page = panel_app(house).test_client(), invited(house)
        assert "8 karakter" in choose(client, page, "pendek1", "pendek1").text
