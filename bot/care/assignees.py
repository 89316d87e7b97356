"""Who of the staff a ticket is given to: who may have it, how it is written down, and when it ends."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text, update

from bot import tickets
from bot.care import notices
from bot.care.moved import Moved
from storage.models import ticket


def candidates(tx: Connection, row: RowMapping) -> Sequence[RowMapping]:
    """Who may be given a ticket: active officers who see it, those of its own office first.

    Each has `id, email, name, office`. In the supervised lane they are the inspectors.
    """
    query = _INSPECTORS if row["supervised"] else _OFFICERS
    return tx.execute(query, {"office": row["office_id"]}).mappings().all()


_WHO = """select s.id, s.email, coalesce(nullif(s.name, ''), s.email) as name, o.short_name as office
          from staff s join office o on o.id = s.office_id {office}
          where s.active and exists (select from staff_role sr join role r on r.id = sr.role_id
                                     where sr.staff_id = s.id and r.name = '{role}')
          order by length(o.path) desc, name, s.id"""
_OFFICERS = text(
    _WHO.format(
        office="join office mine on mine.id = :office and starts_with(mine.path, o.path)", role="officer"
    )
)
_INSPECTORS = text(_WHO.format(office="", role="inspector"))


def give(tx: Connection, row: RowMapping, to: int | None, now: datetime, by: int | None) -> None:
    """Write down whose a locked ticket is now, and tell him unless he took it himself."""
    tickets.append(
        tx,
        row["id"],
        now,
        "assigned",
        staff_id=by,
        office_id=row["office_id"],
        note=name_of(tx, to),
        detail={"from": row["assignee_id"], "to": to},
    )
    values = {"assignee_id": to, "changed_at": now, "version": ticket.c.version + 1}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    if to is not None and to != by:
        notices.tell(tx, row, "assigned", ("office",), now, about=now.isoformat())


def name_of(tx: Connection, staff_id: int | None) -> str:
    """The name of one of the staff, else the address; empty for nobody."""
    query = text("select coalesce(nullif(name, ''), email) from staff where id = :id")
    return str(tx.scalar(query, {"id": staff_id}) or "")


def let_go(moved: Moved) -> None:
    """A ticket that came to another office is nobody's there until somebody takes it: a consequence."""
    before, row = moved.before, moved.row
    if row["assignee_id"] is not None and row["office_id"] != before["office_id"]:
        give(moved.tx, row, None, moved.now, moved.by.staff_id)
