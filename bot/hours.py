"""Working time within a day: periods of work with a break between them, counted in minutes. Pure.

A day that is not worked has none. Every instant is aware; days are those of the zone that is given.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

Period = tuple[time, time]
Week = Mapping[int, tuple[Period, ...]]  # periods by day of the week, Monday = 0
_MONDAY_TO_THURSDAY = ((time(7, 30), time(12, 0)), (time(13, 0), time(16, 0)))
_FRIDAY = ((time(7, 30), time(11, 30)), (time(13, 0), time(16, 30)))
# 37.5 hours a week without breaks: one hour at noon, 90 minutes on Friday for the prayer.
# Source: https://peraturan.bpk.go.id/Details/246436/perpres-no-21-tahun-2023 (articles 3 and 4)
GOVERNMENT_HOURS: Week = MappingProxyType(
    {**dict.fromkeys((0, 1, 2, 3, 5, 6), _MONDAY_TO_THURSDAY), 4: _FRIDAY}
)
ONE_DAY = timedelta(days=1)


class Days(Protocol):
    """What a calendar must tell: which days are worked, and when."""

    @property
    def hours(self) -> Week:
        """Periods of work by day of the week."""

    def works(self, day: date) -> bool:
        """Return whether this day is worked."""


def after(start: datetime, minutes: int, calendar: Days, timezone: ZoneInfo) -> datetime:
    """Return the instant by which so many minutes were worked since `start`.

    Args:
        start: when the clock begins; aware, also outside working time.
        minutes: of work, at least 1.
        calendar: the days and periods that are worked.
        timezone: the zone of those periods.
    """
    left = timedelta(minutes=minutes)
    for opens, shuts in _periods(start, calendar, timezone):
        begins = max(opens, start)
        if begins + left <= shuts:
            return begins + left
        left -= max(shuts - begins, timedelta())
    raise AssertionError("the periods never end")


def between(start: datetime, end: datetime, calendar: Days, timezone: ZoneInfo) -> int:
    """Return the whole minutes worked from `start` to `end`; 0 when `end` is not later."""
    worked = timedelta()
    for opens, shuts in _periods(start, calendar, timezone):
        if opens >= end:
            break
        worked += max(min(shuts, end) - max(opens, start), timedelta())
    return int(worked.total_seconds() // 60)


def _periods(start: datetime, calendar: Days, timezone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """All periods of work from the day of `start` on, without end."""
    day = start.astimezone(timezone).date()
    while True:
        if calendar.works(day):
            for opens, shuts in calendar.hours.get(day.weekday(), ()):
                yield datetime.combine(day, opens, timezone), datetime.combine(day, shuts, timezone)
        day += ONE_DAY
