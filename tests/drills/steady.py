"""R14: twenty messages a second for half an hour (DRILL_MINUTES): acknowledgement, hand-over, memory."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bench.load import story
from tests.conftest import new_data_dir
from tests.drill_case import Post, Stage, staged
from tests.drills.ledger import Ledger, figure, milliseconds, share
from tests.drills.writers import by_turns
from tests.test_drills_run import family

RATE = 20  # messages a second
MINUTES = float(os.environ.get("DRILL_MINUTES", "30"))
WARM_SHARE = 0.2  # of the time: until then caches fill and connections are made
LONG = 10  # minutes from which on figures are held against the targets, not only told
APART = 100  # messages from a citizen's first word to his next, about five seconds
pytestmark = [pytest.mark.drill, pytest.mark.timeout(60 * MINUTES + 600)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    with new_data_dir() as folder, staged("", folder) as made:
        yield made


def message(stage: Stage, n: int) -> Post | None:
    """The n-th message: in turn a citizen's story, another's choice to send it, a third one's question."""
    citizen, turn = n // 3 - (n % 3) * APART // 3, n % 3
    if citizen < 0:
        return None
    words = (f"{story(citizen % 16, citizen)} nomor {citizen}", "1", f"CEK {citizen:09}")[turn]
    return by_turns(stage, 10_000 + citizen, words)


def write_on(ledger: Ledger, late: list[float]) -> None:
    """Post at fixed moments whatever the answers; `late` is how late each was posted."""
    begun = time.monotonic()
    with ThreadPoolExecutor(64) as citizens:
        for n in range(int(60 * MINUTES * RATE)):
            due = begun + n / RATE
            time.sleep(max(due - time.monotonic(), 0.0))
            late.append(time.monotonic() - due)
            if what := message(ledger.stage, n):
                citizens.submit(ledger.post, what)


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError


def watch(pids: dict[str, int], over: threading.Event, seen: dict[str, list[float]]) -> None:
    """Note the memory of the processes every few seconds."""
    while not over.wait(2.0):
        for name, pid in pids.items():
            seen[name].append(megabytes(pid))


def grown(values: list[float]) -> tuple[float, float, float]:
    """MB after warm-up and at the end, each the middle of some readings, and the growth as a share."""
    warm, some = int(len(values) * WARM_SHARE), max(len(values) // 20, 1)
    first = share(values[warm : warm + some], 0.5)
    last = share(values[-some:], 0.5)
    return first, last, last / first - 1


def test_twenty_messages_a_second(stage: Stage) -> None:
    run = stage.run()
    stage.twilio.callbacks = True
    stage.twilio.latency = stage.bot.latency = 0.02
    pids = {"web": next(iter(family(run)["granian"])), "worker": next(iter(family(run)["worker"]))}
    ledger, late, over = Ledger(stage), list[float](), threading.Event()
    seen: dict[str, list[float]] = {name: [] for name in pids}
    watcher = threading.Thread(target=watch, args=(pids, over, seen))
    watcher.start()
    write_on(ledger, late)
    over.set()
    watcher.join()
    ledger.settle(60)
    assert not ledger.refused, ledger.refused
    tell(ledger, late, seen, ledger.audit())


def tell(ledger: Ledger, late: list[float], seen: dict[str, list[float]], balance: object) -> None:
    """Say what was measured, and hold it against the targets."""
    waits = [float(row[0]) for row in ledger.stage.rows(HAND_OVER)]
    quick = sum(one <= 10 for one in waits) / len(waits)
    figure("R14", f"{MINUTES:g} min at {RATE}/s, the load late by {share(late, 0.99) * 1000:.0f} ms (p99)")
    figure("R14", f"acknowledged: {milliseconds(ledger.seconds)}; {balance}")
    figure("R14", f"from webhook to hand-over: {milliseconds(waits)}; {quick:.2%} within 10 s")
    memory = {name: grown(values) for name, values in seen.items()}
    for name, (first, last, more) in memory.items():
        figure(
            "R14", f"memory of {name}: {first:.0f} MB after warm-up, {last:.0f} MB at the end ({more:+.1%})"
        )
    if MINUTES >= LONG:
        assert quick >= 0.99
        assert share(ledger.seconds, 0.95) < 0.2 and share(ledger.seconds, 0.99) < 1.0
        assert all(more < 0.05 for _, _, more in memory.values())


HAND_OVER = """select extract(epoch from sent_at - created_at) from message
               where direction = 'out' and sent_at is not null"""
