"""The chip about time: days, hours, the step that is due first, a pause, what is over; an icon and words."""

from datetime import datetime
from typing import Any

import pytest

from bot.cities.city import read_city
from panel.dues import due_chip, step_due
from tests.house import SEMARANG

CITY = read_city(SEMARANG)
BY_DAY, BY_HOUR = "2026-11-27 23:59:59", "2026-11-26 10:00:00"  # a Friday, and Thursday before it


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY.timezone)


def ticket(due: str, stage: str = "", stage_due: str = "", **known: Any) -> dict[str, Any]:
    row = {"status": "in_progress", "paused_at": None, "due_at": wib(due) if due else None, "stage": stage}
    return {**row, "stage_due_at": wib(stage_due) if stage_due else None, **known}


def chip(row: dict[str, Any], now: str) -> tuple[str, str, str]:
    made = due_chip(row, wib(now), CITY)
    return made.text, made.icon, made.tone


@pytest.mark.parametrize(
    ("due", "now", "words", "icon", "tone"),
    [
        (BY_DAY, "2026-11-24 09:00", "sisa 3 hari kerja", "clock", "calm"),
        (BY_DAY, "2026-11-26 09:00", "sisa 1 hari kerja", "clock", "warn"),
        (BY_DAY, "2026-11-27 09:00", "batas hari ini", "clock", "warn"),
        (BY_DAY, "2026-11-28 09:00", "lewat 1 hari kerja", "alert", "bad"),
        (BY_HOUR, "2026-11-24 09:00", "sisa 2 hari kerja", "clock", "calm"),
        (BY_HOUR, "2026-11-25 14:00", "sisa 4 jam kerja", "clock", "warn"),  # 2 today, 2.5 tomorrow
        (BY_HOUR, "2026-11-25 22:00", "sisa 2 jam kerja", "clock", "warn"),
        (BY_HOUR, "2026-11-26 09:20", "sisa 40 menit kerja", "clock", "warn"),
        (BY_HOUR, "2026-11-26 10:00", "sisa 1 menit kerja", "clock", "warn"),
        (BY_HOUR, "2026-11-26 10:01", "lewat 1 menit kerja", "alert", "bad"),
        (BY_HOUR, "2026-11-26 14:00", "lewat 3 jam kerja", "alert", "bad"),  # lunch is not counted
        (BY_HOUR, "2026-11-30 10:00", "lewat 2 hari kerja", "alert", "bad"),
    ],
)
def test_time_is_told_in_days_and_below_a_day_in_hours(
    due: str, now: str, words: str, icon: str, tone: str
) -> None:
    assert chip(ticket(due), now) == (words, icon, tone)


@pytest.mark.parametrize(
    ("stage", "now", "words"),
    [
        ("verify", "2026-11-23 09:00", "teruskan dalam 2 hari kerja"),
        ("verify", "2026-11-25 09:00", "teruskan hari ini"),
        ("verify", "2026-11-26 09:00", "teruskan: lewat 1 hari kerja"),
        ("follow_up", "2026-11-24 09:00", "tindak lanjuti dalam 1 hari kerja"),
        ("return", "2026-11-24 09:00", "tentukan instansi dalam 1 hari kerja"),
        ("silence", "2026-11-24 09:00", "sisa 3 hari kerja"),  # that is the citizen's time
        ("", "2026-11-24 09:00", "sisa 3 hari kerja"),
    ],
)
def test_the_step_that_is_due_first_is_told(stage: str, now: str, words: str) -> None:
    assert chip(ticket(BY_DAY, stage, "2026-11-25 23:59:59"), now)[0] == words


def test_the_citizens_date_comes_first_when_it_is_nearer_or_over() -> None:
    nearer = ticket("2026-11-24 23:59:59", "follow_up", "2026-11-25 23:59:59")
    assert chip(nearer, "2026-11-24 09:00")[0] == "batas hari ini"
    over = ticket("2026-11-24 23:59:59", "verify", "2026-11-23 23:59:59")
    assert chip(over, "2026-11-25 09:00") == ("lewat 1 hari kerja", "alert", "bad")


def test_a_step_in_hours_is_told_in_hours() -> None:
    row = ticket(BY_DAY, "verify", BY_HOUR)
    assert chip(row, "2026-11-25 15:00") == ("teruskan dalam 3 jam kerja", "clock", "warn")
    assert chip(row, "2026-11-26 13:30") == ("teruskan: lewat 2 jam kerja", "alert", "bad")


def test_a_pause_is_said_with_what_is_left() -> None:
    row = ticket(BY_DAY, "silence", "2026-12-08 23:59:59", status="waiting")
    row["paused_at"] = wib("2026-11-24 09:00")
    assert chip(row, "2026-12-04 09:00") == ("jeda, sisa 3 hari kerja", "pause", "off")
    row["due_at"] = wib(BY_HOUR)
    row["paused_at"] = wib("2026-11-26 08:00")
    assert chip(row, "2026-12-04 09:00") == ("jeda, sisa 2 jam kerja", "pause", "off")
    assert step_due(row) == ""


@pytest.mark.parametrize(
    ("status", "words"), [("answered", "sudah dijawab"), ("closed", "tuntas"), ("rejected", "tuntas")]
)
def test_what_is_done_has_no_time_left(status: str, words: str) -> None:
    assert chip(ticket(BY_DAY, status=status), "2026-12-24 09:00")[0] == words


def test_a_draft_has_no_date_yet() -> None:
    assert chip(ticket("", status="draft"), "2026-11-24 09:00")[0] == "tanpa batas waktu"
