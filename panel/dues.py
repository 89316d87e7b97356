"""How much time a ticket has left, as a chip: until the date that was told, or until a step due before it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot import deadlines
from bot.cities.city import City
from bot.cities.clocks import MINUTES_A_DAY
from panel.shown import Chip
from storage.models import FINISHED

Row = Mapping[Any, Any]

# What the office has to do before a stage clock is up.
STEPS = {"verify": "teruskan", "follow_up": "tindak lanjuti", "return": "tentukan instansi"}
A_DAY = timedelta(minutes=MINUTES_A_DAY)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def due_chip(row: Row, now: datetime, city: City) -> Chip:
    """How much working time a ticket has left; a paused clock says so.

    Args:
        row: the ticket.
        now: business time.
        city: whose calendar and hours count.
    """
    if row["status"] in FINISHED:
        return Chip("tuntas", "check", "off")
    if row["status"] == "answered":
        return Chip("sudah dijawab", "reply", "off")
    if _step_first(row, now):
        return _step(row, now, city)
    if row["due_at"] is None:
        return Chip("tanpa batas waktu", "clock", "off")
    moment = row["paused_at"] or now
    words, late, soon = _time(moment, row["due_at"], city)
    left = f"lewat {words}" if late else f"sisa {words}" if words else "batas hari ini"
    if row["paused_at"]:
        return Chip(f"jeda, {left}", "pause", "off")
    return Chip(left, "alert" if late else "clock", "bad" if late else "warn" if soon else "calm")


def step_due(row: Row) -> str:
    """What has to be done before the clock of a ticket's stage is up; empty when no such clock runs."""
    return STEPS.get(row["stage"], "") if row["stage_due_at"] and not row["paused_at"] else ""


def _step_first(row: Row, now: datetime) -> bool:
    """Whether the stage is due before the citizen's date; once that has passed, nothing is more urgent."""
    if not step_due(row) or row["status"] == "draft":
        return False
    return row["due_at"] is None or row["stage_due_at"] < row["due_at"] >= now


def _step(row: Row, now: datetime, city: City) -> Chip:
    words, late, soon = _time(now, row["stage_due_at"], city)
    step = step_due(row)
    if late:
        return Chip(f"{step}: lewat {words}", "alert", "bad")
    return Chip(f"{step} dalam {words}" if words else f"{step} hari ini", "clock", "warn" if soon else "calm")


def _time(now: datetime, due_at: datetime, city: City) -> tuple[str, bool, bool]:
    """The working time between now and a deadline in words, empty for today; whether it is late, or soon."""
    late = now > due_at
    if not deadlines.is_by_day(due_at, city.timezone):
        work = abs(deadlines.work_left(now, due_at, city.calendar, city.timezone))
        if work < A_DAY:
            return _short(work), late, True
    days = deadlines.working_days_left(now, due_at, city.calendar, city.timezone)
    return f"{abs(days)} hari kerja" if days else "", late, days <= 1


def _short(work: timedelta) -> str:
    """Less than a day: whole hours, below that minutes, and never none."""
    if work >= HOUR:
        return f"{work // HOUR} jam kerja"
    return f"{max(1, work // MINUTE)} menit kerja"
