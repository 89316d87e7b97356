"""The book of a drill: every id that was sent, every 2xx that was seen, and what each citizen got.

It is kept outside the product, and compared with the database at the end: see `Ledger.audit`. What a drill
measured is printed and, for `make drill`, written into the file that DRILL_FIGURES names.
"""

import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.drill_case import Post, Stage, post, wait_until

UNSENT = "select 1 from message where state in ('waiting', 'sending', 'unknown')"
FAILED = "select 1 from raw_event where state in ('failed', 'quarantined')"


@dataclass
class Ledger:
    """What citizens did; written by many threads."""

    stage: Stage
    sent: dict[str, Post] = field(default_factory=dict)  # by the provider's id
    acknowledged: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)  # how long each acknowledgement took
    refused: Counter[int] = field(default_factory=Counter)  # answers that were no 2xx; 0: none at all
    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # acknowledged, in order
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, what: Post, port: int = 0, seconds: float = 30.0) -> bool:
        """Post it once; returns whether it was acknowledged."""
        with self._lock:
            self.sent[what.id] = what
        begun = time.monotonic()
        status = post(port or self.stage.port, what, seconds)
        took = time.monotonic() - begun
        with self._lock:
            if not 200 <= status < 300:
                self.refused[status] += 1
                return False
            self.seconds.append(took)
            if what.id not in self.acknowledged:
                self.acknowledged.add(what.id)
                self.said[what.address].append(what.words)
        return True

    def post_until_taken(self, what: Post, seconds: float = 60.0, port: int = 0) -> None:
        """Post it again and again, as a provider does that retries; fails after so many seconds."""
        end = time.monotonic() + seconds
        while not self.post(what, port):
            assert time.monotonic() < end, f"never acknowledged: {self.refused}"
            time.sleep(0.1)

    def settle(self, seconds: float) -> float:
        """Wait until nothing is left to take or to hand over; returns how long that took."""
        begun = time.monotonic()
        spool = self.stage.folder / "spool"
        wait_until(lambda: not list(spool.glob("*.event")), seconds)
        rest = max(seconds - (time.monotonic() - begun), 1.0)
        wait_until(lambda: not self.stage.rows(UNSENT) and not self.stage.rows(FAILED), rest)
        return time.monotonic() - begun

    def audit(self) -> "Balance":
        """Compare the book with the database and the stand-ins; fails when something is missing or twice.

        Every acknowledged id is known to the database, and none that nobody sent; each citizen's words stand
        there once and in his order; he got every answer, in order; nobody has two drafts.
        """
        taken = {row[0] for row in self.stage.rows("select provider_id from seen")}
        assert not (lost := self.acknowledged - taken), f"acknowledged and lost: {sorted(lost)[:5]}"
        assert not (odd := taken - self.sent.keys()), f"never sent: {sorted(odd)[:5]}"
        wrote = self.stage.wrote()
        wrong = [one for one in wrote.keys() | self.said.keys() if wrote.get(one) != self.said.get(one)]
        assert not wrong, [(wrote.get(one), self.said.get(one)) for one in wrong[:3]]
        doubled = self.stage.rows(
            "select conversation_id from ticket where status = 'draft' group by 1 having count(*) > 1"
        )
        assert not doubled, f"two drafts in one chat: {doubled}"
        again = sum(repeats(told, got) for told, got in self.stage.ledger().values())
        reports = self.stage.rows("select count(*) from ticket")[0][0]
        return Balance(len(self.sent), len(self.acknowledged), reports, self.stage.handed_over, again)


@dataclass(frozen=True)
class Balance:
    """What an audit found: nothing is missing, and so many things are there."""

    sent: int
    acknowledged: int
    reports: int
    handed_over: int
    repeated: int

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} of {self.sent} acknowledged, 0 missing, 0 doubled, {self.reports} reports, "
            f"{self.handed_over} answers handed over, {self.repeated} of them repeated"
        )


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


def share(values: Sequence[float], part: float) -> float:
    """The value that so large a part of them does not exceed: 0.95 is p95."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def milliseconds(values: Sequence[float]) -> str:
    """Percentiles of seconds, for people."""
    found = [f"p{part} {share(values, part / 100) * 1000:.0f}" for part in (50, 95, 99)]
    return f"{', '.join(found)} ms, longest {max(values) * 1000:.0f} ms"


def figure(row: str, words: str) -> None:
    """Say what was measured, with the load of the machine: a busy one explains a slow figure."""
    line = f"{row}: {words} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs)"
    print(line)
    if kept := os.environ.get("DRILL_FIGURES"):
        with Path(kept).open("a") as handle:
            handle.write(line + "\n")


def timed(what: Callable[[], object], seconds: float) -> float:
    """How long it takes until it is true; fails after so many seconds."""
    begun = time.monotonic()
    wait_until(what, seconds)
    return time.monotonic() - begun
