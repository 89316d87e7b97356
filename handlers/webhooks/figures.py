"""Figures for Prometheus. Labels are words of ours: no text, no number, no name of anybody."""

from collections.abc import Iterator
from contextlib import suppress

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.delivery.room import room_of
from bot.delivery.spool import Spool
from bot.house import House
from storage.database import DatabaseAway
from storage.models import UNFINISHED

LATEST = 1000  # messages that shares are taken of: the cost must not grow with the table
Figure = tuple[dict[str, str], float]


def figures(house: House, spool: Spool) -> bytes:
    """All figures in Prometheus' text form; without a database those of this machine alone."""
    registry = CollectorRegistry()
    _here(house, spool, registry)
    up = Gauge("kentongan_database_up", "whether the database answers", registry=registry)
    try:
        with house.database.reading() as tx:
            _of_database(tx, house, registry)
        up.set(1)
    except (DatabaseAway, DBAPIError):
        up.set(0)
    return generate_latest(registry)


def _here(house: House, spool: Spool, registry: CollectorRegistry) -> None:
    with suppress(OSError):
        count, size, age = spool.held()
        for name, about, value in (
            ("kentongan_spool_events", "events in this machine's spool", count),
            ("kentongan_spool_bytes", "bytes in this machine's spool", size),
            ("kentongan_spool_oldest_seconds", "age of the oldest event in the spool", age),
            ("kentongan_disk_free_bytes", "free bytes in DATA_DIR", room_of(house).free()),
        ):
            Gauge(name, about, registry=registry).set(value)


def _of_database(tx: Connection, house: House, registry: CollectorRegistry) -> None:
    for name, about, found in _found(tx, house):
        labels = sorted(found[0][0]) if found else []
        gauge = Gauge(name, about, labels, registry=registry)
        for values, value in found:
            (gauge.labels(**values) if labels else gauge).set(value)


def _found(tx: Connection, house: House) -> Iterator[tuple[str, str, list[Figure]]]:
    yield "kentongan_messages", "messages to hand over, by state", _by(tx, "state", _WAITING)
    yield "kentongan_oldest_waiting_seconds", "age of the oldest waiting message", _one(tx, _OLDEST)
    yield "kentongan_over_five_minutes", "what waits for more than five minutes", _by(tx, "what", _LATE)
    yield "kentongan_raw_events", "events set aside, by state", _by(tx, "state", _SET_ASIDE)
    yield "kentongan_jobs", "jobs of the queue, by status", _by(tx, "status", _JOBS)
    yield "kentongan_handed_over_in_10s", f"share of the last {LATEST} sent messages", _one(tx, _SHARE)
    yield (
        "kentongan_failures",
        f"failed among the last {LATEST} messages, by reason",
        _by(tx, "reason", _FAILED),
    )
    yield "kentongan_table_bytes", "size with indexes, by table", _by(tx, "table", _SIZES)
    overdue = float(tx.scalar(_OVERDUE, {"now": house.clock.now()}) or 0)
    yield "kentongan_overdue_tickets", "unfinished reports past their date", [({}, overdue)]


def _by(tx: Connection, label: str, query: object) -> list[Figure]:
    return [({label: str(row[0])}, float(row[1])) for row in tx.execute(query)]  # type: ignore[call-overload]


def _one(tx: Connection, query: object) -> list[Figure]:
    return [({}, float(tx.scalar(query) or 0))]  # type: ignore[call-overload]


_WAITING = text(
    """select state, count(*) from message
       where state in ('waiting', 'sending', 'unknown') group by state"""
)
_OLDEST = text(
    """select extract(epoch from now() - min(created_at)) from message
       where state in ('waiting', 'sending', 'unknown')"""
)
_LATE = text(
    """select 'message', count(*) from message
       where state in ('waiting', 'sending', 'unknown') and created_at < now() - interval '5 minutes'
       union all select 'event', count(*) from raw_event
       where state = 'failed' and at < now() - interval '5 minutes'
       union all select 'file', count(*) from attachment
       where state = 'waiting' and created_at < now() - interval '5 minutes'"""
)
_SET_ASIDE = text("select state, count(*) from raw_event where state <> 'ok' group by state")
_JOBS = text("select status, count(*) from procrastinate_jobs group by status")
_SHARE = text(
    f"""select avg((sent_at - created_at < interval '10 seconds')::int) from
        (select sent_at, created_at from message where direction = 'out' and sent_at is not null
         order by id desc limit {LATEST}) as latest"""  # noqa: S608 - our own number
)
_FAILED = text(
    f"""select coalesce(nullif(error, ''), 'unknown'), count(*) from
        (select state, error from message where direction = 'out' order by id desc limit {LATEST}) as latest
        where state = 'failed' group by 1"""  # noqa: S608 - our own number
)
_SIZES = text(
    """select name, pg_total_relation_size(name::regclass)
       from unnest(array['seen', 'message', 'ticket', 'event', 'procrastinate_jobs']) as name
       union all select 'raw_event', sum(pg_total_relation_size(relid)) from pg_partition_tree('raw_event')"""
)
_OVERDUE = text(f"select count(*) from ticket where {UNFINISHED} and due_at < :now")  # noqa: S608 - our own words
