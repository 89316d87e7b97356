"""Passing on is taken back where it reaches far, too: a report of a crowd, one part of a shared report."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import crowd, undoing
from bot.care.holding import FORWARD_SECONDS
from bot.workflow import NotAllowed
from tests.offices import SARI, Desk, hire, shared
from tests.streets import open_town
from tests.test_crowd import FOLLOW, MANY, jobs


@pytest.fixture
def desk(city_database: str, data_dir: Path) -> Iterator[Desk]:
    with open_town(city_database, data_dir) as town:
        hire(town, "DLH", "DISHUB")
        yield Desk(town)


def undo(desk: Desk, number: str) -> None:
    undoing.undo(desk.town.house, desk.town.staff("koordinator@kota.test"), number)


def told_later(desk: Desk) -> Any:
    """In how many seconds the crowd's job may begin."""
    query = """select extract(epoch from scheduled_at - now()) as pause from procrastinate_jobs
               where task_name = 'tell_crowd' order by id desc limit 1"""
    return desk.town.one(query).pause


def test_nobody_of_a_crowd_hears_of_a_forwarding_that_was_taken_back(desk: Desk) -> None:
    number = desk.files(SARI)
    before = desk.row(number)
    with desk.town.house.database.transaction() as tx:
        tx.execute(text(FOLLOW), {"n": MANY, "ticket": desk.row(number).id})
    desk.move(number, "forwarded", office="DLH", wait=FORWARD_SECONDS)
    assert FORWARD_SECONDS - 10 < told_later(desk) <= FORWARD_SECONDS
    undo(desk, number)
    assert (desk.row(number).status, desk.row(number).office) == (before.status, before.office)
    [first] = jobs(desk.town)
    assert crowd.tell(desk.town.house, **first) == 0
    desk.move(number, "forwarded", office="DISHUB", wait=FORWARD_SECONDS)
    assert crowd.tell(desk.town.house, **first) == 0
    assert crowd.tell(desk.town.house, **jobs(desk.town)[1]) == MANY


def test_a_part_that_was_passed_on_goes_back_and_its_whole_never_moved(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DLH"], "forwarded", office="DISHUB", wait=FORWARD_SECONDS)
    assert set(desk.parts(number)) == {"DPU", "DISHUB"}
    undo(desk, parts["DLH"])
    assert set(desk.parts(number)) == {"DPU", "DLH"}
    assert desk.row(number).status == "forwarded"


def test_a_part_that_moves_its_whole_is_not_taken_back(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.", wait=10)
    with pytest.raises(NotAllowed):
        undoing.undo(desk.town.house, desk.town.staff("dpu@kota.test"), parts["DPU"])
    desk.move(parts["DLH"], "waiting", "dlh", note="Di sebelah mana?")
    desk.move(parts["DLH"], "forwarded", office="DISHUB", wait=FORWARD_SECONDS)
    with pytest.raises(NotAllowed):
        undo(desk, parts["DLH"])
    assert desk.row(number).status == "in_progress"
