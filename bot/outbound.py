"""What citizens are told: put into the outbox, claimed by a worker, and what became of it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from bot.channel import Channel, Payload, Say
from bot.people.secret import hidden
from storage.models import message

LEASE_SECONDS = 20  # longer than the longest send (see relay.SEND_SECONDS) and the record after it
RECEIPT_SECONDS = 20  # how long an uncertain send waits for the provider's receipt before it is sent again
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
class Outgoing:
    """A message that this worker has claimed."""

    id: int
    conversation_id: int
    channel_key: str
    sealed_address: bytes
    payload: Payload
    tries: int
    last_in_at: datetime | None
    opted_out: bool
    priority: int
    language: str


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
    if says:
        tx.execute(_WAKE_CHAT, {"id": chat.id, "priority": priority})
        write(tx, channels, chat, says, now=now, ticket_id=ticket_id, staff_id=staff_id, priority=priority)


def write(
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
    """The rows of `say` alone, for a caller who holds the chat's lock and wakes the chat himself."""
    shared: dict[str, Any] = {
        "conversation_id": chat.id,
        "ticket_id": ticket_id,
        "direction": "out",
        "state": "waiting",
        "author": "staff" if staff_id else "bot",
        "staff_id": staff_id,
        "priority": priority,
        "created_at": now,
    }
    rows = [shared | row for one in says for row in drawn(channels.get(chat.key), one)]
    if rows:
        tx.execute(insert(message), rows)


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


def claim(
    tx: Connection, *, worker: int, limit: int, channels: Sequence[str], reporting: Sequence[str]
) -> list[Outgoing]:
    """Take the oldest unsent message of up to `limit` chats that are due, with a lease.

    A message whose lease ended may have been sent by a worker that died: on a channel that reports back
    (`reporting`) it first waits for the receipt, on any other it is sent again.
    The cost is that of the chats which are due, whatever the backlog: see ix_conversation_due.
    """
    due = tx.scalars(DUE, {"limit": limit, "channels": list(channels)}).all()
    if not due:
        return []
    rows = tx.execute(
        TAKE,
        {
            "chats": due,
            "worker": worker,
            "lease": LEASE_SECONDS,
            "receipt": RECEIPT_SECONDS,
            "reporting": list(reporting),
        },
    ).mappings()
    return [
        Outgoing(
            row["id"],
            row["conversation_id"],
            channel_key(row["channel"], row["account"]),
            row["sealed"],
            Payload.from_json(row["payload"]),
            row["tries"],
            row["last_in_at"],
            row["opted_out_at"] is not None,
            row["priority"],
            row["language"],
        )
        for row in rows
        if row["state"] == "sending"
    ]


# One look into ix_conversation_due for each priority and channel: a range over all of them would walk past
# every chat that is not due yet, or whose channel is away or has its hands full.
DUE = text(
    f"""select due.id from unnest(array[{LIVE}, {PUSH}, {MASS}]) as level(priority)
       cross join unnest(cast(:channels as text[])) as way(channel)
       cross join lateral (
           select id, out_due_at from conversation
           where channel = way.channel and out_priority = level.priority and out_due_at <= now()
           order by out_due_at limit :limit for update skip locked) due
       order by level.priority, due.out_due_at limit :limit"""  # noqa: S608 - our own numbers
)
# A second statement: its snapshot is younger than the locks, so no message that was just said is overlooked.
TAKE = text(
    """with head as (
           select due.id as chat, m.id, m.state
           from unnest(cast(:chats as bigint[])) as due(id)
           left join lateral (
               select id, state from message
               where conversation_id = due.id and direction = 'out'
                 and state in ('waiting', 'sending', 'unknown')
               order by id limit 1) m on true),
       taken as (
           update message m
           set state = case when head.state = 'sending' and c.channel = any(:reporting)
                            then 'unknown' else 'sending' end,
               tries = m.tries + 1, worker = :worker, lease_until = now() + make_interval(secs => :lease)
           from head join conversation c on c.id = head.chat
           where m.id = head.id
           returning m.id, m.conversation_id, m.state, m.payload, m.tries, m.priority),
       leased as (
           update conversation c
           set out_due_at = case taken.state when 'sending' then now() + make_interval(secs => :lease)
                                             when 'unknown' then now() + make_interval(secs => :receipt) end
           from head left join taken on taken.id = head.id
           where c.id = head.chat)
       select taken.*, c.channel, c.account, c.last_in_at, c.language, a.sealed, a.opted_out_at
       from taken join conversation c on c.id = taken.conversation_id join address a on a.id = c.address_id
       order by taken.id"""
)


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
            "pauses": [outcome.pause for outcome in outcomes],
        },
    )
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
           worker = null, lease_until = null
       from unnest(cast(:ids as bigint[]), cast(:states as text[]), cast(:provider_ids as text[]),
                   cast(:errors as text[]), cast(:pauses as float8[]))
            as o(id, state, provider_id, error, pause)
       where m.id = o.id and m.worker = :worker"""
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


def end_leases(tx: Connection, workers: Sequence[int]) -> int:
    """Let go of what workers hold that are known to be dead; returns how many messages.

    Each then goes the way of any lease that ended: see `claim`.
    """
    chats = tx.scalars(_HELD_BY, {"workers": list(workers)}).all()
    if not chats:
        return 0
    tx.execute(LOCK, {"chats": sorted(chats)})
    ended = tx.execute(_END, {"chats": chats, "workers": list(workers)})
    tx.execute(NEXT_DUE, {"chats": chats})
    return ended.rowcount


_HELD_BY = text(
    "select distinct conversation_id from message where state = 'sending' and worker = any(:workers)"
)
_END = text(
    """update message set lease_until = now()
       where conversation_id = any(:chats) and state = 'sending' and worker = any(:workers)"""
)


def sweep(tx: Connection) -> int:
    """Wake chats with something to send that nothing announces any more; returns how many (0, one hopes)."""
    return tx.execute(_SWEEP).rowcount


_SWEEP = text(
    """update conversation set out_due_at = now()
       where id in (
           select id from conversation
           where out_due_at is null and id in (
               select conversation_id from message
               where direction = 'out' and state in ('waiting', 'sending', 'unknown'))
           order by id for update skip locked)"""
)
