"""What an officer does in a citizen's chat: take it over from the bot, write in it, give it back."""

from typing import NoReturn

from sqlalchemy import Connection, RowMapping, select

from bot.care import part_limit, rights, takeover, unsaying
from bot.care.desk import NotFound
from bot.care.takeover import Holder
from bot.channel import Say
from bot.delivery.speaking import Listener, listener, lock_listener, tell, worded
from bot.house import House
from bot.wording import Line
from bot.workflow import NAMES, NotAllowed, check_length
from storage import queries
from storage.models import FINISHED, office

SAID = "Officer: {note}"
WRITTEN = "{office} about report {number}:\n{note}\nYou may answer here."


def take(house: House, by: queries.Reader, number: str, *, from_colleague: bool = False) -> None:
    """Take over the chat of a ticket: the bot is quiet there. A second call changes nothing.

    Args:
        house: the running product.
        by: who takes it.
        number: the ticket's public number.
        from_colleague: also when a colleague has it, whose ticket is within the reader's scope.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the ticket is finished, has no chat, or a colleague has it; the text says who.
    """
    with house.database.transaction() as tx:
        row, to = _chat(tx, house, by, number)
        if row["status"] in FINISHED:
            raise NotAllowed(f"Laporan berstatus {NAMES[row['status']]}; percakapannya tidak diambil alih.")
        held = takeover.holder(tx, to.chat.id)
        if held and held.staff_id == by.staff_id and held.ticket_id == row["id"]:
            return
        if held and held.staff_id != by.staff_id:
            _check_colleague(tx, by, held, from_colleague)
        name = _office(tx, house, by)
        takeover.begin(tx, house, to, row["id"], by.staff_id, name, house.clock.now())
    house.database.bell.ring()


def hand_back(house: House, by: queries.Reader, number: str) -> None:
    """Give the chat of a ticket back; an open question comes again. Raises NotFound, NotAllowed."""
    with house.database.transaction() as tx:
        row, to = _chat(tx, house, by, number)
        held = takeover.holder(tx, to.chat.id)
        if held is None or held.ticket_id != row["id"]:
            raise NotAllowed(f"Percakapan laporan {number} tidak sedang diambil alih.")
        takeover.end(tx, house, to, held, house.clock.now(), by.staff_id)
    house.database.bell.ring()


def say(house: House, by: queries.Reader, number: str, words: str, *, waits: bool = False) -> None:
    """Write to the citizen who filed a ticket; its status stays. Also without a takeover.

    Args:
        house: the running product.
        by: who writes.
        number: the ticket's public number.
        words: the message, as it stands.
        waits: let it wait for a moment in which it can be taken back (unsaying.py).

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: nothing is said, the ticket has no chat, or a colleague speaks there.
    """
    note = words.replace("\x00", "").strip()
    if not note:
        raise NotAllowed("Tulis dulu pesannya.")
    check_length(note)
    with house.database.transaction() as tx:
        row, to = _chat(tx, house, by, number)
        held = takeover.holder(tx, to.chat.id)
        if held and held.staff_id != by.staff_id:
            _refuse_colleague(held)
        says = [_as_told(tx, house, by, row, to, held, note)]
        part_limit.check(house.channels.get(to.chat.key), says)
        tell(tx, house, to, says, house.clock.now(), ticket_id=row["id"], staff_id=by.staff_id)
        if waits:
            unsaying.hold(tx, by, row, note, house)
    house.database.bell.ring()


def as_told(tx: Connection, house: House, by: queries.Reader, row: RowMapping, note: str) -> Say:
    """The message that `say` would send now: what a preview measures. Nothing is written or locked."""
    to = listener(tx, house, row["conversation_id"])
    return _as_told(tx, house, by, row, to, takeover.holder(tx, to.chat.id), note)


def _as_told(
    tx: Connection,
    house: House,
    by: queries.Reader,
    row: RowMapping,
    to: Listener,
    held: Holder | None,
    note: str,
) -> Say:
    here = held is not None and held.ticket_id == row["id"]
    told = {"office": _office(tx, house, by), "number": row["number"], "note": note}
    return worded(house, Line(SAID if here else WRITTEN, told), to, staff=True)


def _chat(tx: Connection, house: House, by: queries.Reader, number: str) -> tuple[RowMapping, Listener]:
    """The ticket and its locked chat, for somebody who may act on it."""
    row = queries.one_ticket(tx, by, number)
    if row is None:
        raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    if not rights.actors(by, row):
        raise NotAllowed("Anda tidak berwenang berbicara dengan pelapor.")
    if row["conversation_id"] is None or row["status"] == "merged":
        raise NotAllowed(f"Laporan {number} tidak punya percakapan sendiri.")
    return row, lock_listener(tx, house, row["conversation_id"])


def _check_colleague(tx: Connection, by: queries.Reader, held: Holder, from_colleague: bool) -> None:
    if not from_colleague or queries.one_ticket(tx, by, held.number) is None:
        _refuse_colleague(held)


def _refuse_colleague(held: Holder) -> NoReturn:
    raise NotAllowed(f"Percakapan ini sedang dipegang {held.name}.")


def _office(tx: Connection, house: House, by: queries.Reader) -> str:
    """The name that the citizen reads for whoever writes."""
    name = tx.scalar(select(office.c.short_name).where(office.c.path == by.path)) if by.path else None
    return name or house.city.name
