"""The use-case "Urungkan": an officer takes back what he sent a moment ago."""

from bot.care import desk, holding
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries

TOO_LATE = "Sudah terlambat: kabarnya sudah dikirim, atau laporan sudah berubah lagi."


def undo(house: House, by: queries.Reader, number: str) -> holding.Held:
    """Take one's own last move of a report back, while it waits; returns what it was.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: it is sent, somebody else's, or the report changed since.
    """
    with house.database.transaction() as tx:
        desk.lock_with_chats(tx, [number])
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise desk.NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        held = holding.found(tx, row["id"], by.staff_id)
        if held is None:
            raise NotAllowed(TOO_LATE)
        holding.take_back(tx, row, held, house.clock.now(), by.staff_id)
    house.database.bell.ring()
    return held
