"""The partitions of raw events: made while messages come, filled with what came early, dropped in time."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from procrastinate import PsycopgConnector
from sqlalchemy import text

from bot.house import House
from bot.jobs import forget_jobs, tidy
from bot.queue import put, queue
from storage.database import DatabaseAway, plain_url
from tests.house import make_house

COUNT = "select count(*) from raw_event"


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    """A house whose worker has not run for a month: there is no partition but the one for the rest."""
    made = make_house(city_database, tmp_path)
    with made.database.transaction() as tx:
        for name in tx.scalars(
            text("select relid::regclass::text from pg_partition_tree('raw_event')")
        ).all():
            if name.removeprefix("raw_event_").isdigit():
                tx.execute(text(f"drop table {name}"))
    yield made
    made.database.engine.dispose()


def keep(house: House, at: str) -> None:
    """An event of some moment, in SQL."""
    with house.database.transaction() as tx:
        tx.execute(text(f"insert into raw_event (at, sealed) values ({at}, 'x')"))


def count(house: House, query: str) -> object:
    with house.database.reading() as tx:
        return tx.scalar(text(query))


def test_events_that_came_before_their_day_was_made_move_into_it(house: House) -> None:
    for at in ("now()", "now()", "now() + interval '2 days'"):
        keep(house, at)
    tidy(house)
    tidy(house)
    assert count(house, COUNT) == 3
    assert count(house, COUNT + "_rest") == 0
    keep(house, "now()")
    assert count(house, COUNT + "_rest") == 0
    assert count(house, "select count(distinct id) from raw_event") == 4


def test_old_events_go_wherever_they_lie(house: House) -> None:
    keep(house, "now() - interval '31 days'")
    keep(house, "now() - interval '29 days'")
    with house.database.transaction() as tx:
        tx.execute(text("create table raw_event_20200101 partition of raw_event for values from "
                        "('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')"))  # fmt: skip
    keep(house, "'2020-01-01 12:00+00'")
    tidy(house)
    assert count(house, COUNT) == 1
    assert count(house, "select to_regclass('raw_event_20200101')") is None


def test_while_a_backup_reads_messages_are_still_taken_and_tidying_comes_back_later(house: House) -> None:
    with house.database.engine.connect() as backup:
        backup.execute(text("lock table raw_event in access share mode"))
        with pytest.raises(DatabaseAway):
            tidy(house)
        keep(house, "now()")
    tidy(house)
    assert count(house, COUNT + "_rest") == 0


async def forget(house: House) -> None:
    url = plain_url(house.database.engine.url.render_as_string(hide_password=False))
    with queue.replace_connector(PsycopgConnector(conninfo=url, min_size=1, max_size=1)):
        async with queue.open_async():
            await forget_jobs()


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled", "aborted"])
def test_jobs_that_ended_a_month_ago_go_and_what_waits_or_ended_lately_stays(house: House, end: str) -> None:
    with house.database.transaction() as tx:
        for attachment in (1, 2, 3):
            put(tx, "fetch_media", attachment_id=attachment)
        which = "(args ->> 'attachment_id')::int"
        tx.execute(text(f"update procrastinate_jobs set status = '{end}' where {which} < 3"))
        tx.execute(text(
            f"""update procrastinate_events set at = now() - interval '31 days'
                where job_id in (select id from procrastinate_jobs where {which} <> 2)"""
        ))  # fmt: skip
    asyncio.run(forget(house))
    assert count(house, f"select array_agg({which} order by {which}) from procrastinate_jobs") == [2, 3]
