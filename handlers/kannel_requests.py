"""How Kannel writes its requests to us, taken apart. Pure."""

from base64 import b64decode
from datetime import UTC, datetime
from email.message import Message
from urllib.parse import unquote_to_bytes

from bot.channel import Unreadable, WebhookRequest

# What Kannel names in %C and in the content type of a post-url; anything else is read as UTF-8.
CHARSETS = {"utf-8": "utf-8", "utf-16be": "utf-16-be", "utf-16": "utf-16", "iso-8859-1": "latin-1"}
LARGEST_ID = 2**63 - 1  # bigint


def basic_password(header: str) -> list[str]:
    """The password in an Authorization header, nothing when there is none."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        return [b64decode(coded.strip(), validate=True).decode().partition(":")[2]]
    except ValueError:
        return []


def fields_of(request: WebhookRequest) -> dict[str, bytes]:
    """Arguments of query and form as bytes, the first of a name wins; a plain body is the text."""
    kind = Message()
    kind["content-type"] = _one_line(request.headers.get("content-type", "text/plain"))
    pairs = _pairs(request.query.encode("utf-8", "replace"))
    if request.method == "POST" and kind.get_content_type() == "application/x-www-form-urlencoded":
        pairs += _pairs(request.body)
    elif request.method == "POST":
        charset = str(kind.get_param("charset", "utf-8"))
        pairs += [("text", request.body), ("charset", charset.encode("utf-8", "replace"))]
    return dict(reversed(pairs))


def decoded(value: bytes, charset: str = "utf-8") -> str:
    """Characters, broken ones replaced; NUL is dropped because no database takes it."""
    return value.decode(CHARSETS.get(charset.strip().lower(), "utf-8"), "replace").replace("\0", "")


def whole_number(value: str, name: str) -> int:
    """The number in the argument `name`, at most what a bigint holds; raises Unreadable."""
    if value.isascii() and value.isdigit() and len(value) <= 19 and int(value) <= LARGEST_ID:
        return int(value)
    raise Unreadable(f"{name} is not a whole number: see docs/kannel.conf.example")


def time_of(value: str) -> datetime | None:
    """The moment of a unix time (%T) or of a date as Kannel writes it, in UTC without saying so (%t)."""
    try:
        if value.isascii() and value.isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _pairs(query: bytes) -> list[tuple[str, bytes]]:
    named = (pair.replace(b"+", b" ").partition(b"=") for pair in query.split(b"&") if pair)
    return [(decoded(unquote_to_bytes(name)), unquote_to_bytes(value)) for name, _, value in named]


def _one_line(header: str) -> str:
    return " ".join(header.split())
