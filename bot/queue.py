"""The queue for all work that is not a message: media, periodic jobs. Its tables lie in the same database."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Connection

from storage.database import Database

queue = App(connector=PsycopgConnector())


def put(tx: Connection, task: str, **arguments: Any) -> None:
    """Queue a job in the caller's transaction: it exists if and only if that commits."""
    connection = tx.connection.driver_connection
    queue.configure_task(task, connection=connection).defer(**arguments)


def put_later(tx: Connection, task: str, pause: timedelta, **arguments: Any) -> None:
    """As `put`, but it runs only after a pause."""
    connection = tx.connection.driver_connection
    schedule = {"seconds": int(pause.total_seconds())}
    queue.configure_task(task, connection=connection, schedule_in=schedule).defer(**arguments)


def put_once(database: Database, task: str, **arguments: Any) -> None:
    """Queue a job unless one like it waits already; raises DatabaseAway."""
    with suppress(AlreadyEnqueued), database.transaction() as tx:
        connection = tx.connection.driver_connection
        job = queue.configure_task(task, connection=connection, queueing_lock=task, lock=task)
        job.defer(**arguments)
