"""Passkeys: what opens, what does not, what is written down; in a browser: test_passkeys_browser."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot.house import House
from panel.passkeys import site_of
from panel.staff import disable_staff
from tests.panel_house import PASSWORD, house_on, log_in, panel_app
from tests.passkey_case import IN, MINE, NAME, NEW, OLD, SITE, asked, post, register, sign_in
from tests.soft_passkey import SoftPasskey

ADMIN, BOSS, OFFICER, OTHER = "admin@kota.test", "koor@kota.test", "dinkes@kota.test", "dpu@kota.test"
ROLES = {ADMIN: "administrator", BOSS: "coordinator", OFFICER: "officer", OTHER: "officer"}


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir, public_url=SITE) as house:
        for email, role in ROLES.items():
            panel.add_staff(house, email, role, "DINKES" if role == "officer" else None, PASSWORD)
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture
def here(app: Flask, house: House) -> FlaskClient:
    """An officer's browser."""
    client = app.test_client()
    assert log_in(client, OFFICER).status_code == 302
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get(MINE).status_code == 200


def actions(house: House, email: str = OFFICER) -> list[str]:
    query = """select a.action from audit a join staff s on s.id = a.staff_id
               where s.email = :email and a.action like 'passkey%' order by a.id"""
    with house.database.reading() as tx:
        return list(tx.scalars(text(query), {"email": email}))


def names_on(client: FlaskClient) -> list[str]:
    return re.findall(r'<strong class="words">([^<]+)</strong>', client.get(MINE).text)


def test_a_passkey_opens_without_a_password_and_is_written_down(
    app: Flask, here: FlaskClient, house: House
) -> None:
    device = register(here)
    assert names_on(here) == ["Ponsel kantor"]
    elsewhere = app.test_client()
    assert sign_in(elsewhere, device, next="/panel/notices").location == "/panel/notices"
    assert OFFICER in elsewhere.get(MINE).text
    post(here, OLD, name="Ponsel kantor")
    assert names_on(here) == []
    late = app.test_client()
    assert "tidak dapat dipakai" in late.get(sign_in(late, device).location).text
    assert not is_in(late)
    assert actions(house) == ["passkey_added", "passkey_removed"]
    with house.database.reading() as tx:
        by = tx.scalars(text("select detail->>'by' from audit where action = 'login' order by id")).all()
    assert by == [None, "passkey"]


@pytest.mark.parametrize("email", [ADMIN, BOSS])
def test_it_counts_as_two_factors_for_those_who_must_have_two(app: Flask, house: House, email: str) -> None:
    device = given(app, house, email)
    client = app.test_client()
    sign_in(client, device)
    assert is_in(client)


def given(app: Flask, house: House, email: str) -> SoftPasskey:
    """A passkey registered while the role did not ask for a second factor."""
    panel.add_staff(house, email, "officer", "DINKES", PASSWORD)
    client = app.test_client()
    log_in(client, email)
    device = register(client)
    panel.add_staff(house, email, ROLES[email], None, PASSWORD)
    return device


def test_the_last_second_factor_of_who_must_have_one_stays(app: Flask, house: House) -> None:
    client = app.test_client()
    sign_in(client, given(app, house, ADMIN))
    post(client, OLD, name="Ponsel kantor")
    assert "ini yang terakhir" in client.get(MINE).text
    assert names_on(client) == ["Ponsel kantor"]
    register(client, "Cadangan")
    post(client, OLD, name="Ponsel kantor")
    assert names_on(client) == ["Cadangan"]


def test_after_the_password_it_is_asked_for_and_only_one_s_own_will_do(
    app: Flask, here: FlaskClient, house: House
) -> None:
    device = register(here)
    neighbour = app.test_client()
    log_in(neighbour, OTHER)
    theirs = register(neighbour)
    for tried, opens in ((theirs, False), (device, True)):
        client = app.test_client()
        assert log_in(client, OFFICER).location.startswith(IN)
        assert not is_in(client)
        sign_in(client, tried)
        assert is_in(client) == opens
    client = app.test_client()
    log_in(client, OFFICER)
    client.get("/panel/tf-setup")  # no other second factor can be set up with the password alone
    assert not is_in(client)


def test_a_cloned_device_is_refused(app: Flask, here: FlaskClient, house: House) -> None:
    device = register(here)
    device.count = 7
    sign_in(app.test_client(), device)
    device.count = 5  # the clone has not seen the last uses
    clone = app.test_client()
    sign_in(clone, device)
    assert not is_in(clone)
    assert actions(house) == ["passkey_added", "passkey_failed"]


CHEATS: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://lapor-kota.test"},
    "another port": {"origin": f"{SITE}:8443"},
    "another name": {"site": "jahat.test"},
    "nobody verified": {"verified": False},
}


def test_a_signature_made_elsewhere_or_for_nobody_opens_nothing(app: Flask, here: FlaskClient) -> None:
    device = register(here)
    for how, cheat in CHEATS.items():
        client = app.test_client()
        sign_in(client, replace(device, count=device.count + 1, **cheat))
        assert not is_in(client), how
    sign_in(client, device)
    assert is_in(client)


def test_a_passkey_made_elsewhere_or_for_nobody_is_not_kept(here: FlaskClient) -> None:
    for how, cheat in CHEATS.items():
        register(here, **cheat)
        assert "tidak dapat didaftarkan" in here.get(MINE).text, how
    assert names_on(here) == []


def test_the_site_comes_from_the_settings_and_never_from_the_request(app: Flask, here: FlaskClient) -> None:
    device = register(here)
    client = app.test_client()
    there: dict[str, Any] = {"base_url": "http://jahat.test"}
    page = client.get(IN, **there).text
    form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
    action, options = asked(client.post(IN, data=form, **there))
    assert options["rpId"] == NAME
    device.origin, device.site = "http://jahat.test", "jahat.test"
    client.post(action, data={**form, "credential": device.sign(options)}, **there)
    assert client.get(MINE, **there).status_code == 302
    assert site_of("http://127.0.0.1:1708") == ("localhost", "http://localhost:1708")
    assert site_of("https://a.test:8443/x") == ("a.test", "https://a.test:8443")


def test_a_disabled_or_newly_invited_account_is_not_opened(
    app: Flask, here: FlaskClient, house: House
) -> None:
    device = register(here)
    panel.invite(house, OFFICER, "officer", "DINKES")
    client = app.test_client()
    assert sign_in(client, device).location.startswith(IN)
    assert not is_in(client)
    panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
    with house.database.reading() as tx:
        admin = tx.scalar(text("select id from staff where email = :e"), {"e": ADMIN})
    disable_staff(house, int(admin or 0), OFFICER)
    assert sign_in(client, device).location.startswith(IN)
    assert not is_in(client)
    assert actions(house) == ["passkey_added", "passkey_failed", "passkey_failed"]


def test_an_answer_is_good_once_and_in_the_browser_that_was_asked(app: Flask, here: FlaskClient) -> None:
    device = register(here)
    client, thief = app.test_client(), app.test_client()
    page, options = asked(post(client, IN))
    answer = device.sign(options)
    post(thief, IN)
    post(thief, page, credential=answer)  # overheard, and sent before the owner
    assert not is_in(thief)
    kept = client.get_cookie("__Host-kentongan", "localhost") or client.get_cookie("kentongan")
    post(client, page, credential=answer)
    assert is_in(client)
    assert kept is not None
    thief.set_cookie(kept.key, kept.value)  # the very session of before
    post(thief, page, credential=answer)
    assert not is_in(thief)


def test_a_question_of_another_s_session_registers_nothing(app: Flask, here: FlaskClient) -> None:
    thief = app.test_client()
    log_in(thief, OTHER)
    page, options = asked(post(thief, NEW, name="Ponsel maling"))
    post(here, page, credential=SoftPasskey(SITE, NAME).make(options))
    assert names_on(here) == []


def test_long_after_the_login_the_password_is_asked_for_first(here: FlaskClient) -> None:
    with here.session_transaction() as kept:
        kept["fs_paa"] -= 3600
        kept.pop("fs_gexp", None)
    for page in (NEW, OLD):
        assert post(here, page, name="Ponsel kantor").location.startswith("/panel/verify")


def test_its_sessions_end_with_all_others(app: Flask, here: FlaskClient) -> None:
    device = register(here)
    client = app.test_client()
    sign_in(client, device)
    post(here, "/panel/account/leave")
    assert not is_in(client)


def test_tries_with_it_are_braked(app: Flask, here: FlaskClient) -> None:
    device = register(here)
    device.origin = "https://jahat.test"
    client = app.test_client()
    answers = [sign_in(client, device).status_code for _ in range(21)]
    assert answers == [302] * 20 + [429]


RUBBISH = [
    "",
    "{}",
    "[]",
    "null",
    "x" * 5000,
    '{"id": 1}',
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
]


def test_rubbish_does_no_harm(app: Flask, here: FlaskClient) -> None:
    for rubbish in RUBBISH:
        page, _ = asked(post(here, NEW, name="Ponsel"))
        assert post(here, page, credential=rubbish).status_code == 302
        client = app.test_client()
        page, _ = asked(post(client, IN))
        assert post(client, page, credential=rubbish).status_code == 302
        assert post(client, f"{IN}/{rubbish[:9] or 'x'}", credential=rubbish).status_code == 302
        assert not is_in(client)
    assert names_on(here) == []


def test_broken_bytes_do_no_harm(app: Flask, here: FlaskClient) -> None:
    page, options = asked(post(here, NEW, name="Ponsel"))
    answer = json.loads(SoftPasskey(SITE, NAME).make(options))
    answer["response"]["attestationObject"] = "o2NmbXQ"
    assert post(here, page, credential=json.dumps(answer)).status_code == 302
    assert names_on(here) == []


def test_a_name_that_cannot_be_is_refused_on_the_page(here: FlaskClient) -> None:
    register(here)
    for name in ["", "<b>x</b>", "x" * 65, "Ponsel kantor"]:
        refused = post(here, NEW, name=name)
        assert refused.status_code == 200
        assert 'role="alert"' in refused.text
        assert "data-options" not in refused.text


def test_who_is_logged_in_is_not_logged_in_as_somebody_else(app: Flask, here: FlaskClient) -> None:
    stranger = app.test_client()
    log_in(stranger, OTHER)
    theirs = register(stranger)
    page, options = asked(post(app.test_client(), IN))
    assert post(here, page, credential=theirs.sign(options)).location == MINE
    assert OFFICER in here.get(MINE).text
