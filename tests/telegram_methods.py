"""The methods of the Bot API that the product uses, and what the server remembers between them."""

import asyncio
import itertools
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_rules import (
    CALLBACK_ANSWER,
    DOWNLOAD_BYTES,
    Refusal,
    bad_request,
    check_markup,
    check_photo,
    check_text,
    check_webhook,
)
from tests.telegram_webhook import WebhookCaller

LONGEST_POLL = 50
DEFAULT_UPDATES = {"message", "edited_message", "callback_query", "my_chat_member", "channel_post"}
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@dataclass
class SentMessage:
    """A message as the citizen got it; `time` is time.monotonic() when it was taken."""

    chat_id: int
    text: str
    reply_markup: dict[str, Any] | None
    time: float
    message_id: int
    photo: bytes = b""

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Inline buttons, row by row."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def button_data(self) -> list[str]:
        """callback_data of the inline buttons."""
        return [button["callback_data"] for button in self.buttons]


@dataclass
class Methods:
    """The state of one bot. Everything but the plain look-ups runs on the server's loop."""

    bot_id: int
    retry_seconds: float
    known: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    sent: list[SentMessage] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: dict[str, bytes] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=lambda: set(DEFAULT_UPDATES))

    def __post_init__(self) -> None:
        self._numbers: defaultdict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._waiting_queries: set[str] = set()
        self._poller: asyncio.Future[None] | None = None
        self.webhook: WebhookCaller | None = None
        self.webhook_url = self._webhook_secret = ""

    # updates

    def push(self, update: dict[str, Any]) -> int:
        """Queue an update and hand it to whoever waits; kinds that were not asked for are dropped."""
        update.setdefault("update_id", 1000 + next(self._numbers["update"]))
        kinds = set(update) - {"update_id"}
        if kinds and not kinds & self.allowed:
            return int(update["update_id"])
        self.updates.append(update)
        if self.webhook:
            self.webhook.put(update)
        elif self._poller and not self._poller.done():
            self._poller.set_result(None)
        return int(update["update_id"])

    def message(self, chat: int) -> dict[str, Any]:
        """An incoming message without content."""
        self.known.add(chat)
        return {
            "message_id": next(self._numbers[f"message {chat}"]),
            "from": _person(chat),
            "chat": {"id": chat, "type": "private", "first_name": "Warga"},
            "date": int(time.time()),
        }

    def query(self, chat: int, data: str, shown: SentMessage) -> dict[str, Any]:
        """A press of a button under a message that was shown."""
        number = str(4_000_000_000 + next(self._numbers["query"]))
        self._waiting_queries.add(number)
        message = {
            "message_id": shown.message_id,
            "from": {"id": self.bot_id, "is_bot": True, "first_name": "Kentongan"},
            "chat": {"id": chat, "type": "private", "first_name": "Warga"},
            "date": int(time.time()),
            "text": shown.text,
            "reply_markup": shown.reply_markup,
        }
        press = {"id": number, "from": _person(chat), "chat_instance": str(chat), "data": data}
        return {**press, "message": message}

    def membership(self, chat: int, old: str, new: str) -> dict[str, Any]:
        """A change of whether the bot may write."""
        me = {"id": self.bot_id, "is_bot": True, "first_name": "Kentongan"}
        base = self.message(chat)
        del base["message_id"]
        # A kicked member carries until_date (0: for ever); a plain one may carry it too.
        before, after = ({"user": me, "status": status, "until_date": 0} for status in (old, new))
        return {**base, "old_chat_member": before, "new_chat_member": after}

    def expire_queries(self) -> None:
        """Let every press that waits for its answer grow too old."""
        self._waiting_queries.clear()

    def add_file(self, data: bytes, path: str, size: int | None) -> dict[str, Any]:
        """Keep a file; `size` is what the API says of it."""
        number = next(self._numbers["file"])
        path = path or f"photos/file_{number}.jpg"
        file_id, size = f"AgAC{number:04}", len(data) if size is None else size
        about = {"file_id": file_id, "file_unique_id": f"u{number}", "file_size": size}
        self.files[file_id] = {**about, "file_path": path}
        self.paths[path.lstrip("/")] = data
        return about

    # calls

    async def call(self, method: str, given: dict[str, str]) -> Any:
        """The result of a method; raises Refusal."""
        found = getattr(self, f"_do_{method}", None)
        if found is None:
            raise Refusal(404, "Not Found: method not found")
        return await found(given)

    async def _do_getme(self, given: dict[str, str]) -> Any:
        me = {"id": self.bot_id, "is_bot": True, "first_name": "Kentongan", "username": "kentongan_bot"}
        return {**me, "can_join_groups": False, "supports_inline_queries": False}

    async def _do_getupdates(self, given: dict[str, str]) -> Any:
        if self.webhook_url:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        self._end_poll("terminated by other getUpdates request; make sure that only one bot instance runs")
        if "allowed_updates" in given:
            self.allowed = set(json.loads(given["allowed_updates"]) or DEFAULT_UPDATES)
        self._confirm(int(given.get("offset") or 0))
        timeout = min(int(given.get("timeout") or 0), LONGEST_POLL)
        if not self.updates and timeout:
            await self._wait_for_update(timeout)
        return self.updates[: min(int(given.get("limit") or 100), 100)]

    def _end_poll(self, conflict: str) -> None:
        if self._poller and not self._poller.done():
            self._poller.set_exception(Refusal(409, f"Conflict: {conflict}"))

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.updates = self.updates[offset:]
        else:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]

    async def _wait_for_update(self, seconds: int) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poller = mine
        try:
            await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            pass
        finally:
            if self._poller is mine:
                self._poller = None

    async def _do_sendmessage(self, given: dict[str, str]) -> Any:
        chat = self._chat(given)
        text = check_text(given.get("text", ""), given.get("parse_mode", ""))
        markup = check_markup(given.get("reply_markup", ""))
        number = next(self._numbers[f"message {chat}"])
        self.sent.append(SentMessage(chat, text, markup, time.monotonic(), number))
        return self._shown(self.sent[-1])

    async def _do_sendphoto(self, given: dict[str, str]) -> Any:
        chat = self._chat(given)
        photo = check_photo(given)
        number = next(self._numbers[f"message {chat}"])
        caption = given.get("caption", "").strip()
        self.sent.append(SentMessage(chat, caption, None, time.monotonic(), number, photo))
        sizes = [{**self.add_file(photo, "", None), "width": 800, "height": 600}]
        return {"photo": sizes, **{n: v for n, v in self._shown(self.sent[-1]).items() if n != "text"}}

    def _chat(self, given: dict[str, str]) -> int:
        name = given.get("chat_id", "")
        if not name:
            raise bad_request("chat_id is empty")
        if not name.lstrip("-").isdigit() or int(name) not in self.known:
            raise bad_request("chat not found")
        if int(name) in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return int(name)

    def _shown(self, message: SentMessage) -> dict[str, Any]:
        chat = {"id": message.chat_id, "type": "private", "first_name": "Warga"}
        shown = {"message_id": message.message_id, "chat": chat, "date": int(time.time())}
        shown["text"] = message.text
        inline = message.reply_markup and "inline_keyboard" in message.reply_markup
        return {**shown, "reply_markup": message.reply_markup} if inline else shown

    async def _do_editmessagetext(self, given: dict[str, str]) -> Any:
        chat = self._chat(given)
        text = check_text(given.get("text", ""), given.get("parse_mode", ""))
        markup = check_markup(given.get("reply_markup", ""))
        number = given.get("message_id", "")
        found = [m for m in self.sent if m.chat_id == chat and str(m.message_id) == number]
        if not found:
            raise bad_request("message to edit not found")
        if (found[0].text, found[0].reply_markup) == (text, markup):
            raise bad_request(UNCHANGED)
        found[0].text, found[0].reply_markup = text, markup
        return self._shown(found[0])

    async def _do_answercallbackquery(self, given: dict[str, str]) -> Any:
        if len(given.get("text", "")) > CALLBACK_ANSWER:
            raise bad_request("MESSAGE_TOO_LONG")
        number = given.get("callback_query_id", "")
        if number not in self._waiting_queries:
            raise bad_request(TOO_OLD)
        self._waiting_queries.discard(number)
        self.answered.append(number)
        return True

    async def _do_getfile(self, given: dict[str, str]) -> Any:
        found = self.files.get(given.get("file_id", ""))
        if found is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if found["file_size"] > DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return found

    # webhook

    async def _do_setwebhook(self, given: dict[str, str]) -> Any:
        url, secret = given.get("url", ""), given.get("secret_token", "")
        if url:
            check_webhook(url, secret)
            self._end_poll("terminated by setWebhook request")
        await self.pause()
        if given.get("drop_pending_updates", "").lower() == "true":
            self.updates.clear()
        if "allowed_updates" in given:
            self.allowed = set(json.loads(given["allowed_updates"]) or DEFAULT_UPDATES)
        self.webhook_url, self._webhook_secret = url, secret
        await self.resume()
        return True

    async def _do_deletewebhook(self, given: dict[str, str]) -> Any:
        return await self._do_setwebhook({**given, "url": ""})

    async def _do_getwebhookinfo(self, given: dict[str, str]) -> Any:
        error = self.webhook.last_error if self.webhook else ""
        about = {
            "url": self.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
            "allowed_updates": sorted(self.allowed),
        }
        return {**about, "last_error_date": int(time.time()), "last_error_message": error} if error else about

    async def resume(self) -> None:
        """Call the webhook for what waits and what comes."""
        if not self.webhook_url:
            return
        self.webhook = WebhookCaller(self.webhook_url, self._webhook_secret, self.retry_seconds, self)
        for update in self.updates:
            self.webhook.put(update)

    async def pause(self) -> None:
        """Stop calling the webhook; what was not confirmed stays."""
        if self.webhook:
            await self.webhook.close()
            self.webhook = None


def _person(chat: int) -> dict[str, Any]:
    name = {"first_name": "Warga", "last_name": str(chat)}
    return {"id": chat, "is_bot": False, **name, "language_code": "id"}
