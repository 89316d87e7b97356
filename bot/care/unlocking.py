"""Who stands behind a report: a custodian asks with a reason, a second person agrees, the citizen is told.

The one use-case that opens an address for staff. What it opens is on one page for a day, and every opening
stands in the history; in no list, log, address line, notice or note is there a name or a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from bot import tickets
from bot.care import notices
from bot.care.desk import NotFound, lock_with_chats
from bot.delivery.speaking import lock_listener, tell, worded
from bot.house import House
from bot.wording import Line
from bot.workflow import NotAllowed
from storage import audit, looks, unlocks
from storage.casework import unlock
from storage.models import ticket
from storage.queries import Reader
from storage.unlocks import PATIENCE

CUSTODIAN = "custodian"
DECIDERS = frozenset({CUSTODIAN, "coordinator"})
OPEN_FOR = timedelta(hours=24)
LONGEST_REASON = 300  # characters; the citizen reads it, by SMS too
GRANTED = (
    "The identity keeper of {office} may see your name and number.\n"
    "Report {number}, for 24 hours. Objection? Write PETUGAS."
)
REASON = "The reason: {note}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who filed a report, as its channel gave it; `name` may be empty."""

    channel: str
    name: str = field(repr=False)
    address: str = field(repr=False)


# --- asked --------------------------------------------------------------------------------------------------
def ask(house: House, by: Reader, number: str, reason: str) -> int:
    """Ask to see who filed a report; returns the id of the request.

    Args:
        house: the running product.
        by: a custodian.
        number: the report's public number.
        reason: why it must be; the second person and the citizen read it.

    Raises:
        NotFound: there is no such report.
        NotAllowed: he may not, has asked already, no identity is kept, or the reason is missing or too long.
    """
    if CUSTODIAN not in by.roles:
        raise NotAllowed("Hanya pemegang identitas yang meminta buka identitas.")
    reason = _words(reason, "alasannya")
    now = house.clock.now()
    with house.database.transaction() as tx:
        row = _locked(tx, number)
        _check_new(tx, by, row, now)
        asked = {"ticket_id": row["id"], "asked_by": by.staff_id, "reason": reason, "asked_at": now}
        made = int(tx.execute(insert(unlock).values(asked).returning(unlock.c.id)).scalar_one())
        _note(tx, row, made, "unlock_asked", by, now, reason)
    return made


def _locked(tx: Connection, number: str) -> RowMapping:
    number = number.replace("\x00", "").strip()
    lock_with_chats(tx, [number])
    row = tx.execute(select(ticket).where(ticket.c.number == number)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"Laporan {number} tidak ada.")
    return row


def _check_new(tx: Connection, by: Reader, row: RowMapping, now: datetime) -> None:
    values = {"ticket": row["id"], "by": by.staff_id, "since": now - PATIENCE, "now": now}
    if tx.execute(_STILL_GOOD, values).first():
        raise NotAllowed(f"Permintaan Anda untuk laporan {row['number']} sudah ada.")
    if not tx.execute(_SEALED, {"chat": row["conversation_id"]}).first():
        raise NotAllowed(f"Untuk laporan {row['number']} tidak ada identitas yang tersimpan.")


_STILL_GOOD = text(
    """select id from unlock where ticket_id = :ticket and asked_by = :by
       and (state = 'asked' and asked_at > :since or state = 'granted' and expires_at > :now)"""
)
_SEALED = text(
    """select a.sealed, a.sealed_name, c.channel from conversation c join address a on a.id = c.address_id
       where c.id = :chat and a.sealed <> ''"""
)


# --- decided ------------------------------------------------------------------------------------------------
def decide(house: House, by: Reader, unlock_id: int, *, granted: bool, note: str) -> None:
    """Agree to a request of somebody else, or refuse it; when it is granted the citizen is told.

    Args:
        house: the running product.
        by: another custodian, or a coordinator; of a report in the supervised lane a custodian alone.
        unlock_id: the request.
        granted: whether the asker may look, for 24 hours from now.
        note: why.

    Raises:
        NotFound: no such request for this reader.
        NotAllowed: it is his own, decided or too old, or the note is missing or too long.
    """
    if not by.roles & DECIDERS:
        raise NotFound(str(unlock_id))
    note = _words(note, "catatannya")
    now = house.clock.now()
    with house.database.transaction() as tx:
        seen = _seen(tx, by, unlock_id)
        row = _locked(tx, seen["number"])
        asked = _seen(tx, by, unlock_id, lock=True)
        _check_open(asked, by, now)
        state, until = ("granted", now + OPEN_FOR) if granted else ("refused", None)
        decided = {"state": state, "decided_by": by.staff_id, "decided_at": now, "note": note}
        tx.execute(update(unlock).where(unlock.c.id == unlock_id).values(expires_at=until, **decided))
        _note(tx, row, unlock_id, f"unlock_{state}", by, now, note)
        if granted:
            _tell_citizen(tx, house, row, asked, now)
    house.database.bell.ring()


def _check_open(asked: RowMapping, by: Reader, now: datetime) -> None:
    if asked["asked_by"] == by.staff_id:
        raise NotAllowed("Permintaan sendiri diputus oleh orang kedua.")
    if asked["state"] != "asked":
        raise NotAllowed("Permintaan ini sudah diputus.")
    if now >= asked["asked_at"] + PATIENCE:
        raise NotAllowed("Permintaan ini kedaluwarsa: lebih dari 3 hari tidak diputus.")


def _tell_citizen(tx: Connection, house: House, row: RowMapping, asked: RowMapping, now: datetime) -> None:
    if row["conversation_id"] is None:
        return
    to = lock_listener(tx, house, row["conversation_id"])
    told = {"office": asked["asker_office"] or house.city.name, "number": row["number"]}
    says = [
        worded(house, Line(GRANTED, told), to),
        worded(house, Line(REASON, {"note": asked["reason"]}), to, staff=True),
    ]
    tell(tx, house, to, says, now, ticket_id=row["id"])


# --- looked at ----------------------------------------------------------------------------------------------
def look(house: House, by: Reader, unlock_id: int) -> tuple[RowMapping, Identity]:
    """Open a granted request: the request, and who filed the report. That it was opened is written down.

    Args:
        house: the running product.
        by: the custodian who asked.
        unlock_id: the request.

    Raises:
        NotFound: no such request of his.
        NotAllowed: it is not granted, its day is over, or the identity is not kept any more.
        BadKeys: DATA_KEYS does not fit.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        asked = _seen(tx, by, unlock_id)
        if asked["asked_by"] != by.staff_id or CUSTODIAN not in by.roles:
            raise NotFound(str(unlock_id))
        if asked["state"] != "granted" or now >= asked["expires_at"]:
            raise NotAllowed("Izin melihat identitas ini tidak ada atau sudah berakhir.")
        known = tx.execute(_SEALED, {"chat": asked["conversation_id"]}).one_or_none()
        if known is None:
            raise NotAllowed("Identitas ini sudah tidak disimpan.")
        opened = house.database.keys.open
        identity = Identity(
            known.channel, opened(known.sealed_name) if known.sealed_name else "", opened(known.sealed)
        )
        detail = {"unlock": unlock_id}
        tickets.append(tx, asked["ticket_id"], now, "unlock_opened", staff_id=by.staff_id, detail=detail)
        audit.note(tx, by.staff_id, "unlock_opened", now, asked["ticket_id"], unlock=unlock_id)
        looks.note_page(tx, [asked["ticket_id"]], by.staff_id, now.astimezone(house.city.timezone).date())
    return asked, identity


# --- all ----------------------------------------------------------------------------------------------------
def listed(tx: Connection, by: Reader) -> Sequence[RowMapping]:
    """The requests that a custodian or coordinator sees."""
    return unlocks.listed(tx, in_lane=CUSTODIAN in by.roles)


def _seen(tx: Connection, by: Reader, unlock_id: int, *, lock: bool = False) -> RowMapping:
    found = unlocks.one(tx, unlock_id, in_lane=CUSTODIAN in by.roles, lock=lock)
    if found is None:
        raise NotFound(str(unlock_id))
    return found


def _note(
    tx: Connection, row: RowMapping, unlock_id: int, kind: str, by: Reader, now: datetime, words: str
) -> None:
    """A line of history, and a notice to those who guard identities."""
    tickets.append(tx, row["id"], now, kind, staff_id=by.staff_id, note=words, detail={"unlock": unlock_id})
    audit.note(tx, by.staff_id, kind, now, row["id"], unlock=unlock_id)
    to: list[notices.Audience] = ["custodian"] if row["supervised"] else ["custodian", "coordinator"]
    notices.tell(tx, row, kind, to, now, about=str(unlock_id))


def _words(words: str, what: str) -> str:
    words = words.replace("\x00", "").strip()
    if not words:
        raise NotAllowed(f"Tulis dulu {what}.")
    if len(words) > LONGEST_REASON:
        raise NotAllowed(f"Teks terlalu panjang: {len(words)} huruf, paling banyak {LONGEST_REASON}.")
    return words
