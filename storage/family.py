"""A report that several offices work on: the whole (parent), which its citizen knows, and its parts.

A part has no person and no chat: all that is said with the citizen is said about the whole. Secrecy goes down
from the whole to its parts by a trigger of migration 0005.
"""

from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from storage.models import attachment, office, ticket
from storage.queries import Reader, in_scope, one_attachment

# What a part knows of the report: it is the whole's, and changes with it.
INHERITED = (
    "kind category text place place_code latitude longitude channel tier anonymous confidential supervised "
    "crisis_id filed_at due_at"
).split()


def parts(tx: Connection, ticket_id: int, *, lock: bool = False) -> list[RowMapping]:
    """The parts of a report with their offices' names, the oldest first.

    Args:
        tx: a transaction; with `lock` its caller holds the lock of the whole.
        ticket_id: the whole.
        lock: lock them until the transaction ends.
    """
    query = (
        select(
            ticket,
            office.c.code.label("office_code"),
            office.c.name.label("office_name"),
            office.c.short_name.label("office_short_name"),
        )
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(ticket.c.parent_id == ticket_id)
        .order_by(ticket.c.id)
    )
    return list(tx.execute(query.with_for_update(of=ticket) if lock else query).mappings())


def whole(tx: Connection, row: Any) -> RowMapping:
    """The report that a part belongs to; any other report as it is."""
    query = select(ticket).where(ticket.c.id == (row["parent_id"] or row["id"]))
    return tx.execute(query).mappings().one()


def hand_down(tx: Connection, ticket_id: int) -> None:
    """Let the parts of a report know its place, words, category and tier as they are now, and its date."""
    tx.execute(_HAND_DOWN, {"id": ticket_id})


_HAND_DOWN = text(
    """update ticket part
       set text = whole.text, place = whole.place, place_code = whole.place_code,
           latitude = whole.latitude, longitude = whole.longitude, category = whole.category,
           tier = whole.tier,
           due_at = case when part.paused_at is null then whole.due_at
                         else least(part.due_at, whole.due_at) end,
           version = part.version + 1
       from ticket whole where whole.id = :id and part.parent_id = whole.id"""
)


def one_file(tx: Connection, by: Reader, attachment_id: int) -> RowMapping | None:
    """A stored file of a report that a reader sees, or of one of which he sees a part; else None."""
    found = one_attachment(tx, by, attachment_id)
    if found is None:
        query = select(attachment).where(attachment.c.id == attachment_id)
        row = tx.execute(query).mappings().one_or_none()
        found = row if row and row["ticket_id"] and _sees_a_part(tx, by, row["ticket_id"]) else None
    return found


def _sees_a_part(tx: Connection, by: Reader, ticket_id: int) -> bool:
    query = (
        select(ticket.c.id)
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(ticket.c.parent_id == ticket_id, in_scope(by))
        .limit(1)
    )
    return tx.execute(query).first() is not None
