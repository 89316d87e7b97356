"""Webhooks that are larger than any genuine one are refused before anybody looks into them (S7)."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.bounds import MOST_FIELDS, too_large
from handlers.telegram import SECRET_HEADER
from tests.kannel_server import SECRET
from tests.phones import BASE, TELEGRAM_SECRET, TelegramPhone, WhatsAppPhone
from tests.streets import Town, open_town
from tests.twilio_server import AUTH_TOKEN, sign

MEGABYTE = 1_000_000
TELEGRAM = {SECRET_HEADER: TELEGRAM_SECRET, "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


def twilio(town: Town, path: str, form: dict[str, str]) -> int:
    headers = sign(f"{BASE}{path}", form, AUTH_TOKEN)
    return town.client.post(path, data=form, headers=headers).status_code


def telegram(town: Town, body: bytes) -> int:
    return town.client.post("/webhooks/telegram", data=body, headers=TELEGRAM).status_code


def kannel(town: Town, body: bytes) -> int:
    asked = {"secret": SECRET, "from": "+62812", "id": "x"}
    return town.client.post("/webhooks/kannel", query_string=asked, data=body).status_code


LARGE = "a" * 3 * MEGABYTE
TOO_LARGE: dict[str, Callable[[Town], int]] = {
    "twilio": lambda town: twilio(town, "/webhooks/twilio", WhatsAppPhone(town).form(Body=LARGE)),
    "status": lambda town: twilio(town, "/webhooks/twilio/status", {"Body": LARGE}),
    "telegram": lambda town: telegram(town, b'{"update_id": 1, "x": "' + LARGE.encode() + b'"}'),
    "kannel": lambda town: kannel(town, LARGE.encode()),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_three_megabytes_are_refused_and_hardly_read(town: Town, name: str) -> None:
    before = town.count("raw_event")
    assert TOO_LARGE[name](town) == 413
    assert town.count("raw_event") == before


@pytest.mark.parametrize("path", ["/webhooks/twilio", "/webhooks/twilio/status"])
def test_a_signed_form_of_a_thousand_and_one_fields_is_refused(town: Town, path: str) -> None:
    form = {f"Field{n}": "1" for n in range(1001)}
    before = town.count("raw_event")
    assert twilio(town, path, form) == 413
    assert town.count("raw_event") == before


def test_a_query_of_a_thousand_and_one_fields_is_refused(town: Town) -> None:
    asked = {"secret": SECRET, **{f"f{n}": "1" for n in range(1001)}}
    for path in ("/webhooks/kannel", "/webhooks/kannel/dlr"):
        assert town.client.get(path, query_string=asked).status_code == 413


@pytest.mark.parametrize("opens", [b"[", b'{"a":', b'[{"a":'])
def test_ten_thousand_levels_of_json_are_refused(town: Town, opens: bytes) -> None:
    before = town.count("raw_event")
    assert telegram(town, b'{"update_id": 1, "message": ' + opens * 10_000) == 400
    assert town.count("raw_event") == before


def test_brackets_and_ampersands_in_a_citizens_words_are_no_levels_and_no_fields(town: Town) -> None:
    phone: Any = TelegramPhone(town)
    assert phone.post(phone.message(text='[{"&' * 1000)) == 200
    other: Any = WhatsAppPhone(town)
    assert other.post(other.form(Body="&[{" * 500)) == 204


def test_looking_needs_little_more_memory_than_the_body_has() -> None:
    bodies = (b"[" * MEGABYTE, b'{"a":' * (MEGABYTE // 5), b"&" * MEGABYTE, b'"[",' * (MEGABYTE // 4))
    tracemalloc.start()
    try:
        found = [too_large("", body, "application/json") for body in bodies]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [400, 400, 0, 0]
    assert peak < 3 * MEGABYTE
    assert too_large("", b"a=1&" * MOST_FIELDS, "application/x-www-form-urlencoded") == 413
