"""Reports that wait for a budget: which years may be named, and what happens when such a year begins.

From the first daytime hour of the year on, a job takes each of them up again: its clock runs with a new date,
its citizen and followers are told once, its office gets a notice. Who planned for the running year is not
told that it begins; what is still waiting when that year is over is taken up with the next one.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text, update

from bot import deadlines, tickets
from bot.care import consequences, desk, notices, telling
from bot.care.following import YEAR_BEGUN
from bot.care.moved import Moved
from bot.care.reminders import is_night
from bot.clocks import lane
from bot.house import House
from storage.models import ticket

NOTICE = "year"


def begin_year(house: House) -> int:
    """Take up what was planned for a year that has begun; returns how many. A second run finds none. A job.

    At night nobody is disturbed; whatever fell due while no worker ran is taken up by the next run.
    """
    now = house.clock.now()
    local = now.astimezone(house.city.timezone)
    if is_night(local):
        return 0
    with house.database.reading() as tx:
        numbers = tx.scalars(_DUE, {"year": local.year}).all()
    taken_up = 0
    for number in numbers:
        with house.database.transaction() as tx:
            taken_up += _take_up(tx, house, number, local.year, now)
    if taken_up:
        house.database.bell.ring()
    return taken_up


# Looked for in ix_ticket_planned, and looked at again under the ticket's lock.
_WAITS = "status = 'planned' and planned_year <= :year and coalesce(told_year, 0) < :year"
_DUE = text(f"select number from ticket where {_WAITS} order by id")  # noqa: S608 - our own words
_STILL = text(f"select id from ticket where number = :number and {_WAITS}")  # noqa: S608


def _take_up(tx: Connection, house: House, number: str, year: int, now: datetime) -> bool:
    """One report, unless it left `planned` meanwhile."""
    desk.lock_with_chats(tx, [number])
    ticket_id = tx.scalar(_STILL, {"number": number, "year": year})
    if ticket_id is None:
        return False
    before = tickets.lock(tx, ticket_id)
    limit = house.city.clocks.limit(before["kind"], lane(before), "resolve")
    due = deadlines.until(now, limit, house.city.calendar, house.city.timezone)
    anew = update(ticket).where(ticket.c.id == ticket_id)
    tx.execute(anew.values(due_at=due, paused_at=None, told_year=year))
    given: dict[str, Any] = {"year": before["planned_year"]}
    tickets.append(tx, ticket_id, now, "year", detail=given)
    row = tickets.lock(tx, ticket_id)
    row, reached = tickets.move(tx, house.city, row, "in_progress", tickets.SYSTEM, now, given)
    telling.tell(tx, house, row, replace(reached, push=YEAR_BEGUN), given, None)
    consequences.follow(Moved(tx, house, before, row, tickets.SYSTEM, now, given))
    notices.tell(tx, row, NOTICE, ["office"], now, about=str(year), note=str(before["planned_year"]))
    return True
