"""The clocks of a ticket: the date the citizen is told, and the clock of the stage it is in. Pure.

`due_at` is the promise: answered by then. Beside it one stage clock runs (`stage`, `stage_due_at`):
verify while it waits to be passed on, follow_up until the office begins, return while the coordinator decides
about a report that was sent back, silence while it is the citizen who should say something.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot import deadlines
from bot.cities.city import City
from bot.workflow import STATUSES

STAGE_OF = {
    "received": "verify",
    "returned": "return",
    "forwarded": "follow_up",
    "waiting": "silence",
    "answered": "silence",
}
ENDED = ("closed", "rejected")  # from where staff may open a report again
Ticket = Mapping[Any, Any]


def lane(row: Ticket) -> str:
    """Which clocks hold for a ticket: those of an emergency, of the supervised lane, or of its tier."""
    if row["crisis_id"]:
        return "emergency"
    return "supervised" if row["supervised"] else str(row["tier"])


def filed(city: City, row: Ticket, now: datetime) -> dict[str, Any]:
    """The columns of a draft that becomes a report now: its tier by its category, promise and first stage."""
    known = city.categories.get(row["category"])
    tier = row["tier"] or (known.tier if known else "")
    row = {**row, "tier": tier}
    return {"filed_at": now, "tier": tier, "due_at": _limit(city, row, "resolve", now)} | _stage(
        city, row, "received", now
    )


def entered(city: City, row: Ticket, status: str, now: datetime) -> dict[str, Any]:
    """The columns that change when a ticket comes into a status: pause, promise and stage clock."""
    if row["status"] in ENDED and status not in ENDED:
        return _opened_again(city, row, status, now) | _stage(city, row, status, now)
    if STATUSES[status].pauses:
        return {"paused_at": row["paused_at"] or now} | _stage(city, row, status, now)
    return _resumed(city, row, now) | _stage(city, row, status, now)


def anew(city: City, row: Ticket, now: datetime) -> dict[str, Any]:
    """The columns of a report that is worked on again, with a new date."""
    due = _limit(city, row, "follow_up", now)
    return {"status": "in_progress", "due_at": due, "paused_at": None, "stage": "", "stage_due_at": None}


def inspected(city: City, row: Ticket, now: datetime) -> dict[str, Any]:
    """The columns of a report that goes into the supervised lane or out of it; `row` says which.

    Into it: the lane's time from the day it was filed, and never less than was left. Out of it: its usual
    time from today, unless the lane's ends sooner.
    """
    due = _limit(city, row, "resolve", row["filed_at"] or now if row["supervised"] else now)
    if row["due_at"]:
        due = max(due, row["due_at"]) if row["supervised"] else min(due, row["due_at"])
    return entered(city, row, row["status"], now) | {"due_at": due}


def weighed(city: City, row: Ticket, tier: str, now: datetime, *, reopened: bool) -> dict[str, Any]:
    """The columns of a filed ticket that gets another tier.

    The date becomes what it would be had the report been filed with this tier: time used counts, time that
    pauses gave back stays. A stricter tier brings the date no nearer than the end of the next working day,
    so that nobody is late by it alone; a date that has passed it leaves. A report that came back to its
    office ("belum") keeps the date it was given then.

    Args:
        city: whose clocks and calendar count.
        row: the ticket.
        tier: light, medium or heavy.
        now: business time.
        reopened: whether it was worked on again after an answer or its end.
    """
    found: dict[str, Any] = {"tier": tier}
    if reopened or row["due_at"] is None:
        return found
    old, new = (_resolve(city, row, one) for one in (row["tier"], tier))
    start = row["filed_at"] or row["created_at"]
    due = deadlines.with_limit(start, row["due_at"], old, new, city.calendar, city.timezone)
    if due < row["due_at"]:
        # In a pause it is the moment it began that counts: what is left then comes back with the reply.
        soon = deadlines.due(row["paused_at"] or now, 1, city.calendar, city.timezone)
        due = max(due, min(soon, row["due_at"]))
    return found | {"due_at": due}


def _resolve(city: City, row: Ticket, tier: str) -> deadlines.Limit:
    return city.clocks.limit(row["kind"], lane({**row, "tier": tier}), "resolve")


def _opened_again(city: City, row: Ticket, status: str, now: datetime) -> dict[str, Any]:
    """Staff open a report again: the time of its next step from now, and never less than was promised."""
    due = _limit(city, row, "resolve" if status == "received" else "follow_up", now)
    return {"paused_at": None, "due_at": max(due, row["due_at"] or due)}


def _resumed(city: City, row: Ticket, now: datetime) -> dict[str, Any]:
    if row["paused_at"] is None or row["due_at"] is None:
        return {"paused_at": None}
    due = deadlines.after_pause(row["due_at"], row["paused_at"], now, city.calendar, city.timezone)
    return {"paused_at": None, "due_at": due}


def _stage(city: City, row: Ticket, status: str, now: datetime) -> dict[str, Any]:
    stage = STAGE_OF.get(status, "")
    if stage == "silence" and row["parent_id"]:
        stage = ""  # the citizen owes his word to the whole, not to a part
    return {"stage": stage, "stage_due_at": _limit(city, row, stage, now) if stage else None}


def _limit(city: City, row: Ticket, stage: str, now: datetime) -> datetime:
    limit = city.clocks.limit(row["kind"], lane(row), stage)
    return deadlines.until(now, limit, city.calendar, city.timezone)
