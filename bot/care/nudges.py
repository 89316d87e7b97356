"""One click by which a coordinator reminds a report's office, at most once a day."""

from sqlalchemy import text

from bot import tickets
from bot.care import notices
from bot.care.desk import NotFound
from bot.care.escalation import midnight
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries

MAY = frozenset({"administrator", "coordinator"})
WAITS = ("forwarded", "in_progress")  # for its office, and for nobody else


def may_nudge(by: queries.Reader, status: str) -> bool:
    """Whether this reader may remind the office of a report in this status: the office's turn it must be."""
    return bool(by.roles & MAY) and status in WAITS


def nudge(house: House, by: queries.Reader, number: str) -> None:
    """Tell the report's office and its head that a coordinator waits for them; the history keeps who did.

    Args:
        house: the running product.
        by: a coordinator or an administrator.
        number: the report's public number.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: it is not the office's turn, or the office was reminded today.
    """
    now = house.clock.now()
    today = midnight(house.city, now.astimezone(house.city.timezone).date())
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if not may_nudge(by, row["status"]) or row["office_id"] is None:
            raise NotAllowed("Laporan ini tidak sedang menunggu instansinya.")
        if tx.scalar(_NUDGED, {"ticket": row["id"], "since": today}):
            raise NotAllowed("Instansi ini sudah diingatkan hari ini.")
        tickets.append(tx, row["id"], now, "nudged", staff_id=by.staff_id, office_id=row["office_id"])
        notices.tell(tx, row, "nudge", ("office", "head"), now, about=f"{today:%Y-%m-%d}")


_NUDGED = text(
    "select exists (select from event where ticket_id = :ticket and kind = 'nudged' and at >= :since)"
)
