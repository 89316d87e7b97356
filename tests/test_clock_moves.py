"""Dates of a report on its way, whatever happens to it: another tier, transfers, questions and replies."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot import clocks, deadlines
from bot.cities.city import City, read_city
from bot.deadlines import Limit, until
from tests.house import SEMARANG

# --- another tier -------------------------------------------------------------------------------------------
LIMITS = st.builds(Limit, days=st.integers(1, 60)) | st.builds(Limit, hours=st.integers(1, 100))
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(0), timedelta(days=90))
DEMO = read_city(SEMARANG)


def two_tiers(light: Limit, heavy: Limit) -> City:
    rows = {**DEMO.clocks.rows}
    rows["complaint", "light", "resolve"], rows["complaint", "heavy", "resolve"] = light, heavy
    return dataclasses.replace(DEMO, clocks=dataclasses.replace(DEMO.clocks, rows=rows))


def report(city: City, start: datetime, **known: Any) -> dict[str, Any]:
    row = {"kind": "complaint", "tier": "light", "supervised": False, "crisis_id": None, "paused_at": None}
    row |= {"parent_id": None, "status": "in_progress"}
    limit = city.clocks.limit("complaint", "light", "resolve")
    due = until(start, limit, city.calendar, city.timezone)
    return {**row, "created_at": start, "filed_at": start, "due_at": due, **known}


@given(start=STARTS, gone=SPANS, old=LIMITS, new=LIMITS)
def test_another_tier_makes_nobody_late_and_nobody_late_in_time(
    start: datetime, gone: timedelta, old: Limit, new: Limit
) -> None:
    city, now = two_tiers(old, new), start + gone
    row = report(city, start)
    due = clocks.weighed(city, row, "heavy", now, reopened=False)["due_at"]
    from_filing = until(start, new, city.calendar, city.timezone)
    if from_filing >= row["due_at"]:
        assert due == from_filing, "a looser tier counts from the day the report was filed"
    elif now >= row["due_at"]:
        assert due == row["due_at"], "what was late stays late, by the date that was told"
    else:
        assert now < due <= row["due_at"] and due >= from_filing


@given(start=STARTS, gone=SPANS, pause=SPANS, old=LIMITS, new=LIMITS)
def test_another_tier_in_a_pause_is_as_if_given_when_it_began(
    start: datetime, gone: timedelta, pause: timedelta, old: Limit, new: Limit
) -> None:
    city, asked = two_tiers(old, new), start + gone
    row = report(city, start)
    then = clocks.weighed(city, row, "heavy", asked, reopened=False)
    later = clocks.weighed(city, {**row, "paused_at": asked}, "heavy", asked + pause, reopened=False)
    assert later == then


@given(start=STARTS, old=st.integers(1, 60), new=st.integers(1, 60), pause=SPANS)
def test_a_tier_taken_back_at_once_gives_the_first_date_again(
    start: datetime, old: int, new: int, pause: timedelta
) -> None:
    city = two_tiers(Limit(days=old), Limit(days=new))
    asked = report(city, start, paused_at=start)
    row = {**asked, **clocks.entered(city, {**asked, "status": "waiting"}, "in_progress", start + pause)}
    changed = {**row, **clocks.weighed(city, row, "heavy", start, reopened=False)}
    back = {**changed, **clocks.weighed(city, changed, "light", start, reopened=False)}
    assert back["due_at"] == row["due_at"]


@given(start=STARTS, gone=SPANS, new=LIMITS)
def test_a_report_that_came_back_keeps_the_date_it_was_given_then(
    start: datetime, gone: timedelta, new: Limit
) -> None:
    city = two_tiers(Limit(days=7), new)
    row = report(city, start) | clocks.anew(city, report(city, start), start + gone)
    assert row["due_at"] == until(start + gone, Limit(days=5), city.calendar, city.timezone)
    assert "due_at" not in clocks.weighed(city, row, "heavy", start + gone, reopened=True)


# --- a report on its way ------------------------------------------------------------------------------------
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["forwarded", "in_progress", "waiting", "planned", "returned", "answered"]), SPANS
    ),
    max_size=8,
)


@given(start=STARTS, limit=LIMITS, steps=STEPS)
def test_on_its_way_a_report_keeps_its_date_but_for_pauses(
    start: datetime, limit: Limit, steps: list[tuple[str, timedelta]]
) -> None:
    city, now = two_tiers(limit, limit), start
    row = report(city, start)
    for status, later in steps:
        now += later
        before, row = row, {**row, **clocks.entered(city, row, status, now)}
        stands = status in ("waiting", "planned")
        assert bool(row["paused_at"]) == stands
        if stands or not before["paused_at"]:
            assert row["due_at"] == before["due_at"], "neither a transfer nor a question moves the date"
        else:
            assert row["due_at"] >= before["due_at"]
            assert before["paused_at"] > before["due_at"] or row["due_at"] >= now, "time is given back"
        if status in ("forwarded", "returned", "answered", "waiting"):
            assert row["stage_due_at"] > now, "the next step has its own time, from now"
        else:
            assert (row["stage"], row["stage_due_at"]) == ("", None)


@given(
    start=STARTS, pauses=st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4), days=st.integers(1, 30)
)
def test_replies_give_back_the_working_days_that_the_citizen_took(
    start: datetime, pauses: list[tuple[timedelta, timedelta]], days: int
) -> None:
    city, now = two_tiers(Limit(days=days), Limit(days=days)), start
    row = report(city, start)
    for worked, asked in pauses:
        now += worked
        before = deadlines.working_days_left(now, row["due_at"], city.calendar, city.timezone)
        row |= clocks.entered(city, row, "waiting", now)
        now += asked
        row |= clocks.entered(city, row, "in_progress", now)
        after = deadlines.working_days_left(now, row["due_at"], city.calendar, city.timezone)
        if before < 0:
            assert after < 0, "what was late stays late"
        else:
            assert after in (before, max(before, 1)), "what was left is left, at least a day"


@given(start=STARTS, gone=SPANS, limit=LIMITS, end=st.sampled_from(["closed", "rejected"]))
def test_what_staff_open_again_is_not_late_at_once(
    start: datetime, gone: timedelta, limit: Limit, end: str
) -> None:
    city, now = two_tiers(limit, limit), start + gone
    row = report(city, start, status=end)
    for status, stage in (("in_progress", "follow_up"), ("received", "resolve")):
        opened = clocks.entered(city, row, status, now)
        own_time = until(now, city.clocks.limit("complaint", "light", stage), city.calendar, city.timezone)
        assert opened["due_at"] == max(row["due_at"], own_time) > now
    assert clocks.entered(city, row, end, now)["stage"] == "", "what stays ended has no clock"
