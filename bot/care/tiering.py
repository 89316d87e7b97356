"""The tier of a ticket (light, medium, heavy): from its category at filing, changed by the coordinator.

The date follows (see `clocks.weighed`); the citizen is told the new one once, and never of a tier.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, text, update

from bot import clocks, tickets
from bot.care.desk import NotFound, lock_with_chats
from bot.channel import Say
from bot.cities.city import City
from bot.delivery.speaking import lock_listener, tell
from bot.house import House
from bot.wording import Line, day
from bot.workflow import NAMES, NotAllowed, check_length
from storage import family, queries
from storage.models import ticket

TIERS = {"light": "ringan", "medium": "sedang", "heavy": "berat"}
MAY_WEIGH = frozenset({"administrator", "coordinator"})
RUNNING = frozenset({"received", "forwarded", "in_progress", "waiting", "planned", "returned"})
NEW_DATE = "Your report was weighed again. The new target is {due}.\nYou may reply here to object."


def choices(city: City, row: RowMapping) -> list[str]:
    """The tiers that a ticket may be given: those of this city's clocks for its kind, if it has none yet."""
    if row["status"] not in RUNNING or row["supervised"] or row["crisis_id"]:
        return []
    return [tier for tier in city.clocks.tiers(row["kind"]) if tier != row["tier"]]


def set_tier(house: House, by: queries.Reader, number: str, tier: str, note: str) -> bool:
    """Give a ticket another tier, with a reason that stands in its history.

    Args:
        house: the running product.
        by: who says so.
        number: the ticket's public number.
        tier: light, medium or heavy.
        note: the reason, for staff.

    Returns:
        Whether the citizen was told a new date.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the reader may not, there is no reason, or this ticket cannot have this tier.
    """
    reason = note.replace("\x00", "").strip()
    with house.database.transaction() as tx:
        lock_with_chats(tx, [number])
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        _check(house.city, by, row, tier, reason)
        told = _write(tx, house, row, tier, by.staff_id, reason)
    if told:
        house.database.bell.ring()
    return told


def _check(city: City, by: queries.Reader, row: RowMapping, tier: str, reason: str) -> None:
    if not by.roles & MAY_WEIGH:
        raise NotAllowed("Hanya koordinator atau administrator yang mengubah tingkat.")
    if row["status"] not in RUNNING:
        raise NotAllowed(f"Laporan berstatus {NAMES[row['status']]}; tingkatnya tidak diubah lagi.")
    if row["parent_id"]:
        raise NotAllowed("Tingkat diatur pada laporan induknya.")
    if row["supervised"] or row["crisis_id"]:
        raise NotAllowed("Laporan pengawasan atau darurat memakai batas waktunya sendiri.")
    known = city.clocks.tiers(row["kind"])
    if tier not in known:
        named = ", ".join(TIERS[one] for one in known) or "tidak ada"
        raise NotAllowed(f"Tingkat untuk jenis laporan ini di {city.name}: {named}.")
    if tier == row["tier"]:
        raise NotAllowed(f"Tingkat laporan ini sudah {TIERS[tier]}.")
    if not reason:
        raise NotAllowed("Isi alasan mengubah tingkat.")
    check_length(reason)


def _write(tx: Connection, house: House, row: RowMapping, tier: str, staff_id: int, reason: str) -> bool:
    now = house.clock.now()
    reopened = bool(row["objections"]) or bool(tx.scalar(_WAS_CLOSED, {"ticket": row["id"]}))
    changed = clocks.weighed(house.city, row, tier, now, reopened=reopened)
    tickets.append(
        tx,
        row["id"],
        now,
        "tier",
        staff_id=staff_id,
        office_id=row["office_id"],
        note=reason,
        detail={"from": row["tier"], "to": tier},
    )
    values = {**changed, "changed_at": now, "version": ticket.c.version + 1}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    family.hand_down(tx, row["id"])
    due = changed.get("due_at")
    if due is None or due == row["due_at"] or row["paused_at"] or row["conversation_id"] is None:
        return False  # a paused date is not told: the one that counts comes with the citizen's reply
    _tell(tx, house, row, due, now)
    return True


_WAS_CLOSED = text(
    "select exists (select from event where ticket_id = :ticket and kind = 'status'"
    " and status in ('closed', 'rejected'))"
)


def _tell(tx: Connection, house: House, row: RowMapping, due: datetime, now: datetime) -> None:
    to = lock_listener(tx, house, row["conversation_id"])
    words = Line(NEW_DATE, {"due": day(due, to.language, house.city.timezone)})
    news = house.wording.line(words, to.language, to.context)
    tell(tx, house, to, [Say(f"{news}\n{row['number']}")], now, ticket_id=row["id"])
