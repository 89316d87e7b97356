"""Who may black something out, who may open what was blacked out, and that each opening is written down."""

from sqlalchemy import Connection, RowMapping, select

from bot import tickets
from bot.care import desk, rights
from bot.care.locking import lock_with_chats
from bot.house import House
from bot.workflow import NotAllowed
from storage import audit, looks, queries
from storage.models import ticket

COORDINATOR, CUSTODIAN = "coordinator", "custodian"
LONGEST_REASON = 300
OPENED, RESTORED, REDACTED, MASKED = "original_opened", "original_restored", "redacted", "masked"
NOT_YOURS = "Bagian ini tidak ada atau bukan wewenang Anda."


def to_redact(tx: Connection, by: queries.Reader, number: str) -> RowMapping:
    """A report that a reader works on, locked with its chats.

    Raises:
        NotFound: no such report in the reader's scope.
        NotAllowed: he only reads it, or its citizen is still writing it.
    """
    lock_with_chats(tx, [number])
    row = queries.one_ticket(tx, by, number, lock=True)
    if row is None:
        raise desk.NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    if not rights.actors(by, row):
        raise NotAllowed("Anda hanya dapat membaca laporan ini.")
    if row["status"] == "draft":
        raise NotAllowed("Pelapor masih menulis laporan ini. Tutup bagiannya sesudah laporan lengkap.")
    return row


def to_open(tx: Connection, by: queries.Reader, number: str, *, lock: bool = False) -> RowMapping:
    """A report whose originals one may open: a coordinator what he sees, a custodian all outside the lane.

    Raises:
        NotFound: there is none.
    """
    if lock:
        lock_with_chats(tx, [number])
    row = queries.one_ticket(tx, by, number) if COORDINATOR in by.roles else None
    if row is None and CUSTODIAN in by.roles:
        here = ticket.c.number == number.replace("\x00", ""), ticket.c.supervised.is_(False)
        query = select(ticket).where(*here)
        row = tx.execute(query).mappings().one_or_none()
    if row is None:
        raise desk.NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    return row


def to_restore(tx: Connection, by: queries.Reader, number: str) -> RowMapping:
    """A report in which a coordinator may show originals again, locked; raises NotFound."""
    if COORDINATOR not in by.roles:
        raise desk.NotFound(NOT_YOURS)
    row = queries.one_ticket(tx, by, number)
    if row is None:
        raise desk.NotFound(NOT_YOURS)
    lock_with_chats(tx, [number])
    return row


def reason(typed: str) -> str:
    """A reason as it is kept; raises NotAllowed when there is none or it is too long."""
    kept = " ".join(typed.split())
    if not kept:
        raise NotAllowed("Isi dulu alasannya.")
    if len(kept) > LONGEST_REASON:
        raise NotAllowed(f"Alasan paling banyak {LONGEST_REASON} huruf.")
    return kept


def note(
    tx: Connection, house: House, by: queries.Reader, ticket_id: int, kind: str, why: str = "", **detail: int
) -> None:
    """Write down what was done: in the report's history and in the audit log; an opening is a look, too."""
    now = house.clock.now()
    tickets.append(tx, ticket_id, now, kind, staff_id=by.staff_id, note=why, detail=detail)
    audit.note(tx, by.staff_id, kind, now, ticket_id, **detail)
    if kind == OPENED:
        looks.note_file(tx, ticket_id, by.staff_id, now.astimezone(house.city.timezone).date())
