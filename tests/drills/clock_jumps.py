"""R10: business time jumps two days ahead and back between what citizens tell and that they send it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bench.load import story
from tests.drill_case import Stage, staged
from tests.drills.ledger import FAILED, Ledger, figure
from tests.drills.writers import by_turns

pytestmark = [pytest.mark.drill, pytest.mark.timeout(400)]
ROUNDS, CITIZENS = 10, 6
JUMPS = itertools.cycle([timedelta(days=2), timedelta(days=-4), timedelta(days=2)])


@pytest.fixture
def clock(data_dir: Path) -> Path:
    """The file that all processes read business time from."""
    return data_dir / "clock"


@pytest.fixture
def stage(city_database: str, data_dir: Path, clock: Path) -> Iterator[Stage]:
    set_clock(clock, datetime.now(UTC))
    with staged(city_database, data_dir, KENTONGAN_TEST_CLOCK=f"@{clock}") as made:
        yield made


def set_clock(clock: Path, moment: datetime) -> None:
    fresh = clock.with_name("clock.new")
    fresh.write_text(moment.isoformat())
    fresh.rename(clock)


def test_a_clock_that_jumps_two_days_either_way(stage: Stage, clock: Path) -> None:
    stage.web()
    stage.start("worker")
    ledger = Ledger(stage)
    for turn in range(ROUNDS):
        moment = datetime.fromisoformat(clock.read_text())
        for n in range(CITIZENS):
            citizen = turn * CITIZENS + n
            ledger.post_until_taken(by_turns(stage, 800_000 + citizen, story(n, citizen * 3)))
        ledger.settle(60)
        set_clock(clock, moment + next(JUMPS))
        for n in range(3 * CITIZENS):  # after a while he is asked whether he goes on, and reads it again
            ledger.post_until_taken(by_turns(stage, 800_000 + turn * CITIZENS + n % CITIZENS, "1"))
        ledger.settle(60)
    filed = stage.rows("select filed_at, due_at from ticket where filed_at is not null")
    assert len(filed) > ROUNDS * CITIZENS / 2 and not stage.rows(FAILED)
    assert all(due > at for at, due in filed)
    shortest = min(due - at for at, due in filed)
    figure(
        "R10",
        f"{ROUNDS} jumps of 2 and 4 days, {len(filed)} reports, the shortest limit {shortest.days} days",
    )
    figure("R10", str(ledger.audit()))
