"""Who carries SMS between an operator and us. Proof: tests/test_sms.py, tests/test_kannel.py (a real Kannel).

Source: https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html, chapters "SMS-service" and
"Using the HTTP interface to send SMS messages"; what it leaves open was tried with Kannel 1.4.5.
"""

import asyncio
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol
from urllib.parse import quote, quote_plus, urlencode
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from bot.channel import (
    Acknowledgement,
    Forgery,
    Misconfigured,
    Receipt,
    Rejected,
    SendError,
    Unknown,
    Unreachable,
    Unreadable,
    WebhookRequest,
)
from handlers.gsm7 import is_gsm7, transliterate
from handlers.kannel_requests import basic_password, decoded, fields_of, time_of, whole_number
from handlers.phones import e164
from handlers.smsc_answers import undelivered

CHANNEL = "sms"
WEBHOOK_PATH = "/webhooks/kannel"
RECEIPT_PATH = f"{WEBHOOK_PATH}/dlr"
DLR_MASK = 27  # 1 delivered + 2 undelivered + 8 taken by the operator + 16 refused by it; not 4, queued
CONNECT_SECONDS = 5.0
LONGEST_ID = 200  # characters; Kannel's is a UUID


@dataclass(frozen=True, slots=True)
class Heard:
    """An SMS to us. `sender` is as the operator wrote it: a number in any form, a short code or a name."""

    provider_id: str
    sender: str
    text: str
    sent_at: datetime | None
    raw: str


class Gateway(Protocol):
    """Who carries SMS. One instance per process, used by many threads and one event loop."""

    secrets: Sequence[str]  # blanked out of every log line
    receipts: bool  # whether it reports what became of an SMS

    def verify(self, request: WebhookRequest) -> None:
        """Return when the gateway made this request; raises Forgery otherwise."""

    def read_mo(self, request: WebhookRequest) -> Sequence[Heard]:
        """The SMS in the request, none when it brings something else; raises Unreadable."""

    def read_dlr(self, request: WebhookRequest) -> Sequence[Receipt]:
        """The delivery reports in the request, none when it brings something else; raises Unreadable."""

    async def send(self, to: str, text: str, message_id: int) -> str:
        """Hand an SMS over; returns the provider's id; raises a SendError."""

    async def probe(self) -> str:
        """One sentence on the account as the gateway sees it now; raises a SendError that says why not."""

    def acknowledge(self) -> Acknowledgement:
        """What the webhook answers when all is safe."""

    async def close(self) -> None:
        """Let go of the connections of the running event loop."""


class Kannel:
    """An SMS gateway of the operator's or the city's own: https://www.kannel.org."""

    receipts = True

    def __init__(
        self,
        *,
        url: str,
        username: str,
        password: str,
        secret: str,
        sender: str,
        base_url: str,
        timeout_seconds: float = 15.0,
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: of sendsms.
            username: of the sendsms-user.
            password: of the sendsms-user.
            secret: that Kannel's requests to us carry.
            sender: our number as handsets see it.
            base_url: where Kannel reaches us, without a slash at the end.
            timeout_seconds: how long sendsms may take to answer.
        """
        self.secrets: Sequence[str] = sorted(
            {form for word in (password, secret) for form in (word, quote(word, safe=""))}
        )
        self._url, self._sender, self._base_url = url, sender, base_url
        self._account = {"username": username, "password": password}
        self._secret = secret
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_SECONDS)
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )

    def verify(self, request: WebhookRequest) -> None:
        """Take the secret from `?secret=` or as the password of Basic auth, at Kannel's own address only."""
        if not request.path.startswith(WEBHOOK_PATH):
            raise Forgery("Kannel does not call this address")
        given = [value for name, value in request.arguments if name == "secret"]
        given += basic_password(request.headers.get("authorization", ""))
        if not any(_same(word, self._secret) for word in given):
            raise Forgery("the callback secret is missing or wrong")

    def read_mo(self, request: WebhookRequest) -> Sequence[Heard]:
        """One SMS by `get-url` (query or form) or by `post-url` (the text is the body)."""
        if _is_receipt(request):
            return ()
        fields = fields_of(request)
        charset = decoded(fields.get("charset", b"utf-8"))
        text = fields.get("text")
        named = request.headers.get("x-kannel-from", "").encode("utf-8", "replace")
        sender = decoded(fields.get("from") or named)
        provider_id = decoded(fields.get("id", b"")).strip()
        if text is None or not sender.strip():
            raise Unreadable("from or text is missing: see docs/kannel.conf.example")
        if not 0 < len(provider_id) <= LONGEST_ID:
            raise Unreadable(
                "id is missing or too long: put id=%I into the URL, see docs/kannel.conf.example"
            )
        sent_at = time_of(decoded(fields.get("ts", b"")) or request.headers.get("x-kannel-time", ""))
        words = decoded(text, charset)
        raw = {name: decoded(value) for name, value in fields.items() if name != "secret"}
        raw |= {"from": sender, "text": words}
        return (Heard(provider_id, sender, words, sent_at, json.dumps(raw, ensure_ascii=False)),)

    def read_dlr(self, request: WebhookRequest) -> Sequence[Receipt]:
        """What became of one SMS; nothing for types that say nothing, like 4, queued."""
        if not _is_receipt(request):
            return ()
        fields = {name: decoded(value) for name, value in fields_of(request).items()}
        message_id = whole_number(fields.get("message", ""), "message")
        kind = whole_number(fields.get("type", ""), "type")
        if kind in (2, 16):
            return (_receipt(message_id, undelivered(fields.get("answer", ""))),)
        if kind in (1, 8):
            return (
                Receipt(CHANNEL, "delivered" if kind == 1 else "sent", message_id, _provider_id(message_id)),
            )
        return ()

    async def send(self, to: str, text: str, message_id: int) -> str:
        """Hand an SMS over to sendsms, which gives no id: ours, in the receipt's URL, stands in for it."""
        number = e164(to)
        if number is None:
            raise Rejected("not a telephone number", sentence="Nomor tujuan tidak sah.")
        text = transliterate(text)
        coding = "0" if is_gsm7(text) else "2"
        own = f"&to={quote_plus(number)}&text={quote_plus(text)}&coding={coding}"
        before, after = self._receipt_url
        await self._ask(f"{self._same}{own}&dlr-url={before}{message_id}{after}")
        return _provider_id(message_id)

    async def probe(self) -> str:
        """Ask sendsms for an SMS to nobody: it checks the password first and then refuses with 400."""
        with suppress(Rejected):
            await self._ask(urlencode(self._account))
        return f"Kannel answers and takes the password; our number is {self._sender}."

    def acknowledge(self) -> Acknowledgement:
        """200 and nothing else: 204 makes Kannel try again, a body would go to the citizen."""
        return Acknowledgement()

    async def close(self) -> None:
        """Let go of the connections of the running event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    @cached_property
    def _same(self) -> str:
        """What is the same in every request, encoded once: it was a tenth of the work of sending."""
        same = {"from": self._sender, "charset": "UTF-8", "dlr-mask": str(DLR_MASK)}
        return urlencode(self._account | same)

    @cached_property
    def _receipt_url(self) -> tuple[str, str]:
        """What stands before and behind our id in the receipt's URL, encoded.

        Kannel fills in what follows a percent sign, so one that belongs to the secret is doubled.
        """
        secret = quote(self._secret, safe="").replace("%", "%%")
        before = f"{self._base_url}{RECEIPT_PATH}?message="
        return quote_plus(before), quote_plus(f"&type=%d&answer=%A&secret={secret}")

    async def _ask(self, query: str) -> None:
        """One GET of sendsms with an encoded query; raises a SendError.

        Errors are raised outside the except clauses: aiohttp's own may quote the URL with the password,
        and an error that is being handled travels along in a traceback.
        """
        problem: SendError | None
        try:
            url = URL(f"{self._url}?{query}", encoded=True)
            async with self._session().get(url, allow_redirects=False) as answer:
                problem = _refusal(answer.status)
                with suppress(aiohttp.ClientError, TimeoutError):
                    await answer.read()  # so that the connection can be used again
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            problem = Unreachable("sendsms cannot be reached")
        except (aiohttp.ClientError, TimeoutError, OSError, _AnswerLost):
            problem = Unknown("sendsms did not answer")
        if problem is not None:
            raise problem

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            connector = aiohttp.TCPConnector(limit=0)  # the relay decides how many go out at once
            session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                middlewares=(_once,),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            self._sessions[loop] = session
        return session


class _AnswerLost(Exception):
    """The connection broke after the request had left."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET whose answer was lost: the citizen would get the SMS twice.

    Source: https://github.com/aio-libs/aiohttp/blob/v3.14.0/aiohttp/client.py, IDEMPOTENT_METHODS.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        lost = _AnswerLost()
    raise lost


def _refusal(status: int) -> SendError | None:
    if 200 <= status < 300:
        return None
    if status == 400:
        return Rejected("sendsms refuses this SMS (400)")
    if status == 503:
        return Unreachable("sendsms has no way out at the moment (503)")
    if status == 403:
        return Misconfigured(
            "sendsms refuses KANNEL_USERNAME, KANNEL_PASSWORD or this machine's address (403)"
        )
    if status >= 500:
        return Unknown(f"sendsms failed ({status})")
    return Misconfigured(f"KANNEL_SENDSMS_URL does not lead to sendsms ({status})")


def _provider_id(message_id: int) -> str:
    return f"kannel:{message_id}"


def _receipt(message_id: int, error: SendError) -> Receipt:
    return Receipt(CHANNEL, "failed", message_id, _provider_id(message_id), error)


def _is_receipt(request: WebhookRequest) -> bool:
    return request.path.rstrip("/").endswith("/dlr")


def _same(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), ours.encode())
