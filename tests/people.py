"""For tests about persons: phones that show two addresses, and messages that arrive at the same time."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

from bot import inbound
from bot.channel import Inbound
from tests.phones import Phone, WhatsAppPhone
from tests.streets import Town

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
LAMP = "lampu jalan mati di Kelurahan Tugurejo"


@dataclass
class PairPhone(WhatsAppPhone):
    """A WhatsApp phone that may show its number, its business-scoped id, or both."""

    id_: str = ""
    number: str = field(init=False)

    def __post_init__(self) -> None:
        self.number = self.address
        self.id_ = self.id_ or f"whatsapp:ID.{uuid4().int % 10**16:016}"

    def shows_both(self, words: str) -> list[str]:
        """Write with the number, the id beside it; returns what came to the number."""
        return self._writes(
            self.number, words, ExternalUserId=self.id_, WaId=self.number[len("whatsapp:+") :]
        )

    def shows_number(self, words: str) -> list[str]:
        """Write with the number alone."""
        return self._writes(self.number, words)

    def shows_id(self, words: str) -> list[str]:
        """Write with the number hidden."""
        return self._writes(self.id_, words, ExternalUserId=self.id_)

    def _writes(self, address: str, words: str, **more: str) -> list[str]:
        self.address = address
        self.got()
        assert self.post(self.form(Body=words, **more)) == 204
        return [one.text for one in self.got()]

    def got_by(self, address: str) -> list[str]:
        """Everything that ever came to one of the two addresses."""
        self.town.deliver()
        return [one.text for one in self.town.twilio.sent if one.to == address]


def says(phone: Phone, words: str) -> list[str]:
    """Write from a phone, and what comes back."""
    phone.writes(words)
    return [one.text for one in phone.got()]


def code_of(told: Sequence[str]) -> str:
    """The six digits of SAMBUNG."""
    found = re.search(r"SAMBUNG (\d{6})", "\n".join(told))
    assert found, told
    return found[1]


def files(phone: Phone, words: str = HOLE, *, nameless: bool = False) -> str:
    """File a report from WhatsApp or Telegram; returns its number."""
    says(phone, words)
    told = "\n".join(says(phone, "2" if nameless else "1"))
    found = re.findall(r"\b\d{9}\b", told)
    assert found, told
    return str(found[-1])


def event(channel: str, where: str, words: str, *, also: tuple[str, ...] = ()) -> Inbound:
    """A citizen's message with an id of its own."""
    return Inbound(channel, f"{channel}-kami", uuid4().hex, where, text=words, also=also, raw=words)


def at_once(town: Town, events: Sequence[Inbound]) -> list[str]:
    """Take events at the same moment, each in a thread of its own; returns what became of each, sorted."""
    return sorted(together([partial(inbound.receive, town.house, one) for one in events]))


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make calls at the same moment."""
    start = Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))
