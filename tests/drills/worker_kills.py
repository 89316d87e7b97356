"""R2: workers are killed while they send; nothing is lost, a chat's order is kept, few things come twice."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import numbers
from tests.drill_case import Post, Stage, staged, telegram, wait_until, whatsapp
from tests.drills.ledger import Balance, Ledger, figure

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
KILLS, CHATS = 20, 40


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def questions(stage: Stage, count: int) -> list[Post]:
    """So many questions of forty citizens, in rounds; the answer to each is like no other."""
    asked = []
    for n in range(count):
        number = next(f"{n:08}{d}" for d in range(10) if not numbers.is_number(f"{n:08}{d}"))
        chat, words = n % CHATS, f"CEK {number}"
        by_whatsapp = whatsapp(stage.base_url, f"+62812000{chat:05}", words)
        asked.append(by_whatsapp if chat % 2 else telegram(1000 + chat, words))
        stage.bot.know(1000 + chat)
    return asked


def ask_all(ledger: Ledger, asked: list[Post], pause: float) -> None:
    """Post them one after the other; each chat in order."""
    for what in asked:
        ledger.post_until_taken(what)
        time.sleep(pause)


def kill_workers(stage: Stage, fork: Callable[[], int], dice: random.Random) -> None:
    """Two workers side by side; while they send one of them is killed and replaced, again and again."""
    workers = [fork(), fork()]
    for n in range(KILLS):
        before = stage.handed_over
        wait_until(lambda before=before: stage.handed_over > before, 45)  # type: ignore[misc]
        time.sleep(dice.uniform(0.0, 0.8))
        os.kill(workers[n % 2], signal.SIGKILL)
        workers[n % 2] = fork()


def kill_while_answering(stage: Stage, count: int, pause: float) -> Balance:
    """Twenty kills while so many questions are asked and answered; returns what the audit found."""
    stage.web()
    stage.twilio.callbacks = True
    stage.twilio.latency = stage.bot.latency = 0.05
    ledger, asked = Ledger(stage), questions(stage, count)
    with stage.forking_workers() as fork, ThreadPoolExecutor(1) as citizens:
        asking = citizens.submit(ask_all, ledger, asked, pause)
        kill_workers(stage, fork, random.Random(1708))
        asking.result(120)
        settled = ledger.settle(60)
        balance = ledger.audit()
    assert balance.acknowledged == count
    assert balance.repeated <= KILLS
    figure("R2", f"{KILLS} kills, {balance}; all sent {settled:.1f} s after the last question")
    return balance


def test_workers_killed_twenty_times_among_five_hundred_answers(stage: Stage) -> None:
    kill_while_answering(stage, 500, 0.05)
