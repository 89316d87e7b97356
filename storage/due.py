"""What comes due within a reader's scope, for the daily digest: how much, and which first."""

from datetime import datetime

from sqlalchemy import Boolean, Connection, and_, func, literal_column, select

from storage.models import UNFINISHED, office, ticket
from storage.queries import Reader, in_scope

# Not bound: only a plan that sees the words knows that ix_ticket_unfinished has the answer.
_RUNS = and_(
    literal_column(f"ticket.{UNFINISHED}", Boolean),
    ticket.c.status.not_in(("draft", "answered")),
    ticket.c.paused_at.is_(None),
)
_EVERY = ticket.outerjoin(office, office.c.id == ticket.c.office_id)


def counts(
    tx: Connection, by: Reader, *, now: datetime, tomorrow: datetime, soon: datetime
) -> dict[str, int]:
    """How many reports are late, due today, and due before `soon`: the keys late, today, soon.

    Args:
        tx: a transaction.
        by: who reads.
        now: business time.
        tomorrow: the end of the day.
        soon: the end of the next working day.
    """
    due = ticket.c.due_at
    parts = {"late": due < now, "today": and_(due >= now, due < tomorrow), "soon": due >= tomorrow}
    columns = [func.count().filter(part).label(name) for name, part in parts.items()]
    query = select(*columns).select_from(_EVERY).where(in_scope(by), _RUNS, due < soon)
    return dict(tx.execute(query).mappings().one())


def most_urgent(tx: Connection, by: Reader, *, before: datetime, limit: int) -> list[str]:
    """Numbers of the reports that are due first, those whose citizen objected ahead of the others.

    Args:
        tx: a transaction.
        by: who reads.
        before: what is due later is not urgent.
        limit: at most so many.
    """
    first = ((ticket.c.objections > 0).desc(), ticket.c.due_at, ticket.c.id)
    query = select(ticket.c.number).select_from(_EVERY)
    query = query.where(in_scope(by), _RUNS, ticket.c.due_at < before).order_by(*first).limit(limit)
    return list(tx.scalars(query))
