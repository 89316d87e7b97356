"""Deadlines in working days. Every limit is data of the city; only the counting lives here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot import hours
from bot.hours import GOVERNMENT_HOURS, Week

# The last second of the day and not an office's closing hour: the citizen is told a date, and on that date
# nobody is late yet, whichever shift the office works.
END_OF_DAY = time(23, 59, 59)
ONE_DAY = timedelta(days=1)
MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take: whole working days, or hours of working time. Exactly one is above 0."""

    days: int = 0
    hours: int = 0

    def __post_init__(self) -> None:
        if min(self.days, self.hours) < 0 or bool(self.days) == bool(self.hours):
            raise ValueError("A limit is given in working days or in working hours, and is above 0.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days a city's offices work.

    Attributes:
        workdays: Days of the week that are worked, Monday = 0.
        own_days: The city's own exceptions, True for worked; they win over weekends and national holidays.
        hours: Periods of work by day of the week, Monday = 0.
    """

    workdays: frozenset[int] = MONDAY_TO_FRIDAY
    own_days: Mapping[date, bool] = field(default_factory=dict)
    hours: Week = field(default_factory=lambda: GOVERNMENT_HOURS)

    def __post_init__(self) -> None:
        if not self.workdays or not self.workdays <= set(range(7)):
            raise ValueError("A calendar needs at least one working day of the week, numbered 0 to 6.")

    def works(self, day: date) -> bool:
        """Return whether the offices work on this day."""
        own = self.own_days.get(day)
        if own is not None:
            return own
        return day.weekday() in self.workdays and day not in national_holidays(day.year)


@lru_cache(maxsize=64)
def national_holidays(year: int) -> Mapping[date, str]:
    """Return Indonesia's public holidays and joint leave days (cuti bersama) of one year with their names.

    Joint leave is decreed a year ahead: for later years only the public holidays are known, and the dates
    of the Islamic year are reckoned. A city adds what it knows in its calendar.csv.

    Source: https://holidays.readthedocs.io/ (ID: categories public, government), from the yearly joint
    decree of three ministers (SKB 3 Menteri).
    """
    # A fresh table per year: the library's own lazy growth is not safe with several threads.
    found = holidays.country_holidays(
        "ID", years=year, expand=False, language="id", categories=("public", "government")
    )
    return dict(found.items())


def until(start: datetime, limit: Limit, calendar: Calendar, timezone: ZoneInfo) -> datetime:
    """Return the deadline of a limit that runs from `start`: see `due` for days and `hours.after` for hours.

    Args:
        start: When the clock begins; aware.
        limit: How long it runs.
        calendar: The days and hours the offices work.
        timezone: The city's zone.
    """
    if limit.days:
        return due(start, limit.days, calendar, timezone)
    return hours.after(start, timedelta(hours=limit.hours), calendar, timezone)


def due(start: datetime, days: int, calendar: Calendar, timezone: ZoneInfo) -> datetime:
    """Return the end of the n-th working day after `start`.

    The day of `start` itself never counts, at whatever hour the report came.

    Args:
        start: When the clock begins; aware.
        days: Working days allowed, at least 1.
        calendar: The days the offices work.
        timezone: The city's zone, which decides what day `start` is.

    Returns:
        23:59:59 of that day in the city's zone, aware.

    Raises:
        ValueError: `start` is naive or `days` is below 1.
    """
    if start.tzinfo is None:
        raise ValueError("A deadline needs a start with its time zone.")
    if days < 1:
        raise ValueError(f"A deadline needs at least one working day, not {days}.")
    day = start.astimezone(timezone).date()
    while days:
        day += ONE_DAY
        days -= calendar.works(day)
    return datetime.combine(day, END_OF_DAY, timezone)


def working_days_left(now: datetime, due_at: datetime, calendar: Calendar, timezone: ZoneInfo) -> int:
    """Return how many working days are left until a deadline; negative exactly when it has passed.

    0 means due today (or before the next working day). Late by a moment is already -1, and stays so until
    the end of the first working day after the deadline.

    Args:
        now: The present instant; aware.
        due_at: The deadline; aware.
        calendar: The days the offices work.
        timezone: The city's zone.
    """
    today, last = now.astimezone(timezone).date(), due_at.astimezone(timezone).date()
    if now > due_at:
        return -max(1, _working_days(last, today, calendar))
    return _working_days(today, last, calendar)


def is_by_day(due_at: datetime, timezone: ZoneInfo) -> bool:
    """Return whether a deadline came of a limit in working days: then it is the last second of a day."""
    return due_at.astimezone(timezone).time() == END_OF_DAY


def after_pause(
    due_at: datetime, paused: datetime, resumed: datetime, calendar: Calendar, timezone: ZoneInfo
) -> datetime:
    """Return the deadline after the clock stood still, while the citizen was asked something.

    The office gets back what it had left: the working days, at least one unless the pause ends on the day it
    began; of a deadline given in hours the working time, to the second. A deadline that had already passed
    when the pause began is not moved, and none becomes earlier, whichever way the machine's clock jumps.

    Args:
        due_at: The deadline before the pause; aware.
        paused: When the clock was stopped; aware.
        resumed: When it runs again; aware.
        calendar: The days and hours the offices work.
        timezone: The city's zone.
    """
    if paused > due_at:
        return due_at
    if not is_by_day(due_at, timezone):
        work = hours.between(paused, due_at, calendar, timezone)
        return max(due_at, hours.after(resumed, work, calendar, timezone) if work else resumed)
    if paused.astimezone(timezone).date() == resumed.astimezone(timezone).date():
        return due_at
    left = working_days_left(paused, due_at, calendar, timezone)
    return max(due_at, due(resumed, max(1, left), calendar, timezone))


def with_limit(
    start: datetime, due_at: datetime, old: Limit, new: Limit, calendar: Calendar, timezone: ZoneInfo
) -> datetime:
    """Return the deadline that a ticket would have, had it begun with another limit.

    It runs from the same start, so that the time already used counts; what pauses gave back since is kept.

    Args:
        start: When the clock began; aware.
        due_at: The deadline as it is; aware.
        old: The limit that it came of.
        new: The limit that is to hold.
        calendar: The days and hours the offices work.
        timezone: The city's zone.
    """
    was, would = until(start, old, calendar, timezone), until(start, new, calendar, timezone)
    if new.days:
        days = _working_days(was.astimezone(timezone).date(), due_at.astimezone(timezone).date(), calendar)
        return due(would, days, calendar, timezone) if days else would
    work = hours.between(was, due_at, calendar, timezone)
    return hours.after(would, work, calendar, timezone) if work else would


def work_left(now: datetime, due_at: datetime, calendar: Calendar, timezone: ZoneInfo) -> timedelta:
    """Return the working time until a deadline; below zero by the time worked since it has passed."""
    if now > due_at:
        return -hours.between(due_at, now, calendar, timezone)
    return hours.between(now, due_at, calendar, timezone)


def _working_days(after: date, until: date, calendar: Calendar) -> int:
    """Count the working days later than `after` and not later than `until`."""
    return sum(calendar.works(after + ONE_DAY * n) for n in range(1, (until - after).days + 1))
