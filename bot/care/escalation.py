"""Escalation: who is told that a date comes near or has passed, one step further up each time. A job.

Two clocks count: the date the citizen was told ("promise") and the clock of the stage a report is in. A step
is taken once for each date: the history has a line of it, so a new date escalates anew. After a run was
missed only the step that holds now is taken. All of it is set-based: see tests/bench/escalation.py.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.care import notices
from bot.care.notices import Audience, Notice
from bot.care.reminders import is_night
from bot.cities.city import City
from bot.cities.clocks import LANES, MINUTES_A_DAY, minutes
from bot.cities.parts import KINDS
from bot.deadlines import ONE_DAY
from bot.house import House
from storage.models import UNFINISHED

BATCH = 5_000  # tickets a transaction: nobody waits long for a lock
_TURN = 1708_0004  # the advisory lock under which one worker at a time takes a batch

PROMISE, STAGES = "promise", ("verify", "follow_up", "return")  # silence is the citizen's: see bot/clocks.py
STEPS = ("before", "due", "overdue", "late")
OFFICE: dict[str, frozenset[Audience]] = {
    "before": frozenset({"office"}),
    "due": frozenset({"office", "head"}),
    "overdue": frozenset({"head", "superior", "coordinator"}),
    "late": frozenset({"coordinator", "supervisor"}),
}
# Whom to pass a report on to is the coordinator's decision, and so is what was sent back twice.
COORDINATOR: dict[str, frozenset[Audience]] = {
    "before": frozenset({"coordinator"}),
    "due": frozenset({"coordinator"}),
    "overdue": frozenset({"coordinator"}),
    "late": frozenset({"coordinator", "supervisor"}),
}
# The date of a report in parts: the coordinator hears of it once, each office of its own part.
PART: dict[str, frozenset[Audience]] = {
    **OFFICE,
    "overdue": frozenset({"head", "superior"}),
    "late": frozenset({"office", "head", "superior"}),
}
WHO = {PROMISE: OFFICE, "follow_up": OFFICE, "verify": COORDINATOR, "return": COORDINATOR}
WHOSE = WHO | {"part": PART, "whole": COORDINATOR}


def escalate(house: House, *, batch: int = BATCH) -> int:
    """Take every step that is due; returns how many. A second run at once takes none.

    Args:
        house: the running product; its clock says what is due.
        batch: tickets a transaction.
    """
    now = house.clock.now()
    if is_night(now.astimezone(house.city.timezone)):
        return 0
    bounds = _bounds(house.city, now)
    with house.database.reading() as tx:
        tickets = tx.scalars(_DUE, bounds).all()
    taken = 0
    for first in range(0, len(tickets), batch):
        with house.database.transaction() as tx:
            taken += _take(tx, tickets[first : first + batch], bounds, now)
    return taken


def _take(tx: Connection, tickets: Sequence[int], bounds: dict[str, Any], now: datetime) -> int:
    """The steps of some tickets, looked up again: another worker may have taken them meanwhile."""
    tx.execute(text("select pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    steps = tx.execute(_DUE_OF, {**bounds, "tickets": list(tickets)}).all()
    notices.tell_many(tx, [_notice(one) for one in steps], now)
    values = {name: [getattr(one, name) for one in steps] for name in ("ticket_id", "about", "step", "clock")}
    values["told"] = [_told(one) for one in steps]
    return tx.execute(_NOTE, {**values, "now": now}).rowcount if steps else 0


def _notice(one: Row[Any]) -> Notice:
    return Notice(one.ticket_id, one.step, WHOSE[one.whose][one.step], one.about)


def _told(one: Row[Any]) -> str:
    """Who is told, for the history; see `notices` for the supervised lane."""
    return "inspector" if one.supervised else " ".join(sorted(WHOSE[one.whose][one.step]))


_NOTE = text(
    """insert into event (ticket_id, at, kind, detail)
       select ticket_id, :now, 'escalated',
              jsonb_build_object('about', about, 'step', step, 'clock', clock, 'told', told)
       from unnest(cast(:ticket_id as bigint[]), cast(:about as text[]), cast(:step as text[]),
                   cast(:clock as text[]), cast(:told as text[])) as one(ticket_id, about, step, clock, told)
       order by ticket_id"""
)


# --- which steps are due ------------------------------------------------------------------------------------
def _bounds(city: City, now: datetime) -> dict[str, Any]:
    """Up to which deadline each step holds, as values of the query; the last step's by kind and lane."""
    today = now.astimezone(city.timezone).date()
    rows = [(kind, lane, clock) for kind in KINDS for lane in LANES for clock in WHO]
    return {
        "now": now,
        "tomorrow": midnight(city, today + ONE_DAY),
        "soon": midnight(city, next_workday(city, today) + ONE_DAY),
        "kinds": [kind for kind, _, _ in rows],
        "lanes": [lane for _, lane, _ in rows],
        "clocks": [clock for _, _, clock in rows],
        "lates": [late_bound(city, now, kind, lane) for kind, lane, _ in rows],
        "shorts": [_is_short(city, *row) for row in rows],
        "zone": str(city.timezone),
        "stages": list(STAGES),
    }


def _is_short(city: City, kind: str, lane: str, clock: str) -> bool:
    """Whether a clock runs for a day only: then nobody is told the day before, on which it began."""
    limit = city.clocks.limit(kind, lane, "resolve" if clock == PROMISE else clock)
    return minutes(limit) <= MINUTES_A_DAY


def late_bound(city: City, now: datetime, kind: str, lane: str) -> datetime:
    """The moment before which a deadline must have been for its report to be long overdue now.

    That is so from the beginning of the n-th working day after the deadline's day on.
    """
    days = city.clocks.limit(kind, lane, "late").days
    day = now.astimezone(city.timezone).date() + ONE_DAY
    while days:
        day -= ONE_DAY
        days -= city.calendar.works(day)
    return midnight(city, day)


def next_workday(city: City, today: date) -> date:
    """The first day after this one on which the city's offices work."""
    day = today + ONE_DAY
    while not city.calendar.works(day):
        day += ONE_DAY
    return day


def midnight(city: City, day: date) -> datetime:
    """The beginning of a day in the city."""
    return datetime.combine(day, time(), city.timezone)


def about(clock: str, due: str) -> str:
    """SQL for which occasion it is, from SQL for a clock's name and its date: a new date is a new one."""
    return f"{clock} || ' ' || cast({due} at time zone :zone as date)"


# A step that was taken stands in the history; looked up ticket by ticket, for the history as a whole is long.
_STEPS = f"""
    with late as (
        select * from unnest(cast(:kinds as text[]), cast(:lanes as text[]), cast(:clocks as text[]),
                             cast(:lates as timestamptz[]), cast(:shorts as boolean[]))
                      as late(kind, lane, clock, bound, short)),
    clock as (
        select t.id, t.parent_id, t.kind, t.tier, t.crisis_id, t.supervised,
               'promise' as clock, t.due_at as due
        from ticket t
        where t.{UNFINISHED} and t.due_at < :soon and t.paused_at is null
          and t.status not in ('draft', 'answered') {{of}}
        union all
        select t.id, t.parent_id, t.kind, t.tier, t.crisis_id, t.supervised, t.stage, t.stage_due_at
        from ticket t
        where t.stage <> '' and t.stage = any(:stages) and t.stage_due_at < :soon {{of}}),
    step as (
        select c.id as ticket_id, c.clock, c.supervised,
               case when c.clock <> 'promise' then c.clock when c.parent_id is not null then 'part'
                    when exists (select from ticket p where p.parent_id = c.id and p.{UNFINISHED})
                    then 'whole' else c.clock end as whose,
               {about("c.clock", "c.due")} as about,
               case when c.due < late.bound then 'late' when c.due < :now then 'overdue'
                    when c.due < :tomorrow then 'due' when not late.short then 'before' end as step
        from clock c
        join late on late.kind = c.kind and late.clock = c.clock
                 and late.lane = case when c.crisis_id is not null then 'emergency'
                                      when c.supervised then 'supervised' else c.tier end)
    select {{columns}} from step
    where step.step is not null
      and not coalesce((select true from event e
                        where e.ticket_id = step.ticket_id and e.kind = 'escalated'
                          and e.detail ->> 'about' = step.about and e.detail ->> 'step' = step.step
                        limit 1), false)"""  # noqa: S608 - our own words
_DUE = text(_STEPS.format(columns="distinct ticket_id", of="") + " order by ticket_id")
_DUE_OF = text(_STEPS.format(columns="*", of="and t.id = any(:tickets)"))
