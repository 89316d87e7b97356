"""Staff raise the secrecy of a report: anonymous or confidential. Nobody lowers it, and the citizen is told.

The database refuses to lower either, and hands both down to the parts of a report: migration 0005.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, update

from bot import tickets
from bot.care import rights
from bot.care.desk import NotFound, lock_with_chats
from bot.delivery.speaking import lock_listener, tell, worded
from bot.house import House
from bot.wording import Line
from bot.workflow import NotAllowed, check_length
from storage import family, queries
from storage.models import follower, ticket

NAMES = {"anonymous": "anonim", "confidential": "rahasia"}
RAISED = "secrecy"  # the line of history; a draft that has one is not its citizen's alone any more
RAISED_CONFIDENTIAL = "Our staff made report {number} confidential: it is not open to the public."
RAISED_ANONYMOUS = "Our staff made report {number} anonymous: the office does not see your name."
_TOLD = {"confidential": RAISED_CONFIDENTIAL, "anonymous": RAISED_ANONYMOUS}


def raise_secrecy(house: House, by: queries.Reader, number: str, flag: str, note: str) -> None:
    """Make a report anonymous or confidential, of a part the whole; its followers hear nothing any more.

    Args:
        house: the running product.
        by: who does it.
        number: the report's public number.
        flag: "anonymous" or "confidential".
        note: why; it stands in the history.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: he only reads it, it is so already, or a reason is missing.
    """
    note = note.replace("\x00", "").strip()
    if flag not in NAMES:
        raise NotAllowed(f"Pilih: {', '.join(NAMES)}.")
    if not note:
        raise NotAllowed("Tulis dulu alasannya.")
    check_length(note)
    now = house.clock.now()
    with house.database.transaction() as tx:
        lock_with_chats(tx, [number])
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if not rights.actors(by, row):
            raise NotAllowed("Anda tidak berwenang mengubah kerahasiaan laporan ini.")
        whole = family.whole(tx, row)  # what one office knows of it is in the others' parts as well
        if whole[flag]:
            raise NotAllowed(f"Laporan {number} sudah {NAMES[flag]}.")
        for one in {whole["id"], row["id"]}:
            tickets.append(tx, one, now, RAISED, staff_id=by.staff_id, note=note, detail={"flag": flag})
        conceal(tx, whole["id"], now, **{flag: True})
        say(tx, house, whole, Line(_TOLD[flag], {"number": whole["number"]}), now)
    house.database.bell.ring()


def conceal(tx: Connection, ticket_id: int, now: datetime, **values: object) -> None:
    """Write what makes a locked report more secret; nobody follows it any more."""
    changed = {"changed_at": now, "version": ticket.c.version + 1, **values}
    tx.execute(update(ticket).where(ticket.c.id == ticket_id).values(changed))
    tx.execute(delete(follower).where(follower.c.ticket_id == ticket_id))


def say(tx: Connection, house: House, row: RowMapping, line: Line, now: datetime) -> None:
    """Tell the chat that filed a report; nothing when it has none."""
    if row["conversation_id"] is not None:
        to = lock_listener(tx, house, row["conversation_id"])
        tell(tx, house, to, [worded(house, line, to)], now, ticket_id=row["id"])
