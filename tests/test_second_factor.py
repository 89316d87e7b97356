"""The second factor: who must have one, how it is set up, what a wrong, used or old code opens."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP  # type: ignore[import-untyped]
from sqlalchemy import text

import panel
from bot.house import House
from tests.panel_house import PASSWORD, house_on, log_in, panel_app, token

ADMIN, BOSS, KEEPER = "admin@kota.test", "koor@kota.test", "pemegang@kota.test"
OFFICER, CHIEF = "dinkes@kota.test", "pimpinan@kota.test"
ROLES = {
    ADMIN: "administrator",
    BOSS: "coordinator",
    KEEPER: "custodian",
    OFFICER: "officer",
    CHIEF: "supervisor",
}
SITE = "https://lapor.kota.test"
SETUP, CODE = "/panel/tf-setup", "/panel/tf-validate"


class Site:
    """A panel in public."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def browser(self) -> FlaskClient:
        """A new browser."""
        return self.app.test_client()


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir, public_url=SITE) as house:
        for email, role in ROLES.items():
            panel.add_staff(house, email, role, "DINKES" if role == "officer" else None, PASSWORD)
        yield house


@pytest.fixture
def site(house: House) -> Site:
    return Site(panel_app(house))


def is_in(client: FlaskClient) -> bool:
    return client.get("/panel/account").status_code == 200


def send(client: FlaskClient, page: str, on: str, **fields: str) -> Any:
    return client.post(page, data={"csrf_token": token(client, on), **fields})


def led(answer: Any) -> str:
    """Where an answer leads, without what is to come after."""
    assert answer.status_code == 302
    return str(answer.location).partition("?")[0]


def key_on(page: str) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7-]+)</code>", page)
    assert found is not None
    return found[1]


def code_of(key: str, ahead: int = 0) -> str:
    """The code that the app shows now, or so many seconds later."""
    return str(TOTP(key, format="base32").generate(int(time.time()) + ahead).token)


def set_up(client: FlaskClient) -> str:
    """Set the second factor up between password and page; returns the key."""
    key = key_on(send(client, SETUP, SETUP, setup="authenticator").text)
    answer = client.post(CODE, data={"csrf_token": token(client, SETUP), "code": code_of(key)})
    assert answer.status_code == 302, answer.text
    return key


def enrolled(site: Site, email: str = ADMIN) -> tuple[FlaskClient, str]:
    client = site.browser()
    log_in(client, email)
    key = set_up(client)
    assert is_in(client)
    return client, key


@pytest.mark.parametrize("email", [ADMIN, BOSS, KEEPER])
def test_who_sees_much_is_not_in_by_the_password_alone(site: Site, email: str) -> None:
    client = site.browser()
    answer = log_in(client, email)
    assert (answer.status_code, answer.location) == (302, SETUP)
    assert not is_in(client)
    set_up(client)
    assert is_in(client)
    again = site.browser()
    assert led(log_in(again, email)) == CODE
    assert not is_in(again)


@pytest.mark.parametrize("email", [OFFICER, CHIEF])
def test_others_may_have_one_and_need_not(site: Site, email: str) -> None:
    client = site.browser()
    assert log_in(client, email).status_code == 302
    assert is_in(client)


def test_on_this_machine_it_is_offered_and_not_forced(city_database: str, data_dir: Path) -> None:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, ADMIN, "administrator", None, PASSWORD)
        client = panel_app(house).test_client()
        assert log_in(client, ADMIN).location == "/panel/"
        page = client.get("/panel/account").text
        assert "pasanglah sekarang" in page
        assert send(client, SETUP, SETUP, setup="authenticator").status_code == 200


def test_a_right_code_opens_a_wrong_one_does_not(site: Site) -> None:
    _, key = enrolled(site)
    client = site.browser()
    log_in(client, ADMIN)
    wrong = send(client, CODE, CODE, code="000000")
    assert wrong.status_code == 200
    assert "Kode salah" in wrong.text
    assert not is_in(client)
    assert send(client, CODE, CODE, code=code_of(key, 30)).status_code == 302
    assert is_in(client)


def test_a_code_opens_once(site: Site) -> None:
    _, key = enrolled(site)
    used = code_of(key, 30)
    for expected in (True, False):
        client = site.browser()
        log_in(client, ADMIN)
        send(client, CODE, CODE, code=used)
        assert is_in(client) == expected


def test_codes_are_braked_also_over_new_logins(site: Site) -> None:
    _, key = enrolled(site)
    codes = []
    for _ in range(6):
        client = site.browser()
        log_in(client, ADMIN)
        codes.append(send(client, CODE, CODE, code="000000").status_code)
    assert codes == [200] * 5 + [429]
    assert send(client, CODE, CODE, code=code_of(key, 30)).status_code == 429


def test_a_cookie_from_before_the_setup_cannot_set_another_one_up(site: Site, house: House) -> None:
    thief = site.browser()  # knows the password, and came first
    log_in(thief, ADMIN)
    key = key_on(send(thief, SETUP, SETUP, setup="authenticator").text)
    form_token = token(thief, SETUP)
    enrolled(site)
    thief.post(CODE, data={"csrf_token": form_token, "code": code_of(key)})
    assert not is_in(thief)
    assert thief.get(SETUP).status_code == 302


def test_the_secret_is_ciphertext_in_the_database_and_in_the_cookie(site: Site, house: House) -> None:
    _, key = enrolled(site)
    with house.database.reading() as tx:
        row = tx.execute(text("select * from staff where email = :email"), {"email": ADMIN}).one()
    assert row.tf_primary_method == "authenticator"
    assert key.replace("-", "") not in row.tf_totp_secret
    assert '"enckey"' in row.tf_totp_secret


def test_the_code_to_scan_needs_no_exception_from_the_content_policy(site: Site) -> None:
    client = site.browser()
    log_in(client, ADMIN)
    answer = send(client, SETUP, SETUP, setup="authenticator")
    assert "<svg" in answer.text and "<path" in answer.text
    assert "data:" not in answer.text and "style=" not in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_code_kept_for_a_lost_phone_opens_once(site: Site, house: House) -> None:
    client, _ = enrolled(site)
    page = send(client, "/panel/mf-recovery-codes", "/panel/mf-recovery-codes", generate_new_codes="1").text
    codes = re.findall(r"<code>([0-9a-f-]+)</code>", page)
    assert len(codes) == 8
    with house.database.reading() as tx:
        kept = tx.scalar(text("select mf_recovery_codes::text from staff where email = :e"), {"e": ADMIN})
    assert not [one for one in codes if one in str(kept)]
    for expected in (True, False):
        lost = site.browser()
        log_in(lost, ADMIN)
        assert lost.get("/panel/mf-recovery").status_code == 200
        send(lost, "/panel/mf-recovery", "/panel/mf-recovery", code=codes[0])
        assert is_in(lost) == expected


def test_who_must_have_one_cannot_switch_it_off_and_who_need_not_can(site: Site) -> None:
    forced, _ = enrolled(site)
    send(forced, SETUP, SETUP, setup="disable")
    again = site.browser()
    assert led(log_in(again, ADMIN)) == CODE
    free = site.browser()
    log_in(free, OFFICER)
    page = send(free, SETUP, SETUP, setup="authenticator").text
    action = re.search(r'action="(/panel/tf-setup/[^"]+)"', page)
    assert action is not None
    done = free.post(action[1], data={"csrf_token": token(free, SETUP), "code": code_of(key_on(page))})
    assert done.status_code == 302
    assert led(log_in(site.browser(), OFFICER)) == CODE
    send(free, SETUP, SETUP, setup="disable")
    assert log_in(site.browser(), OFFICER).location == "/panel/"


def test_a_change_long_after_the_login_asks_for_the_password_again(site: Site) -> None:
    client = site.browser()
    log_in(client, OFFICER)
    with client.session_transaction() as kept:
        kept["fs_paa"] -= 3600
        kept.pop("fs_gexp", None)
    asked = send(client, SETUP, "/panel/account", setup="authenticator")
    assert asked.status_code == 302
    assert asked.location.startswith("/panel/verify")
    assert send(client, "/panel/verify", "/panel/verify", password="salah").status_code == 200
    assert send(client, "/panel/verify", "/panel/verify", password=PASSWORD).status_code == 302
    assert send(client, SETUP, SETUP, setup="authenticator").status_code == 200


def test_wrong_codes_and_changes_stand_in_the_audit_log(site: Site, house: House) -> None:
    enrolled(site)
    client = site.browser()
    log_in(client, ADMIN)
    send(client, CODE, CODE, code="000000")
    with house.database.reading() as tx:
        actions = tx.scalars(text("select action from audit order by id")).all()
    assert [one for one in actions if not one.startswith("staff_")] == [
        "second_factor_changed",
        "login",
        "second_factor_failed",
    ]


@pytest.mark.parametrize("page", [CODE, "/panel/mf-recovery", "/panel/tf-select", SETUP])
def test_the_way_between_is_shut_to_strangers_and_harmless_to_who_is_in(site: Site, page: str) -> None:
    assert site.browser().get(page).status_code == 302
    client = site.browser()
    log_in(client, OFFICER)
    client.get(page)
    assert is_in(client)
