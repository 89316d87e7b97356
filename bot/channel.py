"""The contract of a channel: what comes in, what goes out, what may go wrong. Proof: tests/contract.py."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl

from bot.send_errors import (
    Misconfigured,
    OptedOut,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
    WindowShut,
)

__all__ = [  # the errors are part of the contract, whichever file holds them
    "Misconfigured",
    "OptedOut",
    "Rejected",
    "SendError",
    "Throttled",
    "Unknown",
    "Unreachable",
    "WindowShut",
]

# recording: what an officer can hear, watch or read (voice, video, a letter); contact: somebody's telephone
# number; reaction: an emoji put to a message of ours; other: what nobody can use, like a sticker.
InboundKind = Literal[
    "text",
    "choice",
    "photo",
    "recording",
    "location",
    "contact",
    "reaction",
    "edit",
    "blocked",
    "unblocked",
    "other",
]
CAPTION = 1024  # characters under a picture. Source: https://core.telegram.org/bots/api#sendphoto
ReceiptState = Literal["sent", "delivered", "read", "failed"]


class Forgery(Exception):
    """The request was not made by the provider: answer 403 and keep nothing."""


class Unreadable(Exception):
    """The provider sent something this channel cannot make sense of: keep it raw, acknowledge it."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request without its framework.

    `headers` has lower-case names; `query` is the raw query string without "?"; `path` begins with "/".
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """Names and values of the query string, in order, empty values kept."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")

    @property
    def form(self) -> list[tuple[str, str]]:
        """Names and values of a form-urlencoded body, in order, empty values kept."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")

    def json(self) -> Any:
        """The body as JSON; raises Unreadable when it is none or is nested too deeply to read."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("body is not JSON") from error


@dataclass(frozen=True, slots=True)
class MediaReference:
    """Where the provider keeps a file that a citizen sent: `reference` is what `Channel.fetch` takes."""

    reference: str
    media_type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from a citizen, unique by channel, account and provider_id."""

    channel: str
    account: str  # our number or bot id that was written to
    provider_id: str
    address: str  # where to answer, in the form `Channel.send` takes
    kind: InboundKind = "text"
    text: str = ""  # words or a photo's caption
    choice: str = ""  # id of the option that was pressed
    media: tuple[MediaReference, ...] = ()
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None
    name: str = ""  # how the citizen calls himself there
    group: str = ""  # an album's id: all with the same id belong together
    reference: str = ""  # id of the message in its chat; an edit carries that of the message it changes
    quoted: str = ""  # provider id of the message of ours that this one answers, or whose button was pressed
    also: tuple[str, ...] = ()  # further addresses of the same person on this channel
    sent_at: datetime | None = None
    settle: str = ""  # what `Channel.settle` needs after the commit
    raw: str = ""  # the provider's own words, kept apart for 30 days


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says became of a message of ours: found by our `message_id` or by `provider_id`."""

    channel: str
    state: ReceiptState
    message_id: int | None = None
    provider_id: str = ""
    error: "SendError | None" = None


@dataclass(frozen=True, slots=True)
class Option:
    """A choice offered: `id` comes back in `Inbound.choice` where the channel has buttons."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of ours: where it lies in our store, and the address from which a provider may fetch it.

    `data` is there when it is sent, and never written into the database with the message.
    """

    path: str
    url: str = ""
    data: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Say:
    """What we want to tell, before a channel draws it. `text` is already in the citizen's language."""

    text: str
    options: tuple[Option, ...] = ()
    asks_location: bool = False  # the channel may offer a button that sends the position
    staff: bool = False  # an officer's own words: on SMS they may take two counted parts
    sealed: str = ""  # ciphertext of what stands for the blank in `text`: see bot/people/secret.py
    photo: Picture | None = None  # `text` is its caption; only for channels whose limits say `photos`


@dataclass(frozen=True, slots=True)
class Payload:
    """One message as it goes out. `text` is what the panel shows, `extra` plain JSON for the channel."""

    text: str
    options: tuple[Option, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    photo: Picture | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON for the message row."""
        row = {
            "text": self.text,
            "options": [[option.id, option.label] for option in self.options],
            "extra": dict(self.extra),
        }
        return row | ({"photo": [self.photo.path, self.photo.url]} if self.photo else {})

    @property
    def shown(self) -> dict[str, str]:
        """The columns of its row that the panel shows."""
        return {"kind": "photo" if self.photo else "text", "text": self.text}

    @property
    def opens(self) -> bool:
        """Whether this is an approved template, which may be sent when the session is over."""
        return bool(self.extra.get("opens"))

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Payload":
        """The payload that `to_json` wrote."""
        options = tuple(Option(id_, label) for id_, label in row.get("options", ()))
        photo = Picture(*row["photo"]) if row.get("photo") else None
        return cls(row["text"], options, row.get("extra", {}), photo)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a citizen sent: its bytes and what the provider says of it."""

    data: bytes
    media_type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a webhook answers when all is safe."""

    status: int = 200
    body: str = ""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry. Each channel names the source of its figures."""

    text: int  # longest text, in the channel's own units (SMS: GSM-7 septets)
    options: int = 0  # most buttons; 0: choices are typed as numbers
    label: int = 20  # longest label of a button, characters
    rows: int = 0  # most options of a list that opens; 0: no lists
    row_label: int = 24  # longest label of a list's row, characters
    session_hours: int | None = None  # free-form answers only so long after the citizen's last message
    media_bytes: int = 20_000_000
    resend_seconds: int = 0  # the same long text again within this time is one message (an SMSC resends)
    files_at_once: bool = False  # a first message with words is filed without read-back (SMS)
    photos: bool = False  # whether a Say may carry a picture, with a caption of up to CAPTION characters
    context: str = ""  # the wording variant of this channel: "sms" has shorter sentences


class Channel(Protocol):
    """A way of talking with citizens. One instance per process, used by many threads and one event loop."""

    name: str
    account: str  # our own number or bot id: with `name`, the key of a conversation
    limits: Limits
    secrets: Sequence[str]  # blanked out of every log line
    receipts: bool  # whether the provider reports what became of a message

    def verify(self, request: WebhookRequest) -> None:
        """Return when the provider made this request; raises Forgery otherwise."""

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        """All events in the request, in order; raises Unreadable."""

    def render(self, say: Say) -> Sequence[Payload]:
        """The messages that tell it, in order. Pure."""

    def knock(self, language: str) -> Payload | None:
        """The approved template that asks for one word when the session is over; None where there is none."""

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        """Hand a message over; returns the provider's id; raises a SendError."""

    async def fetch(self, reference: str) -> Attachment:
        """A citizen's file; raises a SendError. Worker only."""

    async def settle(self, inbound: Inbound) -> None:
        """Tell the provider, after our commit, that a pressed button was heard. Never raises."""

    async def probe(self) -> str:
        """One sentence on the account as the provider sees it now; raises a SendError that says why not."""

    def acknowledge(self) -> Acknowledgement:
        """What the webhook answers when all is safe."""

    async def close(self) -> None:
        """Let go of connections."""
