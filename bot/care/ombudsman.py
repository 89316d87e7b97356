"""Tells citizens of a report that is long overdue what happens now, and whom else they may turn to. A job.

Once for each report, whoever filed it: an anonymous reporter reads it in his own chat.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from bot import outbound
from bot.care.escalation import PROMISE, about
from bot.care.reminders import is_night
from bot.channel import Say
from bot.delivery.many import Saying, say_many
from bot.house import House
from bot.outbound import Chat
from bot.wording import Line, day
from storage import models

LATE = (
    "Report {number} is late: an answer was due by {due}.\n"
    "{office} and its superiors were reminded again.\n"
    "You may also turn to the Ombudsman: {ombudsman}"
)
BATCH = 500  # chats a transaction: a citizen who writes now waits for it
MOST = 2_000  # citizens a run: after a long silence of ours the outbox is not flooded


def tell(house: House, *, batch: int = BATCH, most: int = MOST) -> int:
    """Tell citizens who are to be told, the longest overdue first; returns how many. Nobody is told twice.

    Args:
        house: the running product; its clock says whether it is night.
        batch: citizens a transaction.
        most: citizens a run.
    """
    now = house.clock.now()
    if is_night(now.astimezone(house.city.timezone)):
        return 0
    with house.database.reading() as tx:
        due = tx.execute(_DUE, {"now": now, "zone": str(house.city.timezone), "most": most}).all()
    told = 0
    for first in range(0, len(due), batch):
        some = due[first : first + batch]
        with house.database.transaction() as tx:
            told += _tell(tx, house, some, now)
    if told:
        house.database.bell.ring()
    return told


def _tell(tx: Connection, house: House, due: Sequence[Row[Any]], now: datetime) -> int:
    """Some citizens, looked at again under the locks of chats and tickets, in this order as everywhere."""
    tickets = [one.id for one in due]
    tx.execute(_LOCK_CHATS, {"chats": [one.conversation_id for one in due]})
    tx.execute(_LOCK_TICKETS, {"tickets": tickets})
    values = {"now": now, "zone": str(house.city.timezone), "tickets": tickets}
    rows = tx.execute(_DUE_OF, values).all()
    sayings = [_saying(house, row) for row in rows]
    say_many(tx, house.channels, sayings, now=now, priority=outbound.PUSH)
    if rows:
        tx.execute(_NOTE, {"tickets": [row.id for row in rows], "now": now})
    return len(rows)


def _saying(house: House, row: Row[Any]) -> Saying:
    chat = Chat(row.conversation_id, row.channel, row.account)
    channel = house.channels.get(chat.key)
    language = house.wording.spoken(row.language)
    values = {
        "number": row.number,
        "due": day(row.due_at, language, house.city.timezone),
        "office": row.office or house.city.name,
        "ombudsman": house.city.ombudsman,
    }
    words = house.wording.line(Line(LATE, values), language, channel.limits.context if channel else "")
    return Saying(chat, Say(words), row.id)


_LOCK_CHATS = text("select id from conversation where id = any(:chats) order by id for update")
_LOCK_TICKETS = text("select id from ticket where id = any(:tickets) order by id for update")
_NOTE = text(
    """insert into event (ticket_id, at, kind)
       select id, :now, 'ombudsman' from unnest(cast(:tickets as bigint[])) as one(id) order by id"""
)


def _long_overdue(more: str) -> TextClause:
    """The query for reports whose citizen is to be told: their date is long overdue, says the history.

    A part of a report has no citizen of its own, and an office outside the city has no date of ours.
    """
    occasion = about(f"'{PROMISE}'", "t.due_at")
    return text(
        f"""select t.id, t.conversation_id, t.number, t.due_at, o.short_name as office,
                   c.channel, c.account, c.language
            from ticket t join conversation c on c.id = t.conversation_id
            left join office o on o.id = t.office_id
            where t.{models.UNFINISHED} and t.due_at < :now and t.paused_at is null
              and t.status not in ('draft', 'answered') and t.parent_id is null
              and (o.kind is distinct from 'external' or t.status not in ('forwarded', 'in_progress'))
              and coalesce((select max(case when e.kind = 'ombudsman' then 2
                                            when e.kind = 'escalated' and e.detail ->> 'step' = 'late'
                                                 and e.detail ->> 'about' = {occasion} then 1 end)
                            from event e where e.ticket_id = t.id), 0) = 1
              {more}"""  # noqa: S608 - our own words
    )


_DUE = _long_overdue("order by t.due_at, t.id limit :most")
_DUE_OF = _long_overdue("and t.id = any(:tickets) order by t.id")
