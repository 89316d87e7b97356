"""Reports that wait for a budget: which years may be named, and what happens when the year begins."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import desk, planning
from bot.workflow import NotAllowed
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

COORDINATOR, OFFICER = "koordinator@kota.test", "dpu@kota.test"
NEW_YEAR = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)  # Friday, 08.00 WIB


@pytest.fixture(scope="module")
def open_door(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("planned")) as made:
        yield made


@pytest.fixture
def town(open_door: Town) -> Town:
    open_door.clock.moment = NOW
    open_door.age_reports()
    with open_door.house.database.transaction() as tx:  # those of the tests before
        tx.execute(text("update ticket set status = 'closed' where status = 'planned'"))
    return open_door


def filed(town: Town, kind: str = "telegram") -> tuple[Phone, str]:
    phone = town.phone(kind)
    phone.writes("jalan berlubang besar di Jalan Pemuda, Kelurahan Sekayu")
    if kind != "sms":
        phone.presses(phone.got()[-1], "Kirim")
    phone.got()
    return phone, str(town.one("select number from ticket order by id desc limit 1").number)


def following(town: Town, number: str) -> Phone:
    phone = town.phone("telegram")
    phone.writes(f"IKUT {number}")
    phone.got()
    return phone


def plan(town: Town, number: str, year: object, by: str = OFFICER) -> None:
    given = {"note": "Menunggu APBD.", "year": str(year)}
    desk.move(town.house, town.staff(by), number, "planned", given)


def row(town: Town, number: str) -> Any:
    return town.one("select * from ticket where number = :number", number=number)


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_this_year_and_the_next_five_may_be_named(town: Town, year: int) -> None:
    _, number = filed(town)
    plan(town, number, year)
    assert (row(town, number).status, row(town, number).planned_year) == ("planned", year)


@pytest.mark.parametrize("year", [2025, 2032, 2099, "2O27", "20271"])
def test_a_year_that_is_over_far_or_none_is_refused_with_a_sentence(town: Town, year: object) -> None:
    _, number = filed(town)
    with pytest.raises(NotAllowed, match="Tahun anggaran harus"):
        plan(town, number, year)
    assert row(town, number).status == "received"


def test_the_year_that_counts_is_the_citys_own(town: Town) -> None:
    _, number = filed(town)
    town.clock.moment = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)  # half past midnight in Semarang
    with pytest.raises(NotAllowed, match="2027 dan 2032"):
        plan(town, number, 2026)


def test_reporter_and_followers_hear_the_year_and_when_it_changes(town: Town) -> None:
    reporter, number = filed(town)
    follower = following(town, number)
    for year in (2027, 2028):
        plan(town, number, year)
        for phone in (reporter, follower):
            (said,) = phone.got()
            assert f"anggaran tahun {year}" in said.text or f"anggaran {year}" in said.text
            assert "Menunggu APBD." in said.text and said.text.endswith(number)
    assert row(town, number).paused_at is not None


@pytest.mark.parametrize("kind", ["telegram", "sms"])
def test_when_the_year_begins_all_are_told_once_and_the_clock_runs(town: Town, kind: str) -> None:
    reporter, number = filed(town, kind)
    follower = following(town, number)
    plan(town, number, 2027)
    reporter.got(), follower.got()
    town.clock.moment = NEW_YEAR - timedelta(hours=10)
    assert planning.begin_year(town.house) == 0  # still the old year
    town.clock.moment = NEW_YEAR - timedelta(hours=7)
    assert planning.begin_year(town.house) == 0  # nobody is woken
    town.clock.moment = NEW_YEAR
    assert planning.begin_year(town.house) == 1
    town.clock.moment = NEW_YEAR + timedelta(hours=1)
    assert planning.begin_year(town.house) == 0
    (mine,), (theirs,) = reporter.got(), follower.got()
    assert mine.text.startswith("Tahun anggaran 2027 sudah mulai. ") and mine.text.endswith(number)
    assert theirs.text.startswith("Laporan yang Anda ikuti: tahun anggaran 2027 sudah mulai.")
    after = row(town, number)
    assert (after.status, after.paused_at, after.told_year) == ("in_progress", None, 2027)
    assert after.due_at > NEW_YEAR + timedelta(days=5)  # a whole new time, not what was left
    notice = "select count(*) from notice where ticket_id = :id and kind = 'year' and about = '2027'"
    assert town.one(notice, id=after.id)[0] == 1
    events = "select kind, detail from event where ticket_id = :id order by id desc limit 2"
    assert [one.kind for one in town.all(events, id=after.id)] == ["status", "year"]


def test_a_worker_that_was_down_on_new_years_day_makes_it_good(town: Town) -> None:
    reporter, number = filed(town)
    plan(town, number, 2027)
    town.clock.moment = NEW_YEAR + timedelta(days=45)
    assert planning.begin_year(town.house) == 1
    assert "2027" in reporter.got()[-1].text and row(town, number).status == "in_progress"


def test_what_left_planned_is_told_nothing(town: Town) -> None:
    reporter, number = filed(town)
    plan(town, number, 2027)
    desk.move(town.house, town.staff(OFFICER), number, "in_progress", {})
    reporter.got()
    town.clock.moment = NEW_YEAR
    assert planning.begin_year(town.house) == 0
    assert reporter.got() == []


def test_a_year_that_runs_already_is_not_told_and_the_next_one_takes_it_up(town: Town) -> None:
    reporter, number = filed(town)
    plan(town, number, 2026)
    reporter.got()
    assert planning.begin_year(town.house) == 0 and reporter.got() == []
    town.clock.moment = NEW_YEAR
    assert planning.begin_year(town.house) == 1
    assert row(town, number).status == "in_progress"


def test_planned_again_for_a_later_year_is_told_again(town: Town) -> None:
    _, number = filed(town)
    plan(town, number, 2027)
    town.clock.moment = NEW_YEAR
    assert planning.begin_year(town.house) == 1
    plan(town, number, 2028)
    assert planning.begin_year(town.house) == 0
    town.clock.moment = NEW_YEAR + timedelta(days=366)
    assert planning.begin_year(town.house) == 1


@pytest.mark.parametrize("hidden", ["anonymous", "confidential"])
def test_followers_of_a_hidden_report_hear_nothing(town: Town, hidden: str) -> None:
    reporter, number = filed(town)
    follower = following(town, number)
    with town.house.database.transaction() as tx:
        tx.execute(text(f"update ticket set {hidden} = true where number = :number"), {"number": number})
    plan(town, number, 2027)
    town.clock.moment = NEW_YEAR
    planning.begin_year(town.house)
    assert follower.got() == [] and len(reporter.got()) == 2
