"""The Bot API over python-telegram-bot: what PTB leaves open is closed here, and errors get our words."""

import json
import logging
import ssl
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channel import (
    Attachment,
    Misconfigured,
    OptedOut,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)

DOWNLOAD_BYTES = 20_000_000
"""Largest file a bot may fetch. Source: https://core.telegram.org/bots/api#getfile ("up to 20MB")."""

CONFLICT = "Bot Telegram ini sedang dibaca program lain atau masih memakai webhook; hubungi pengelola sistem."
PAUSE_SECONDS = 5  # how long to wait after a 429 that does not say it
MEANT_BY_TELEGRAM = {400, 401, 403, 404, 409}
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Flood(TelegramError):
    """429: wait `after` seconds. PTB's own RetryAfter warns of its deprecated attribute on every use."""

    def __init__(self, after: float) -> None:
        super().__init__(f"Flood control, retry in {after} seconds")
        self.after = after


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust by TLS; reading all certificates takes longer than sending a message."""
    return httpx.create_ssl_context()


class StrictRequest(HTTPXRequest):
    """PTB's HTTP, which goes by the HTTP status alone, made to look at the answer too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, httpx_kwargs={"verify": _trusted()})

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Status and body of one request, the status being what Telegram really meant."""
        status, body = await super().do_request(*args, **kwargs)
        return true_status(status, body), body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer's object; PTB's own version logs the whole answer, citizens' words with it."""
        answer = _object(payload)
        if answer is None or (answer.get("ok") is True and "result" not in answer):
            raise TelegramError("Invalid server response")
        return answer


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def true_status(status: int, body: bytes) -> int:
    """The status to go by; raises Flood for 429 and TimedOut for 504, where the answer was lost.

    A proxy's page with 400 or 403 says nothing about a citizen, so it counts as 502. `ok: false` under
    200 counts as its error_code. Source: https://core.telegram.org/bots/api#making-requests
    """
    answer = _object(body) or {}
    if 200 <= status < 300 and answer.get("ok") is False:
        code = answer.get("error_code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 400
    if status == 429:
        raise Flood(_pause(answer.get("parameters")))
    if status == 504:
        raise TimedOut("Gateway timeout (504)")
    if status in {400, 403} and answer.get("ok") is not False:
        return 502
    if 400 <= status < 500 and status not in MEANT_BY_TELEGRAM:
        return 400
    return status


def _pause(parameters: object) -> float:
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < 86_400 else PAUSE_SECONDS


def as_send_error(error: Exception) -> SendError:
    """The error in the contract's words.

    BadRequest and TimedOut are kinds of NetworkError in PTB, so the order of the questions matters.
    Source: https://docs.python-telegram-bot.org/en/v22.8/telegram.error.html
    """
    for kinds, ours in (
        ((InvalidToken, EndPointNotFound), Misconfigured),
        ((Forbidden,), OptedOut),
        ((BadRequest, ChatMigrated), Rejected),
    ):
        if isinstance(error, kinds):
            return ours(str(error))
    if isinstance(error, Conflict):
        return Misconfigured(str(error), sentence=CONFLICT)
    if isinstance(error, Flood):
        return Throttled(str(error), after=error.after)
    if isinstance(error, RetryAfter):
        return Throttled(str(error), after=PAUSE_SECONDS)
    return _lost(error)


def _lost(error: Exception) -> SendError:
    """Whether the request never left, or its answer was lost."""
    cause = error.__cause__ if isinstance(error, NetworkError) else error
    if isinstance(cause, NEVER_SENT):
        return Unreachable(type(cause).__name__)
    answered = cause is None or isinstance(cause, TelegramError)
    if isinstance(error, NetworkError) and not isinstance(error, TimedOut) and answered:
        return Unreachable(str(error))  # a 5xx: the Bot API says it did not take it
    return Unknown(f"{type(error).__name__}: {type(cause).__name__}")


def quiet_logs() -> None:
    """Keep the token out of logs: httpx writes each URL at INFO, PTB its base URL at DEBUG."""
    for name in ("httpx", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def download(base: str, file_path: object, timeout: httpx.Timeout) -> Attachment:
    """The file at `file_path` below `base`, streamed, at most DOWNLOAD_BYTES; raises a SendError.

    PTB would read a `file_path` that exists on this machine from its disk, whatever server said so. This
    always asks the server, and never follows it elsewhere.
    """
    if not isinstance(file_path, str) or not file_path or ".." in file_path.split("/"):
        raise Rejected("the file has no usable path")
    async with httpx.AsyncClient(timeout=timeout) as client:
        try:
            async with client.stream("GET", base + "/" + quote(file_path.lstrip("/"))) as response:
                _refuse_status(response.status_code)
                data = await _limited(response)
                kind = response.headers.get("content-type", "").partition(";")[0].strip()
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from None  # asking twice for a file does no harm
    media_type = "" if kind == "application/octet-stream" else kind
    return Attachment(data, media_type, file_path.rsplit("/", 1)[-1])


async def _limited(response: httpx.Response) -> bytes:
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > DOWNLOAD_BYTES:
            raise Rejected(f"the file is larger than {DOWNLOAD_BYTES} bytes")
    return bytes(data)


def _refuse_status(status: int) -> None:
    if status == 200:
        return
    if status == 429:
        raise Throttled("file download", after=PAUSE_SECONDS)
    if status == 401:
        raise Misconfigured("file download: 401")
    if status >= 500:
        raise Unreachable(f"file download: {status}")
    raise Rejected(f"file download: {status}")
