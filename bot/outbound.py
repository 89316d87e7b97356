"""What citizens are told: put into the outbox, claimed by a worker, and what became of it."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from bot.channel import Channel, Payload, Say
from bot.people.secret import hidden

LIVE, PUSH, MASS = 0, 1, 5  # priorities: an answer in a live chat goes before a mass update


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as far as sending needs it."""

    id: int
    channel: str
    account: str

    @property
    def key(self) -> str:
        """The name under which the house holds its channel; the simulator has one channel a phone."""
        return channel_key(self.channel, self.account)


def channel_key(channel: str, account: str) -> str:
    """The house's name for a channel."""
    return f"{channel}/{account}" if channel == "simulator" else channel


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed message: its new state, and the pause in seconds before the next try."""

    message_id: int
    conversation_id: int
    state: str
    provider_id: str = ""
    error: str = ""
    pause: float = 0.0
    knock: Payload | None = None  # goes ahead of what is held
    counted: bool = True  # whether it was a try
    stopped: bool = False  # the citizen does not want what nobody asked for
    account: str = ""  # whose provider asked us to wait, for `hold` seconds
    hold: float = 0.0


def say(
    tx: Connection,
    channels: Mapping[str, Channel],
    chat: Chat,
    says: Sequence[Say],
    *,
    now: datetime,
    ticket_id: int | None = None,
    staff_id: int | None = None,
    priority: int = LIVE,
) -> None:
    """Put messages into the outbox, one row a payload, inside the caller's transaction.

    The conversation's row is locked first, so that what is said in one chat keeps its order.
    """
    rows = to_citizen(channels, chat, says, author="staff" if staff_id else "bot")
    if rows:
        tx.execute(_WAKE_CHAT, {"id": chat.id, "priority": priority})
        tx.execute(_PUT, put_values(chat.id, rows, now, ticket_id, staff_id, priority))


def to_citizen(
    channels: Mapping[str, Channel], chat: Chat, says: Sequence[Say], *, author: str = "bot"
) -> list[dict[str, Any]]:
    """The rows that `PUT` makes of what is said in a chat: one for each payload, as its channel draws it."""
    shared = {"direction": "out", "state": "waiting", "author": author, "reference": "", "grouped": ""}
    channel = channels.get(chat.key)
    return [{**shared, **row, "say": row["say"].hex()} for one in says for row in drawn(channel, one)]


def put_values(
    chat_id: int,
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
    ticket_id: int | None,
    staff_id: int | None = None,
    priority: int = LIVE,
) -> dict[str, Any]:
    """The parameters of `PUT`."""
    shared = {"chat": chat_id, "ticket": ticket_id, "staff": staff_id, "priority": priority, "now": now}
    return {**shared, "rows": json.dumps(rows)}


# All messages of a turn, in and out, in one statement; their ids are in the order of the rows.
PUT = """insert into message (conversation_id, ticket_id, staff_id, priority, created_at,
                direction, state, author, kind, text, payload, say, part, reference, grouped)
            select :chat, cast(:ticket as bigint), cast(:staff as bigint), :priority, :now,
                direction, state, author, kind, text, payload, decode(say, 'hex'), part, reference, grouped
            from rows from (json_to_recordset(cast(:rows as json)) as (
                direction text, state text, author text, kind text, text text, payload jsonb, say text,
                part smallint, reference text, grouped text)) with ordinality
            order by ordinality"""
_PUT = text(PUT)


# What the bot said last is not the last any more.
_WAKE_CHAT = text(
    """update conversation set out_due_at = coalesce(out_due_at, now()), state = state - 'last',
           out_priority = case when out_due_at is null then :priority else least(out_priority, :priority) end
       where id = :id"""
)


def drawn(channel: Channel | None, say: Say) -> list[dict[str, Any]]:
    """What differs between the rows of one Say: its parts as the channel draws them."""
    payloads = channel.render(say) if channel else [Payload(say.text, say.options)]
    mark = secrets.token_bytes(16)
    return [
        {"say": mark, "part": part, **payload.shown, "payload": hidden(payload, say).to_json()}
        for part, payload in enumerate(payloads)
    ]


def record(tx: Connection, worker: int, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of claimed messages and when each chat is due again.

    A receipt that overtook the send's own answer stays.
    """
    chats = sorted({outcome.conversation_id for outcome in outcomes})
    tx.execute(LOCK, {"chats": chats})
    tx.execute(
        _RECORD,
        {
            "worker": worker,
            "ids": [outcome.message_id for outcome in outcomes],
            "states": [outcome.state for outcome in outcomes],
            "provider_ids": [outcome.provider_id for outcome in outcomes],
            "errors": [outcome.error for outcome in outcomes],
            "pauses": [float(outcome.pause) for outcome in outcomes],
            "uncounted": [int(not outcome.counted) for outcome in outcomes],
        },
    )
    if failed := [outcome.message_id for outcome in outcomes if outcome.state == "failed"]:
        tx.execute(_REST_OF_SAY, {"failed": failed})
    tx.execute(NEXT_DUE, {"chats": chats})


LOCK = text("select id from conversation where id = any(:chats) order by id for update")
_RECORD = text(
    """update message m
       set state = case when m.state in ('sent', 'delivered', 'read', 'failed') then m.state else o.state end,
           provider_id = case when o.provider_id <> '' then o.provider_id else m.provider_id end,
           error = case when m.state in ('sent', 'delivered', 'read', 'failed') then m.error else o.error end,
           sent_at = case when o.state = 'sent' then coalesce(m.sent_at, now()) else m.sent_at end,
           due_at = case when o.state in ('waiting', 'unknown')
                         then now() + make_interval(secs => o.pause) end,
           tries = m.tries - o.uncounted, worker = null, lease_until = null
       from unnest(cast(:ids as bigint[]), cast(:states as text[]), cast(:provider_ids as text[]),
                   cast(:errors as text[]), cast(:pauses as float8[]), cast(:uncounted as int[]))
            as o(id, state, provider_id, error, pause, uncounted)
       where m.id = o.id and m.worker = :worker"""
)
# Nobody reads the end of an answer whose beginning did not come: staff send it again as a whole.
_REST_OF_SAY = text(
    """update message later set state = 'failed', error = m.error
       from message m
       where m.id = any(:failed) and m.state = 'failed' and later.conversation_id = m.conversation_id
         and later.id > m.id and later.say = m.say and later.state = 'waiting' and later.direction = 'out'"""
)
# The chat's priority stays that of the most urgent message since it had none: a live reply does not fall back
# because an older, less urgent message of the same chat must go out first.
NEXT_DUE = text(
    """update conversation c
       set out_due_at = head.due, out_priority = coalesce(least(c.out_priority, head.priority), 0)
       from unnest(cast(:chats as bigint[])) as due(id)
       left join lateral (
           select coalesce(lease_until, due_at, now()) as due, priority from message
           where conversation_id = due.id and direction = 'out' and state in ('waiting', 'sending', 'unknown')
           order by id limit 1) head on true
       where c.id = due.id"""
)
