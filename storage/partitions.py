"""Raw payloads lie in one partition a day and are dropped whole after 30 days."""

from datetime import date, timedelta

from sqlalchemy import Connection, text

KEEP_DAYS = 30
AHEAD_DAYS = 7
KEEP_SEEN_DAYS = 400
LOCK = 1708_0003
PATIENCE = "2s"  # a waiting lock holds up everything behind it: rather give up and come again in an hour


def make_partitions(tx: Connection) -> None:
    """See to it that today and the next days have their partition of raw_event, by the database's clock.

    Taking messages goes on meanwhile. What came for a day before it had its partition is moved into it.

    Raises:
        sqlalchemy.exc.OperationalError: somebody (a backup) holds the table; come again later.
    """
    _patiently(tx)
    tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    today = _today(tx)
    for ahead in range(AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        if not tx.scalar(text("select to_regclass(:name)"), {"name": f"raw_event_{day:%Y%m%d}"}):
            _make(tx, day)


def _make(tx: Connection, day: date) -> None:
    """Made apart, filled, then attached: unlike "create ... partition of" this does not stop the writers.

    Source: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
    """
    name = f"raw_event_{day:%Y%m%d}"
    first, last = f"'{day:%Y-%m-%d} 00:00+00'", f"'{day + timedelta(days=1):%Y-%m-%d} 00:00+00'"
    for statement in (
        f"create table {name} (like raw_event including defaults including constraints including indexes)",
        "lock table raw_event_rest in access exclusive mode",
        f"with moved as (delete from raw_event_rest where at >= {first} and at < {last} returning *) "  # noqa: S608 - our own names
        f"insert into {name} select * from moved",
        f"alter table raw_event attach partition {name} for values from ({first}) to ({last})",
    ):
        tx.exec_driver_sql(statement)


def drop_old(tx: Connection) -> int:
    """Drop the partitions older than 30 days and keys older than 400 days; returns how many partitions."""
    _patiently(tx)
    names = tx.scalars(
        text("select relid::regclass::text from pg_partition_tree('raw_event') where isleaf")
    ).all()
    oldest = f"raw_event_{_today(tx) - timedelta(days=KEEP_DAYS):%Y%m%d}"
    old = [name for name in names if name.removeprefix("raw_event_").isdigit() and name < oldest]
    for name in old:
        tx.exec_driver_sql(f"drop table {name}")
    tx.execute(
        text("delete from raw_event_rest where at < now() - make_interval(days => :days)"),
        {"days": KEEP_DAYS},
    )
    tx.execute(
        text("delete from seen where at < now() - make_interval(days => :days)"), {"days": KEEP_SEEN_DAYS}
    )
    return len(old)


def _patiently(tx: Connection) -> None:
    tx.exec_driver_sql(f"set local lock_timeout = '{PATIENCE}'")


def _today(tx: Connection) -> date:
    today: date = tx.scalar(text("select cast(now() at time zone 'utc' as date)"))
    return today
