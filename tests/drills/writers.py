"""Four citizens' writers that go on while something is broken; what they wrote is in the ledger."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.load import story
from tests.drill_case import Post, Stage, telegram, whatsapp
from tests.drills.ledger import Ledger

WRITERS, CITIZENS = 4, 30  # citizens of each writer


@dataclass
class Writers:
    """Whoever writes on and on: half of the citizens by WhatsApp, half by Telegram."""

    ledger: Ledger
    pause: float
    least: int = 0  # messages of each before he may stop
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, writer: int) -> int:
        """One writer, each message until it is acknowledged; returns how many."""
        for n in itertools.count():
            if self.over.is_set() and n >= self.least:
                return n
            self.ledger.post_until_taken(self.message(writer, n), 150)
            time.sleep(self.pause)
        raise AssertionError

    def message(self, writer: int, n: int) -> Post:
        """A citizen first tells a story, then asks about numbers that nobody has."""
        citizen, turn = n % CITIZENS, n // CITIZENS
        words = f"CEK {writer}{n:08}" if turn else f"{story(writer, citizen)} {writer}-{n}"
        return by_turns(self.ledger.stage, 1 + writer * CITIZENS + citizen, words)


def by_turns(stage: Stage, citizen: int, words: str) -> Post:
    """Every second citizen writes by Telegram."""
    if citizen % 2:
        return whatsapp(stage.base_url, f"+62814{citizen:08}", words)
    stage.bot.know(5_000_000 + citizen)
    return telegram(5_000_000 + citizen, words)


@contextmanager
def writing(ledger: Ledger, pause: float, least: int = 0) -> Iterator[Writers]:
    """Four writers beside the block; they end after it, and a failure of theirs is one of the drill."""
    crowd = Writers(ledger, pause, least)
    with ThreadPoolExecutor(WRITERS) as pool:
        running: list[Future[int]] = [pool.submit(crowd.write, n) for n in range(WRITERS)]
        try:
            yield crowd
        finally:
            crowd.over.set()
        for one in running:
            one.result(180)
