"""What staff do with tickets: answer, forward, change status. Every change is told to the chat that filed."""

from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care import (
    consequences,
    forwarding,
    freshness,
    holding,
    locking,
    merging,
    result,
    returning,
    rights,
    sharing,
    years,
)
from bot.house import House
from bot.tickets import Person
from bot.workflow import NotAllowed, check_length
from storage import merged, queries

carry_out, lock_with_chats = consequences.carry_out, locking.lock_with_chats


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
        given: note, office (code; the one that should have it, of a return), offices (codes of several), how,
            into (number), year, external_number, as far as the move needs them; version (of the report as it
            was read) and wait (seconds before it is sent: bot/care/holding.py).

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the workflow refuses; the text says why.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        if into := given.get("into"):
            merged.one_at_a_time(tx)
            given = {**given, "into": merging.target_number(tx, into)}
        lock_with_chats(tx, [number, given.get("into") or number])
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        freshness.check(row, given)
        rights.check_lane(row, status)
        given = _checked(tx, by, row, status, given)
        years.check(house.city, given, now)
        person = Person(rights.actors(by, row), by.staff_id, by.path)
        given = holding.noted(tx, row, status, given)
        consequences.carry_out(tx, house, row, status, person, now, given)
    house.database.bell.ring()


def _checked(
    tx: Connection, by: queries.Reader, row: RowMapping, status: str, given: dict[str, Any]
) -> dict[str, Any]:
    """What was given, with names turned into rows; raises NotAllowed for what does not exist."""
    note = (given.get("note") or "").replace("\x00", "").strip()
    check_length(note)
    sharing.check(tx, row, status)
    checked = result.checked(tx, row, status, {**given, "note": note})
    if status == "returned":
        checked = returning.checked(tx, row, checked)
    elif forwarding.codes_of(given):
        checked = forwarding.checked(tx, by, row, status, checked)
    if into := given.get("into"):
        target = merging.check(tx, by, row, into)
        checked |= {"into_id": target["id"], "hidden": merging.is_hidden(target)}
    if given.get("how") and given["how"] not in ("confirmed", "no_answer", "withdrawn"):
        raise NotAllowed("Cara selesai: confirmed, no_answer atau withdrawn.")
    return checked
