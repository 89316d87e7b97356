"""What this PostgreSQL could take: the statements of a citizen's turns, replayed by nothing but psycopg."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from storage.database import plain_url
from tests.bench.recording import Step
from tests.house import ROOT

PROCESSES, SECONDS = 4, 8.0


@dataclass
class Raw:
    """The yardstick of one run: all that is measured is told as a share of it."""

    url: str
    steps: Sequence[Step]
    rates: list[float] = field(default_factory=list)

    def take(self) -> None:
        """Measure it now; it moves with whatever else the machine does."""
        self.rates.append(replayed(self.url, self.steps))
        forget_answers(self.url)
        print(f"raw       {self.rates[-1]:.0f} turns/s: the same statements on 16 connections", flush=True)

    @property
    def turns(self) -> float:
        """Turns a second, of the two measurements around what was measured last."""
        around = self.rates[-2:]
        return sum(around) / len(around)

    def share(self, rate: float) -> str:
        """So many a second as a share of it."""
        return f"{rate / self.turns:.2f} of raw"


def replayed(url: str, steps: Sequence[Step]) -> float:
    """Turns a second that this PostgreSQL commits when nothing but the statements is to be done."""
    told = pickle.dumps((plain_url(url), list(steps), SECONDS))
    argv = [sys.executable, "-m", "tests.bench.raw"]
    begun = [
        subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    for one in begun:
        assert one.stdin
        one.stdin.write(told)
        one.stdin.close()
    turns = 0
    for one in begun:
        assert one.stdout
        turns += int(one.stdout.read())
        one.wait()
    return turns / SECONDS


def forget_answers(url: str) -> None:
    """Nobody shall be told what the replay left in the outbox, or be asked whether he means its reports."""
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute("update conversation set out_due_at = null where out_due_at is not null")
        connection.execute("update message set state = 'cancelled' where state = 'waiting'")
        connection.execute(
            """update ticket set status = 'closed', closed_how = 'withdrawn'
               where status in ('draft', 'received')"""
        )
        connection.execute("vacuum analyze")
