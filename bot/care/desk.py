"""What staff do with tickets: answer, forward, change status. Every change is told to the chat that filed."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from bot import tickets
from bot.care import consequences, rights, telling
from bot.care.moved import Moved
from bot.house import House
from bot.tickets import Person
from bot.workflow import NotAllowed, check_length
from storage import queries
from storage.models import office

YEAR = re.compile(r"20[0-9]{2}", re.ASCII)


class NotFound(Exception):
    """No such ticket or member of staff for this reader; the text is one Indonesian sentence."""


def staff_reader(tx: Connection, email: str) -> queries.Reader:
    """The member of staff with this address; raises NotFound."""
    by = queries.reader(tx, email)
    if by is None:
        raise NotFound(f"Tidak ada petugas aktif dengan alamat {email}.")
    return by


def answer(house: House, by: queries.Reader, number: str, words: str) -> None:
    """Answer a ticket: it becomes `answered` and the words go into the chat. Raises NotFound, NotAllowed."""
    move(house, by, number, "answered", {"note": words})


def move(house: House, by: queries.Reader, number: str, status: str, given: dict[str, Any]) -> None:
    """Change a ticket's status and tell the citizen, in one transaction.

    Args:
        house: the running product.
        by: who does it.
        number: the ticket's public number.
        status: where to.
        given: note, office (code), how, into (number), year, as far as the move needs them.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the workflow refuses; the text says why.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        lock_with_chats(tx, [number, given.get("into") or number])
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        rights.check_lane(row, status)
        given = _checked(tx, by, row, given)
        person = Person(rights.actors(by, row), by.staff_id, by.path)
        carry_out(tx, house, row, status, person, now, given)
    house.database.bell.ring()


def carry_out(
    tx: Connection,
    house: House,
    row: RowMapping,
    status: str,
    by: Person,
    now: datetime,
    given: dict[str, Any],
) -> RowMapping:
    """Move a locked ticket, tell everybody who is to know, and do what follows; returns it as it is now.

    Whoever calls it has locked the chats of the ticket before the ticket (`lock_with_chats`), and rings the
    bell after the commit. `given` holds what `tickets.move` needs, names turned into rows.

    Raises:
        NotAllowed: the workflow refuses; the text says why.
    """
    changed, reached = tickets.move(tx, house.city, row, status, by, now, given)
    telling.tell(tx, house, changed, reached, given, by.staff_id)
    consequences.follow(Moved(tx, house, row, changed, by, now, given))
    return changed


def lock_with_chats(tx: Connection, numbers: Sequence[str]) -> None:
    """Lock the chats of these tickets and of their followers, then the tickets, always in one order."""
    tx.execute(_LOCK_CHATS, {"numbers": list(numbers)})
    tx.execute(_LOCK_TICKETS, {"numbers": list(numbers)})


# Chats before their tickets, as in a citizen's turn: else the two wait for each other when he writes now.
_LOCK_CHATS = text(
    """select id from conversation where id = any(array(
           select conversation_id from ticket where number = any(:numbers)
           union select f.conversation_id from follower f join ticket t on t.id = f.ticket_id
           where t.number = any(:numbers)))
       order by id for update"""
)
# Both of a merger by their id: else two that are merged into each other at once wait for each other.
_LOCK_TICKETS = text("select id from ticket where number = any(:numbers) order by id for update")


def _checked(tx: Connection, by: queries.Reader, row: RowMapping, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with names turned into rows; raises NotAllowed for what does not exist."""
    note = (given.get("note") or "").replace("\x00", "").strip()
    check_length(note)
    checked = {**given, "note": note}
    if code := given.get("office"):
        if tx.scalar(select(office.c.id).where(office.c.code == code, office.c.active)) is None:
            raise NotAllowed(f"Instansi dengan kode {code} tidak ada.")
    if into := given.get("into"):
        target = queries.one_ticket(tx, by, into)
        if target is None or target["id"] == row["id"] or target["status"] == "merged":
            raise NotAllowed(f"Laporan {into} tidak dapat menjadi tujuan penggabungan.")
        checked["into_id"] = target["id"]
    if (year := given.get("year")) and not YEAR.fullmatch(str(year)):
        raise NotAllowed("Tahun anggaran harus berupa angka, misalnya 2027.")
    if given.get("how") and given["how"] not in ("confirmed", "no_answer", "withdrawn"):
        raise NotAllowed("Cara selesai: confirmed, no_answer atau withdrawn.")
    return checked
