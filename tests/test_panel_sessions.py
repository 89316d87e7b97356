"""Sessions by our own table: old cookies, other devices, idle and age, and what a session costs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

import panel
from bot.house import House
from panel.sessions import agent_words
from panel.staff import change_staff, disable_staff
from storage import logins
from tests.panel_house import PASSWORD, house_on, log_in, panel_app, token

OFFICER = "dinkes@kota.test"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
    return panel_app(house)


def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, OFFICER).status_code == 302
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/panel/").status_code == 200


def copy_of(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another browser with the same cookie, as a thief has it."""
    cookie = client.get_cookie("kentongan")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("kentongan", cookie.value)
    return thief


def change(house: House, sql: str) -> None:
    with house.database.transaction() as tx:
        tx.execute(text(sql))


def own(house: House) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(text("select * from staff_session order by made_at")))


def leave(client: FlaskClient, page: str) -> Any:
    return client.post(page, data={"csrf_token": token(client, "/panel/account")})


def test_the_cookie_before_the_login_is_no_session_after_it(app: Flask) -> None:
    client = app.test_client()
    client.get("/panel/login")
    before = copy_of(app, client)
    log_in(client, OFFICER)
    assert is_in(client) and not is_in(before)


def test_each_login_makes_a_new_token_and_none_is_stored_as_it_is(app: Flask, house: House) -> None:
    tokens = []
    for _ in range(2):
        with browser(app).session_transaction() as kept:
            tokens.append(kept["token"])
    assert len(set(tokens)) == 2
    assert len(own(house)) == 2
    assert not [row for row in own(house) for one in tokens if one.encode() in bytes(row.lookup)]


def test_a_made_up_or_missing_token_opens_nothing(app: Flask) -> None:
    for wrong in ("", "karangan", None):
        client = browser(app)
        with client.session_transaction() as kept:
            kept.pop("token") if wrong is None else kept.update(token=wrong)
        assert not is_in(client)


def test_logout_ends_this_session_and_not_the_other(app: Flask) -> None:
    here, there = browser(app), browser(app)
    thief = copy_of(app, here)
    assert leave(here, "/panel/logout").status_code == 302
    assert not is_in(here) and not is_in(thief) and is_in(there)


def test_leaving_everywhere_ends_all(app: Flask) -> None:
    here, there = browser(app), browser(app)
    answer = leave(here, "/panel/account/leave")
    assert answer.status_code == 302
    assert "keluar dari semua perangkat" in here.get("/panel/login").text
    assert not is_in(here) and not is_in(there)
    assert is_in(browser(app))


def test_a_new_password_of_ones_own_ends_all_and_the_old_one_is_asked(app: Flask) -> None:
    here, there = browser(app), browser(app)

    def give(old: str, new: str, again: str) -> Any:
        form = {"password": old, "new": new, "again": again}
        return here.post(
            "/panel/account/password", data={**form, "csrf_token": token(here, "/panel/account")}
        )

    assert give("salah", "kata-baru-1", "kata-baru-1").status_code == 409
    assert give(PASSWORD, "kata-baru-1", "kata-baru-2").status_code == 409
    assert give(PASSWORD, "", "").status_code == 409
    assert is_in(here) and is_in(there)
    assert give(PASSWORD, "kata-baru-1", "kata-baru-1").status_code == 302
    assert not is_in(here) and not is_in(there)
    assert log_in(app.test_client(), OFFICER).status_code == 200
    assert log_in(app.test_client(), OFFICER, "kata-baru-1").status_code == 302


def test_another_role_or_a_disabled_account_ends_all(app: Flask, house: House) -> None:
    first = browser(app)
    with house.database.reading() as tx:
        mine = tx.scalar(text("select id from staff where email = :email"), {"email": OFFICER})
    panel.add_staff(house, "admin@kota.test", "administrator", None, PASSWORD)
    with house.database.reading() as tx:
        by = tx.scalar(text("select id from staff where email = 'admin@kota.test'"))
    assert mine and by
    change_staff(house, by, OFFICER, "officer", "DPU")
    assert not is_in(first)
    second = browser(app)
    with pytest.raises(panel.BadStaff):
        disable_staff(house, mine, OFFICER)
    disable_staff(house, by, OFFICER)
    assert not is_in(second)
    assert log_in(app.test_client(), OFFICER).status_code == 200


@pytest.mark.parametrize("column", ["seen_at", "made_at"])
def test_idle_or_too_old_is_over_and_a_clock_set_back_does_not_revive_it(
    app: Flask, house: House, column: str
) -> None:
    limit = {"seen_at": "30 minutes", "made_at": "12 hours"}[column]
    client = browser(app)
    change(house, f"update staff_session set {column} = {column} - interval '{limit}' + interval '1 minute'")
    assert is_in(client)
    change(house, f"update staff_session set {column} = {column} - interval '{limit}' - interval '1 minute'")
    thief = copy_of(app, client)
    assert not is_in(client)
    change(house, "update staff_session set seen_at = now(), made_at = now()")
    assert not is_in(thief)


def test_a_session_from_the_future_opens_nothing(app: Flask, house: House) -> None:
    client = browser(app)
    change(house, "update staff_session set seen_at = seen_at + interval '2 days'")
    assert not is_in(client)


def test_use_is_written_down_at_most_once_a_minute(app: Flask, house: House) -> None:
    client = browser(app)
    is_in(client)
    [first] = own(house)
    assert first.seen_at == first.made_at
    change(house, "update staff_session set seen_at = seen_at - interval '2 minutes'")
    is_in(client)
    [later] = own(house)
    assert later.seen_at >= first.seen_at - timedelta(minutes=1)


def test_knowing_who_asks_costs_one_query(app: Flask, house: House) -> None:
    client = browser(app)
    told: list[str] = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    assert client.get("/panel/").status_code == 200
    assert len([one for one in told if "staff_session" in one]) == 1
    assert len([one for one in told if "staff.password" in one]) == 0


def test_the_account_page_lists_ones_own_sessions(app: Flask) -> None:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = PHONE
    log_in(client, OFFICER)
    page = client.get("/panel/account").text
    assert "Chrome, Android" in page
    assert "(perangkat ini)" in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("<script>", "Peramban"),
        ("", "Peramban"),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, words: str) -> None:
    assert agent_words(agent) == words


def test_the_hourly_job_deletes_what_is_old(app: Flask, house: House) -> None:
    browser(app)
    log_in(app.test_client(), OFFICER, "salah")
    change(house, "update staff_session set seen_at = seen_at - interval '8 days'")
    change(house, "update login_attempt set at = at - interval '2 days'")
    browser(app)
    log_in(app.test_client(), OFFICER, "salah")
    with house.database.transaction() as tx:
        logins.forget_old(tx, own(house)[-1].seen_at)
        assert tx.scalar(text("select count(*) from staff_session")) == 1
        assert tx.scalar(text("select count(*) from login_attempt")) == 2  # account and address
