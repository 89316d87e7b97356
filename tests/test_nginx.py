"""The shipped example for nginx, run by Debian's nginx in front of a real web process."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.drill_case import Post, Stage, free_port, post, staged, wait_until, whatsapp
from tests.proxy import NGINX, proxy_command

pytestmark = pytest.mark.gateway
PUBLIC = "https://lapor.example.go.id"


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    if NGINX is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nginx is not installed")
    safe: dict[str, Any] = {"PUBLIC_URL": PUBLIC, "SECRET_KEY": "k" * 48, "TRUSTED_PROXIES": "1"}
    with staged(city_database, data_dir, **safe) as made:
        yield made


@pytest.fixture
def proxy(stage: Stage) -> Iterator[int]:
    """Port of nginx with the shipped site, without its certificates."""
    port = free_port()
    command = proxy_command(stage.folder, f"127.0.0.1:{port}", [f"127.0.0.1:{stage.port}"])
    stage.web()
    running = subprocess.Popen(command)
    wait_until(lambda: get(port, "/healthz") == 200)
    yield port
    running.terminate()
    running.wait(10)


def get(port: int, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_a_signed_webhook_goes_through_and_a_forged_host_changes_nothing(stage: Stage, proxy: int) -> None:
    genuine = whatsapp(PUBLIC, "+6281234567890", "halo")
    assert post(proxy, genuine) == 204
    elsewhere = whatsapp("https://evil.example", "+6281234567891", "halo")
    forged = replace(elsewhere, headers={**elsewhere.headers, "Host": "evil.example"})
    assert post(proxy, forged) == 403
    assert stage.rows("select count(*) from message where direction = 'in'") == [(1,)]


def test_large_bodies_end_at_the_proxy_and_figures_are_not_shown(stage: Stage, proxy: int) -> None:
    large = Post("/webhooks/twilio", {"Content-Type": "application/x-www-form-urlencoded"}, b"a" * 3_000_000)
    assert post(proxy, large) in (413, 0)
    assert get(proxy, "/metrics") == 404
    assert get(stage.port, "/metrics") == 200
    assert get(stage.port, "/metrics", **{"X-Forwarded-For": "203.0.113.9"}) == 404


def test_what_comes_while_nobody_has_the_database_is_kept(
    stage: Stage, proxy: int, postgres_url: str
) -> None:
    name = make_url(stage.database_url).database
    server = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'alter database "{name}" allow_connections false'.encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        for words in ("satu dua", "tiga empat"):
            assert post(proxy, whatsapp(PUBLIC, "+6281234567890", words)) == 204
        assert len(list((stage.folder / "spool").glob("*.event"))) == 2
        connection.execute(f'alter database "{name}" allow_connections true'.encode())
    wait_until(lambda: not list((stage.folder / "spool").glob("*.event")))
    assert list(stage.wrote().values()) == [["satu dua", "tiga empat"]]
