"""What the log says of a database that is away: once when it goes, once when it is back."""

import logging

import pytest
from sqlalchemy import text

from storage.database import Database, DatabaseAway, open_database
from storage.keys import make_keys, parse_keys

AWAY, BACK = "the database cannot be reached", "the database answers again"


def ask(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("select 1"))


def end_connections(database: Database) -> None:
    """As a cut line or a restart of the server does it."""
    with database.transaction() as tx:
        tx.execute(text("select pg_terminate_backend(pg_backend_pid())"))


def test_an_outage_is_said_when_it_begins_and_when_it_ends(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage.patience")
    database = open_database(empty_database, parse_keys(make_keys()))
    ask(database)
    with pytest.raises(DatabaseAway):
        end_connections(database)
    ask(database)
    ask(database)
    assert [record.getMessage() for record in caplog.records] == [AWAY, BACK]


def test_a_database_that_stays_away_is_not_said_for_every_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:9/nothing", parse_keys(make_keys()))
    for _ in range(20):
        with pytest.raises(DatabaseAway):
            ask(database)
    assert [record.getMessage() for record in caplog.records] == [AWAY]
