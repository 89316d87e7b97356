"""The one database: its engine, its transactions, and the wake-up call after a commit."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from storage.keys import Keys
from storage.patience import ASK_PATIENCE, PATIENCE, Outage

WAKE = "kentongan_out"
WAKE_EVERY_SECONDS = 0.02


class DatabaseAway(Exception):
    """The database cannot be reached now; nothing was kept."""


class DatabaseBusy(DatabaseAway):
    """The database is there but gave this transaction up, for a deadlock or a lock held too long.

    Nothing was kept, as when it is away, but another try at once can help.
    """


@dataclass(frozen=True)
class Database:
    """What the rest of the product holds of the database."""

    engine: Engine
    keys: Keys
    bell: "Bell"
    outage: Outage = field(default_factory=Outage)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing.

        Raises:
            DatabaseBusy: it was given up for the sake of others.
            DatabaseAway: there is no server to talk to, or it has no room.
        """
        begun = time.monotonic()
        try:
            with self.engine.begin() as connection:
                yield connection
            self.outage.over()
        except OperationalError as error:
            if _given_up(error):
                raise DatabaseBusy("the database gave a transaction up") from error
            self.outage.seen(type(error.orig).__name__, begun)
            raise DatabaseAway("the database cannot be reached") from error
        except PoolExhausted as error:
            raise DatabaseAway("the database cannot be reached") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                self.outage.seen(type(error.orig).__name__, begun)
                raise DatabaseAway("the connection to the database broke") from error
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that cannot write: a read that writes by mistake fails in every test."""
        with self.transaction() as connection:
            connection.execute(text("set transaction read only"))
            yield connection


class Bell:
    """Wakes the relay after a commit: at most one NOTIFY each 20 ms and process, outside any transaction.

    NOTIFY inside the transaction would make all commits of the server wait for each other.
    Source: https://www.postgresql.org/docs/current/sql-notify.html
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._rung = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Tell the relay soon that there is something to send. Never waits, never fails."""
        if self._thread is None:
            self._start()
        self._rung.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                with psycopg.connect(self._url, autocommit=True, **PATIENCE) as connection:
                    self._serve(connection)
            except psycopg.Error:
                time.sleep(0.5)  # the relay's poll finds what a lost call does not announce

    def _serve(self, connection: psycopg.Connection) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            connection.execute(f"notify {WAKE}")
            time.sleep(WAKE_EVERY_SECONDS)


def _given_up(error: OperationalError) -> bool:
    """Whether the server itself said so: transaction rollback, lock not available, query cancelled.

    Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("40") or state in {"55P03", "57014"}


def plain_url(url: str) -> str:
    """The URL as psycopg and PostgreSQL's programs take it, from the form SQLAlchemy takes.

    SQLAlchemy writes a blank in the query (the path of a socket) as "+", which libpq takes for a plus.
    """
    base, mark, query = url.replace("postgresql+psycopg://", "postgresql://", 1).partition("?")
    return base + mark + query.replace("+", "%20")


def open_database(url: str, keys: Keys, *, pool: int = 10) -> Database:
    """A database by its URL (postgresql+psycopg://...); connects at first use.

    `pool` is the number of connections this process keeps. The first use of a dead one raises DatabaseAway
    and empties the pool, so that the next use gets a fresh one.
    """
    engine = create_engine(
        make_url(url),
        pool_size=pool,
        max_overflow=5,
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # an error text must not carry what a citizen wrote
        connect_args=PATIENCE | {"application_name": "kentongan"},
    )
    event.listen(engine, "connect", _ask_patience)
    return Database(engine, keys, Bell(plain_url(url)))


def _ask_patience(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.execute(ASK_PATIENCE)
    connection.commit()
