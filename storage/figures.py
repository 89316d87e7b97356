"""Counts and averages over reports: numbers alone, of what a reader may know, never of the supervised lane.

When a report was acted on, answered and moved stands in one short row beside it: see storage/passages.py.
A report that several offices work on counts once; only in the figures per office does each part count, at
its own office, and the whole does not. Days are calendar days. All figures of a period are one statement.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    func,
    literal,
    literal_column,
    not_,
    select,
    tuple_,
)

from storage.models import FINISHED, UNFINISHED, category, office, ticket
from storage.passages import passage
from storage.queries import Reader, in_scope

STUCK = timedelta(days=7)  # without a move of the report
DIMENSIONS = ("all", "office", "category", "national", "channel", "origin", "month")
_A_DAY = 86_400.0  # seconds
_OURS_TO_MOVE = ("received", "forwarded", "in_progress", "returned")


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of all reports, and those of each office, category and so on, the most reports first."""

    total: Row
    by: dict[str, list[Row]]


def counted_as(by: Reader) -> Reader:
    """Whose reports are counted for a reader: of the own office and below; without an office of the city."""
    everything = by.sees_all or ("supervisor" in by.roles and not by.path)
    return replace(by, roles=frozenset({"coordinator" if everything else "officer"}))


def of_period(
    tx: Connection, by: Reader, since: datetime, until: datetime, now: datetime, zone: str
) -> Figures:
    """What became of the reports of a period.

    Args:
        tx: a reading transaction.
        by: who reads.
        since: the period's first instant.
        until: the instant after its last.
        now: business time, for what is overdue or stuck.
        zone: name of the zone in which months begin.
    """
    within = and_(ticket.c.created_at >= since, ticket.c.created_at < until)
    rows = _summed(tx, _cases(_chosen(by, within, zone), now), DIMENSIONS)
    rows["month"].sort(key=lambda row: str(row["name"]))
    return Figures(rows["all"][0] if rows["all"] else EMPTY, rows)


def _summed(tx: Connection, cases: CTE, names: Sequence[str]) -> dict[str, list[Row]]:
    """All figures by dimension, in one statement; each row has a `name`; what is null does not count."""
    columns = [cases.c[name] for name in names]
    which = [func.grouping(column).label(f"not_{column.name}") for column in columns]
    sets = func.grouping_sets(*(tuple_(column) for column in columns))
    found = tx.execute(select(*columns, *which, *_sums(cases)).group_by(sets)).mappings().all()
    return {name: _of(found, name) for name in names}


def _of(found: Sequence[RowMapping], name: str) -> list[Row]:
    those = [row for row in found if not row[f"not_{name}"] and row[name] is not None]
    rows = [{**row, "name": f"{row[name]:%Y-%m}" if name == "month" else row[name]} for row in those]
    return sorted(rows, key=lambda row: (-row["inflow"], row["name"]))


@dataclass(frozen=True, slots=True)
class Wall:
    """What is open now, in all and per office, and what came in lately."""

    total: Row
    offices: list[Row]
    today: int
    week: int


def of_now(tx: Connection, by: Reader, today: datetime, now: datetime, zone: str) -> Wall:
    """What is open now.

    Args:
        tx: a reading transaction.
        by: who reads.
        today: the instant at which the day began.
        now: business time.
        zone: name of the zone in which months begin.
    """
    # Spelled as ix_ticket_unfinished has it.
    cases = _cases(_chosen(by, literal_column(f"ticket.{UNFINISHED}", Boolean), zone), now)
    rows = _summed(tx, cases, ("all", "office"))
    total = rows["all"][0] if rows["all"] else EMPTY
    offices = sorted(rows["office"], key=lambda row: (-row["overdue"], -row["stuck"], -row["open"]))
    since = today - timedelta(days=6)
    came = _chosen(by, ticket.c.created_at >= since, zone)
    came_today = func.count().filter(came.c.created_at >= today)
    lately = tx.execute(
        select(came_today.label("today"), func.count().label("week")).select_from(came).where(came.c.whole)
    ).one()
    return Wall(total, offices, lately.today, lately.week)


def _chosen(by: Reader, condition: ColumnElement[bool], zone: str) -> CTE:
    """Reports that count for a reader, with the names of what they are sorted by."""
    part = ticket.alias("part")
    wholes = select(part.c.parent_id).where(part.c.parent_id.is_not(None))  # few: read once, not for each
    begun = func.coalesce(ticket.c.filed_at, ticket.c.created_at)
    return (
        select(
            *(ticket.c[name] for name in _KEPT),
            begun.label("begun"),
            func.coalesce(office.c.name, "").label("office"),
            func.coalesce(category.c.name, ticket.c.category).label("category"),
            func.coalesce(category.c.national, "").label("national"),
            func.date_trunc("month", func.timezone(zone, ticket.c.created_at)).label("month"),
            ticket.c.parent_id.is_(None).label("whole"),
            ticket.c.id.not_in(wholes).label("work"),
        )
        .select_from(
            ticket.outerjoin(office, office.c.id == ticket.c.office_id).outerjoin(
                category, category.c.code == ticket.c.category
            )
        )
        .where(condition, ticket.c.status != "draft", not_(ticket.c.supervised), in_scope(counted_as(by)))
        .cte("chosen")
    )


_KEPT = "id channel origin status closed_how rating return_count due_at paused_at created_at".split()


def _cases(chosen: CTE, now: datetime) -> CTE:
    """Each report with what its history says of it."""
    passed, it = passage.c, chosen.c
    is_open = it.status.not_in(FINISHED)
    late = and_(is_open, it.status != "answered", it.due_at < now, it.paused_at.is_(None))
    still = and_(it.status.in_(_OURS_TO_MOVE), func.coalesce(passed.moved_at, it.begun) < now - STUCK)
    named = [case((it.whole, it[name])).label(name) for name in DIMENSIONS if name not in ("all", "office")]
    return (
        select(
            case((it.whole, literal(""))).label("all"),
            case((it.work, it.office)).label("office"),
            *named,
            *(it[name] for name in ("status", "closed_how", "rating", "return_count")),
            is_open.label("open"),
            func.coalesce(late, literal(False)).label("overdue"),
            still.label("stuck"),
            _days(it.begun, passed.acted_at).label("to_action"),
            _days(it.begun, passed.answered_at).label("to_answer"),
            func.coalesce(passed.closed_by_staff, literal(False)).label("by_staff"),
        )
        .select_from(chosen.outerjoin(passage, passed.ticket_id == it.id))
        .cte("cases")
    )


def _days(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    # Not `greatest` alone: it passes over a null, and what has not happened would have taken no time.
    return case((end.is_not(None), func.greatest(func.extract("epoch", end - start) / _A_DAY, 0.0)))


def _sums(cases: CTE) -> list[ColumnElement[Any]]:
    it = cases.c
    count = func.count
    closed = it.status == "closed"
    confirmed = and_(closed, it.closed_how == "confirmed")
    found = {
        "inflow": count(),
        "open": count().filter(it.open),
        "overdue": count().filter(it.overdue),
        "stuck": count().filter(it.stuck),
        "acted": count(it.to_action),
        "action_mean": func.avg(it.to_action),
        "action_median": func.percentile_cont(0.5).within_group(it.to_action),
        "answered": count(it.to_answer),
        "answer_mean": func.avg(it.to_answer),
        "answer_median": func.percentile_cont(0.5).within_group(it.to_answer),
        "confirmed": count().filter(confirmed, not_(it.by_staff)),
        "by_staff": count().filter(confirmed, it.by_staff),
        "no_answer": count().filter(closed, it.closed_how == "no_answer"),
        "withdrawn": count().filter(closed, it.closed_how == "withdrawn"),
        "rejected": count().filter(it.status == "rejected"),
        "merged": count().filter(it.status == "merged"),
        "rated": count(it.rating),
        "stars": func.avg(it.rating),
        "returned": count().filter(it.return_count > 0),
        "returns": func.sum(it.return_count),
    }
    return [column.label(name) for name, column in found.items()]


EMPTY: Row = defaultdict(int)
