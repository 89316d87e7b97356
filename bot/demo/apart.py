"""The demo and a running worker keep out of each other's way: what the clock brings about waits meanwhile.

While a month is made, its reports are weeks old and half told: an alarm of today would be wrong.
An advisory lock of the database says that one is being made or taken out; it goes with the process that holds
it, however that ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bot.house import House

_LOCK = 1708_0009


@contextmanager
def alone(house: House) -> Iterator[None]:
    """Make or take out a month: waits for passes that have begun, and lets none begin."""
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})


@contextmanager
def passing(house: House) -> Iterator[bool]:
    """Whether a pass over all reports may be made now; while it is, no month begins."""
    with house.database.transaction() as tx:
        yield bool(tx.scalar(text("select pg_try_advisory_xact_lock_shared(:key)"), {"key": _LOCK}))
