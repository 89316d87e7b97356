"""Reports whose citizen says nothing: a reminder, then the end as `no_answer`, which is no satisfaction.

The clock runs from the last word of either side, so a citizen who wrote anything is not silent. News that
never arrived keeps a report open: its office is told, and the clock begins anew.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, text

from bot import clocks, deadlines, outbound, tickets
from bot.care import consequences, desk, notices
from bot.care.reminders import is_night
from bot.delivery.speaking import lock_listener, tell, worded
from bot.house import House
from bot.talk.closing import solved_question
from bot.wording import Line, day
from storage.database import DatabaseAway

log = logging.getLogger(__name__)
BATCH = 500  # reports looked up at once; each is then a transaction of its own
REMIND_DAYS = 3  # working days before the end
ENDS = "Report {number} closes on {day} if we hear nothing. Is it solved?"
ENDS_UNANSWERED = "{office} waits for your answer about report {number}. It closes on {day}."

Became = Literal["closed", "reminded", "undelivered", ""]


@dataclass(frozen=True, slots=True)
class Passed:
    """How many reports one pass closed, reminded of, and left open because the news did not arrive."""

    closed: int = 0
    reminded: int = 0
    undelivered: int = 0
    failed: int = 0


def look_after(house: House) -> Passed:
    """Remind and close what is due; a second run, or another worker at once, does nothing more. A job.

    Nobody is written to at night. A report that cannot be handled is logged and does not stop the others.
    """
    now, zone = house.clock.now(), house.city.timezone
    if is_night(now.astimezone(zone)):
        return Passed()
    became: list[str] = []
    horizon = deadlines.due(now, REMIND_DAYS, house.city.calendar, zone)
    for numbers in _batches(house, now, horizon):
        became += [_try(house, number, now, horizon) for number in numbers]
        house.database.bell.ring()
    kinds = ("closed", "reminded", "undelivered", "failed")
    return Passed(**{kind: became.count(kind) for kind in kinds})


def _batches(house: House, now: datetime, horizon: datetime) -> Iterator[list[str]]:
    last = 0
    while True:
        with house.database.reading() as tx:
            values = {"now": now, "horizon": horizon, "last": last, "limit": BATCH}
            rows = tx.execute(_DUE, values).all()
        if not rows:
            return
        last = rows[-1].id
        yield [row.number for row in rows]


# Who was told the date that stands now has been reminded; a date that moved is told again.
_reminded = """exists (select from event e where e.ticket_id = t.id and e.kind = 'silence'
                       and e.detail ->> 'closes' = cast(floor(extract(epoch from t.stage_due_at)) as text))"""
# What one of several offices will do in a coming year is not over because nobody writes.
_silent = """t.stage = 'silence' and t.status in ('answered', 'waiting') and t.parent_id is null
             and not exists (select from ticket p where p.parent_id = t.id and p.status = 'planned')"""
_DUE = text(
    f"""select t.id, t.number from ticket t
        where {_silent} and t.stage_due_at <= :horizon and t.id > :last
          and (t.stage_due_at < :now or not {_reminded})
        order by t.id limit :limit"""  # noqa: S608 - our own words
)
# The news itself is what was said first since the report came into its status; photos may be missing.
_ONE = text(
    f"""with entered as (
            select e.id, e.at from event e join ticket t on t.id = e.ticket_id
            where t.number = :number and e.kind = 'status' and e.status = t.status
            order by e.id desc limit 1),
        news as (
            select m.state, m.created_at from message m join ticket t on t.id = m.ticket_id, entered
            where t.number = :number and m.conversation_id = t.conversation_id and m.direction = 'out'
              and m.kind not in ('knock', 'photo') and m.created_at >= entered.at)
        select t.*, o.short_name as office_name, entered.id as entered_id, {_reminded} as reminded,
               (select bool_and(state in ('sent', 'delivered', 'read')) from news
                where created_at = (select min(created_at) from news)) as arrived,
               (select max(m.created_at) from message m
                where m.conversation_id = t.conversation_id and m.created_at >= entered.at
                  and (m.direction = 'in' and (m.ticket_id = t.id or m.ticket_id is null)
                       or m.author = 'staff' and m.ticket_id = t.id)) as last_word
        from ticket t cross join entered left join office o on o.id = t.office_id
        left join conversation c on c.id = t.conversation_id
        where t.number = :number and {_silent} and t.stage_due_at <= :horizon and c.taken_by is null"""  # noqa: S608
)


def _try(house: House, number: str, now: datetime, horizon: datetime) -> Became | Literal["failed"]:
    try:
        with house.database.transaction() as tx:
            return _look(tx, house, number, now, horizon)
    except DatabaseAway:
        raise
    except Exception:
        log.exception("a silent report could not be handled", extra={"number": number})
        return "failed"


def _look(tx: Connection, house: House, number: str, now: datetime, horizon: datetime) -> Became:
    """One report, looked at again under the locks that a citizen's turn takes too: who writes now wins."""
    desk.lock_with_chats(tx, [number])
    row = tx.execute(_ONE, {"number": number, "horizon": horizon}).mappings().one_or_none()
    if row is None:
        return ""
    ends = _ends(house, row)
    if ends > row["stage_due_at"]:
        _set_end(tx, row, ends)
        return ""  # looked at again when it is due
    if row["conversation_id"] is not None and not row["arrived"]:
        return _keep_open(tx, house, row, now)
    if ends < now:
        ticket = tickets.lock(tx, row["id"])
        consequences.carry_out(tx, house, ticket, "closed", tickets.SYSTEM, now, {"how": "no_answer"})
        return "closed"
    return _remind(tx, house, row, now)


def _ends(house: House, row: RowMapping) -> datetime:
    """When the silence is long enough: counted from the last word of citizen or officer."""
    due: datetime = row["stage_due_at"]
    if row["last_word"] is None:
        return due
    return max(due, _until(house, row, row["last_word"]))


def _until(house: House, row: RowMapping, start: datetime) -> datetime:
    limit = house.city.clocks.limit(row["kind"], clocks.lane(row), "silence")
    return deadlines.until(start, limit, house.city.calendar, house.city.timezone)


def _set_end(tx: Connection, row: RowMapping, ends: datetime) -> None:
    tx.execute(_SET_END, {"id": row["id"], "ends": ends})


_SET_END = text("update ticket set stage_due_at = :ends, version = version + 1 where id = :id")


def _keep_open(tx: Connection, house: House, row: RowMapping, now: datetime) -> Became:
    """The citizen never saw it: the office and its head are told, and the silence has not begun."""
    _set_end(tx, row, _until(house, row, now))
    tickets.append(tx, row["id"], now, "undelivered")
    about = f"{row['entered_id']} {now:%Y-%m-%d}"
    notices.tell(tx, row, "undelivered", ("office", "head"), now, about=about)
    return "undelivered"


def _remind(tx: Connection, house: House, row: RowMapping, now: datetime) -> Became:
    """Say once when it ends. It comes to the front of the chat's reports, so that "ya" is about this one."""
    if row["reminded"] or row["conversation_id"] is None or not _is_late_enough(house, row, now):
        return ""
    to = lock_listener(tx, house, row["conversation_id"])
    values: dict[str, Any] = {
        "number": row["number"],
        "office": row["office_name"] or house.city.name,
        "day": day(row["stage_due_at"], to.language, house.city.timezone),
    }
    line = Line(ENDS, values, solved_question().options)
    if row["status"] == "waiting":
        line = Line(ENDS_UNANSWERED, values)
    tell(tx, house, to, [worded(house, line, to)], now, ticket_id=row["id"], priority=outbound.MASS)
    tickets.append(tx, row["id"], now, "silence", detail={"closes": int(row["stage_due_at"].timestamp())})
    tx.execute(_TO_THE_FRONT, {"id": row["id"], "now": now})
    return "reminded"


def _is_late_enough(house: House, row: RowMapping, now: datetime) -> bool:
    """Three working days before the end, in a city with a shorter silence half of it."""
    limit = house.city.clocks.limit(row["kind"], clocks.lane(row), "silence")
    calendar, zone = house.city.calendar, house.city.timezone
    left = deadlines.working_days_left(now, row["stage_due_at"], calendar, zone)
    return left <= min(REMIND_DAYS, limit.days // 2)


_TO_THE_FRONT = text("update ticket set changed_at = :now, version = version + 1 where id = :id")
