"""Says something in many chats at once, in two statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, text

from bot import outbound
from bot.channel import Channel, Say
from bot.outbound import Chat
from storage.models import message


@dataclass(frozen=True, slots=True)
class Saying:
    """What the bot says in one chat, about which ticket."""

    chat: Chat
    say: Say
    ticket_id: int


def say_many(
    tx: Connection,
    channels: Mapping[str, Channel],
    sayings: Sequence[Saying],
    *,
    now: datetime,
    priority: int,
) -> None:
    """Put messages into the outbox of many chats, which the caller has locked by their id."""
    shared = {
        "direction": "out",
        "state": "waiting",
        "author": "bot",
        "priority": priority,
        "created_at": now,
    }
    rows = [
        {**shared, "conversation_id": one.chat.id, "ticket_id": one.ticket_id, **row}
        for one in sayings
        for row in outbound.drawn(channels.get(one.chat.key), one.say)
    ]
    if rows:
        tx.execute(_WAKE_CHATS, {"ids": [one.chat.id for one in sayings], "priority": priority})
        tx.execute(insert(message), rows)


# As outbound.say does it for one chat.
_WAKE_CHATS = text(
    """update conversation set out_due_at = coalesce(out_due_at, now()), state = state - 'last',
           out_priority = case when out_due_at is null then :priority else least(out_priority, :priority) end
       where id = any(:ids)"""
)
