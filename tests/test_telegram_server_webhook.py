"""The local Bot API server calls webhooks as the real one does."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.telegram_server import TelegramServer


class Hook:
    """A webhook that answers the next calls with `answers` (status, body), then with an empty 200."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str | None]] = []  # text, secret header
        self.answers: list[tuple[int, str]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = hook.take(body, self.headers.get("X-Telegram-Bot-Api-Secret-Token"))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/telegram"

    def take(self, update: dict[str, Any], secret: str | None) -> tuple[int, str]:
        event = update.get("message") or update.get("callback_query") or {}
        self.calls.append((event.get("text") or event.get("data", ""), secret))
        return self.answers.pop(0) if self.answers else (200, "")

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.calls]


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


def set_webhook(telegram: TelegramServer, url: str, secret: str = "rahasia-17") -> None:
    url_of = f"{telegram.url}/bot{telegram.token}/setWebhook"
    assert httpx.post(url_of, data={"url": url, "secret_token": secret}).json()["ok"]


def info(telegram: TelegramServer) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{telegram.url}/bot{telegram.token}/getWebhookInfo").json()["result"]
    return found


def test_what_waited_and_what_comes_is_delivered_in_order_with_the_secret(
    telegram: TelegramServer, hook: Hook
) -> None:
    for number in range(3):
        telegram.push_text(42, str(number))
    set_webhook(telegram, hook.url)
    for number in range(3, 6):
        telegram.push_text(42, str(number))
    telegram.wait_for(lambda: len(hook.calls) == 6)
    assert hook.calls == [(str(number), "rahasia-17") for number in range(6)]
    telegram.wait_for(lambda: info(telegram)["pending_update_count"] == 0)


def test_a_failed_call_comes_again_and_holds_back_its_chat_only(telegram: TelegramServer, hook: Hook) -> None:
    telegram.retry_seconds = telegram.methods.retry_seconds = 0.2
    hook.answers = [(500, ""), (403, ""), (404, "")]
    set_webhook(telegram, hook.url)
    telegram.push_text(42, "a1")
    telegram.wait_for(lambda: len(hook.calls) == 3)
    telegram.push_text(42, "a2")
    telegram.push_text(43, "b1")
    telegram.wait_for(lambda: len(hook.calls) == 6)
    assert hook.texts == ["a1", "a1", "a1", "b1", "a1", "a2"]
    assert "404" in info(telegram)["last_error_message"]


def test_an_absent_webhook_is_called_until_it_is_there(telegram: TelegramServer, hook: Hook) -> None:
    set_webhook(telegram, "http://127.0.0.1:9/webhooks/telegram")
    telegram.push_text(42, "a1")
    telegram.wait_for(lambda: "last_error_message" in info(telegram))
    assert info(telegram)["pending_update_count"] == 1
    set_webhook(telegram, hook.url)
    telegram.wait_for(lambda: hook.texts == ["a1"])


def test_a_method_in_the_answer_is_executed(telegram: TelegramServer, hook: Hook) -> None:
    hook.answers = [(200, json.dumps({"method": "sendMessage", "chat_id": 42, "text": "Debug"}))]
    set_webhook(telegram, hook.url)
    telegram.push_text(42, "a1")
    assert telegram.wait_sent(1)[0].text == "Debug"


def test_a_deleted_webhook_is_called_no_more(telegram: TelegramServer, hook: Hook) -> None:
    set_webhook(telegram, hook.url)
    telegram.push_text(42, "a1")
    telegram.wait_for(lambda: hook.texts == ["a1"])
    httpx.post(f"{telegram.url}/bot{telegram.token}/deleteWebhook")
    telegram.push_text(42, "a2")
    time.sleep(0.2)
    assert hook.texts == ["a1"]
    assert info(telegram)["pending_update_count"] == 1
