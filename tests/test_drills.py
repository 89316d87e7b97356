"""Drills: real processes of the product, killed and hurried, with the providers beside them."""

import itertools
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from bot import numbers
from storage.database import plain_url
from tests.drill_case import (
    Post,
    Stage,
    free_port,
    post,
    post_at_once,
    post_until_taken,
    staged,
    telegram,
    wait_until,
    whatsapp,
)

pytestmark = pytest.mark.drill
STORY = "jalan berlubang besar di Kelurahan Sekayu, tolong diperbaiki"


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def test_the_same_webhook_64_times_at_two_web_processes_is_one_message_one_report_one_answer(
    stage: Stage,
) -> None:
    other = free_port()
    stage.web()
    stage.web(other)
    stage.start("worker")
    stage.bot.know(42)
    for what in (whatsapp(stage.base_url, "+6281234567890", STORY), telegram(42, STORY)):
        statuses = post_at_once([stage.port, other], what, 64)
        assert {status // 100 for status in statuses} == {2}, Counter(statuses)
    wait_until(lambda: len(stage.twilio.sent) >= 1 and len(stage.bot.sent) >= 1)
    time.sleep(1.5)
    said = stage.rows("select direction, count(*) from message group by 1 order by 1")
    assert said == [("in", 2), ("out", 2)]
    filed = stage.rows("select channel, status from ticket order by 1")
    assert filed == [("telegram", "draft"), ("whatsapp", "draft")]
    assert (len(stage.twilio.sent), len(stage.bot.sent)) == (1, 1)


# --- kills of the worker ------------------------------------------------------------------------------------
KILLS, CHATS, EACH = 20, 40, 5


def questions(stage: Stage) -> list[Post]:
    """Five questions from each of forty citizens, in rounds; the answer to each is like no other."""
    asked = []
    for n in range(CHATS * EACH):
        number = next(f"{n:08}{d}" for d in range(10) if not numbers.is_number(f"{n:08}{d}"))
        chat, words = n % CHATS, f"CEK {number}"
        by_whatsapp = whatsapp(stage.base_url, f"+62812000{chat:05}", words)
        asked.append(by_whatsapp if chat % 2 else telegram(1000 + chat, words))
        stage.bot.know(1000 + chat)
    return asked


def ask_all(stage: Stage, asked: list[Post]) -> None:
    """Post them over about twenty seconds; each chat in order."""
    for what in asked:
        post_until_taken(stage.port, what)
        time.sleep(0.07)


def kill_workers(stage: Stage, fork: Callable[[], int], dice: random.Random) -> None:
    """Two workers side by side; while they send one of them is killed and replaced, again and again."""
    workers = [fork(), fork()]
    for n in range(KILLS):
        before = stage.handed_over
        wait_until(lambda before=before: stage.handed_over > before, 45)  # type: ignore[misc]
        time.sleep(dice.uniform(0.0, 0.8))
        os.kill(workers[n % 2], signal.SIGKILL)
        workers[n % 2] = fork()


def repeats(told: list[str], got: list[str]) -> int:
    """How many messages a citizen got again; fails when one is missing or out of order."""
    at = again = 0
    for words in got:
        if at < len(told) and words == told[at]:
            at += 1
        else:
            assert at and words == told[at - 1], f"{words!r} after {told[:at]}"
            again += 1
    assert at == len(told), f"lost: {told[at:]}"
    return again


def test_workers_killed_twenty_times_lose_nothing_keep_the_order_and_repeat_at_most_one_a_kill(
    stage: Stage,
) -> None:
    stage.web()
    stage.twilio.callbacks = True
    stage.twilio.latency = stage.bot.latency = 0.05
    asked = questions(stage)
    with stage.forking_workers() as fork, ThreadPoolExecutor(1) as citizens:
        asking = citizens.submit(ask_all, stage, asked)
        kill_workers(stage, fork, random.Random(1708))
        asking.result(60)
        unsent = "select 1 from message where state in ('waiting', 'sending', 'unknown')"
        wait_until(lambda: not stage.rows(unsent), 60)
    ledger = stage.ledger()
    assert sum(len(told) for told, _ in ledger.values()) == len(asked)
    again = sum(repeats(told, got) for told, got in ledger.values())
    print(f"{KILLS} kills, {len(asked)} answers, {again} repeated")
    assert again <= KILLS


# --- the end of a web process ------------------------------------------------------------------------------
def test_a_web_process_that_is_told_to_end_finishes_what_it_has_begun(stage: Stage) -> None:
    web = stage.web()
    post_until_taken(stage.port, whatsapp(stage.base_url, "+6281234567890", "halo"))
    with psycopg.connect(plain_url(stage.database_url)) as slow, ThreadPoolExecutor(9) as citizens:
        slow.execute("select 1 from conversation for update")
        begun = citizens.submit(post, stage.port, whatsapp(stage.base_url, "+6281234567890", "halo lagi"))
        crowd = [citizens.submit(write_until_refused, stage, n) for n in range(8)]
        time.sleep(1.0)
        ordered = time.monotonic()
        web.send_signal(signal.SIGTERM)
        time.sleep(1.0)
        slow.rollback()
        assert begun.result(20) == 204
        taken = sum(one.result(20) for one in crowd)
        assert web.wait(10) == 0
    assert time.monotonic() - ordered < 10
    assert stage.rows("select count(*) from message where direction = 'in'") == [(taken + 2,)]


def test_two_hundred_slow_connections_do_not_hold_up_a_normal_request(stage: Stage) -> None:
    stage.web()
    head = b"POST /webhooks/twilio HTTP/1.1\r\nHost: lapor\r\nContent-Length: 500\r\n\r\n"
    with ExitStack() as slow:
        for n in range(200):
            line = slow.enter_context(socket.create_connection(("127.0.0.1", stage.port)))
            line.sendall(head + b"a" if n % 2 else head[:30])
        time.sleep(1.0)
        begun = time.monotonic()
        assert post(stage.port, whatsapp(stage.base_url, "+6281234567890", "halo")) == 204
        assert time.monotonic() - begun < 1.0


def write_until_refused(stage: Stage, n: int) -> int:
    """One citizen writes on and on; returns how many messages were acknowledged."""
    for taken in itertools.count():
        if post(stage.port, whatsapp(stage.base_url, f"+62813000000{n}", f"halo {taken}")) != 204:
            return taken
    raise AssertionError
