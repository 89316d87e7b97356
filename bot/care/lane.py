"""The supervised lane: reports of suspected corruption, which inspectors alone see and act on.

A report that smells of it is proposed (proposing.py); a person puts it there. With it goes all that tells the
same story, and its clock is the lane's.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text, update

from bot import clocks, tickets
from bot.care import notices, rights, secrecy, takeover
from bot.care.desk import NotFound, lock_with_chats
from bot.care.proposing import CATEGORY
from bot.delivery.speaking import lock_listener
from bot.house import House
from bot.wording import Line, day
from bot.workflow import NotAllowed, check_length
from storage import queries, story
from storage.models import FINISHED, office, staff, ticket

MAY_PLACE = frozenset({"administrator", "coordinator", rights.INSPECTOR})
PLACED = "Report {number} is seen by inspectors alone from now on.\n{office} answers here by {due}."
RELEASED = (
    "Report {number} left the lane of inspectors and stays confidential.\n{office} answers here by {due}."
)


# --- placed -------------------------------------------------------------------------------------------------
def place(house: House, by: queries.Reader, number: str, note: str = "") -> None:
    """Put a report, and all that tells the same story, into the lane; the citizen is told until when.

    Args:
        house: the running product.
        by: an inspector, a coordinator or an administrator.
        number: the report's public number.
        note: why; it stands in the history.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: he may not, it is there already, it was joined with another, or nobody would see it.
    """
    with house.database.transaction() as tx:
        row, rows = _locked(tx, by, number)
        if not by.roles & MAY_PLACE:
            raise NotAllowed(
                "Hanya pengawas, koordinator atau administrator yang memasukkan ke jalur pengawasan."
            )
        if row["supervised"]:
            raise NotAllowed(f"Laporan {number} sudah di jalur pengawasan.")
        if row["status"] == "merged":
            raise NotAllowed("Laporan ini sudah digabung; masukkan laporan tujuannya.")
        if not tx.scalar(_INSPECTORS):
            raise NotAllowed(
                "Belum ada pengawas; tambahkan dulu, sebab hanya pengawas yang melihat jalur ini."
            )
        for one in rows:
            _place(tx, house, one, by, _checked(note))
        _notify(tx, house, row, "lane_placed", "inspector")
    house.database.bell.ring()


_INSPECTORS = text(
    """select exists (select from staff s join staff_role sr on sr.staff_id = s.id
                      join role r on r.id = sr.role_id where s.active and r.name = 'inspector')"""
)


def _place(tx: Connection, house: House, row: RowMapping, by: queries.Reader, note: str) -> None:
    now = house.clock.now()
    inspectorate = tickets.office_id(tx, house.city.route(CATEGORY, "")) or row["office_id"]
    tickets.append(tx, row["id"], now, "supervised", staff_id=by.staff_id, office_id=inspectorate, note=note)
    _end_takeover(tx, house, row, by, now)
    values = {"supervised": True, "office_id": inspectorate, "assignee_id": None, "proposed_office_id": None}
    secrecy.conceal(tx, row["id"], now, **values, **_clock(house, row, now, supervised=True))
    tx.execute(_FORGET_NOTICES, {"ticket": row["id"]})
    _tell_citizen(tx, house, row["id"], PLACED, now)


# Who no longer sees it is not reminded of it either.
_FORGET_NOTICES = text(
    """delete from notice n where n.ticket_id = :ticket and not exists (
           select from staff_role sr join role r on r.id = sr.role_id
           where sr.staff_id = n.staff_id and r.name in ('inspector', 'custodian'))"""
)


def _end_takeover(tx: Connection, house: House, row: RowMapping, by: queries.Reader, now: datetime) -> None:
    """An officer who speaks about it in its chat gives the chat back."""
    held = takeover.holder(tx, row["conversation_id"]) if row["conversation_id"] else None
    if held and held.ticket_id == row["id"] and not _inspects(tx, held.staff_id):
        takeover.end(tx, house, lock_listener(tx, house, row["conversation_id"]), held, now, by.staff_id)


def _inspects(tx: Connection, staff_id: int) -> bool:
    email = tx.execute(select(staff.c.email).where(staff.c.id == staff_id)).scalar_one()
    found = queries.reader(tx, email)
    return found is not None and rights.INSPECTOR in found.roles


# --- taken out ----------------------------------------------------------------------------------------------
def release(house: House, by: queries.Reader, number: str, note: str) -> None:
    """Take a report, and all that tells the same story, out of the lane; it stays confidential.

    Args:
        house: the running product.
        by: an inspector.
        number: the report's public number.
        note: why; it stands in the history.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: he may not, it is not there, or the reason is missing.
    """
    with house.database.transaction() as tx:
        row, rows = _locked(tx, by, number)
        if rights.INSPECTOR not in by.roles:
            raise NotAllowed("Hanya pengawas yang mengeluarkan laporan dari jalur pengawasan.")
        if not row["supervised"]:
            raise NotAllowed(f"Laporan {number} tidak di jalur pengawasan.")
        if not (note := _checked(note)):
            raise NotAllowed("Tulis dulu alasannya.")
        for one in rows:  # the whole before its parts, which are never less secret
            _release(tx, house, one, by, note)
        _notify(tx, house, row, "lane_released", "coordinator")
    house.database.bell.ring()


def _release(tx: Connection, house: House, row: RowMapping, by: queries.Reader, note: str) -> None:
    if not row["supervised"]:
        return
    now = house.clock.now()
    tickets.append(
        tx, row["id"], now, "unsupervised", staff_id=by.staff_id, office_id=row["office_id"], note=note
    )
    values = {"supervised": False, **_clock(house, row, now, supervised=False)}
    changed = {"changed_at": now, "version": ticket.c.version + 1, **values}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(changed))
    _tell_citizen(tx, house, row["id"], RELEASED, now)


# --- both ---------------------------------------------------------------------------------------------------
def _locked(tx: Connection, by: queries.Reader, number: str) -> tuple[RowMapping, list[RowMapping]]:
    """The report within the reader's scope, and its family; chats and reports are locked."""
    seen = queries.one_ticket(tx, by, number)
    numbers = story.numbers_of(tx, seen["id"]) if seen else []
    lock_with_chats(tx, numbers)
    row = queries.one_ticket(tx, by, number)
    if row is None:
        raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    return row, story.locked(tx, numbers)


def _notify(tx: Connection, house: House, row: RowMapping, kind: str, to: notices.Audience) -> None:
    now = house.clock.now()
    notices.tell(tx, row, kind, (to,), now, about=now.isoformat())


def _checked(note: str) -> str:
    note = note.replace("\x00", "").strip()
    check_length(note)
    return note


def _clock(house: House, row: RowMapping, now: datetime, *, supervised: bool) -> dict[str, Any]:
    if row["status"] in FINISHED or row["status"] == "draft":
        return {}
    return clocks.inspected(house.city, {**row, "supervised": supervised}, now)


def _tell_citizen(tx: Connection, house: House, ticket_id: int, key: str, now: datetime) -> None:
    """Say where an open report is now, and until when."""
    row = tickets.lock(tx, ticket_id)
    if row["status"] in FINISHED or row["due_at"] is None or row["conversation_id"] is None:
        return
    to = lock_listener(tx, house, row["conversation_id"])
    name = tx.scalar(select(office.c.short_name).where(office.c.id == row["office_id"])) or house.city.name
    facts = {
        "number": row["number"],
        "office": name,
        "due": day(row["due_at"], to.language, house.city.timezone),
    }
    secrecy.say(tx, house, row, Line(key, facts), now)
