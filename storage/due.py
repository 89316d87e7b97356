"""What comes due within a reader's scope, for the daily digest: how much, and which first."""

from datetime import datetime

from sqlalchemy import Boolean, ColumnElement, Connection, and_, case, func, literal_column, or_, select

from storage.models import UNFINISHED, office, ticket
from storage.queries import Reader, in_scope

# Not bound: only a plan that sees the words knows that ix_ticket_unfinished has the answer.
_RUNS = and_(
    literal_column(f"ticket.{UNFINISHED}", Boolean),
    ticket.c.status.not_in(("draft", "answered")),
    ticket.c.paused_at.is_(None),
)
# Whose clocks beside the date the citizen was told: an office has to begin, a coordinator to pass on.
_OFFICES, _COORDINATORS = ("follow_up",), ("follow_up", "verify", "return")
_EVERY = ticket.outerjoin(office, office.c.id == ticket.c.office_id)


def counts(
    tx: Connection, by: Reader, *, now: datetime, tomorrow: datetime, soon: datetime
) -> dict[str, int]:
    """How many reports are late, due today, and due before `soon`: the keys late, today, soon.

    The date of a stage counts as the citizen's does, for whom the stage waits.

    Args:
        tx: a transaction.
        by: who reads.
        now: business time.
        tomorrow: the end of the day.
        soon: the end of the next working day.
    """
    due = _due(by)
    parts = {"late": due < now, "today": and_(due >= now, due < tomorrow), "soon": due >= tomorrow}
    columns = [func.count().filter(part).label(name) for name, part in parts.items()]
    query = select(*columns).select_from(_EVERY).where(in_scope(by), _RUNS, _may_be_due(soon), due < soon)
    return dict(tx.execute(query).mappings().one())


def most_urgent(tx: Connection, by: Reader, *, before: datetime, limit: int) -> list[str]:
    """Numbers of the reports that are due first, those whose citizen objected ahead of the others.

    Args:
        tx: a transaction.
        by: who reads.
        before: what is due later is not urgent.
        limit: at most so many.
    """
    due = _due(by)
    first = ((ticket.c.objections > 0).desc(), due, ticket.c.id)
    query = select(ticket.c.number).select_from(_EVERY)
    query = query.where(in_scope(by), _RUNS, _may_be_due(before), due < before)
    return list(tx.scalars(query.order_by(*first).limit(limit)))


def _due(by: Reader) -> ColumnElement[datetime]:
    """When a report needs its reader: the citizen's date, or that of its stage if it comes first."""
    stages = _COORDINATORS if by.sees_all else _OFFICES
    return func.least(ticket.c.due_at, case((ticket.c.stage.in_(stages), ticket.c.stage_due_at)))


def _may_be_due(before: datetime) -> ColumnElement[bool]:
    """What indexes can answer."""
    of_stage = and_(ticket.c.stage != "", ticket.c.stage_due_at < before)
    return or_(ticket.c.due_at < before, of_stage)
