from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import DrillClock, SystemClock, clock_from_environment
from bot.deadlines import Calendar, after_pause, due, national_holidays, working_days_left

WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
PLAIN = Calendar()


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-16 09:00", 1, "2026-11-17"),  # Monday
        ("2026-11-20 09:00", 1, "2026-11-23"),  # Friday, over the weekend
        ("2026-11-21 09:00", 1, "2026-11-23"),  # Saturday does not count itself
        ("2026-11-16 00:00", 7, "2026-11-25"),
        ("2026-08-14 15:00", 1, "2026-08-18"),  # Monday 17 August is Independence Day
        ("2026-03-17 10:00", 1, "2026-03-25"),  # Nyepi, Eid and their joint leave
        ("2025-08-15 10:00", 1, "2025-08-19"),  # 18 August 2025 was joint leave only
        ("2026-12-23 10:00", 3, "2026-12-30"),  # joint leave, Christmas, weekend
        ("2026-12-30 10:00", 2, "2027-01-04"),  # over the new year
    ],
)
def test_a_deadline_is_the_end_of_the_nth_working_day(start: str, days: int, expected: str) -> None:
    assert due(wib(start), days, PLAIN, WIB) == wib(f"{expected} 23:59:59")


def test_the_zone_of_the_city_decides_what_day_the_report_came() -> None:
    start = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)  # Monday 23:30 in Semarang, Tuesday 01:30 in Jayapura
    assert due(start, 1, PLAIN, WIB).date() == date(2026, 11, 17)
    assert due(start, 1, PLAIN, WIT).date() == date(2026, 11, 18)
    assert due(start, 1, PLAIN, WIT).utcoffset() == timedelta(hours=9)


def test_a_city_adds_and_removes_days_of_its_own() -> None:
    own = Calendar(own_days={date(2026, 11, 17): False, date(2026, 11, 21): True})
    assert due(wib("2026-11-16 09:00"), 1, own, WIB).date() == date(2026, 11, 18)
    assert due(wib("2026-11-20 09:00"), 1, own, WIB).date() == date(2026, 11, 21)


def test_a_city_may_work_on_saturdays() -> None:
    six_days = Calendar(workdays=frozenset(range(6)))
    assert due(wib("2026-11-20 09:00"), 1, six_days, WIB).date() == date(2026, 11, 21)


def test_joint_leave_is_a_holiday_with_an_indonesian_name() -> None:
    assert date(2025, 8, 18) in national_holidays(2025)
    assert "Kemerdekaan" in national_holidays(2026)[date(2026, 8, 17)]


def test_senseless_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        due(wib("2026-11-16 09:00"), 0, PLAIN, WIB)
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2026, 11, 16), 1, PLAIN, WIB)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="working day of the week"):
        Calendar(workdays=frozenset())


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-11-18 09:00", 3),  # Wednesday, due Monday
        ("2026-11-20 23:00", 1),
        ("2026-11-22 09:00", 1),  # Sunday
        ("2026-11-23 23:59", 0),
        ("2026-11-24 00:00", -1),
        ("2026-11-25 08:00", -2),
        ("2026-11-29 08:00", -4),  # a weekend makes nobody later
    ],
)
def test_working_days_left_count_down_and_then_below_zero(now: str, left: int) -> None:
    assert working_days_left(wib(now), wib("2026-11-23 23:59:59"), PLAIN, WIB) == left


def test_late_is_negative_even_before_the_next_working_day() -> None:
    assert working_days_left(wib("2026-11-21 08:00"), wib("2026-11-20 23:59:59"), PLAIN, WIB) == -1


def test_a_pause_gives_back_the_days_that_were_left() -> None:
    deadline = wib("2026-11-20 23:59:59")
    resumed = after_pause(deadline, wib("2026-11-17 10:00"), wib("2026-11-26 10:00"), PLAIN, WIB)
    assert resumed == wib("2026-12-01 23:59:59")
    short = after_pause(deadline, wib("2026-11-17 10:00"), wib("2026-11-17 11:00"), PLAIN, WIB)
    assert short == deadline
    on_the_day = after_pause(deadline, wib("2026-11-20 10:00"), wib("2026-11-26 10:00"), PLAIN, WIB)
    assert on_the_day == wib("2026-11-27 23:59:59")


def test_a_pause_never_takes_time_away() -> None:
    on_saturday = wib("2026-11-21 23:59:59")
    moment = wib("2026-11-19 10:00")
    assert after_pause(on_saturday, moment, moment, PLAIN, WIB) == on_saturday


def test_a_pause_begun_too_late_moves_nothing() -> None:
    deadline = wib("2026-11-20 23:59:59")
    assert after_pause(deadline, wib("2026-11-23 10:00"), wib("2026-11-26 10:00"), PLAIN, WIB) == deadline


STARTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.integers(1, 60)


@given(start=STARTS, days=DAYS, zone=st.sampled_from([WIB, WIT]))
def test_a_deadline_lies_after_its_start_and_grows_with_the_days(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    end = due(start, days, PLAIN, zone)
    assert start < end < due(start, days + 1, PLAIN, zone)
    assert PLAIN.works(end.date())
    assert working_days_left(start, end, PLAIN, zone) == days


@given(start=STARTS, later=st.timedeltas(timedelta(0), timedelta(days=90)), days=DAYS)
def test_who_reports_later_is_never_due_earlier(start: datetime, later: timedelta, days: int) -> None:
    assert due(start, days, PLAIN, WIB) <= due(start + later, days, PLAIN, WIB)


def test_without_the_variable_the_clock_is_the_machines() -> None:
    clock = clock_from_environment({})
    assert isinstance(clock, SystemClock)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_a_drill_clock_starts_where_it_is_set_and_runs_on() -> None:
    clock = clock_from_environment({"KENTONGAN_TEST_CLOCK": "2026-08-14T09:00:00+07:00"})
    first = clock.now()
    assert timedelta(0) <= first - datetime(2026, 8, 14, 2, tzinfo=UTC) < timedelta(seconds=5)
    assert first.tzinfo is UTC
    while clock.now() == first:
        pass
    assert clock.now() > first


def test_a_drill_clock_reads_its_file_at_each_call(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-08-14T09:00:00Z\n")
    clock = DrillClock(f"@{file}")
    assert clock.now() == datetime(2026, 8, 14, 9, tzinfo=UTC)
    file.write_text("2026-08-21T09:00:00Z")
    assert clock.now() == datetime(2026, 8, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize("setting", ["tomorrow", "2026-08-14T09:00:00"])
def test_a_drill_clock_needs_an_instant_with_its_offset(setting: str) -> None:
    with pytest.raises(ValueError, match="needs an ISO instant with offset"):
        clock_from_environment({"KENTONGAN_TEST_CLOCK": setting})
