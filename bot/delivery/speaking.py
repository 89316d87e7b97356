"""Says lines into a chat outside a turn: worded in the chat's language and for its channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, select

from bot import outbound
from bot.channel import Option, Say
from bot.house import House
from bot.outbound import Chat
from bot.talk.mind import CityMind
from bot.wording import Line
from storage.models import conversation


@dataclass(frozen=True, slots=True)
class Listener:
    """A chat with the language and the wording variant that it is spoken to in."""

    chat: Chat
    language: str
    context: str
    state: Mapping[str, Any]

    def mind(self, house: House) -> CityMind:
        """What the pure engine may ask about this chat."""
        return CityMind(house.city, house.understanding, house.wording, self.language, self.context)


def lock_listener(tx: Connection, house: House, chat_id: int) -> Listener:
    """The chat, locked until the transaction ends."""
    return _listener(house, tx.execute(_chat(chat_id).with_for_update()).one())


def listener(tx: Connection, house: House, chat_id: int) -> Listener:
    """The same without a lock, for who only reads."""
    return _listener(house, tx.execute(_chat(chat_id)).one())


def _chat(chat_id: int) -> Select[Any]:
    return select(conversation).where(conversation.c.id == chat_id)


def _listener(house: House, row: Row[Any]) -> Listener:
    chat = Chat(row.id, row.channel, row.account)
    channel = house.channels.get(chat.key)
    context = channel.limits.context if channel else ""
    return Listener(chat, house.wording.spoken(row.language), context, row.state)


def worded(house: House, line: Line, to: Listener, *, staff: bool = False) -> Say:
    """A line in the listener's language; `staff` for an officer's own words."""

    def in_words(key: str, values: Mapping[str, Any]) -> str:
        return house.wording.line(Line(key, values), to.language, to.context)

    words = in_words(line.key, {"city": house.city.name, **line.values})
    options = tuple(Option(id_, in_words(label, {})) for id_, label in line.options)
    return Say(words, options, asks_location=line.asks_location, staff=staff)


def tell(
    tx: Connection,
    house: House,
    to: Listener,
    says: Sequence[Say],
    now: datetime,
    *,
    ticket_id: int | None,
    staff_id: int | None = None,
    priority: int = outbound.PUSH,
) -> None:
    """Put messages about a ticket into the outbox of a chat."""
    outbound.say(
        tx,
        house.channels,
        to.chat,
        says,
        now=now,
        ticket_id=ticket_id,
        staff_id=staff_id,
        priority=priority,
    )


def tell_reporter(tx: Connection, house: House, row: RowMapping, line: Line, now: datetime) -> None:
    """Push one line into the chat that filed a ticket, the ticket's number below it."""
    if row["conversation_id"] is None:
        return
    tell_numbered(tx, house, lock_listener(tx, house, row["conversation_id"]), row, line, now)


def tell_numbered(
    tx: Connection, house: House, to: Listener, row: RowMapping, line: Line, now: datetime
) -> None:
    """Push one line about a ticket into a chat, the ticket's number below it."""
    said = worded(house, line, to)
    numbered = replace(said, text=f"{said.text}\n{row['number']}")
    tell(tx, house, to, [numbered], now, ticket_id=row["id"])
