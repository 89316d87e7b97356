"""What holds for every deadline: pauses, holidays, lunch and Friday prayer, zones, the turn of the year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import hours
from bot.deadlines import (
    Calendar,
    Limit,
    after_pause,
    due,
    is_by_day,
    national_holidays,
    until,
    with_limit,
    work_left,
    working_days_left,
)

WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
PLAIN = Calendar()
NOTHING = timedelta()
HOUR = timedelta(hours=1)
LONG_DAY = ((time(6), time(9)), (time(9, 30), time(12)), (time(13), time(22)))

ZONES = st.sampled_from([WIB, WITA, WIT])
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(NOTHING, timedelta(days=60))
WORK = st.timedeltas(timedelta(seconds=1), timedelta(hours=120))
LIMITS = st.one_of(st.builds(Limit, days=st.integers(1, 60)), st.builds(Limit, hours=st.integers(1, 120)))
OWN_DAYS = st.dictionaries(st.dates(date(2025, 1, 1), date(2029, 3, 1)), st.booleans(), max_size=40)
CALENDARS = st.one_of(
    st.just(PLAIN),
    st.builds(Calendar, own_days=OWN_DAYS),
    st.just(Calendar(workdays=frozenset(range(6)))),
    st.just(Calendar(hours={day: LONG_DAY for day in range(7)})),
)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


# --- working time within a day ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "worked", "end"),
    [
        ("2026-11-20 15:00", 8, "2026-11-23 15:00"),  # Friday, 1.5 hours are left; the rest on Monday
        ("2026-11-16 11:00", 2, "2026-11-16 14:00"),  # lunch from 12 to 13
        ("2026-11-20 11:00", 1, "2026-11-20 13:30"),  # Friday prayer from 11.30 to 13
        ("2026-11-16 20:00", 1, "2026-11-17 08:30"),  # in the evening
        ("2026-11-16 08:30", 1, "2026-11-16 09:30"),
        ("2026-11-16 13:00", 3, "2026-11-16 16:00"),  # until closing time, not until the next morning
        ("2026-08-14 16:00", 1, "2026-08-18 08:00"),  # half an hour on Friday, then Independence Day
    ],
)
def test_hours_are_worked_in_two_periods_a_day(start: str, worked: int, end: str) -> None:
    assert until(wib(start), Limit(hours=worked), PLAIN, WIB) == wib(end)


def test_a_week_of_the_government_has_37_and_a_half_hours() -> None:
    monday = wib("2026-11-16 00:00")
    assert hours.between(monday, monday + timedelta(days=7), PLAIN, WIB) == timedelta(hours=37.5)


@given(start=INSTANTS, first=SPANS, second=SPANS, calendar=CALENDARS, zone=ZONES)
def test_working_time_adds_up(
    start: datetime, first: timedelta, second: timedelta, calendar: Calendar, zone: ZoneInfo
) -> None:
    middle, end = start + first, start + first + second
    parts = hours.between(start, middle, calendar, zone) + hours.between(middle, end, calendar, zone)
    assert parts == hours.between(start, end, calendar, zone)
    assert hours.between(end, start, calendar, zone) == NOTHING


@given(start=INSTANTS, work=WORK, calendar=CALENDARS, zone=ZONES)
def test_what_was_worked_until_a_deadline_is_its_limit(
    start: datetime, work: timedelta, calendar: Calendar, zone: ZoneInfo
) -> None:
    end = hours.after(start, work, calendar, zone)
    assert hours.between(start, end, calendar, zone) == work
    local = end.astimezone(zone)
    assert calendar.works(local.date())
    periods = calendar.hours[local.weekday()]
    assert any(opens < local.time() <= shuts for opens, shuts in periods), "never at lunch, never at night"


# --- deadlines ----------------------------------------------------------------------------------------------
@given(start=INSTANTS, later=SPANS, limit=LIMITS, calendar=CALENDARS, zone=ZONES)
def test_a_deadline_lies_ahead_and_who_comes_later_is_never_due_earlier(
    start: datetime, later: timedelta, limit: Limit, calendar: Calendar, zone: ZoneInfo
) -> None:
    end = until(start, limit, calendar, zone)
    assert start < end <= until(start + later, limit, calendar, zone)
    assert is_by_day(end, zone) == bool(limit.days)
    assert working_days_left(start, end, calendar, zone) >= 0
    assert work_left(start, end, calendar, zone) >= (timedelta(hours=limit.hours) if limit.hours else NOTHING)


@given(start=INSTANTS, limit=LIMITS, zone=ZONES, holiday=st.integers(0, 90))
def test_a_holiday_never_makes_a_deadline_earlier(
    start: datetime, limit: Limit, zone: ZoneInfo, holiday: int
) -> None:
    day = start.astimezone(zone).date() + timedelta(days=holiday)
    without, with_it = PLAIN, Calendar(own_days={day: False})
    end = until(start, limit, without, zone)
    later = until(start, limit, with_it, zone)
    assert later >= end
    if not PLAIN.works(day) or day > end.astimezone(zone).date():
        assert later == end, "a holiday on a Sunday or after it changes nothing"


@given(start=INSTANTS, limit=LIMITS)
def test_the_same_hour_on_the_wall_gives_the_same_deadline_in_every_zone(
    start: datetime, limit: Limit
) -> None:
    on_the_wall = {
        until(start.replace(tzinfo=zone), limit, PLAIN, zone).replace(tzinfo=None)
        for zone in (WIB, WITA, WIT)
    }
    assert len(on_the_wall) == 1


@given(start=INSTANTS, late=st.timedeltas(timedelta(microseconds=1), timedelta(days=60)), limit=LIMITS)
def test_what_is_over_is_below_zero_and_what_is_not_is_not(
    start: datetime, late: timedelta, limit: Limit
) -> None:
    end = until(start, limit, PLAIN, WIB)
    assert working_days_left(end + late, end, PLAIN, WIB) < 0
    assert working_days_left(end, end, PLAIN, WIB) == 0
    assert work_left(end + late, end, PLAIN, WIB) <= NOTHING <= work_left(end - late, end, PLAIN, WIB)


# --- pauses -------------------------------------------------------------------------------------------------
@given(start=INSTANTS, gone=SPANS, pause=SPANS, limit=LIMITS, calendar=CALENDARS, zone=ZONES)
def test_a_pause_never_makes_a_deadline_earlier_and_keeps_what_was_left(
    start: datetime, gone: timedelta, pause: timedelta, limit: Limit, calendar: Calendar, zone: ZoneInfo
) -> None:
    end, paused = until(start, limit, calendar, zone), start + gone
    resumed = paused + pause
    after = after_pause(end, paused, resumed, calendar, zone)
    assert after >= end
    if paused > end:
        assert after == end, "a pause does not mend what was late"
        return
    assert after >= resumed, "what was in time when it was paused is not late when it goes on"
    assert is_by_day(after, zone) == is_by_day(end, zone) or after == resumed
    if limit.hours and after != resumed:
        assert work_left(resumed, after, calendar, zone) == work_left(paused, end, calendar, zone)
    if limit.days:
        left = working_days_left(paused, end, calendar, zone)
        assert working_days_left(resumed, after, calendar, zone) in {left, max(left, 1)}


@given(start=INSTANTS, before=SPANS, limit=LIMITS, calendar=CALENDARS, zone=ZONES)
def test_a_pause_that_ends_at_once_changes_nothing(
    start: datetime, before: timedelta, limit: Limit, calendar: Calendar, zone: ZoneInfo
) -> None:
    end = until(start, limit, calendar, zone)
    for paused in (end, end - HOUR, end - before, end + before):
        assert after_pause(end, paused, paused, calendar, zone) == end


@given(start=INSTANTS, gone=SPANS, limit=LIMITS, pauses=st.lists(SPANS, max_size=4), zone=ZONES)
def test_question_after_question_never_makes_a_deadline_earlier(
    start: datetime, gone: timedelta, limit: Limit, pauses: list[timedelta], zone: ZoneInfo
) -> None:
    end, now = until(start, limit, PLAIN, zone), start + gone
    for pause in pauses:
        after = after_pause(end, now, now + pause, PLAIN, zone)
        assert after >= end
        end, now = after, now + pause


@given(start=INSTANTS, gone=SPANS, back=SPANS, limit=LIMITS, calendar=CALENDARS, zone=ZONES)
def test_a_clock_that_jumps_back_takes_nothing_away(
    start: datetime, gone: timedelta, back: timedelta, limit: Limit, calendar: Calendar, zone: ZoneInfo
) -> None:
    end, paused = until(start, limit, calendar, zone), start + gone
    assert after_pause(end, paused, paused - back, calendar, zone) >= end
    assert working_days_left(start - back, end, calendar, zone) >= 0
    assert work_left(start - back, end, calendar, zone) > NOTHING


# --- another limit ------------------------------------------------------------------------------------------
@given(start=INSTANTS, old=LIMITS, new=LIMITS, calendar=CALENDARS, zone=ZONES)
def test_another_limit_is_as_if_it_had_held_from_the_beginning(
    start: datetime, old: Limit, new: Limit, calendar: Calendar, zone: ZoneInfo
) -> None:
    end = until(start, old, calendar, zone)
    assert with_limit(start, end, old, new, calendar, zone) == until(start, new, calendar, zone)
    assert with_limit(start, end, old, old, calendar, zone) == end


@given(start=INSTANTS, gone=SPANS, pause=SPANS, old=LIMITS, new=LIMITS, zone=ZONES)
def test_another_limit_keeps_what_pauses_gave_back(
    start: datetime, gone: timedelta, pause: timedelta, old: Limit, new: Limit, zone: ZoneInfo
) -> None:
    paused = after_pause(until(start, old, PLAIN, zone), start + gone, start + gone + pause, PLAIN, zone)
    assert with_limit(start, paused, old, new, PLAIN, zone) >= until(start, new, PLAIN, zone)
    if old.days and new.days:
        assert with_limit(start, paused, old, old, PLAIN, zone) == paused


# --- the turn of the year -----------------------------------------------------------------------------------
@given(days=st.integers(1, 30), year=st.integers(2024, 2040), zone=ZONES)
def test_a_deadline_beyond_the_year_needs_no_decree(days: int, year: int, zone: ZoneInfo) -> None:
    """The joint leave of the next year is decreed late; its public holidays are reckoned until then."""
    start = datetime(year, 12, 28, 9, tzinfo=zone)
    end = due(start, days, PLAIN, zone)
    assert date(year + 1, 1, 1) in national_holidays(year + 1)
    assert PLAIN.works(end.date()) and end.date() != date(year + 1, 1, 1)


def test_joint_leave_that_is_decreed_later_moves_what_is_due_after_it_only() -> None:
    friday = date(2030, 1, 4)
    decreed = Calendar(own_days={friday: False})
    start = wib("2029-12-28 09:00")  # a Friday; Tuesday is New Year
    assert due(start, 4, PLAIN, WIB).date() == friday
    assert due(start, 4, decreed, WIB).date() == date(2030, 1, 7)
    assert due(start, 3, PLAIN, WIB) == due(start, 3, decreed, WIB) == wib("2030-01-03 23:59:59")
