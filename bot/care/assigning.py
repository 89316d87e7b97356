"""Who of an office deals with a ticket: taken by an officer, or assigned by the coordinator or its head."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text, update

from bot import tickets
from bot.care import notices, rights
from bot.care.desk import NotFound
from bot.care.moved import Moved
from bot.house import House
from bot.workflow import NAMES, NotAllowed
from storage import queries
from storage.models import FINISHED, ticket


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


def may_assign(tx: Connection, by: queries.Reader, row: RowMapping) -> bool:
    """Whether somebody may give a ticket to others: who acts as coordinator there, or leads an office."""
    acts = rights.actors(by, row)
    if acts & {"administrator", "coordinator"}:
        return True
    leads = text("select head from staff where id = :id")
    return "officer" in acts and bool(tx.scalar(leads, {"id": by.staff_id}))


def assign(house: House, by: queries.Reader, number: str, email: str) -> bool:
    """Give a ticket to one of the staff; to oneself (it is taken) every officer may.

    Args:
        house: the running product.
        by: who does it.
        number: the ticket's public number.
        email: who is to deal with it; empty gives it back to the office as a whole.

    Returns:
        Whether anything changed.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the ticket is finished, the reader may not, or the other may not see the ticket.
    """
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if not rights.actors(by, row):
            raise NotAllowed("Anda tidak berwenang menugaskan laporan.")
        if row["status"] in FINISHED:
            raise NotAllowed(f"Laporan berstatus {NAMES[row['status']]}; tidak ditugaskan lagi.")
        to = _found(tx, by, row, email)
        # Everybody takes what he sees, and lays down what he has.
        own = to == by.staff_id or (to is None and row["assignee_id"] == by.staff_id)
        if not own and not may_assign(tx, by, row):
            raise NotAllowed("Hanya kepala instansi atau koordinator yang menugaskan petugas lain.")
        if to == row["assignee_id"]:
            return False
        give(tx, row, to, house.clock.now(), by.staff_id)
    return True


def _found(tx: Connection, by: queries.Reader, row: RowMapping, email: str) -> int | None:
    """The id of whoever has this address and may see the ticket; None for an empty one."""
    wanted = email.strip().lower()
    if not wanted:
        return None
    if wanted == by.email.lower():
        return by.staff_id
    for one in candidates(tx, row):
        if one["email"].lower() == wanted:
            return int(one["id"])
    raise NotAllowed(f"{email} bukan petugas aktif yang boleh melihat laporan {row['number']}.")


def give(tx: Connection, row: RowMapping, to: int | None, now: datetime, by: int | None) -> None:
    """Write down whose a locked ticket is now, and tell him unless he took it himself."""
    tickets.append(
        tx,
        row["id"],
        now,
        "assigned",
        staff_id=by,
        office_id=row["office_id"],
        note=_name(tx, to),
        detail={"from": row["assignee_id"], "to": to},
    )
    values = {"assignee_id": to, "changed_at": now, "version": ticket.c.version + 1}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    if to is not None and to != by:
        notices.tell(tx, row, "assigned", ("office",), now, about=now.isoformat())


def _name(tx: Connection, staff_id: int | None) -> str:
    query = text("select coalesce(nullif(name, ''), email) from staff where id = :id")
    return str(tx.scalar(query, {"id": staff_id}) or "")


def let_go(moved: Moved) -> None:
    """A ticket that came to another office is nobody's there until somebody takes it: a consequence."""
    before, row = moved.before, moved.row
    if row["assignee_id"] is not None and row["office_id"] != before["office_id"]:
        give(moved.tx, row, None, moved.now, moved.by.staff_id)
