"""Tickets as plain JSON, one object each, for other programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from storage.models import FINISHED, attachment, message, office, ticket

PLAIN = (
    "number status closed_how kind category text place place_code latitude longitude channel".split()
    + "anonymous confidential".split()
)


def ticket_rows(tx: Connection, now: datetime, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every ticket, the oldest first, with its messages; dates are ISO 8601 with zone.

    The parts of a report that several offices work on are not listed: the report itself is.

    Args:
        tx: a reading transaction.
        now: business time, for `overdue`.
        since: only tickets created at or after this instant.
    """
    query = (
        select(ticket, office.c.code.label("office_code"))
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(ticket.c.parent_id.is_(None))
        .order_by(ticket.c.id)
    )
    if since is not None:
        query = query.where(ticket.c.created_at >= since)
    for row in tx.execute(query).mappings().all():
        yield _one(tx, row, now)


def _one(tx: Connection, row: RowMapping, now: datetime) -> dict[str, Any]:
    due = row["due_at"]
    is_open = row["status"] not in (*FINISHED, "answered") and row["paused_at"] is None
    return {
        **{name: row[name] for name in PLAIN},
        "office": row["office_code"] or "",
        "created_at": row["created_at"].isoformat(),
        "due_at": due.isoformat() if due else None,
        "overdue": bool(due and due < now and is_open),
        "attachments": tx.scalar(select(func.count()).where(_sent_by_citizens(row["id"]))),
        "messages": _messages(tx, row["id"]),
    }


def _sent_by_citizens(ticket_id: int) -> ColumnElement[bool]:
    """The citizen's own files, not what staff put to their answer."""
    return (attachment.c.ticket_id == ticket_id) & (attachment.c.purpose == "")


def _messages(tx: Connection, ticket_id: int) -> list[dict[str, Any]]:
    columns = (message.c.direction, message.c.text, message.c.state, message.c.created_at.label("at"))
    query = select(*columns).where(message.c.ticket_id == ticket_id).order_by(message.c.id)
    return [{**row, "at": row["at"].isoformat()} for row in tx.execute(query).mappings()]
