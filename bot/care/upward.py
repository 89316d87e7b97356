"""A report that is with another government: their number, what they are given, and the reminder to ask there.

While it is there the city owes no date: its clock stands still and runs on when the report is taken back, by
passing it on to an office of the city. Each time the limit for following up is over the coordinators are
reminded to ask. A "belum" to the answer from there makes it the city's report again, with a date.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, text, update

from bot import tickets
from bot.care import away, charge, notices, rights
from bot.care.desk import NotFound, lock_with_chats
from bot.care.forwarding import external_number
from bot.delivery.speaking import tell_reporter
from bot.house import House
from bot.wording import Line
from bot.workflow import NotAllowed
from storage import family, queries
from storage.models import FINISHED, office, ticket

THEIR_NUMBER = "{office} gave your report the number {external}. We pass their answer on here."
BATCH = 500


def note_number(house: House, by: queries.Reader, number: str, theirs: str) -> None:
    """Write down the number that a report has in the other system; its citizen is told it once.

    Args:
        house: the running product.
        by: who writes it down.
        number: our number.
        theirs: theirs, at most 30 characters.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: the report is not with an office outside the city, or the number cannot be one.
    """
    with house.database.transaction() as tx:
        lock_with_chats(tx, [number])
        row = _outside(tx, by, number)
        tidy = external_number(theirs)
        if row["external_number"] == tidy:
            return
        now = house.clock.now()
        values = {"external_number": tidy, "changed_at": now, "version": ticket.c.version + 1}
        tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
        tickets.append(
            tx, row["id"], now, "external", note=tidy, staff_id=by.staff_id, office_id=row["office_id"]
        )
        if row["status"] not in FINISHED:
            line = Line(THEIR_NUMBER, {"office": _short_name(tx, row), "external": tidy})
            tell_reporter(tx, house, family.whole(tx, row), line, now)
    house.database.bell.ring()


def letter(house: House, by: queries.Reader, number: str) -> str:
    """What to type into the other system: the matter and our number, never who reported it.

    Raises NotFound, NotAllowed: see `note_number`.
    """
    with house.database.reading() as tx:
        return words_for(house, _outside(tx, by, number))


def words_for(house: House, row: RowMapping) -> str:
    """The text of `letter` for a ticket that its reader may see."""
    category = house.city.categories.get(row["category"])
    lines = [
        f"Laporan warga nomor {row['number']} dari {house.city.name}",
        f"Kategori: {category.name if category else '-'}",
        f"Tempat: {row['place'] or '-'}",
    ]
    if row["latitude"] is not None:
        lines.append(f"Koordinat: {row['latitude']:.5f}, {row['longitude']:.5f}")
    lines += ["", row["text"], "", "Mohon jawaban ke nomor kami; identitas pelapor tidak disertakan."]
    return "\n".join(lines)


def _outside(tx: Connection, by: queries.Reader, number: str) -> RowMapping:
    row = queries.one_ticket(tx, by, number)
    if row is None:
        raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    if not rights.actors(by, row):
        raise NotAllowed("Anda tidak berwenang meneruskan laporan ke luar kota.")
    kind = tx.scalar(select(office.c.kind).where(office.c.id == row["office_id"]))
    if kind != charge.EXTERNAL:
        raise NotAllowed(f"Laporan {number} tidak sedang di instansi luar kota.")
    return row


def _short_name(tx: Connection, row: RowMapping) -> str:
    return str(tx.scalar(select(office.c.short_name).where(office.c.id == row["office_id"])))


# --- asking there again -------------------------------------------------------------------------------------
def remind(house: House) -> int:
    """Remind the coordinators of reports from which nothing was heard for too long; returns how many. A job.

    A second run at once reminds of none: each gets its next date.
    """
    now, reminded = house.clock.now(), 0
    with house.database.reading() as tx:
        due = tx.scalars(_DUE, {"stage": away.STAGE, "now": now}).all()
    for first in range(0, len(due), BATCH):
        with house.database.transaction() as tx:
            locked = {"ids": due[first : first + BATCH], "stage": away.STAGE, "now": now}
            for row in tx.execute(_LOCK, locked).mappings().all():
                _remind(tx, house, row, now)
                reminded += 1
    return reminded


def _remind(tx: Connection, house: House, row: RowMapping, now: datetime) -> None:
    asked_by = f"{row['stage_due_at']:%Y-%m-%d}"
    notices.tell(tx, row, "away", ["coordinator"], now, about=asked_by)
    again = {"stage_due_at": away.ask_again(house.city, row, now)}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(again))


_DUE = text("select id from ticket where stage = :stage and stage_due_at < :now order by id")
_LOCK = text(
    """select * from ticket where id = any(:ids) and stage = :stage and stage_due_at < :now
       order by id for update"""
)
