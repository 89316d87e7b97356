"""No log line holds what a citizen wrote, who it was, or a secret, whatever goes wrong."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import text

from bot import flow, inbound
from bot.channel import WebhookRequest
from bot.delivery.spool import Spool
from bot.house import House
from bot.logs import configure
from handlers import webhooks
from storage.database import open_database
from tests.house import make_house
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, webhook

BASE = "https://lapor.example.go.id"
NUMBER, NAME, WORDS = "6285599887766", "Kanari Waluyo", "kanarimerah: jalan berlubang di Tugurejo"
CANARIES = (NUMBER, "Kanari", "Waluyo", "kanarimerah")
SETTINGS: dict[str, Any] = {
    "public_url": BASE,
    "secret_key": "kunci-sesi-yang-rahasia-dan-panjang-sekali",
    "admin_password": "sandi-admin-rahasia",
    "metrics_token": "token-angka-rahasia",
    "telegram_bot_token": "123456:token-bot-rahasia-abcdef",
    "telegram_mode": "webhook",
    "telegram_webhook_secret": "rahasia-webhook_17",
    "telegram_api_url": "http://127.0.0.1:9",
    "twilio_account_sid": SID,
    "twilio_auth_token": AUTH_TOKEN,
    "twilio_whatsapp_from": SENDER,
    "kannel_sendsms_url": "http://127.0.0.1:9/cgi-bin/sendsms",
    "kannel_username": "lapor",
    "kannel_password": 'sandi "kannel" rahasia',
    "kannel_callback_secret": "rahasiapanggilbalik",
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What the product has written to its log; logging is put back as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    yield written.getvalue
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def house(city_database: str, data_dir: Path, lines: object) -> House:
    house = make_house(city_database, data_dir, **SETTINGS)
    configure([*(s for one in house.channels.values() for s in one.secrets), *house.settings.secrets])
    return house


def secrets_of(house: House) -> set[str]:
    names = [name for name in SETTINGS if any(part in name for part in ("secret", "token", "password"))]
    return {SETTINGS[name] for name in names} | {s for one in house.channels.values() for s in one.secrets}


def whatsapp(number: int) -> WebhookRequest:
    sid = f"SM{number:032x}"
    form = {"MessageSid": sid, "SmsMessageSid": sid, "AccountSid": SID, "From": f"whatsapp:+{NUMBER}"}
    more = {"To": SENDER, "Body": WORDS, "NumMedia": "0", "ProfileName": NAME, "WaId": NUMBER}
    return webhook(BASE, "/webhooks/twilio", {**form, **more}, AUTH_TOKEN)


def telegram(number: int) -> WebhookRequest:
    person = {"id": int(NUMBER), "is_bot": False, "first_name": NAME}
    message = {"message_id": number, "from": person, "chat": {"id": int(NUMBER), "type": "private"}}
    update = {"update_id": number, "message": {**message, "date": 1795361729, "text": WORDS}}
    headers = {
        "content-type": "application/json",
        "x-telegram-bot-api-secret-token": SETTINGS["telegram_webhook_secret"],
    }
    return WebhookRequest("POST", "/webhooks/telegram", "", headers, json.dumps(update).encode())


def kannel(number: int) -> WebhookRequest:
    said = {"from": f"+{NUMBER}", "to": "1708", "id": f"uuid-{number}", "text": WORDS}
    query = urlencode({**said, "secret": SETTINGS["kannel_callback_secret"]})
    return WebhookRequest("GET", "/webhooks/kannel", query, {}, b"")


CHANNELS = {"whatsapp": whatsapp, "telegram": telegram, "sms": kannel}


def post(house: House, request: WebhookRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """What the product answers to a provider's request; the HTTP status."""
    monkeypatch.setattr(
        webhooks.Door, "play_back", lambda _door: None
    )  # a thread that would outlive the test
    app = Flask("webhooks_under_test")
    webhooks.install(app, house)
    answer = app.test_client().open(
        request.path,
        method=request.method,
        query_string=request.query,
        headers=dict(request.headers),
        data=request.body,
        content_type=request.headers.get("content-type", "application/x-www-form-urlencoded"),
    )
    return answer.status_code


def assert_clean(house: House, written: str) -> None:
    for word in (*CANARIES, *secrets_of(house)):
        assert word not in written
        assert json.dumps(word)[1:-1] not in written


def broken_brain(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    def turn(state: Any, heard: Any, *_: Any) -> Any:
        raise ValueError(f"cannot think about {heard.text} of {NAME} {NUMBER}, {SETTINGS['secret_key']}")

    monkeypatch.setattr(flow, "turn", turn)
    return house


def refusing_database(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Its error quotes the whole row, as PostgreSQL does for a broken constraint."""
    with house.database.transaction() as tx:
        tx.execute(text("alter table message add constraint none check (text = '')"))
    return house


def database_without_tables(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    with house.database.transaction() as tx:
        tx.execute(text("drop table raw_event"))
    return house


def no_database(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    url = "postgresql+psycopg://lapor:sandi-basis-rahasia@127.0.0.1:9/nothing"
    return replace(house, database=open_database(url, house.database.keys))


def no_disk_either(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    def keep(_spool: Spool, event: Any) -> None:
        raise OSError(28, f"No space left for {event.text}")

    monkeypatch.setattr(Spool, "keep", keep)
    return no_database(house, monkeypatch)


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize(
    ("trouble", "status", "says"),
    [
        (broken_brain, 2, "event kept for another try"),
        (refusing_database, 2, "event kept for another try"),
        (database_without_tables, 5, "Exception on /webhooks/"),
        (no_database, 2, ""),
        (no_disk_either, 5, "event not kept"),
    ],
)
def test_trouble_is_logged_without_the_citizen_and_without_secrets(
    house: House,
    lines: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trouble: Callable[[House, pytest.MonkeyPatch], House],
    status: int,
    says: str,
) -> None:
    troubled = trouble(house, monkeypatch)
    assert post(troubled, CHANNELS[name](1), monkeypatch) // 100 == status
    written = lines()
    assert says in written
    assert_clean(house, written)


def test_what_is_forged_or_makes_no_sense_is_logged_without_its_words(
    house: House, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, make in CHANNELS.items():
        genuine = make(2)
        forged = replace(genuine, query=genuine.query.replace("rahasia", "salah"), headers={})
        assert post(house, forged, monkeypatch) == 403, name
    junk = replace(telegram(3), body=f'{{"update_id": "{NAME} {NUMBER}"'.encode())
    assert post(house, junk, monkeypatch) == 200
    assert post(house, replace(kannel(4), query=kannel(4).query.replace("id=", "di=")), monkeypatch) == 200
    written = lines()
    assert written.count("not from the provider") == 3 and written.count("not understood") == 2
    assert_clean(house, written)


def test_a_replay_that_fails_again_says_no_more(
    house: House, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_brain(house, monkeypatch)
    post(house, kannel(5), monkeypatch)
    with house.database.reading() as tx:
        raw_id = tx.scalar(text("select id from raw_event where state = 'failed'"))
    assert raw_id and not inbound.replay(house, raw_id, most=5)
    written = lines()
    assert "event failed again" in written
    assert_clean(house, written)


def test_secrets_are_blanked_out_of_a_line_that_holds_them(house: House, lines: Callable[[], str]) -> None:
    for secret in sorted(secrets_of(house)):
        logging.getLogger("anything").warning(
            "a library says %s", secret, extra={"url": f"http://x/?p={secret}"}
        )
    written = lines()
    assert written.count("***") >= 2 * len(secrets_of(house))
    assert_clean(house, written)
    assert all(json.loads(line)["event"].startswith("a library says") for line in written.splitlines())


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError(f"{NAME} {NUMBER}")


def test_a_line_that_cannot_be_written_is_not_written_in_clear(
    house: House, lines: Callable[[], str]
) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("anything").exception("something failed", extra={"who": Unprintable()})
    assert "RuntimeError" in lines()
    assert_clean(house, lines())
