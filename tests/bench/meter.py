"""What a server process of PostgreSQL does for us: pages it touches and time it has the processor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, text

from storage.database import plain_url


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages touched (in the cache or not) and milliseconds of the server's processor."""

    pages: float
    ms: float


class Meter:
    """Counts what the server process behind an engine's one connection does.

    Catalogues, planning and foreign keys are in it, too.
    Source: https://www.postgresql.org/docs/18/monitoring-stats.html#MONITORING-PG-STAT-IO-VIEW
    """

    def __init__(self, engine: Engine) -> None:
        """Find the process.

        Args:
            engine: its pool has a single connection; the server runs on this machine.
        """
        self._engine = engine
        url = engine.url.render_as_string(hide_password=False)
        self.aside = psycopg.connect(plain_url(url), autocommit=True)
        with engine.connect() as connection:
            self._pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        self._spent: dict[str, tuple[int, float, float]] = {}  # by name: times, pages, milliseconds

    @contextmanager
    def of(self, name: str, times: int = 1) -> Iterator[None]:
        """Count what is done within as so many of a name."""
        before = self._read()
        yield
        after = self._read()
        had = self._spent.get(name, (0, 0.0, 0.0))
        self._spent[name] = had[0] + times, had[1] + after[0] - before[0], had[2] + after[1] - before[1]

    def forget(self) -> None:
        """What was counted so far only warmed up."""
        self._spent.clear()

    def each(self) -> dict[str, Cost]:
        """What one of each name cost."""
        return {name: Cost(pages / times, ms / times) for name, (times, pages, ms) in self._spent.items()}

    def whole(self) -> dict[str, Cost]:
        """What all of each name cost together."""
        return {name: Cost(pages, ms) for name, (_, pages, ms) in self._spent.items()}

    def by_relation(self) -> dict[str, int]:
        """Pages of each table and index that all processes have touched so far."""
        rows = self.aside.execute(
            """select relname, heap_blks_hit + heap_blks_read from pg_statio_user_tables
               union all
               select indexrelname, idx_blks_hit + idx_blks_read from pg_statio_user_indexes"""
        )
        return {name: int(pages or 0) for name, pages in rows}

    def close(self) -> None:
        """Let go of the connection aside."""
        self.aside.close()

    def processor(self) -> float:
        """Milliseconds that the process has had the processor so far.

        Source: https://docs.kernel.org/scheduler/sched-stats.html
        """
        return int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[0]) / 1e6

    def _read(self) -> tuple[float, float]:
        ran = self.processor()
        with self._engine.connect() as connection:  # counters are seen by others when a transaction has ended
            connection.execute(text("select pg_stat_force_next_flush()"))
        row = self.aside.execute(_PAGES, (self._pid,)).fetchone()
        return float(row[0]) if row else 0.0, ran


_PAGES = """select coalesce(sum(coalesce(hits, 0) + coalesce(reads, 0)), 0)
            from pg_stat_get_backend_io(%s) where object = 'relation'"""
