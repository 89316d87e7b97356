"""Clocks of a city: what each preset gives a report that is filed, and what `city check` refuses."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot import clocks, tickets
from bot.cities.city import City, check_city, read_city
from bot.deadlines import Limit, until
from storage.casework import crisis
from storage.database import Database, open_database
from storage.keys import make_keys, parse_keys
from storage.models import staff, ticket
from tests.house import SEMARANG

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # Friday, 10.00 WIB


@pytest.fixture(scope="module")
def database(shared_database: str) -> Iterator[Database]:
    opened = open_database(shared_database, parse_keys(make_keys()))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Semarang's offices and places with no clocks of its own."""
    made = Path(shutil.copytree(SEMARANG, tmp_path / "kota"))
    write(made, "clocks.csv", "kind,tier,stage,days,hours")
    return made


def write(folder: Path, file: str, *lines: str) -> None:
    (folder / file).write_text("\n".join(lines) + "\n", "utf-8")


def choose(folder: Path, preset: str, promise: int, *more: str) -> None:
    file = folder / "city.csv"
    text = file.read_text("utf-8").replace("clocks,semarang", f"clocks,{preset}")
    file.write_text(text.replace("promise_days,7", f"promise_days,{promise}"), "utf-8")
    with file.open("a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in more)


def filed(database: Database, city: City, **known: Any) -> Any:
    """The row of a report that is filed now."""
    with database.transaction() as tx:
        draft = {"category": "jalan", "text": "lubang", "channel": "sms", **known}
        number = tickets.open_draft(tx, NOW, draft)
        tickets.file(tx, city, number, NOW)
        return tx.execute(select(ticket).where(ticket.c.id == number)).one()


def days(city: City, row: Any) -> tuple[str, str]:
    local = (row.due_at.astimezone(city.timezone), row.stage_due_at.astimezone(city.timezone))
    return local[0].strftime("%Y-%m-%d"), local[1].strftime("%Y-%m-%d")


# --- presets: the date that is told, and until when the report is to be passed on ---
@pytest.mark.parametrize(
    ("preset", "promise", "kind", "tier", "due", "verified"),
    [
        ("national", 14, "complaint", "", "2026-12-10", "2026-11-25"),
        ("national", 14, "aspiration", "", "2026-12-10", "2026-11-25"),
        ("national", 14, "information", "", "2026-11-27", "2026-11-25"),
        ("semarang", 7, "complaint", "", "2026-12-01", "2026-11-25"),
        ("kalsel", 14, "complaint", "light", "2026-11-25", "2026-11-25"),
        ("kalsel", 14, "complaint", "medium", "2026-12-04", "2026-11-25"),
        (
            "kalsel",
            14,
            "complaint",
            "heavy",
            "2027-01-07",
            "2026-11-25",
        ),  # nine of them in 2027
        ("kalsel", 14, "complaint", "", "2026-12-10", "2026-11-25"),
        ("banjarmasin", 14, "complaint", "", "2026-12-10", "2026-11-23"),
        ("pekalongan", 14, "aspiration", "", "2026-12-04", "2026-11-25"),
        ("pekalongan", 14, "complaint", "", "2026-12-10", "2026-11-25"),
    ],
)
def test_a_city_with_a_preset_files_a_report_and_tells_its_date(
    database: Database, folder: Path, preset: str, promise: int, kind: str, tier: str, due: str, verified: str
) -> None:
    choose(folder, preset, promise)
    assert check_city(folder) == []
    city = read_city(folder)
    row = filed(database, city, kind=kind, tier=tier)
    assert (row.status, row.stage) == ("received", "verify")
    assert days(city, row) == (due, verified)


@pytest.mark.parametrize(
    ("preset", "limit"),
    [("national", Limit(days=5)), ("banjarmasin", Limit(days=2)), ("pekalongan", Limit(days=5))],
)
def test_passing_a_report_on_starts_the_offices_own_clock_and_leaves_the_promise(
    database: Database, folder: Path, preset: str, limit: Limit
) -> None:
    choose(folder, preset, 14)
    city = read_city(folder)
    row = filed(database, city)._mapping
    later = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    once = clocks.entered(city, row, "forwarded", later)
    assert once["stage"] == "follow_up" and once.get("due_at", row["due_at"]) == row["due_at"]
    assert once["stage_due_at"] == until(later, limit, city.calendar, city.timezone)
    again = clocks.entered(city, {**row, **once}, "forwarded", datetime(2026, 11, 26, tzinfo=UTC))
    assert again["stage_due_at"] > once["stage_due_at"], "the next office gets its own time"
    assert again.get("due_at", row["due_at"]) == row["due_at"], "the citizen's date is as it was"


def test_in_an_emergency_a_day_to_pass_on_and_two_to_act(database: Database, folder: Path) -> None:
    choose(folder, "national", 14)
    city = read_city(folder)
    with database.transaction() as tx:
        by = tx.scalar(insert(staff).values(email="a@k.test", fs_uniquifier="a").returning(staff.c.id))
        row = {"place_code": "33.74", "name": "Banjir", "notice": "", "staff_id": by, "started_at": NOW}
        area = tx.scalar(insert(crisis).values(row).returning(crisis.c.id))
    filed_now = filed(database, city, crisis_id=area)
    assert days(city, filed_now) == ("2026-11-25", "2026-11-23")
    monday = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    passed_on = clocks.entered(city, filed_now._mapping, "forwarded", monday)
    assert passed_on["stage_due_at"].astimezone(city.timezone).strftime("%Y-%m-%d") == "2026-11-25"


def test_a_clock_in_hours_ends_within_working_time(database: Database, folder: Path) -> None:
    write(
        folder, "clocks.csv", "kind,tier,stage,days,hours", "complaint,,verify,,8", "complaint,,resolve,,48"
    )
    choose(folder, "national", 7)
    assert check_city(folder) == [], "48 hours are 6.4 days: seven are promised"
    city = read_city(folder)
    row = filed(database, city)
    ends = row.stage_due_at.astimezone(city.timezone).strftime("%a %H:%M")
    assert ends == "Mon 10:30", "1.5 hours before the prayer, 3.5 after it, 3 on Monday"


def test_the_tier_comes_with_the_category(database: Database, folder: Path) -> None:
    choose(folder, "kalsel", 14)
    file = folder / "categories.csv"
    head, first, *rest = file.read_text("utf-8").splitlines()
    rows = [f"{head},tier", f"{first},light", *(f"{row}," for row in rest)]
    write(folder, "categories.csv", *rows)
    assert check_city(folder) == []
    city = read_city(folder)
    assert filed(database, city).tier == "light"
    assert filed(database, city, category="sampah_lingkungan").tier == ""


# --- what is refused ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("complaint,,resolve,15,", "looser than the national 14 working days"),
        ("complaint,,verify,4,", "looser than the national 3 working days"),
        ("information,,resolve,6,", "looser than the national 5 working days"),
        ("complaint,light,resolve,15,", "looser than the national 14 working days"),
        ("complaint,medium,resolve,15,", "looser than the national 14 working days"),
        ("complaint,heavy,resolve,61,", "looser than the national 60 working days"),
        ("complaint,supervised,resolve,61,", "looser than the national 60 working days"),
        ("complaint,emergency,verify,2,", "looser than the national 1 working days"),
        ("complaint,emergency,follow_up,3,", "looser than the national 2 working days"),
        ("complaint,,verify,,23", "looser than the national 3 working days"),  # 22.5 hours are three days
        ("complaint,,return,,8", "looser than the national 1 working days"),
        ("complaint,,silence,9,", "shorter than the national 10 working days"),
        ("complaint,,silence,,74", "shorter than the national 10 working days"),
    ],
)
def test_a_looser_clock_is_refused_with_its_line(folder: Path, line: str, sentence: str) -> None:
    choose(folder, "national", 14)
    write(folder, "clocks.csv", "kind,tier,stage,days,hours", line)
    found = [fault for fault in check_city(folder) if fault.file == "clocks.csv"]
    assert [fault.line for fault in found] == [2] and sentence in found[0].sentence


@pytest.mark.parametrize(
    "line",
    [
        "complaint,heavy,resolve,60,",
        "complaint,,verify,,22",
        "complaint,,silence,15,",
        "complaint,emergency,resolve,1,",
        "complaint,supervised,verify,2,",
    ],
)
def test_a_clock_as_strict_as_the_law_is_taken(folder: Path, line: str) -> None:
    choose(folder, "national", 14)
    write(folder, "clocks.csv", "kind,tier,stage,days,hours", line)
    assert check_city(folder) == []


@pytest.mark.parametrize(("promise", "clock"), [(5, "7 working days"), (10, "7 working days")])
def test_a_promise_that_its_clocks_do_not_keep_is_named(folder: Path, promise: int, clock: str) -> None:
    choose(folder, "semarang", promise)
    (fault,) = check_city(folder)
    assert (fault.file, fault.line) == ("city.csv", 8)
    assert f"promise_days is {promise}" in fault.sentence and clock in fault.sentence


def test_a_workday_without_hours_is_named(folder: Path) -> None:
    choose(folder, "semarang", 7, "work_hours,mon tue wed thu 08:00-15:00")
    (fault,) = check_city(folder)
    assert fault.file == "city.csv" and "work_hours says nothing about fri" in fault.sentence


def test_a_category_of_a_tier_that_no_clock_knows_is_named(folder: Path) -> None:
    choose(folder, "semarang", 7)
    head, first, *rest = (folder / "categories.csv").read_text("utf-8").splitlines()
    write(folder, "categories.csv", f"{head},tier", f"{first},heavy", *(f"{row}," for row in rest))
    (fault,) = check_city(folder)
    assert (fault.file, fault.line) == ("categories.csv", 2)
    assert "no clock of a complaint is for heavy" in fault.sentence
