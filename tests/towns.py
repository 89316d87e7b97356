"""The databases of the tests: each is a copy of one that is empty, or that has tables and Semarang."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

PATIENCE_SECONDS = 30


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """A database on the server of this test run, dropped at the end.

    Copying files is quicker than going through the log while the databases are small.
    Source: https://www.postgresql.org/docs/current/sql-createdatabase.html

    Args:
        server: SQLAlchemy URL of a database there; its role may create others.
        template: the database to copy, which nobody uses.

    Yields:
        Its SQLAlchemy URL.
    """
    url = make_url(server)
    maintenance = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(maintenance, autocommit=True) as connection:
        made = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        yield url.set(database=name).render_as_string(hide_password=False)
        _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a test's database; an autovacuum that is at work in it cannot be ended by us, only waited for."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            assert time.monotonic() < limit, f"{name} cannot be dropped"
            time.sleep(0.2)
