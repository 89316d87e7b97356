"""R1, R19: the web process is killed at random, and everything is told to end, while four citizens write."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.conftest import new_data_dir
from tests.drill_case import Stage, staged, wait_until
from tests.drills.ledger import Ledger, figure, milliseconds, timed
from tests.drills.writers import WRITERS, writing
from tests.processes import all_gone, descendants
from tests.test_drills_run import family

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
KILLS, MESSAGES = 20, 500


@pytest.fixture
def stage() -> Iterator[Stage]:
    with new_data_dir() as folder, staged("", folder) as made:
        yield made


def kill_web(ledger: Ledger, run: subprocess.Popen[bytes], dice: random.Random) -> None:
    """Kill what serves, or its parent, some time after it has begun to take messages."""
    before = len(ledger.acknowledged)
    wait_until(lambda: len(ledger.acknowledged) > before, 90)
    time.sleep(dice.uniform(0.0, 1.5))
    for pid in family(run)[dice.choice(["granian", "web"])]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_web_killed_twenty_times_at_random_under_four_writers(stage: Stage) -> None:
    run = stage.run()
    stage.twilio.callbacks = True
    ledger, dice = Ledger(stage), random.Random(17)
    with writing(ledger, 0.25, MESSAGES // WRITERS):
        for _ in range(KILLS):
            kill_web(ledger, run, dice)
    settled = ledger.settle(30)  # counted from the last message, which came after the last kill
    balance = ledger.audit()
    assert balance.acknowledged >= MESSAGES
    lost = sum(ledger.refused.values())
    figure(
        "R1", f"{KILLS} kills, {lost} requests without a 2xx, {balance}; all handled {settled:.1f} s after"
    )
    figure("R1", f"acknowledged meanwhile: {milliseconds(ledger.seconds)}")


@pytest.mark.parametrize("whom", ["worker", "granian", "web", "run"])
def test_told_to_end_under_load_each_ends_within_ten_seconds(stage: Stage, whom: str) -> None:
    run = stage.run()
    stage.twilio.latency = stage.bot.latency = 0.5
    ledger = Ledger(stage)
    with writing(ledger, 0.05):
        wait_until(lambda: stage.handed_over > 20, 60)
        everything = descendants(run.pid)
        asked = {run.pid} if whom == "run" else family(run)[whom]
        for pid in asked:
            os.kill(pid, signal.SIGTERM)
        if whom == "run":
            assert run.wait(10) == 0
            took = timed(lambda: all_gone(everything), 10)
            stage.run()
        else:
            took = timed(lambda: all_gone(asked), 10)
    ledger.settle(60)
    balance = ledger.audit()
    assert balance.repeated == 0
    figure("R19", f"SIGTERM to {whom}: gone after {took:.1f} s, {balance}")
