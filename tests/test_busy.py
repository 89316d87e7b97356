"""A database that answers but gives a transaction up (deadlock, lock held) is not one that is away."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot import inbound, jobs
from bot.channel import Inbound
from storage.database import DatabaseAway, DatabaseBusy, plain_url
from tests.streets import Town, open_town

CITIZEN = "6281200000077"
_SEEN = "insert into seen (channel, account, provider_id) values ('sms', '1708', %s)"


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        assert inbound.receive(made.house, event("first")) == "taken"
        yield made


def event(provider_id: str) -> Inbound:
    return Inbound("sms", "1708", provider_id, CITIZEN, text=f"CEK {provider_id}")


@pytest.fixture
def other(city_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(plain_url(city_database)) as connection:
        yield connection
        connection.rollback()


def test_whoever_loses_a_deadlock_takes_the_message_at_the_second_try(
    town: Town, other: psycopg.Connection
) -> None:
    crossed = next(name for name in map("crossed {}".format, range(9)) if _message_loses(town, other, name))
    assert town.one(f"select count(*) from message where text = 'CEK {crossed}'")[0] == 1
    assert not list((town.house.settings.data_dir / "spool").glob("*.event"))


def _message_loses(town: Town, other: psycopg.Connection, name: str) -> bool:
    """Cross a message's locks with ours; whether the message was given up, and not we on a stalled machine.

    Who has waited for a second looks for a ring: the message, as it waits for the chat before we wait for it.
    Source: https://www.postgresql.org/docs/18/runtime-config-locks.html#GUC-DEADLOCK-TIMEOUT
    """
    other.execute("select 1 from conversation for update")
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(inbound.receive, town.house, event(name))
        time.sleep(0.3)
        try:
            other.execute(
                "insert into seen (channel, account, provider_id) values ('sms', '1708', %s)", (name,)
            )
            won = True
        except psycopg.errors.DeadlockDetected:
            won = False
        other.rollback()
        assert taking.result(60) == "taken"
    return won


def test_a_chat_that_stays_locked_costs_nobody_his_message(town: Town, other: psycopg.Connection) -> None:
    _give_up_soon(town)
    other.execute("select 1 from conversation for update")
    assert inbound.receive(town.house, event("held")) == "failed"
    assert inbound.receive(town.house, event("held")) == "repeat"
    other.rollback()
    jobs.retry_failed(town.house)
    assert town.one("select count(*) from message where text = 'CEK held'")[0] == 1


def test_a_busy_database_is_told_from_one_that_is_away(town: Town, other: psycopg.Connection) -> None:
    _give_up_soon(town)
    other.execute("lock table pace")
    with pytest.raises(DatabaseBusy), town.house.database.transaction() as tx:
        tx.exec_driver_sql("select 1 from pace")
    ended = threading.Event()
    with pytest.raises(DatabaseAway) as away, town.house.database.transaction() as tx:
        mine = tx.exec_driver_sql("select pg_backend_pid()").scalar()
        other.execute("select pg_terminate_backend(%s)", (mine,))
        ended.wait(0.1)
        tx.exec_driver_sql("select 1")
    assert not isinstance(away.value, DatabaseBusy)


def _give_up_soon(town: Town) -> None:
    """Nobody waits for a lock for more than a tenth of a second."""
    name = make_url(town.house.settings.database_url).database
    with town.house.database.transaction() as tx:
        tx.exec_driver_sql(f"alter database \"{name}\" set lock_timeout = '100ms'")
    town.house.database.engine.dispose()
