"""Telegram keeps the contract of a channel. Its own cases: test_telegram_reading, test_telegram_sending."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from bot.channel import Acknowledgement, Inbound, MediaReference, WebhookRequest
from handlers.telegram import Telegram
from handlers.telegram_text import units
from tests.contract import Case, ContractSuite, Exchange, Failure, Sent
from tests.telegram_server import TOKEN, TelegramServer

SECRET = "rahasia-webhook_17"
CHAT = 42
SENT_AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
PERSON = {"id": CHAT, "is_bot": False, "first_name": "Siti", "last_name": "Aminah"}
MESSAGE: dict[str, Any] = {
    "message_id": 7,
    "from": PERSON,
    "chat": {"id": CHAT, "type": "private", "first_name": "Siti"},
    "date": int(SENT_AT.timestamp()),
}
BASE = Inbound(
    "telegram", TOKEN.partition(":")[0], "", str(CHAT), name="Siti Aminah", reference="7", sent_at=SENT_AT
)
SIZES = [{"file_id": f"AgAC{n}", "file_unique_id": str(n), "width": n, "height": n} for n in (90, 1280)]
ORDERS: dict[str, int | Literal["timeout", "drop"]] = {
    "throttled": 429,
    "server_error": 500,
    "silent": "timeout",
    "dropped": "drop",
}


@dataclass
class Provider:
    """The Bot API server as the contract's stand-in."""

    server: TelegramServer

    @property
    def sent(self) -> Sequence[Sent]:
        return [
            Sent(str(m.chat_id), m.text, tuple(button["text"] for button in m.buttons), m.photo)
            for m in self.server.sent
        ]

    def accept(self) -> None:
        if not self.server.running:
            self.server.start()
        self.server.mend()
        self.server.methods.blocked.clear()
        self.server.know(CHAT)
        self.server.token = TOKEN

    def fail(self, kind: Failure) -> None:
        if kind == "refused":
            self.server.stop()
        elif kind == "bad_address":
            self.server.methods.known.clear()
        elif kind == "blocked":
            self.server.block(CHAT)
        elif kind == "unauthorised":
            self.server.token = TOKEN[:-1] + "x"
        else:
            self.server.fail_next(ORDERS[kind], retry_after=3, times=1000)


def signed(body: bytes, secret: str | None = SECRET) -> WebhookRequest:
    """A webhook call as Telegram makes it."""
    headers = {"content-type": "application/json"}
    if secret is not None:
        headers["x-telegram-bot-api-secret-token"] = secret
    return WebhookRequest("POST", "/webhooks/telegram", "", headers, body)


def exchange(number: int, update: dict[str, Any], *events: Inbound) -> Exchange:
    body = json.dumps({"update_id": number, **update}).encode()
    return Exchange(signed(body), tuple(replace(event, provider_id=str(number)) for event in events))


def message(number: int, fields: dict[str, Any], event: Inbound) -> Exchange:
    return exchange(number, {"message": {**MESSAGE, **fields}}, event)


def membership(number: int, status: str, kind: Literal["blocked", "unblocked"]) -> Exchange:
    bot = {"id": int(BASE.account), "is_bot": True, "first_name": "Kentongan"}
    change = {
        "from": PERSON,
        "chat": MESSAGE["chat"],
        "date": MESSAGE["date"],
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": {"user": bot, "status": status, "until_date": 0},
    }
    return exchange(number, {"my_chat_member": change}, replace(BASE, kind=kind, reference=""))


PRESS: dict[str, Any] = {
    "id": "4382bfdwdsb323b2d9",
    "from": PERSON,
    "message": {**MESSAGE, "text": "Kirim?"},
    "chat_instance": "1",
    "data": "send",
}
SETTLED = replace(BASE, kind="choice", choice="send", sent_at=None, settle=PRESS["id"], quoted="7")
OURS: dict[str, Any] = {
    **MESSAGE,
    "message_id": 3,
    "from": {"id": int(BASE.account), "is_bot": True, "first_name": "Kentongan"},
    "text": "Apakah sudah baik?",
}
REACTION: dict[str, Any] = {
    "chat": MESSAGE["chat"],
    "message_id": 3,
    "user": PERSON,
    "date": MESSAGE["date"],
    "old_reaction": [],
    "new_reaction": [{"type": "emoji", "emoji": "👍"}],
}
GENUINE = {
    "text": message(1, {"text": "Jalan rusak 😀 <5 m"}, replace(BASE, text="Jalan rusak 😀 <5 m")),
    "photo": message(
        2,
        {"photo": SIZES, "caption": "Lubangnya", "media_group_id": "13"},
        replace(BASE, kind="photo", text="Lubangnya", media=(MediaReference("AgAC1280"),), group="13"),
    ),
    "location": message(
        3,
        {"location": {"latitude": -6.98, "longitude": 110.42}},
        replace(BASE, kind="location", latitude=-6.98, longitude=110.42),
    ),
    "choice": exchange(4, {"callback_query": PRESS}, SETTLED),
    "edit": exchange(
        5,
        {"edited_message": {**MESSAGE, "text": "Jalan rusak parah", "edit_date": MESSAGE["date"]}},
        replace(BASE, kind="edit", text="Jalan rusak parah"),
    ),
    "blocked": membership(6, "kicked", "blocked"),
    "unblocked": membership(7, "member", "unblocked"),
    "voice": message(
        8,
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}, "caption": "Dengar"},
        replace(BASE, kind="recording", text="Dengar", media=(MediaReference("v"),)),
    ),
    "answer": message(
        10, {"text": "sudah", "reply_to_message": OURS}, replace(BASE, text="sudah", quoted="3")
    ),
    "reaction": exchange(
        11,
        {"message_reaction": REACTION},
        replace(BASE, kind="reaction", text="👍", quoted="3", reference=""),
    ),
    "group": exchange(9, {"message": {**MESSAGE, "chat": {"id": -5, "type": "group"}, "text": "Halo"}}),
}


class TestContract(ContractSuite):
    @pytest.fixture
    def case(self) -> Iterator[Case]:
        with TelegramServer() as server:
            provider = Provider(server)
            provider.accept()
            base = "https://lapor.example"
            server.methods.webhook_url = f"{base}/webhooks/telegram"  # as `web` has set it at its start
            yield Case(
                channel=Telegram(
                    TOKEN, api_url=server.url, secret=SECRET, base_url=base, timeout_seconds=0.5
                ),
                provider=provider,
                address=str(CHAT),
                genuine=GENUINE,
                forged={
                    "no secret": signed(GENUINE["text"].request.body, None),
                    "an empty secret": signed(GENUINE["text"].request.body, ""),
                    "another secret": signed(GENUINE["text"].request.body, SECRET + "x"),
                    "half a secret": signed(GENUINE["text"].request.body, SECRET[:-1]),
                    "an odd secret": signed(GENUINE["text"].request.body, "rahasia\udcff"),
                },
                junk={
                    "nothing": signed(b""),
                    "no JSON": signed(b"{"),
                    "no object": signed(b"[1]"),
                    "no id": signed(json.dumps({"message": MESSAGE}).encode()),
                    "no kind": signed(b'{"update_id": 1}'),
                    "a kind of tomorrow": signed(b'{"update_id": 1, "tomorrow": {}}'),
                    "no chat": signed(b'{"update_id": 1, "message": {"message_id": 1, "date": 0}}'),
                    "deep": signed(b"[" * 100_000),
                    "deep inside": signed(b'{"update_id": 1, "message": ' + b'{"a":' * 5_000),
                },
                signed=signed,
                measure=units,
                acknowledgement=Acknowledgement(200, ""),
                most_parts=100,
                quoting=lambda id_: (
                    message(
                        12, {"text": "sudah", "reply_to_message": {**OURS, "message_id": int(id_)}}, BASE
                    ).request
                ),
                document={
                    "update_id": 1,
                    "message": {**MESSAGE, "text": "a", "photo": SIZES, "caption": "b"},
                },
            )
