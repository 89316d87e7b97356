"""A strict Bot API server on loopback: it has the real one's rules, and controls for tests.

    with TelegramServer() as telegram:          # in a thread: fits sync and async tests
        telegram.push_text(42, "Jalan rusak")   # a citizen writes
        telegram.wait_sent(1)                   # until the product has answered
        telegram.press(42, "send")              # a citizen presses a button that he was shown

The product under test gets `TELEGRAM_API_URL=telegram.url` and `TELEGRAM_BOT_TOKEN=telegram.token`.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal, Self, TypeVar

from aiohttp import web

from tests.telegram_methods import Methods, SentMessage
from tests.telegram_rules import Refusal, field_of

__all__ = ["TOKEN", "SentMessage", "TelegramServer"]

TOKEN = "1708170817:AAtestTESTtestTESTtestTESTtestTEST17"
JPEG = b"\xff\xd8\xff\xe0" + b"a photo" * 20 + b"\xff\xd9"
Result = TypeVar("Result")

FaultName = Literal["timeout", "drop", "unreadable", "not_ok", "no_result", "proxy_403"]
ODD_ANSWERS = {  # status and body of answers that the API itself would not give
    "unreadable": (200, "<html>Welcome</html>"),
    "not_ok": (200, '{"ok": false, "error_code": 400, "description": "Bad Request: chat not found"}'),
    "no_result": (200, '{"ok": true}'),
    "proxy_403": (403, "<html>Forbidden</html>"),
}


@dataclass
class _Fault:
    kind: int | FaultName
    retry_after: int | None
    times: int
    method: str


@dataclass
class TelegramServer:
    """The server and its controls; every control may be called from any thread.

    `latency` is how long every answer takes, in seconds; `retry_seconds` the first pause after a webhook
    call that failed (the real server: 2), doubled each time up to 60 times as long.
    """

    token: str = TOKEN
    latency: float = 0.0
    retry_seconds: float = 0.05
    port: int = 0
    host: str = "127.0.0.1"
    methods: Methods = field(init=False)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # method, parameters
    _faults: list[_Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.methods = Methods(int(self.token.partition(":")[0]), self.retry_seconds)

    # life

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> Self:
        """Listen, on the port of the last time if there was one."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="telegram")
        self._thread.start()
        self._on_loop(self._listen())
        return self

    def stop(self) -> None:
        """Close every connection; the next ones are refused until `start`. What was said is kept."""
        if not self.running:
            return
        self._on_loop(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return hasattr(self, "_thread") and self._thread.is_alive()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/file/bot{token}/{path:.*}", self._file)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        # aiohttp takes no time at all for as long as it lasts.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        await self.methods.resume()

    async def _shut(self) -> None:
        await self.methods.pause()
        await self._runner.cleanup()

    def _on_loop(self, work: Awaitable[Result]) -> Result:
        async def run() -> Result:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    # what citizens do

    def push_update(self, update: Mapping[str, Any]) -> int:
        """Deliver any update as it stands, with an update_id if it has none; returns that id."""

        async def push() -> int:
            return self.methods.push(dict(update))

        return self._on_loop(push())

    def push_text(self, chat: int, text: str, **more: Any) -> int:
        """A citizen writes; returns the update's id. `more` are fields of the message."""
        return self._push_message(chat, {"text": text, **more})

    def push_location(self, chat: int, latitude: float, longitude: float, **more: Any) -> int:
        """A citizen shares a position."""
        place = {"latitude": latitude, "longitude": longitude}
        return self._push_message(chat, {"location": place, **more})

    def push_photo(self, chat: int, data: bytes = JPEG, **more: Any) -> int:
        """A citizen sends a photo, offered in two sizes; `more` may hold caption or media_group_id."""
        sizes = [
            {**self.add_file(data[:100]), "width": 90, "height": 67},
            {**self.add_file(data), "width": 1280, "height": 960},
        ]
        return self._push_message(chat, {"photo": sizes, **more})

    def push_edit(self, chat: int, message_id: int, text: str) -> int:
        """A citizen corrects a message."""
        changed = {"text": text, "message_id": message_id, "edit_date": int(time.time())}
        return self._push_message(chat, changed, "edited_message")

    def _push_message(self, chat: int, fields: Mapping[str, Any], kind: str = "message") -> int:
        return self.push_update({kind: {**self.methods.message(chat), **fields}})

    def press(self, chat: int, data: str) -> int:
        """A citizen presses a button that he can see; AssertionError when he was never shown it."""
        shown = [m for m in self.sent if m.chat_id == chat and data in m.button_data]
        assert shown, f"no button {data!r} was shown to chat {chat}"
        return self.push_update({"callback_query": self.methods.query(chat, data, shown[-1])})

    def block(self, chat: int) -> int:
        """A citizen blocks the bot: sends are 403 from now on, and the bot is told."""
        self.methods.blocked.add(chat)
        return self.push_update({"my_chat_member": self.methods.membership(chat, "member", "kicked")})

    def unblock(self, chat: int) -> int:
        """A citizen lets the bot write again."""
        self.methods.blocked.discard(chat)
        return self.push_update({"my_chat_member": self.methods.membership(chat, "kicked", "member")})

    def know(self, chat: int) -> None:
        """Take messages to a chat that has not written in this test."""
        self.methods.known.add(chat)

    def add_file(self, data: bytes, *, path: str = "", size: int | None = None) -> dict[str, Any]:
        """Keep a file for getFile; returns its file_id, file_unique_id and file_size."""
        return self.methods.add_file(data, path, size)

    # what tests look at and break

    @property
    def sent(self) -> list[SentMessage]:
        """Messages that the bot sent, oldest first."""
        return self.methods.sent

    @property
    def answered(self) -> list[str]:
        """Ids of the callback queries that were answered."""
        return self.methods.answered

    def wait_for(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Return once it is true; AssertionError after so many seconds."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"not within {seconds} s; sent: {[m.text for m in self.sent]}"
            time.sleep(0.01)

    def wait_sent(self, count: int, seconds: float = 10.0) -> list[SentMessage]:
        """The messages sent, once there are at least `count`."""
        self.wait_for(lambda: len(self.sent) >= count, seconds)
        return self.sent

    def fail_next(
        self, kind: int | FaultName, *, retry_after: int | None = None, times: int = 1, method: str = ""
    ) -> None:
        """Fail the next `times` calls (of `method`, if named; "file": downloads).

        `kind` is an HTTP status, "timeout" (no answer), "drop" (the connection is closed without one) or
        one of ODD_ANSWERS.
        """
        self._faults.append(_Fault(kind, retry_after, times, method.lower()))

    def mend(self) -> None:
        """Forget the failures that `fail_next` ordered."""
        self._faults.clear()

    # HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        parameters = await _parameters(request)
        self.requests.append((method, parameters))
        await asyncio.sleep(self.latency)
        try:
            if fault := self._fault(method):
                return await self._break(request, fault)
            self._check_token(request)
            return _answer({"ok": True, "result": await self.methods.call(method, parameters)})
        except Refusal as refusal:
            return _refused(refusal)

    def _fault(self, method: str) -> _Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.method in {"", method}:
                fault.times -= 1
                return fault
        return None

    async def _break(self, request: web.Request, fault: _Fault) -> web.StreamResponse:
        if fault.kind == "timeout":
            await asyncio.sleep(3600)
        if fault.kind == "drop":
            assert request.transport
            request.transport.abort()
            return web.Response()
        if isinstance(fault.kind, str):
            status, body = ODD_ANSWERS[fault.kind]
            return web.Response(text=body, status=status, content_type="text/html")
        if fault.kind == 429:
            wait = {} if fault.retry_after is None else {"retry_after": fault.retry_after}
            raise Refusal(429, f"Too Many Requests: retry after {fault.retry_after}", **wait)
        raise Refusal(fault.kind, HTTPStatus(fault.kind).phrase)

    def _check_token(self, request: web.Request) -> None:
        """Source: telegram-bot-api: a malformed token is no route (404), a wrong one is 401."""
        given = request.match_info["token"]
        if not given.partition(":")[0].isdigit() or ":" not in given:
            raise Refusal(404, "Not Found")
        if given != self.token:
            raise Refusal(401, "Unauthorized")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            if fault := self._fault("file"):
                return await self._break(request, fault)
            self._check_token(request)
        except Refusal as refusal:
            return _refused(refusal)
        data = self.methods.paths.get(request.match_info["path"])
        if data is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")


async def _parameters(request: web.Request) -> dict[str, str]:
    """Query and body together: the API takes urlencoded, multipart and JSON."""
    found = dict(request.query)
    if request.content_type == "application/json":
        given = json.loads(await request.read() or b"{}")
        return found | {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
    return found | dict(field_of(name, value) for name, value in (await request.post()).items())


def _answer(body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _refused(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return _answer(body, refusal.status)
