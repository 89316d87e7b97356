"""Who of an office deals with a ticket: taken by an officer, or assigned by the coordinator or its head."""

from sqlalchemy import Connection, RowMapping, text

from bot.care import assignees, rights
from bot.care.desk import NotFound
from bot.house import House
from bot.workflow import NAMES, NotAllowed
from storage import queries
from storage.models import FINISHED


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
        assignees.give(tx, row, to, house.clock.now(), by.staff_id)
    return True


def _found(tx: Connection, by: queries.Reader, row: RowMapping, email: str) -> int | None:
    """The id of whoever has this address and may see the ticket; None for an empty one."""
    wanted = email.strip().lower()
    if not wanted:
        return None
    if wanted == by.email.lower():
        return by.staff_id
    for one in assignees.candidates(tx, row):
        if one["email"].lower() == wanted:
            return int(one["id"])
    raise NotAllowed(f"{email} bukan petugas aktif yang boleh melihat laporan {row['number']}.")
