"""What the contract of a channel is proved with: the case, the provider's stand-in, odd documents."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image

from bot.channel import (
    Acknowledgement,
    Channel,
    Forgery,
    Inbound,
    Misconfigured,
    OptedOut,
    Receipt,
    Rejected,
    Say,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
    Unreadable,
    WebhookRequest,
)

Failure = Literal[
    "throttled",  # 429, or what the provider says instead
    "server_error",  # 5xx
    "silent",  # takes the request and does not answer within the channel's timeout
    "dropped",  # takes the request and closes the connection without an answer
    "refused",  # nobody listens
    "bad_address",  # the provider does not know the receiver
    "blocked",  # the citizen blocked us
    "unauthorised",  # our credentials are wrong
]
EXPECTED: Mapping[Failure, tuple[type[SendError], ...]] = {
    "throttled": (Throttled,),
    "server_error": (Unreachable, Unknown),
    "silent": (Unknown,),
    "dropped": (Unknown,),
    "refused": (Unreachable,),
    "bad_address": (Rejected,),
    "blocked": (OptedOut,),
    "unauthorised": (Misconfigured,),
}
ALL_FAILURES: frozenset[Failure] = frozenset(EXPECTED)
FUZZ = settings(
    max_examples=60,
    deadline=None,
    # Several channels inherit one test: what broke one of them must not be replayed on another.
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


@dataclass(frozen=True)
class Sent:
    """What the stand-in took: as a citizen would see it. `options` are the labels of the buttons.

    `photo` is what the provider got of a picture: its bytes, or the address where it fetches them.
    """

    address: str
    text: str
    options: tuple[str, ...] = ()
    photo: bytes = b""


class Provider(Protocol):
    """A stand-in for the provider's API: a server on loopback with the provider's own rules."""

    @property
    def sent(self) -> Sequence[Sent]:
        """Messages taken, oldest first."""

    def accept(self) -> None:
        """From now on take what is right (the state at start)."""

    def fail(self, kind: Failure) -> None:
        """From now on fail every request in this way."""


@dataclass(frozen=True)
class Exchange:
    """A genuine request and exactly what it says. `raw` of the expected Inbounds is left empty."""

    request: WebhookRequest
    events: tuple[Inbound | Receipt, ...]


@dataclass(frozen=True)
class Case:
    """All the suite needs to know of one channel.

    `channel` should give up on a silent provider within a second. `genuine` holds at least "text"; every
    entry is another event. `signed` makes a request that passes `verify` around any body (Kannel: any
    query). `measure` counts a text in the units of `limits.text`; `letter` is one unit long.
    """

    channel: Channel
    provider: Provider
    address: str
    genuine: Mapping[str, Exchange]
    forged: Mapping[str, WebhookRequest]
    junk: Mapping[str, WebhookRequest]
    signed: Callable[[bytes], WebhookRequest]
    measure: Callable[[str], int]
    acknowledgement: Acknowledgement
    letter: str = "a"
    most_parts: int = 5  # a long staff text takes at most so many messages
    form: Mapping[str, str] = field(default_factory=dict)  # fields of a genuine form or query, for the fuzz
    document: Any = None  # a genuine JSON body, for the fuzz
    quoting: Callable[[str], WebhookRequest] | None = None  # answers a message of ours by the id `send` gave


def comparable(event: Inbound | Receipt) -> object:
    """The event without its raw words; an error stands by its class."""
    if isinstance(event, Inbound):
        return replace(event, raw="")
    return replace(event, error=None), type(event.error)


def read_safely(channel: Channel, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
    """What a webhook does with a request; only Forgery and Unreadable are caught."""
    try:
        channel.verify(request)
    except Forgery:
        return ()
    try:
        return channel.read(request)
    except Unreadable:
        return ()


def storable(events: Sequence[Inbound | Receipt]) -> None:
    """Assert that the database can hold the events: no NUL, no half of a surrogate pair, real numbers."""
    for event in events:
        if isinstance(event, Inbound):
            words = (event.provider_id, event.address, event.text, event.choice, event.name, event.group)
            files = (one.reference for one in event.media)
            for text in (*words, event.reference, event.quoted, event.raw, *files):
                assert isinstance(text, str)
                assert "\x00" not in text
                text.encode("utf-8")
            assert event.provider_id and event.address
            assert event.latitude is None or -90 <= event.latitude <= 90
            assert event.longitude is None or -180 <= event.longitude <= 180


def mutated(value: Any, draw: st.DataObject) -> Any:
    """The JSON value with one place in it changed, removed or replaced by something odd."""
    if isinstance(value, dict) and value and draw.draw(st.integers(0, 3)):
        key = draw.draw(st.sampled_from(sorted(value)))
        rest = {name: item for name, item in value.items() if name != key}
        return rest if draw.draw(st.booleans()) else {**rest, key: mutated(value[key], draw)}
    if isinstance(value, list) and value and draw.draw(st.integers(0, 3)):
        return [mutated(value[0], draw), *value[1:]]
    return draw.draw(ODD)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["\ud83d", "\x00", "a\x00b", "9" * 400, 10**30, "-0", "nan", [], {}, [[]], {"id": {}}]),
    st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
)


def jpeg() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 120, 40)).save(out, "JPEG")
    return out.getvalue()


async def failed_send(case: Case) -> SendError:
    """The error of one send that fails."""
    (payload,) = case.channel.render(Say("Halo."))
    with pytest.raises(SendError) as caught:
        await case.channel.send(case.address, payload, 1)
    return caught.value


def odd_body(case: Case, draw: st.DataObject) -> bytes:
    if case.document is not None:
        return json.dumps(mutated(case.document, draw)).encode()
    fields = {**case.form, draw.draw(st.sampled_from(sorted(case.form))): str(draw.draw(ODD))}
    dropped = draw.draw(st.sampled_from(["", *sorted(fields)]))
    kept = {name: value for name, value in fields.items() if name != dropped}
    return urlencode(kept, errors="replace").encode()
