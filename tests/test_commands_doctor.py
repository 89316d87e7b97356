"""doctor tells the truth; web and worker run on their own."""

import http.client
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from tests.installation import Installation
from tests.kannel_server import PASSWORD, SECRET, USER, KannelServer
from tests.processes import seconds_until
from tests.running import free_port
from tests.telegram_server import TOKEN, TelegramServer
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer


@pytest.fixture
def here(empty_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": empty_database})


@pytest.fixture
def providers() -> Iterator[dict[str, str]]:
    """The three providers on loopback; gives the settings that they accept."""
    kannel = KannelServer()
    with TelegramServer() as telegram, TwilioServer() as twilio:
        yield {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_URL": twilio.url,
            "TWILIO_WHATSAPP_FROM": SENDER,
            "KANNEL_SENDSMS_URL": kannel.url,
            "KANNEL_USERNAME": USER,
            "KANNEL_PASSWORD": PASSWORD,
            "KANNEL_CALLBACK_SECRET": SECRET,
        }
    kannel.close()


@contextmanager
def at_work(here: Installation, *words: str, **settings: str) -> Iterator[None]:
    """`web` or `worker` in the background, stopped as systemd does; it must end by itself then."""
    with here.start(*words, **settings) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


def marks(said: str) -> dict[str, str]:
    """Name of what was looked at, and its mark."""
    return {line[7:].partition(":")[0]: line[:5].strip() for line in said.splitlines()}


def test_workers_on_two_machines_need_one_place_for_files(city_database: str, data_dir: Path) -> None:
    here = Installation(data_dir, {"DATABASE_URL": city_database})
    with psycopg.connect(plain_url(city_database), autocommit=True) as connection:
        beat = "insert into heartbeat (name) values (%s)"
        connection.execute(beat, ["worker kota-a 11"])
        connection.execute(beat, ["worker kota-a 12"])
        assert "files" not in marks(here.command("doctor").said)
        connection.execute(beat, ["worker kota-b 11"])
    ended = here.command("doctor")
    assert (ended.code, marks(ended.said)["files"]) == (1, "FAULT")
    assert "kota-a and kota-b" in ended.said and "FILES_URL" in ended.said
    assert "files" not in marks(here.command("doctor", FILES_URL=f"file://{data_dir}/shared").said)


def test_without_credentials_channels_are_off_and_without_a_worker_something_is_broken(
    here: Installation,
) -> None:
    bare = here.command("doctor")
    assert (bare.code, marks(bare.said)["tables"]) == (1, "FAULT") and "app.py migrate" in bare.said
    here.ok("migrate")
    ended = here.command("doctor")
    assert ended.code == 1 and "app.py worker" in ended.said
    assert marks(ended.said) == {
        "database": "ok",
        "tables": "ok",
        "worker": "FAULT",
        "outbox": "ok",
        "inbox": "ok",
        "whatsapp": "off",
        "telegram": "off",
        "sms": "off",
    }


def test_a_database_that_is_away_is_a_fault(data_dir: Path) -> None:
    away = Installation(data_dir, {"DATABASE_URL": "postgresql://u:rahasia@127.0.0.1:9/x"}).command("doctor")
    assert (away.code, marks(away.said)["database"]) == (1, "FAULT") and "rahasia" not in away.said


def test_with_a_worker_and_right_credentials_all_is_well(
    here: Installation, providers: dict[str, str]
) -> None:
    here.ok("migrate")
    with at_work(here, "worker", **providers):
        limit = time.monotonic() + 40
        while (ended := here.command("doctor", **providers)).code and time.monotonic() < limit:
            time.sleep(0.5)
    assert ended.code == 0 and set(marks(ended.said).values()) == {"ok"}, ended
    assert len(marks(ended.said)) == 8


def test_wrong_credentials_and_silent_providers_are_faults(
    here: Installation, providers: dict[str, str]
) -> None:
    here.ok("migrate")
    secrets = {
        "TELEGRAM_BOT_TOKEN": TOKEN[:-1] + "x",
        "TWILIO_AUTH_TOKEN": "salah" * 6,
        "KANNEL_PASSWORD": "x1y2z3",
    }
    wrong = here.command("doctor", **{**providers, **secrets})
    closed = f"http://127.0.0.1:{free_port()}"
    nobody = {"TELEGRAM_API_URL": closed, "TWILIO_API_URL": closed, "KANNEL_SENDSMS_URL": f"{closed}/sendsms"}
    unheard = here.command("doctor", **{**providers, **nobody})
    for ended in (wrong, unheard):
        assert ended.code == 1 and "Traceback" not in ended.errors
        assert [marks(ended.said)[name] for name in ("whatsapp", "telegram", "sms")] == ["FAULT"] * 3, ended
        assert not [secret for secret in secrets.values() if secret in ended.said + ended.errors]
    assert unheard.said.count("the provider cannot be reached") == 3


def test_web_alone_serves_and_says_what_is_missing(here: Installation) -> None:
    here.ok("migrate")
    port = free_port()

    def status(path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    with at_work(here, "web", PORT=str(port)):
        seconds_until(lambda: status("/healthz") == 200, 40)
        assert (status("/readyz"), status("/simulator/"), status("/panel/login")) == (503, 200, 200)
        taken = here.command("web", PORT=str(port))
        assert taken.code == 2 and str(port) in taken.errors
    assert status("/healthz") == 0
