"""The web application as a web process makes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, request

import app as roof
from handlers import webhooks

Make = Callable[..., Flask]


@pytest.fixture
def make(city_database: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(roof, "configure", lambda _secrets: None)  # the run's own log stays as it is
    monkeypatch.setattr(
        webhooks.Door, "play_back", lambda _door: None
    )  # a thread that would outlive the test

    def made(**settings: str) -> Flask:
        for name, value in {"DATABASE_URL": city_database, "DATA_DIR": str(data_dir), **settings}.items():
            monkeypatch.setenv(name, value)
        return roof.create_app()

    return made


def caller(app: Flask, forwarded: str) -> str:
    """Whom the application takes for the caller."""
    app.add_url_rule("/caller", view_func=lambda: request.remote_addr or "")
    return app.test_client().get("/caller", headers={"X-Forwarded-For": forwarded}).text


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(make: Make) -> None:
    assert caller(make(), "203.0.113.9") == "127.0.0.1"


def test_behind_one_proxy_the_address_it_saw_counts_and_not_what_the_caller_claims(make: Make) -> None:
    assert caller(make(TRUSTED_PROXIES="1"), "198.51.100.1, 203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("path", ["/nowhere", "/healthz", "/webhooks/kannel", "/panel/login", "/simulator/"])
def test_every_answer_has_its_headers(make: Make, path: str) -> None:
    answer = make().test_client().get(path, base_url="http://127.0.0.1:1708")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"]


def test_pages_keep_a_policy_under_which_their_own_files_load(make: Make) -> None:
    answer = make().test_client().get("/panel/login", base_url="http://127.0.0.1:1708")
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
