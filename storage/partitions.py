"""Raw payloads lie in one partition a day and are dropped whole after 30 days."""

from datetime import date, timedelta

from sqlalchemy import Connection, text

KEEP_DAYS = 30
AHEAD_DAYS = 7
KEEP_SEEN_DAYS = 400


def make_partitions(tx: Connection, today: date) -> None:
    """See to it that today and the next days have their partition of raw_event."""
    for ahead in range(AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        tx.exec_driver_sql(
            f"create table if not exists raw_event_{day:%Y%m%d} partition of raw_event "
            f"for values from ('{day:%Y-%m-%d} 00:00+00') to ('{day + timedelta(days=1):%Y-%m-%d} 00:00+00')"
        )


def drop_old(tx: Connection, today: date) -> int:
    """Drop the partitions older than 30 days and keys older than 400 days; returns how many partitions."""
    names = tx.scalars(
        text("select relid::regclass::text from pg_partition_tree('raw_event') where isleaf")
    ).all()
    oldest = f"raw_event_{today - timedelta(days=KEEP_DAYS):%Y%m%d}"
    old = [name for name in names if name.removeprefix("raw_event_").isdigit() and name < oldest]
    for name in old:
        tx.exec_driver_sql(f"drop table {name}")
    tx.execute(
        text("delete from seen where at < now() - make_interval(days => :days)"), {"days": KEEP_SEEN_DAYS}
    )
    return len(old)
