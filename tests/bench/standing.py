"""The product set up for the bench: its processes, the stand-ins, and citizens who write to it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bot.settings import Settings
from storage.database import plain_url
from storage.postgres import attached
from tests.bench.load import chat_of
from tests.bench.machine import family, spent
from tests.bench.rawrate import Raw
from tests.bench.recording import record
from tests.conftest import new_data_dir
from tests.drill_case import Stage, staged
from tests.house import ROOT
from tests.processes import table
from tests.towns import new_database

MOST_CITIZENS = 5_000  # of one connection in one part
WEBS = Settings.model_fields["web_workers"].default  # as shipped


class Standing:
    """One run of the bench on one server: what is measured, and the yardstick beside it."""

    def __init__(self, server: str, stage: Stage, raw: Raw) -> None:
        self.server, self.stage, self.raw = server, stage, raw
        self._first = 0

    @contextmanager
    def running(self, *, webs: int = WEBS, workers: int = 1) -> Iterator[dict[str, Callable[[], set[int]]]]:
        """The product with so many processes; gives by name how to find them."""
        self.stage.env["WEB_WORKERS"] = str(webs)
        begun = {"web": [self.stage.web()], "worker": [self.stage.start("worker") for _ in range(workers)]}
        try:
            yield {
                name: lambda of=of: set().union(*(family(one.pid) for one in of))  # type: ignore[misc]
                for name, of in begun.items()
                if of
            }
        finally:
            ended([one for of in begun.values() for one in of])

    def load(self, connections: int, seconds: float, rate: float = 0.0) -> dict[str, Any]:
        """What new citizens measured who wrote for so long, at full speed or so many messages a second.

        Returns:
            `took`: milliseconds of each request; `failed`: how many were refused; and `processor`: seconds
            that the citizens had of it.
        """
        set_ = {"port": self.stage.port, "base_url": self.stage.base_url, "connections": connections}
        set_ |= {"first": self._first, "rate": rate, "seconds": seconds}
        for n in range(connections):
            writing = range(self._first, self._first + MOST_CITIZENS)
            self.stage.bot.methods.known.update(chat_of(n, first) for first in writing)
        self._first += MOST_CITIZENS
        argv = [sys.executable, "-m", "tests.bench.load"]
        told = json.dumps(set_)
        done = subprocess.run(argv, cwd=ROOT, input=told, capture_output=True, text=True, check=True)
        measured: dict[str, Any] = json.loads(done.stdout)
        return measured

    @contextmanager
    def spent(self, running: dict[str, Callable[[], set[int]]]) -> Iterator[dict[str, float]]:
        """Gives, after the block, the processor seconds of product, database, and stand-ins with citizens."""
        with psycopg.connect(plain_url(self.stage.database_url)) as connection:
            server = table()[connection.info.backend_pid]
        here = os.getpid()
        others = {"database": lambda: family(server), "stand-ins and citizens": lambda: {here}}
        with spent({**running, **others}) as taken:
            yield taken


@contextmanager
def standing() -> Iterator[Standing]:
    """A fresh server with everything on it but the product's processes."""
    with new_data_dir() as folder, attached(folder) as server, new_database(server) as url:
        with staged(url, folder, tables=False) as stage:
            stage.twilio.callbacks = True
            raw = Raw(url, record(url, folder, stage.env["DATA_KEYS"]))
            raw.take()
            yield Standing(server, stage, raw)


def ended(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Stop them as an engineer would, and wait."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(30)


def percentiles(values: Sequence[float], *shares: float) -> list[float]:
    """The values below which so large shares of all lie."""
    ordered = sorted(values)
    return [ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in shares]


def own_folder(name: str, within: Path) -> Path:
    """A folder of a process of its own, as on a machine of its own."""
    made = within / name
    made.mkdir(exist_ok=True)
    return made
