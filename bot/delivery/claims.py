"""Who sends which message now: chats that are due, taken with a lease, and let go when their worker died."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from bot.channel import Payload
from bot.delivery.pace import SPACED
from bot.outbound import LIVE, LOCK, MASS, NEXT_DUE, PUSH, channel_key

LEASE_SECONDS = 20  # longer than the longest send (see sending.SEND_SECONDS) and the record after it
RECEIPT_SECONDS = 20  # how long an uncertain send waits for the provider's receipt before it is sent again


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


def claim(
    tx: Connection,
    *,
    worker: int,
    limit: int,
    channels: Mapping[str, int],
    reporting: Sequence[str],
    mass: int | None = None,
) -> list[Outgoing]:
    """Take the oldest unsent message of chats that are due, with a lease: the most urgent first.

    A message whose lease ended may have been sent by a worker that died: on a channel that reports back
    (`reporting`) it first waits for the receipt, on any other it is sent again.
    The cost is that of the chats which are due, whatever the backlog: see ix_conversation_due.

    Args:
        tx: a transaction of its own.
        worker: our number.
        limit: at most so many messages.
        channels: at most so many of each channel; what is not named is left alone.
        reporting: channels whose providers report what became of a message.
        mass: at most so many of what goes to many people; None: as `limit`.
    """
    values = {"limit": limit, "mass": limit if mass is None else mass}
    values_by = {"channels": list(channels), "most": list(channels.values())}
    due = tx.scalars(DUE, values | values_by).all()
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
            "spaced": list(SPACED),
        },
    )
    return [
        Outgoing(
            row.id,
            row.conversation_id,
            channel_key(row.channel, row.account),
            row.sealed,
            Payload.from_json(row.payload),
            row.tries,
            row.last_in_at,
            row.opted_out_at is not None,
            row.priority,
            row.language,
        )
        for row in rows
        if row.state == "sending"
    ]


# One look into ix_conversation_due for each priority and channel: a range over all of them would walk past
# every chat that is not due yet, or whose channel is away or has its hands full.
DUE = text(
    f"""select due.id from unnest(array[{LIVE}, {PUSH}, {MASS}]) as level(priority)
       cross join unnest(cast(:channels as text[]), cast(:most as int[])) as way(channel, most)
       cross join lateral (
           select id, out_due_at from conversation
           where channel = way.channel and out_priority = level.priority and out_due_at <= now()
           order by out_due_at
           limit least(way.most, case level.priority when {MASS} then :mass else :limit end)
           for update skip locked) due
       order by level.priority, due.out_due_at limit :limit"""  # noqa: S608 - our own numbers
)
# A second statement: its snapshot is younger than the locks, so no message that was just said is overlooked.
# A chat of a spaced channel is passed over until a second after its last message; a moment that lies in the
# future was written before the clock was set back.
TAKE = text(
    """with head as (
           select due.id as chat, m.id, m.state, said.sent_at + interval '1 second' as free_at
           from unnest(cast(:chats as bigint[])) as due(id)
           join conversation c on c.id = due.id
           left join lateral (
               select id, state from message
               where conversation_id = due.id and direction = 'out'
                 and state in ('waiting', 'sending', 'unknown')
               order by id limit 1) m on true
           left join lateral (
               select sent_at from (
                   select sent_at from message
                   where conversation_id = due.id and id < m.id and sent_at is not null
                   order by id desc limit 1) last
               where sent_at between now() - interval '1 second' and now()) said
             on c.channel = any(:spaced)),
       taken as (
           update message m
           set state = case when head.state = 'sending' and c.channel = any(:reporting)
                            then 'unknown' else 'sending' end,
               tries = m.tries + 1, worker = :worker, lease_until = now() + make_interval(secs => :lease)
           from head join conversation c on c.id = head.chat
           where m.id = head.id and head.free_at is null
           returning m.id, m.conversation_id, m.state, m.payload, m.tries, m.priority),
       leased as (
           update conversation c
           set out_due_at = case taken.state when 'sending' then now() + make_interval(secs => :lease)
                                             when 'unknown' then now() + make_interval(secs => :receipt)
                                             else head.free_at end
           from head left join taken on taken.id = head.id
           where c.id = head.chat)
       select taken.*, c.channel, c.account, c.last_in_at, c.language, a.sealed, a.opted_out_at
       from taken join conversation c on c.id = taken.conversation_id join address a on a.id = c.address_id
       order by taken.id"""
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
