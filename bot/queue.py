"""The queue for all work that is not a message: media, periodic jobs. Its tables lie in the same database."""

from typing import Any

from procrastinate import App, PsycopgConnector
from sqlalchemy import Connection

queue = App(connector=PsycopgConnector())


def put(tx: Connection, task: str, **arguments: Any) -> None:
    """Queue a job in the caller's transaction: it exists if and only if that commits."""
    connection = tx.connection.driver_connection
    queue.configure_task(task, connection=connection).defer(**arguments)
