"""Guessing passwords: the brakes hold over restarts and workers, and no stranger keeps an owner out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import low_level as low
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot.house import House
from storage import logins
from storage.logins import Brake
from tests.panel_house import PASSWORD, house_on, log_in, panel_app, token

OFFICER, OTHER = "dinkes@kota.test", "dpu@kota.test"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
        panel.add_staff(house, OTHER, "officer", "DPU", PASSWORD)
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def from_address(app: Flask, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def guess(app: Flask, email: str, times: int, address: str = "10.0.0.1") -> list[int]:
    return [log_in(from_address(app, address), email, f"salah {n}").status_code for n in range(times)]


def later(house: House, minutes: int) -> None:
    """Let time go by, for the tries."""
    with house.database.transaction() as tx:
        tx.execute(text("update login_attempt set at = at - make_interval(mins => :m)"), {"m": minutes})


def test_the_sixth_wrong_password_waits_and_others_need_not(app: Flask) -> None:
    assert guess(app, OFFICER, 6) == [200] * 5 + [429]
    waits = log_in(from_address(app, "10.0.0.1"), OFFICER)  # also the right one
    assert waits.status_code == 429
    assert "Tunggu 1 menit" in waits.text
    assert log_in(from_address(app, "10.0.0.1"), OTHER).status_code == 302


def test_the_account_is_counted_from_all_addresses_together(app: Flask) -> None:
    codes = [guess(app, OFFICER, 1, f"10.0.0.{n}")[0] for n in range(7)]
    assert codes == [200] * 5 + [429] * 2


def test_an_address_is_counted_over_all_accounts_known_or_not(app: Flask) -> None:
    codes = [guess(app, f"orang{n}@kota.test", 1)[0] for n in range(21)]
    assert codes == [200] * 20 + [429]
    assert guess(app, "lain@kota.test", 1, "10.0.0.2") == [200]


def test_an_unknown_account_is_braked_just_the_same(app: Flask) -> None:
    assert guess(app, "siapa@kota.test", 6) == [200] * 5 + [429]


def test_a_restart_and_another_worker_forget_nothing(app: Flask, house: House) -> None:
    guess(app, OFFICER, 3)
    assert guess(panel_app(house), OFFICER, 3) == [200, 200, 429]


def test_right_passwords_do_not_count(app: Flask) -> None:
    for _ in range(8):
        assert log_in(app.test_client(), OFFICER).status_code == 302
    assert guess(app, OFFICER, 6, "127.0.0.1") == [200] * 5 + [429]


def test_the_wait_grows_and_ends(app: Flask, house: House) -> None:
    guess(app, OFFICER, 5)
    later(house, 1)
    guess(app, OFFICER, 5)
    answer = log_in(from_address(app, "10.0.0.9"), OFFICER)
    assert answer.status_code == 429
    assert "Tunggu 2 menit" in answer.text
    assert int(answer.headers["Retry-After"]) > 60
    later(house, 2)
    assert log_in(from_address(app, "10.0.0.9"), OFFICER).status_code == 302


def test_a_browser_that_was_in_is_not_kept_out_by_strangers(app: Flask) -> None:
    own = from_address(app, "10.0.0.1")
    log_in(own, OFFICER)
    own.post("/panel/logout", data={"csrf_token": token(own, "/panel/")})
    assert guess(app, OFFICER, 6, "10.9.9.9")[-1] == 429
    assert guess(app, "x@y", 21, "10.0.0.1")[-1] == 429  # somebody else behind the same address
    assert log_in(own, OFFICER).status_code == 302


def test_the_known_browser_has_its_own_five_and_only_for_its_own_account(app: Flask) -> None:
    own = app.test_client()
    log_in(own, OFFICER)
    own.post("/panel/logout", data={"csrf_token": token(own, "/panel/")})
    assert [log_in(own, OFFICER, "salah").status_code for _ in range(6)] == [200] * 5 + [429]
    guess(app, OTHER, 5)
    assert log_in(own, OTHER).status_code == 429
    forged = app.test_client()
    forged.set_cookie("kentongan-known", "karangan.sendiri")
    assert log_in(forged, OTHER).status_code == 429


def test_an_unknown_account_costs_a_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not exist is found out neither by the words nor by how much is computed."""
    computed: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        real = getattr(low, name)

        def counted(*given: Any, _real: Any = real, _name: str = name, **more: Any) -> Any:
            computed.append(_name)
            return _real(*given, **more)

        monkeypatch.setattr(low, name, counted)
    for email in ("bukan@kota.test", OFFICER):
        computed.clear()
        log_in(app.test_client(), email, "salah")
        assert computed, email


def test_many_at_once_are_no_more_than_five(house: House) -> None:
    brake = Brake(b"satu akun", 5)

    def take(_: int) -> bool:
        with house.database.transaction() as tx:
            return not logins.take(tx, [brake, Brake(b"alamat", 20)], NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(24))) == 5


def test_nobody_is_out_for_more_than_a_quarter_of_an_hour(house: House) -> None:
    """A stranger who tries as often as he may for a day: the longest wait stays the longest wait."""
    brake, now, waits = Brake(b"akun", 5), NOW, []
    while now < NOW + timedelta(hours=24):
        with house.database.transaction() as tx:
            wait = logins.take(tx, [brake], now)
        waits.append(wait)
        now += wait or timedelta(seconds=1)
    assert max(waits) <= logins.LONGEST_WAIT
    assert max(waits) > timedelta(minutes=4)
    assert sum(not wait for wait in waits) < 24 * 60  # so few passwords can be tried in a day
