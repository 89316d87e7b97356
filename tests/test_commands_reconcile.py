"""`python app.py reconcile`, as an engineer runs it after an outage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.installation import Installation, is_one_sentence
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer() as made:
        yield made


@pytest.fixture
def ready(city_database: str, data_dir: Path, twilio: TwilioServer) -> Installation:
    settings = {"DATABASE_URL": city_database, "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
    settings |= {"TWILIO_API_URL": twilio.url, "TWILIO_WHATSAPP_FROM": SENDER}
    return Installation(data_dir, settings)


def test_reconcile_takes_what_is_missing_since_a_moment_once(
    ready: Installation, twilio: TwilioServer
) -> None:
    now = datetime.now(UTC)
    for n, minutes in enumerate((200, 30, 20)):
        words = f"jalan berlubang ke-{n} di Kelurahan Sekayu"
        at = now - timedelta(minutes=minutes)
        twilio.inbox.write(f"whatsapp:+62812000{n:05}", SENDER, words, at)
    since = (now - timedelta(hours=1)).isoformat()
    assert ready.ok("reconcile", "--since", since) == "2 messages taken.\n"
    assert ready.ok("reconcile", "--since", since) == "0 messages taken.\n"
    texts = sorted(row["text"] for row in ready.tickets())
    assert ["ke-1" in texts[0], "ke-2" in texts[1], len(texts)] == [True, True, 2]


def test_reconcile_says_in_one_sentence_why_it_cannot(ready: Installation, twilio: TwilioServer) -> None:
    twilio.fail_always(503)
    refused = ready.command("reconcile", "--since", "2026-01-01")
    assert refused.code == 1 and is_one_sentence(refused.errors) and "list cannot be read" in refused.errors
    wrong = ready.command("reconcile", "--since", "kemarin")
    assert wrong.code == 1 and is_one_sentence(wrong.errors) and "ISO" in wrong.errors
