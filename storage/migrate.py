"""Bring the tables up to date. Safe to call from several processes at once."""

import time
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from storage.partitions import make_partitions

LOCK = 1708_0001
PATIENCE = "2s"  # a lock that is waited for holds up everybody behind it
PAUSE_SECONDS = 1.0
MOST_TRIES = 30


def configuration() -> Config:
    """Alembic's own configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest() -> str:
    """The revision that this code was written for."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def current(engine: Engine) -> str:
    """The revision that the database has; empty when it has none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def migrate(engine: Engine, to: str = "head") -> str:
    """Apply what is missing, one process at a time and each revision by itself; returns the revision reached.

    Serving goes on meanwhile: what waits for a lock gives up soon, for behind it everybody would wait, and
    is tried again.

    Raises:
        OperationalError: a table was held by others for MOST_TRIES tries.
    """
    config = configuration()
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        config.attributes["connection"] = connection
        _upgrade(connection, config, to)
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()
    with suppress(OperationalError), engine.begin() as tx:  # else the worker sees to it
        make_partitions(tx)
    return newest() if to == "head" else to


def _upgrade(connection: Connection, config: Config, to: str) -> None:
    for left in reversed(range(MOST_TRIES)):
        try:
            connection.execute(text(f"set lock_timeout = '{PATIENCE}'"))
            connection.commit()
            command.upgrade(config, to)
            connection.commit()
            break
        except OperationalError as error:
            connection.rollback()
            if not left or not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            time.sleep(PAUSE_SECONDS)
    connection.execute(text("reset lock_timeout"))
    connection.commit()
