"""Bring the tables up to date. Safe to call from several processes at once."""

from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.partitions import make_partitions

LOCK = 1708_0001


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


def migrate(engine: Engine) -> str:
    """Apply what is missing, one process at a time; returns the revision reached."""
    config = configuration()
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()
    with suppress(OperationalError), engine.begin() as tx:  # else the worker sees to it
        make_partitions(tx)
    return newest()
