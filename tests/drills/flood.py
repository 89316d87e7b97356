"""S16: a thousand numbers write as fast as they can for a minute; whoever else writes hardly notices it."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.delivery.flooding import MOST_A_MINUTE
from tests.drill_case import Stage, staged, wait_until, whatsapp
from tests.drills.ledger import UNSENT, Ledger, figure, milliseconds, share
from tests.drills.writers import by_turns

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
NUMBERS, AT_ONCE, SECONDS, OTHERS_APART = 1000, 8, 60, 0.5
LOUD = 50  # messages of one number in that minute, among the thousand
NOTICE = "Anda baru saja mengirim banyak pesan."


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def write_as_others(ledger: Ledger, over: threading.Event, first: int) -> None:
    """Each half a second a citizen who writes for the first time."""
    for n in itertools.count(first):
        if over.wait(OTHERS_APART):
            return
        ledger.post_until_taken(by_turns(ledger.stage, 700_000 + n, f"CEK {n:09}"))


def flood(ledger: Ledger, line: int, end: float) -> None:
    """One of some connections: its share of the thousand numbers in turn, each as soon as it may."""
    for n in itertools.count(line, AT_ONCE):
        if time.monotonic() > end:
            return
        number = n % NUMBERS
        ledger.post_until_taken(whatsapp(ledger.stage.base_url, f"+62817{number:08}", f"CEK {n:09}"))


def shout(ledger: Ledger, end: float) -> None:
    """One number that writes more than is answered within a minute."""
    for n in range(LOUD):
        ledger.post_until_taken(whatsapp(ledger.stage.base_url, "+6281799999999", f"CEK 8{n:08}"))
        if time.monotonic() > end:
            return


def test_a_thousand_numbers_flood_and_others_keep_their_answers(stage: Stage) -> None:
    stage.web()
    stage.start("worker")
    stage.twilio.callbacks = True
    quiet, flooding, others = Ledger(stage), Ledger(stage), Ledger(stage)
    calm(quiet)
    over, end = threading.Event(), time.monotonic() + SECONDS
    with ThreadPoolExecutor(AT_ONCE + 2) as crowd:
        beside = crowd.submit(write_as_others, others, over, 1000)
        running = [crowd.submit(flood, flooding, line, end) for line in range(AT_ONCE)]
        running.append(crowd.submit(shout, flooding, end))
        try:
            for one in running:
                one.result(SECONDS + 60)
        finally:
            over.set()
        beside.result(60)
    wait_until(lambda: not stage.rows(UNSENT), 600)
    everybody = together(stage, quiet, flooding, others)
    figure("S16", f"{NUMBERS} numbers, {len(flooding.sent) / SECONDS:.0f} messages/s: {everybody.audit()}")
    figure("S16", f"others alone: {milliseconds(quiet.seconds)}; beside: {milliseconds(others.seconds)}")
    waits = [float(row[0]) for row in stage.rows(OTHERS_WAIT)]
    figure("S16", f"answers to others beside the flood, from webhook to hand-over: {milliseconds(waits)}")
    notices = Counter(one.to for one in stage.twilio.sent if NOTICE in one.text)
    got = sum(one.to == "whatsapp:+6281799999999" for one in stage.twilio.sent)
    assert notices["whatsapp:+6281799999999"] == 1 and got == MOST_A_MINUTE + 1
    assert set(notices.values()) == {1}
    assert share(others.seconds, 0.95) < 1.0


def calm(ledger: Ledger) -> None:
    """The same citizens without the flood."""
    over = threading.Event()
    with ThreadPoolExecutor(1) as alone:
        writing = alone.submit(write_as_others, ledger, over, 0)
        try:
            time.sleep(15)
        finally:
            over.set()
        writing.result(60)


def together(stage: Stage, *books: Ledger) -> Ledger:
    """One book of several whose citizens differ."""
    whole = Ledger(stage)
    for book in books:
        whole.sent |= book.sent
        whole.acknowledged |= book.acknowledged
        whole.said |= book.said
    return whole


OTHERS_WAIT = """select extract(epoch from o.sent_at - o.created_at)
                 from message o join message m on m.conversation_id = o.conversation_id and m.direction = 'in'
                 where o.direction = 'out' and m.text like 'CEK 00000____' and m.text >= 'CEK 000001000'
                   and (select count(*) from message n where n.conversation_id = o.conversation_id) = 2"""
