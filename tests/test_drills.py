"""Drills: real processes of the product, killed and hurried, with the providers beside them."""

import itertools
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from tests.drill_case import (
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
from tests.drills import worker_kills
from tests.drills.ledger import figure

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
    figure("R6", "64 times at once by each of two providers: 1 message, 1 report, 1 answer each")


# --- kills of the worker ------------------------------------------------------------------------------------
def test_workers_killed_twenty_times_lose_nothing_keep_the_order_and_repeat_at_most_one_a_kill(
    stage: Stage,
) -> None:
    worker_kills.kill_while_answering(stage, 200, 0.07)


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
    took = time.monotonic() - ordered
    assert took < 10
    figure("R19", f"web told to end with 9 requests in flight: {took:.1f} s, {taken + 2} messages")
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
        took = time.monotonic() - begun
        assert took < 1.0
        figure("R15", f"200 slow connections: a normal request took {took * 1000:.0f} ms")


def write_until_refused(stage: Stage, n: int) -> int:
    """One citizen writes on and on; returns how many messages were acknowledged."""
    for taken in itertools.count():
        if post(stage.port, whatsapp(stage.base_url, f"+62813000000{n}", f"halo {taken}")) != 204:
            return taken
    raise AssertionError
