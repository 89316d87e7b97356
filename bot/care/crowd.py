"""News for a report with very many followers: told by a job in small steps, after all conversations.

Written down in one transaction they would hold up the chats of all of them, and the officer who waits for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from bot import outbound
from bot.channel import Say
from bot.delivery.many import Saying, say_many
from bot.house import House
from bot.outbound import Chat
from bot.queue import put, put_later
from storage import merged
from storage.models import ticket

MOST_AT_ONCE = 200  # followers told in the move's own transaction, and of a step of the job
# For a lock: the followers of these reports, but of a crowd none.
FEW_FOLLOWERS = f"""select conversation_id from follower where ticket_id in (select id from whole)
    and (select count(*) from (select from follower where ticket_id in (select id from whole)
                               limit {MOST_AT_ONCE} + 1) counted) <= {MOST_AT_ONCE}"""  # noqa: S608 - a number


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs between followers: their channel, their language, and whether their report was joined."""

    chat: Chat  # any of them
    language: str
    joined: bool


def is_crowd(tx: Connection, ticket_id: int) -> bool:
    """Whether a report has more followers than are told at once."""
    return int(tx.scalar(_SOME, {"ticket": ticket_id, "most": MOST_AT_ONCE + 1})) > MOST_AT_ONCE


_SOME = text(
    "select count(*) from (select from follower where ticket_id = :ticket limit :most) counted",
)


def tell_later(
    tx: Connection,
    row: RowMapping,
    words: Callable[[Variant], Sequence[str]],
    but: int | None,
    pause: timedelta = timedelta(),
) -> None:
    """See that the crowd is told, once this transaction is committed.

    Args:
        tx: the transaction that changed the report.
        row: the report as it is now.
        words: what each kind of follower is told, message by message; asked a few times, not for each chat.
        but: a chat that is not told, beside the one that filed it.
        pause: how long the move can be taken back; nobody is told before that.
    """
    kinds = tx.execute(_KINDS, {"ticket": row["id"]}).all()
    told = [
        {"channel": one.channel, "account": one.account, "language": one.language, "joined": joined}
        | {"words": list(words(Variant(Chat(one.id, one.channel, one.account), one.language, joined)))}
        for one in kinds
        for joined in (False, True)
    ]
    mark = _mark(row)
    tx.execute(_BEGIN, {"mark": mark})
    what = {"ticket_id": row["id"], "mark": mark, "status": row["status"], "told": told, "but": but}
    put_later(tx, "tell_crowd", pause, **what) if pause else put(tx, "tell_crowd", **what)


def tell_nobody(tx: Connection, row: RowMapping) -> None:
    """Let nobody of a crowd hear of the last move of a report, which is taken back: the job finds no mark."""
    tx.execute(_DONE, {"mark": _mark(row)})


def _mark(row: RowMapping) -> str:
    return f"{row['id']} {row['version']}"


_KINDS = text(
    """select min(c.id) as id, c.channel, c.account, c.language
       from follower f join conversation c on c.id = f.conversation_id
       where f.ticket_id = :ticket group by c.channel, c.account, c.language"""
)
_BEGIN = text(
    "insert into position (channel, account, value) values ('crowd', :mark, 0) on conflict do nothing"
)


def tell(
    house: House, ticket_id: int, mark: str, status: str, told: Sequence[Mapping[str, Any]], but: int
) -> int:
    """Tell the crowd, step by step; returns how many chats. A job.

    How far it got is written down with each step: a second run goes on where one stopped, and tells nobody
    twice. It ends early when the report moved on, for then other news is on its way to all of them.
    """
    count = 0
    while step := _step(house, ticket_id, mark, status, told, but):
        count += step
        house.database.bell.ring()
    return count


def _step(
    house: House, ticket_id: int, mark: str, status: str, told: Sequence[Mapping[str, Any]], but: int
) -> int:
    with house.database.transaction() as tx:
        after = tx.scalar(_HOW_FAR, {"mark": mark})
        if after is None:
            return 0
        values = {"ticket": ticket_id, "after": after, "most": MOST_AT_ONCE}
        chats = tx.execute(_NEXT, values).all()
        row = tx.execute(ticket.select().where(ticket.c.id == ticket_id)).mappings().one()
        if not chats or row["status"] != status:
            tx.execute(_DONE, {"mark": mark})
            return 0
        joined = merged.reporters(tx, row)
        words = {
            (one["channel"], one["account"], one["language"], one["joined"]): one["words"] for one in told
        }
        sayings = [
            Saying(Chat(one.id, one.channel, one.account), Say(said), ticket_id)
            for one in chats
            if one.id not in (but, row["conversation_id"])
            for said in words.get((one.channel, one.account, one.language, one.id in joined), ())
        ]
        say_many(tx, house.channels, sayings, now=house.clock.now(), priority=outbound.MASS)
        tx.execute(_SO_FAR, {"mark": mark, "value": chats[-1].id})
        return len(chats)


_HOW_FAR = text("select value from position where channel = 'crowd' and account = :mark for update")
_SO_FAR = text("update position set value = :value where channel = 'crowd' and account = :mark")
_DONE = text("delete from position where channel = 'crowd' and account = :mark")
# Locked in the order of their ids, as everywhere.
_NEXT = text(
    """select id, channel, account, language from conversation
       where id = any(array(select conversation_id from follower
                            where ticket_id = :ticket and conversation_id > :after
                            order by conversation_id limit :most))
       order by id for update"""
)
