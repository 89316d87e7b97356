"""The notices of one of the staff, as the panel shows them; what is outside the own scope tells nothing."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, case, func, null, select, text, update

from storage.casework import notice
from storage.models import office, ticket
from storage.queries import Reader, in_scope

MOST_COUNTED = 100  # beyond it the menu says "99+"


def unread(tx: Connection, staff_id: int) -> int:
    """How many notices wait to be read, counted up to MOST_COUNTED."""
    return int(tx.execute(_UNREAD, {"staff": staff_id, "most": MOST_COUNTED}).scalar_one())


_UNREAD = text(
    """select count(*)
       from (select from notice where staff_id = :staff and read_at is null limit :most) n"""
)


def listed(tx: Connection, by: Reader, *, everything: bool, limit: int, offset: int) -> list[RowMapping]:
    """One page of a reader's notices, newest first.

    Of a report that he may not see (any more) there is no number, no office and no note.

    Args:
        tx: a transaction.
        by: who reads.
        everything: those too that were read.
        limit: rows on a page.
        offset: rows before this page.
    """
    some = select(notice).where(notice.c.staff_id == by.staff_id)
    if not everything:
        some = some.where(notice.c.read_at.is_(None))
    # The page first: the scope is then asked of its few reports only.
    page = some.order_by(notice.c.id.desc()).limit(limit).offset(offset).subquery()
    seen = and_(ticket.c.id.is_not(None), in_scope(by))
    query = (
        select(
            *(page.c[name] for name in ("id", "kind", "about", "at", "read_at", "ticket_id")),
            case((seen, ticket.c.number), else_=null()).label("number"),
            case((seen, office.c.name), else_=null()).label("office_name"),
            case((seen, page.c.note), (page.c.ticket_id.is_(None), page.c.note), else_="").label("note"),
        )
        .outerjoin(ticket, ticket.c.id == page.c.ticket_id)
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .order_by(page.c.id.desc())
    )
    return list(tx.execute(query).mappings())


def mark_read(tx: Connection, staff_id: int, now: datetime, notice_id: int | None = None) -> bool:
    """Mark one notice of somebody as read, or all; returns whether there was such a one."""
    mine = notice.c.staff_id == staff_id
    if notice_id is None:
        tx.execute(update(notice).where(mine, notice.c.read_at.is_(None)).values(read_at=now))
        return True
    one = update(notice).where(mine, notice.c.id == notice_id)
    return bool(tx.execute(one.values(read_at=func.coalesce(notice.c.read_at, now))).rowcount)
