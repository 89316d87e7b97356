"""The bench: the product, and beside it the same statements without the product, on the same PostgreSQL.

    make bench        (or: python -m tests.bench [--seconds 30] [--connections 16])

Prints messages a second and the percentiles of the acknowledgement, the ratio of both rates, and how soon
answers were handed over. Needs nothing but this machine; the providers are stand-ins on loopback.
"""

import argparse
import json
import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import psycopg

from storage.database import plain_url
from storage.postgres import attached
from tests.bench.load import chat_of, turns
from tests.bench.recording import Step, record
from tests.conftest import new_data_dir
from tests.drill_case import Stage, staged, wait_until
from tests.house import ROOT

RAW_PROCESSES, RAW_SECONDS = 4, 8.0
AIM_MS, AIM_RATIO = 100.0, 0.15
RATE = 20.0  # messages a second of the delivery part


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("--seconds", type=float, default=30.0)
    asked.add_argument("--connections", type=int, default=16)
    chosen = asked.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    with new_data_dir() as folder, attached(folder) as url, staged(url, folder, tables=False) as stage:
        steps = record(url, folder, stage.env["DATA_KEYS"])
        stage.twilio.callbacks = True
        print(f"a citizen's {len(turns(0, 0))} turns are {len(steps)} statements and commits", flush=True)
        before = raw_rate(url, steps)
        forget_answers(url)
        for n in range(chosen.connections):
            stage.bot.methods.known.update(chat_of(n, first) for first in range(25_000))
        stage.web()
        stage.start("worker")
        tell_delivery(stage, chosen.connections)
        product = load(stage, chosen.connections, chosen.seconds, first=20_000)
        tell(product, chosen.connections, chosen.seconds)
        stage.end()
        after = raw_rate(url, steps)
    raw = (before + after) / 2
    ratio = len(product["took"]) / chosen.seconds / raw
    print(f"raw       {before:.0f} turns/s before, {after:.0f} after: the same statements, 16 connections")
    print(f"ratio     {ratio:.2f} (aim: at least {AIM_RATIO})")


def raw_rate(url: str, steps: Sequence[Step]) -> float:
    """Turns a second that this PostgreSQL commits when nothing but the statements is to be done."""
    told = pickle.dumps((plain_url(url), list(steps), RAW_SECONDS))
    argv = [sys.executable, "-m", "tests.bench.raw"]
    begun = [
        subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(RAW_PROCESSES)
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
    return turns / RAW_SECONDS


def forget_answers(url: str) -> None:
    """Nobody shall be told what the replay left in the outbox."""
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute("update conversation set out_due_at = null")
        connection.execute("update message set state = 'cancelled' where state = 'waiting'")
        connection.execute("vacuum analyze")


def load(stage: Stage, connections: int, seconds: float, *, first: int, rate: float = 0.0) -> dict[str, Any]:
    """What citizens measured who wrote for so long, at full speed or at so many messages a second."""
    set_ = {"port": stage.port, "base_url": stage.base_url, "connections": connections, "seconds": seconds}
    set_ |= {"first": first, "rate": rate}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        input=json.dumps(set_),
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def tell(product: dict[str, Any], connections: int, seconds: float) -> None:
    """Rate and percentiles."""
    took = sorted(product["took"])
    p50, p95, p99 = (took[min(int(len(took) * share), len(took) - 1)] for share in (0.5, 0.95, 0.99))
    print(f"product   {len(took) / seconds:.0f} messages/s on {connections} connections for {seconds:.0f} s")
    print(f"          p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms (aim: p99 below {AIM_MS:.0f} ms)")
    print(f"          {product['failed']} requests failed", flush=True)


def tell_delivery(stage: Stage, connections: int) -> None:
    """How soon answers are handed over at an ordinary rate; Telegram takes no more than 25 a second."""
    load(stage, connections, 20.0, first=0, rate=RATE)
    waiting = "select 1 from message where state in ('waiting', 'sending', 'unknown') limit 1"
    wait_until(lambda: not stage.rows(waiting), 60)
    ((count, p50, p99),) = stage.rows(
        """select count(*), percentile_disc(0.5) within group (order by took),
                  percentile_disc(0.99) within group (order by took)
           from (select extract(epoch from sent_at - created_at) as took from message
                 where sent_at is not null) as sent"""
    )
    print(f"delivery  {count} answers at {RATE:.0f} messages/s: from commit to provider")
    print(f"          p50 {float(p50):.2f} s, p99 {float(p99):.2f} s (aim: p99 below 10 s)", flush=True)


if __name__ == "__main__":
    main()
