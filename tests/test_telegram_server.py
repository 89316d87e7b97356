"""The local Bot API server refuses what the real one refuses, else the Telegram tests prove little."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.telegram_server import TelegramServer

CHAT = 42


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        server.know(CHAT)
        yield server


def call(telegram: TelegramServer, method: str, token: str = "", **given: Any) -> httpx.Response:
    fields = {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
    return httpx.post(f"{telegram.url}/bot{token or telegram.token}/{method}", data=fields, timeout=5)


def refused(answer: httpx.Response, status: int, words: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["ok"], body["error_code"]) == (status, False, status)
    assert words in body["description"]


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


def test_a_right_message_is_taken_and_kept(telegram: TelegramServer) -> None:
    markup = keyboard(text="Ya", callback_data="y" * 64)
    answer = call(telegram, "sendMessage", chat_id=CHAT, text="😀" * 2048, reply_markup=markup)
    assert answer.json()["result"]["message_id"] == telegram.sent[0].message_id
    assert (telegram.sent[0].text, telegram.sent[0].reply_markup) == ("😀" * 2048, markup)


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"chat_id": CHAT, "text": "a" * 4097}, 400, "message is too long"),
        ({"chat_id": CHAT, "text": "😀" * 2048 + "a"}, 400, "message is too long"),
        ({"chat_id": CHAT, "text": ""}, 400, "message text is empty"),
        ({"chat_id": CHAT, "text": " \n "}, 400, "message text is empty"),
        ({"chat_id": CHAT}, 400, "message text is empty"),
        ({"text": "Halo"}, 400, "chat_id is empty"),
        ({"chat_id": 43, "text": "Halo"}, 400, "chat not found"),
        ({"chat_id": "@siapa", "text": "Halo"}, 400, "chat not found"),
        ({"chat_id": CHAT, "text": "harga <5rb", "parse_mode": "HTML"}, 400, "can't parse entities"),
        ({"chat_id": CHAT, "text": "LP-1.", "parse_mode": "MarkdownV2"}, 400, "can't parse entities"),
        ({"chat_id": CHAT, "text": "Halo", "parse_mode": "XML"}, 400, "unsupported parse_mode"),
        ({"chat_id": CHAT, "text": "Halo", "reply_markup": "{"}, 400, "object expected"),
        (
            {"chat_id": CHAT, "text": "Halo", "reply_markup": {"inline_keyboard": [{}]}},
            400,
            "Array of Arrays",
        ),
    ],
)
def test_a_wrong_message_is_refused(
    telegram: TelegramServer, given: dict[str, Any], status: int, words: str
) -> None:
    refused(call(telegram, "sendMessage", **given), status, words)
    assert not telegram.sent


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "Ya", "callback_data": "y" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "Ya", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "Ya", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "Ya"}, "Text buttons are unallowed"),
        ({"text": " ", "callback_data": "y"}, "must be non-empty"),
    ],
)
def test_a_wrong_button_is_refused(telegram: TelegramServer, button: dict[str, Any], words: str) -> None:
    answer = call(telegram, "sendMessage", chat_id=CHAT, text="Halo", reply_markup=keyboard(**button))
    refused(answer, 400, words)


def test_too_many_buttons_are_refused(telegram: TelegramServer) -> None:
    rows = [[{"text": str(n), "callback_data": str(n)}] for n in range(101)]
    answer = call(telegram, "sendMessage", chat_id=CHAT, text="Halo", reply_markup={"inline_keyboard": rows})
    refused(answer, 400, "too long")


def test_html_and_markdown_that_are_right_are_taken(telegram: TelegramServer) -> None:
    call(telegram, "sendMessage", chat_id=CHAT, text="<b>Halo</b>", parse_mode="HTML")
    call(telegram, "sendMessage", chat_id=CHAT, text="LP\\-1\\.", parse_mode="MarkdownV2")
    assert len(telegram.sent) == 2 and telegram.sent[0].text == "Halo"


def test_a_blocked_bot_may_not_write_until_it_is_unblocked(telegram: TelegramServer) -> None:
    telegram.block(CHAT)
    refused(call(telegram, "sendMessage", chat_id=CHAT, text="Halo"), 403, "blocked by the user")
    telegram.unblock(CHAT)
    assert call(telegram, "sendMessage", chat_id=CHAT, text="Halo").status_code == 200
    states = [u["my_chat_member"]["new_chat_member"]["status"] for u in updates(telegram)]
    assert states == ["kicked", "member"]


def test_a_wrong_token_is_unauthorised_and_a_malformed_one_is_not_found(telegram: TelegramServer) -> None:
    refused(call(telegram, "getMe", token="1708170817:wrong"), 401, "Unauthorized")
    refused(call(telegram, "getMe", token="wrong"), 404, "Not Found")
    refused(call(telegram, "noSuchMethod"), 404, "method not found")
    assert call(telegram, "GETME").json()["result"]["is_bot"] is True


def test_a_press_is_answered_once_and_in_time(telegram: TelegramServer) -> None:
    call(
        telegram, "sendMessage", chat_id=CHAT, text="Ya?", reply_markup=keyboard(text="Ya", callback_data="y")
    )
    telegram.press(CHAT, "y")
    (update,) = updates(telegram)
    query = update["callback_query"]["id"]
    refused(call(telegram, "answerCallbackQuery", callback_query_id="1"), 400, "query is too old")
    long = call(telegram, "answerCallbackQuery", callback_query_id=query, text="a" * 201)
    refused(long, 400, "MESSAGE_TOO_LONG")
    assert call(telegram, "answerCallbackQuery", callback_query_id=query).json()["result"] is True
    refused(call(telegram, "answerCallbackQuery", callback_query_id=query), 400, "query is too old")
    assert telegram.answered == [query]
    telegram.press(CHAT, "y")
    telegram.methods.expire_queries()
    late = updates(telegram)[-1]["callback_query"]["id"]
    refused(call(telegram, "answerCallbackQuery", callback_query_id=late), 400, "query is too old")


def test_nobody_presses_a_button_that_was_not_shown(telegram: TelegramServer) -> None:
    with pytest.raises(AssertionError):
        telegram.press(CHAT, "y")


def test_an_edit_must_change_something_that_is_there(telegram: TelegramServer) -> None:
    number = call(telegram, "sendMessage", chat_id=CHAT, text="Halo").json()["result"]["message_id"]
    same = call(telegram, "editMessageText", chat_id=CHAT, message_id=number, text="Halo")
    refused(same, 400, "message is not modified")
    missing = call(telegram, "editMessageText", chat_id=CHAT, message_id=999, text="Hai")
    refused(missing, 400, "message to edit not found")
    assert call(telegram, "editMessageText", chat_id=CHAT, message_id=number, text="Hai").status_code == 200
    assert telegram.sent[0].text == "Hai"


def test_files_are_found_by_id_and_not_too_big(telegram: TelegramServer) -> None:
    small = telegram.add_file(b"foto")
    big = telegram.add_file(b"foto", size=20_000_001)
    refused(call(telegram, "getFile", file_id="none"), 400, "wrong file_id")
    refused(call(telegram, "getFile", file_id=big["file_id"]), 400, "file is too big")
    path = call(telegram, "getFile", file_id=small["file_id"]).json()["result"]["file_path"]
    assert httpx.get(f"{telegram.url}/file/bot{telegram.token}/{path}").content == b"foto"
    refused(httpx.get(f"{telegram.url}/file/bot{telegram.token}/photos/none"), 404, "Not Found")
    refused(httpx.get(f"{telegram.url}/file/bot1708170817:wrong/{path}"), 401, "Unauthorized")


# polling


def updates(telegram: TelegramServer, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(telegram, "getUpdates", **given).json()["result"]
    return found


def test_an_update_comes_again_until_a_higher_offset_confirms_it(telegram: TelegramServer) -> None:
    first, second = telegram.push_text(CHAT, "satu"), telegram.push_text(CHAT, "dua")
    assert [u["update_id"] for u in updates(telegram)] == [first, second]
    assert [u["update_id"] for u in updates(telegram)] == [first, second]
    assert [u["update_id"] for u in updates(telegram, offset=first + 1)] == [second]
    assert [u["update_id"] for u in updates(telegram)] == [second]
    assert updates(telegram, offset=second + 1) == []


def test_a_poll_waits_for_the_next_update(telegram: TelegramServer) -> None:
    threading.Timer(0.3, telegram.push_text, (CHAT, "satu")).start()
    begin = time.monotonic()
    assert len(updates(telegram, timeout=3)) == 1
    assert 0.2 < time.monotonic() - begin < 2


def test_a_poll_ends_empty_when_nothing_comes(telegram: TelegramServer) -> None:
    assert updates(telegram, timeout=1) == []


def test_a_second_poller_ends_the_first(telegram: TelegramServer) -> None:
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(call(telegram, "getUpdates", timeout=4)))
    first.start()
    telegram.wait_for(lambda: bool(telegram.requests))
    time.sleep(0.1)
    assert updates(telegram, timeout=1) == []
    first.join()
    refused(answers[0], 409, "terminated by other getUpdates request")


def test_polling_under_a_webhook_is_a_conflict(telegram: TelegramServer) -> None:
    call(telegram, "setWebhook", url="http://127.0.0.1:9/hook")
    refused(call(telegram, "getUpdates"), 409, "webhook is active")
    call(telegram, "deleteWebhook")
    assert updates(telegram) == []


def test_only_the_updates_asked_for_come(telegram: TelegramServer) -> None:
    updates(telegram, allowed_updates=["message"])
    telegram.block(CHAT)
    telegram.push_text(CHAT, "satu")
    assert [set(u) for u in updates(telegram)] == [{"update_id", "message"}]


# webhook


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("https://lapor.example/hook", "tidak boleh", "unallowed characters"),
        ("https://lapor.example/hook", "a" * 257, "secret token is too long"),
        ("http://lapor.example/hook", "", "HTTPS URL must be provided"),
        ("https://lapor.example:1708/hook", "", "only on ports"),
        ("lapor", "", "invalid webhook URL"),
    ],
)
def test_a_wrong_webhook_is_refused(telegram: TelegramServer, url: str, secret: str, words: str) -> None:
    refused(call(telegram, "setWebhook", url=url, secret_token=secret), 400, words)
    assert call(telegram, "getWebhookInfo").json()["result"]["url"] == ""


def test_dropping_pending_updates_drops_them(telegram: TelegramServer) -> None:
    telegram.push_text(CHAT, "satu")
    call(telegram, "deleteWebhook")
    assert len(updates(telegram)) == 1
    call(telegram, "deleteWebhook", drop_pending_updates=True)
    assert updates(telegram) == []


# failures on order


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_on_order_comes_once(telegram: TelegramServer, status: int) -> None:
    telegram.fail_next(status, method="sendMessage")
    assert call(telegram, "getMe").status_code == 200
    assert call(telegram, "sendMessage", chat_id=CHAT, text="Halo").status_code == status
    assert call(telegram, "sendMessage", chat_id=CHAT, text="Halo").status_code == 200
    assert len(telegram.sent) == 1


def test_a_flood_says_how_long_to_wait(telegram: TelegramServer) -> None:
    telegram.fail_next(429, retry_after=7)
    answer = call(telegram, "sendMessage", chat_id=CHAT, text="Halo")
    assert answer.json()["parameters"] == {"retry_after": 7}
    refused(answer, 429, "Too Many Requests")


def test_a_connection_can_be_dropped_or_left_hanging(telegram: TelegramServer) -> None:
    telegram.fail_next("drop")
    with pytest.raises(httpx.RemoteProtocolError):
        call(telegram, "getMe")
    telegram.fail_next("timeout")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{telegram.url}/bot{telegram.token}/getMe", timeout=0.2)


def test_latency_delays_every_answer(telegram: TelegramServer) -> None:
    telegram.latency = 0.3
    begin = time.monotonic()
    call(telegram, "getMe")
    assert time.monotonic() - begin >= 0.3


def test_it_stops_and_comes_back_on_its_port(telegram: TelegramServer) -> None:
    telegram.push_text(CHAT, "satu")
    telegram.stop()
    with pytest.raises(httpx.ConnectError):
        call(telegram, "getMe")
    telegram.start()
    assert len(updates(telegram)) == 1


@pytest.mark.timeout(10)
def test_it_stops_although_a_request_never_comes_to_its_end(telegram: TelegramServer) -> None:
    with socket.create_connection((telegram.host, telegram.port)) as half:
        half.sendall(
            f"POST /bot{telegram.token}/getMe HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n".encode()
        )
        time.sleep(0.2)  # it has begun to read
        telegram.stop()
    assert not telegram.running
