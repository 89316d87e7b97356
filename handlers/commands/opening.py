"""How a command gets at the product: its database, found or started, and checked."""

import http.client
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.room import spool_folder
from bot.delivery.spool import Spool
from bot.house import House
from bot.settings import BadSettings, Settings
from storage.migrate import current, newest
from storage.postgres import EmbeddedServer, attached


class Opened(Protocol):
    """Gives the product for one command; `tables=False` accepts a database without tables."""

    def __call__(self, *, tables: bool = True) -> AbstractContextManager[House]:
        """The product, let go of at the end of the block."""


@contextmanager
def database_url(chosen: Settings) -> Iterator[str]:
    """The database for one command: that of the settings, of a running `run`, or its own for so long."""
    if chosen.database_url:
        yield chosen.database_url
        return
    with attached(chosen.data_dir) as url:
        yield url


def running_url(chosen: Settings) -> str:
    """The database of a process that does not start one; raises BadSettings."""
    if chosen.database_url:
        return chosen.database_url
    server = EmbeddedServer(chosen.data_dir)
    if not server.ready():
        raise BadSettings(
            "There is no database: set DATABASE_URL, or start everything with `python app.py run`."
        )
    return server.url


def require_database(house: House) -> None:
    """Raise BadSettings with one sentence when the database cannot be reached."""
    try:
        house.database.engine.connect().close()
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise BadSettings(
            f"The database of DATABASE_URL cannot be reached ({reason}); is it running?"
        ) from None


def require_ground(house: House) -> None:
    """Raise BadSettings with one sentence when a web process has no database or no spool to stand on."""
    require_database(house)
    require_spool(house)


def require_spool(house: House) -> None:
    """Raise BadSettings with one sentence when nothing can be kept while the database is away."""
    try:
        Spool(house).prove()
    except OSError as error:
        raise BadSettings(
            f"SPOOL_DIR {spool_folder(house)} cannot be made ({error.strerror}); events have nowhere to wait."
        ) from None


def require_tables(house: House) -> None:
    """Raise BadSettings when the tables are missing or older than the code."""
    require_database(house)
    if current(house.database.engine) != newest():
        raise BadSettings("The tables are not up to date: run `python app.py migrate`.")


def forgive_encoding() -> None:
    """Read what is no UTF-8 as question marks instead of ending with a trace."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def answers(host: str, port: int) -> bool:
    """Whether the web process answers on its port, within two seconds."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
