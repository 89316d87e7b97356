"""Working time within a day: periods of work with a break between them. Pure.

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
# Perpres 21/2023: Monday to Friday (article 3), 37.5 hours a week without breaks (4, paragraph 1), from 07.30
# (paragraph 3), with a break of 60 minutes, on Friday of 90 (paragraph 5). When the break begins each city
# says itself: noon, and 11.30 on Friday, is assumed here. Where other hours hold, and in Ramadan (32.5 hours
# from 08.00: paragraphs 2, 4 and 6), a city writes its own into city.csv.
# Source: https://peraturan.bpk.go.id/Details/246436/perpres-no-21-tahun-2023
# Source: https://nasional.kompas.com/read/2023/04/14/11353031/perpres-jam-kerja-asn-normal-375-jam-sepekan-ramadan-325-jam
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


def after(start: datetime, work: timedelta, calendar: Days, timezone: ZoneInfo) -> datetime:
    """Return the instant by which so much was worked since `start`.

    Args:
        start: when the clock begins; aware, also outside working time.
        work: how much working time, above zero.
        calendar: the days and periods that are worked.
        timezone: the zone of those periods.

    Returns:
        An instant within a period or at its end, never at its beginning: hours that are up at closing time
        end then, and not the next morning.

    Raises:
        ValueError: `work` is not above zero.
    """
    if work <= timedelta():
        raise ValueError(f"Working time must be above zero, not {work}.")
    for opens, shuts in _periods(start, calendar, timezone):
        begins = max(opens, start)
        if begins + work <= shuts:
            return begins + work
        work -= max(shuts - begins, timedelta())
    raise AssertionError("the periods never end")


def between(start: datetime, end: datetime, calendar: Days, timezone: ZoneInfo) -> timedelta:
    """Return the time worked from `start` to `end`; nothing when `end` is not later."""
    worked = timedelta()
    for opens, shuts in _periods(start, calendar, timezone):
        if opens >= end:
            break
        worked += max(min(shuts, end) - max(opens, start), timedelta())
    return worked


def _periods(start: datetime, calendar: Days, timezone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """All periods of work from the day of `start` on, without end."""
    day = start.astimezone(timezone).date()
    while True:
        if calendar.works(day):
            for opens, shuts in calendar.hours.get(day.weekday(), ()):
                yield datetime.combine(day, opens, timezone), datetime.combine(day, shuts, timezone)
        day += ONE_DAY
