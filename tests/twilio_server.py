"""A strict local Twilio: the REST API that the real SDK talks to, on loopback, in a thread of its own."""

import asyncio
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web

from tests.twilio_inbox import Inbox
from tests.twilio_rules import Form, Refusal, check_content, check_message, fill, require, sign, webhook

__all__ = ["AUTH_TOKEN", "SENDER", "SID", "SentMessage", "TwilioServer", "sign", "webhook"]

SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "token-of-nobody-0123456789abcdef"
SENDER = "whatsapp:+6281170800001"
API = "/2010-04-01/Accounts/{account}"
T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class SentMessage:
    """A message that Twilio took: `text` and `buttons` as the citizen sees them, `form` as we posted it.

    `opener` is what opens the buttons when they are the rows of a list.
    """

    sid: str
    to: str
    text: str
    buttons: tuple[tuple[str, str], ...]  # id, label
    form: dict[str, str]
    opener: str = ""
    at: float = field(default_factory=time.time)

    @property
    def status_callback(self) -> str:
        """Where we asked to be told."""
        return self.form.get("StatusCallback", "")


@dataclass
class Failure:
    """How to fail: an HTTP answer, or `how` "timeout" (no answer) or "drop" (the connection is cut)."""

    status: int = 500
    code: int = 20500
    how: str = "answer"


class TwilioServer:
    """One account. Use it as a context manager; `url` is what TWILIO_API_URL takes."""

    def __init__(self, account_sid: str = SID, auth_token: str = AUTH_TOKEN) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.senders = {SENDER}
        self.opted_out: set[str] = set()
        self.window_shut: set[str] = set()  # taken with 201, then undelivered with 63016
        self.account_status = "active"
        self.latency = 0.0
        self.callbacks = False  # call StatusCallback by itself after each message
        self.sent: list[SentMessage] = []
        self.inbox = Inbox(account_sid)  # what citizens sent to us
        self.contents: list[dict[str, Any]] = []
        self.requests: list[str] = []  # method and path of every request
        self.busiest = 0  # most requests at one time
        self._busy = 0
        self.leaks: list[str] = []  # Authorization headers that reached the signed media address
        self.media_redirect = ""  # where media lives; empty: on this server
        self._media: dict[str, tuple[bytes, str]] = {}
        self._once: deque[tuple[str, Failure]] = deque()
        self._always: Failure | None = None
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port, self.host = 0, "127.0.0.1"

    @property
    def url(self) -> str:
        """Base URL of both the REST and the Content API."""
        return f"http://{self.host}:{self.port}"

    # how it is driven

    def __enter__(self) -> Self:
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_listening()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def listen(self) -> None:
        """Take connections, always on the same port."""
        if self._runner is None:
            self._run(self._listen())

    def stop_listening(self) -> None:
        """Refuse connections."""
        if self._runner is not None:
            self._run(self._unlisten())

    def fail_next(self, status: int = 500, code: int = 20500, *, how: str = "answer", on: str = "") -> None:
        """Fail the next request whose path has `on` in it ("Messages", "Content", "Media")."""
        self._once.append((on, Failure(status, code, how)))

    def fail_always(self, status: int = 500, code: int = 20500, *, how: str = "answer") -> None:
        """Fail every request until `accept`."""
        self._always = Failure(status, code, how)

    def accept(self) -> None:
        """Take what is right again."""
        self._always = None
        self._once.clear()
        self.listen()

    def add_media(self, data: bytes, media_type: str) -> str:
        """A citizen's file; returns its MediaUrl."""
        name = f"ME{next(self._numbers):032x}"
        self._media[name] = (data, media_type)
        return f"{self.url}/2010-04-01/Accounts/{self.account_sid}/Messages/MM{1:032x}/Media/{name}"

    def post(self, url: str, form: Form) -> int:
        """POST a signed webhook to the product; returns the HTTP status."""
        return self._run(self._post(url, form))

    def report(self, message: SentMessage, status: str, error_code: int | None = None) -> int:
        """Call the message's StatusCallback once; returns the HTTP status of the product's answer."""
        return self.post(message.status_callback, self.status_form(message, status, error_code))

    def status_form(self, message: SentMessage, status: str, error_code: int | None = None) -> dict[str, str]:
        """The form of a status callback."""
        form = {"MessageSid": message.sid, "SmsSid": message.sid, "AccountSid": self.account_sid}
        form |= {"From": message.form["From"], "To": message.to, "MessageStatus": status, "SmsStatus": status}
        by_whatsapp = {"ChannelPrefix": "whatsapp"} if message.to.startswith("whatsapp:") else {}
        form |= {"ApiVersion": "2010-04-01", **by_whatsapp}
        return form | ({"ErrorCode": str(error_code)} if error_code else {})

    # the server

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        app = web.Application(middlewares=[self._guard], client_max_size=2**20)
        app.router.add_post(API + "/Messages.json", self._create_message)
        app.router.add_get(API + "/Messages.json", self.inbox.list)
        app.router.add_get(API + "/Messages/{message}/Media.json", self.inbox.media)
        app.router.add_get("/2010-04-01/Accounts/{account}.json", self._account)
        app.router.add_get(API + "/Messages/{message}/Media/{media}", self._show_media)
        app.router.add_get("/signed/{media}", self._signed_media)
        app.router.add_post("/v1/Content", self._create_content)
        app.router.add_get("/v1/Content", self._list_content)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _unlisten(self) -> None:
        runner, self._runner = self._runner, None
        for task in list(self._tasks):
            task.cancel()
        if runner is not None:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            await asyncio.sleep(self.latency)
            await self._maybe_fail(request)
            if not request.path.startswith("/signed/"):
                self._check_auth(request)
            return await handler(request)
        except Refusal as refusal:
            answer = {"code": refusal.code, "message": f"refused: {request.path}", "status": refusal.status}
            return web.json_response(answer, status=refusal.status)
        finally:
            self._busy -= 1

    async def _maybe_fail(self, request: web.Request) -> None:
        failure = self._always
        if failure is None and self._once and self._once[0][0] in request.path:
            failure = self._once.popleft()[1]
        if failure is None:
            return
        await request.read()
        if failure.how == "timeout":
            await asyncio.sleep(3600)
        if failure.how == "drop" and request.transport is not None:
            request.transport.abort()
        raise Refusal(failure.status, failure.code)

    def _check_auth(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        require(given == aiohttp.encode_basic_auth(self.account_sid, self.auth_token), 20003, 401)
        require(request.match_info.get("account", self.account_sid) == self.account_sid, 20404, 404)

    async def _create_message(self, request: web.Request) -> web.Response:
        require(request.content_type == "application/x-www-form-urlencoded", 20001)
        form = {name: str(value) for name, value in (await request.post()).items()}
        check_message(form, self.senders, self.opted_out)
        shown: dict[str, Any] = {"body": form.get("Body", "")}
        if "ContentSid" in form:
            found = [content for content in self.contents if content["sid"] == form["ContentSid"]]
            require(found, 21655)
            shown = fill(found[0], form.get("ContentVariables", ""))
        text, opener = shown["body"], shown.get("button", "")
        sid = f"SM{next(self._numbers):032x}"
        message = SentMessage(sid, form["To"], text, _buttons(shown), form, opener)
        self.sent.append(message)
        if self.callbacks and message.status_callback:
            task = asyncio.create_task(self._report_all(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        answer = {"sid": message.sid, "status": "queued", "to": message.to, "from": form["From"]}
        return web.json_response({**answer, "account_sid": self.account_sid, "body": text}, status=201)

    async def _report_all(self, message: SentMessage) -> None:
        shut = message.to in self.window_shut
        for status, code in [("undelivered", 63016)] if shut else [("sent", None), ("delivered", None)]:
            with suppress(aiohttp.ClientError):  # as the real one: a callback that fails is not made again
                await self._post(message.status_callback, self.status_form(message, status, code))

    async def _post(self, url: str, form: Form) -> int:
        headers = sign(url, form, self.auth_token) | {"User-Agent": "TwilioProxy/1.1"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=form, headers=headers) as answer,
        ):
            return answer.status

    async def _account(self, request: web.Request) -> web.Response:
        account = {"sid": self.account_sid, "status": self.account_status, "friendly_name": "Kota"}
        return web.json_response(account)

    async def _show_media(self, request: web.Request) -> web.Response:
        name = request.match_info["media"]
        require(name in self._media, 20404, 404)
        signed = self.media_redirect or f"/signed/{name}?Signature=a%2Fb%2Bc~d"
        return web.Response(status=307, headers={"Location": signed})

    async def _signed_media(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            self.leaks.append(request.headers["Authorization"])
        require("Authorization" not in request.headers, 0)
        require(request.raw_path.endswith("?Signature=a%2Fb%2Bc~d"), 0, 403)
        data, media_type = self._media[request.match_info["media"]]
        return web.Response(body=data, headers={"Content-Type": media_type})

    async def _create_content(self, request: web.Request) -> web.Response:
        require(request.content_type == "application/json", 20001)
        content = json.loads(await request.read())
        check_content(content)
        made = {**content, "sid": f"HX{next(self._numbers):032x}", "account_sid": self.account_sid}
        self.contents.append(made)
        return web.json_response(made, status=201)

    async def _list_content(self, request: web.Request) -> web.Response:
        size, page = int(request.query.get("PageSize", "50")), int(request.query.get("Page", "0"))
        newest_first = self.contents[::-1]
        more = len(newest_first) > (page + 1) * size
        following = f"{self.url}/v1/Content?PageSize={size}&Page={page + 1}" if more else None
        meta = {"page": page, "page_size": size, "key": "contents", "next_page_url": following}
        return web.json_response({"meta": meta, "contents": newest_first[page * size : (page + 1) * size]})


def _buttons(shown: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Id and label of what can be tapped."""
    replies = tuple((action["id"], action["title"]) for action in shown.get("actions", ()))
    return replies or tuple((row["id"], row["item"]) for row in shown.get("items", ()))
