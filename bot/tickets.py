"""What may be done with a ticket: draft, file, move, answer, add. Each takes the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import clocks, numbers
from bot.care import away, charge
from bot.cities.city import City
from bot.workflow import Actor, Status, allow
from storage import family, merged
from storage.models import address, event, office, ticket


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a citizen, the system, or one of the staff."""

    kinds: frozenset[Actor]
    staff_id: int | None = None
    office_path: str = ""


CITIZEN = Person(frozenset({"citizen"}))
SYSTEM = Person(frozenset({"system"}))


# Made once: to put such a statement together takes longer than to run it.
_OF: BindParameter[Any] = bindparam("of")
_NEW = upsert(ticket).on_conflict_do_nothing().returning(ticket.c.id)
# Asked again, for a turn that waited for the chat may have read it before SAMBUNG joined its person.
_NEW_OF_CHAT = _NEW.values(
    person_id=select(address.c.person_id).where(address.c.id == bindparam("address")).scalar_subquery()
)
_READ = select(ticket).where(ticket.c.id == _OF)
_LOCK = _READ.with_for_update()
_CHANGE = update(ticket).where(ticket.c.id == _OF).values(version=ticket.c.version + 1)
_KEEP = _CHANGE.where(ticket.c.status == "draft")
_WRITE = _CHANGE.returning(ticket)
_OFFICE = select(office.c.id).where(office.c.code == _OF)
_EVENT = insert(event).inline()  # nobody asks for its id


def open_draft(tx: Connection, now: datetime, values: dict[str, Any]) -> int:
    """A new ticket with a number of its own, in status draft; returns its id.

    `values` are columns; in the place of person_id `address` may stand, the id of that person's address.
    """
    return open_new(tx, now, {"status": "draft", **values})


def open_new(tx: Connection, now: datetime, values: dict[str, Any]) -> int:
    """A new ticket with a number of its own, in the status that is given; returns its id."""
    opening = _NEW_OF_CHAT if "address" in values else _NEW
    while True:
        row = {"number": numbers.draw(), "created_at": now, "changed_at": now, **values}
        if (ticket_id := tx.execute(opening, row).scalar()) is not None:
            append(tx, ticket_id, now, "status", status=row["status"])
            return int(ticket_id)


def keep(tx: Connection, ticket_id: int, now: datetime, values: dict[str, Any]) -> None:
    """Write what is known now into a draft; a ticket that is filed already is left alone."""
    tx.execute(_KEEP, {"of": ticket_id, "changed_at": now, **values})


def file(tx: Connection, city: City, ticket_id: int, now: datetime) -> RowMapping:
    """Turn a draft into a received ticket with office and due date; a second call changes nothing."""
    return file_locked(tx, city, lock(tx, ticket_id), now)


def file_locked(tx: Connection, city: City, row: RowMapping, now: datetime) -> RowMapping:
    """The same for a row from `lock`."""
    if row["status"] != "draft":
        return row
    values = {
        "status": "received",
        "office_id": _office_of(tx, city, row, row["place_code"]),
        **clocks.filed(city, row, now),
    }
    append(tx, row["id"], now, "status", status="received", office_id=values["office_id"])
    return _write(tx, row["id"], now, values)


def set_place(tx: Connection, city: City, ticket_id: int, now: datetime, place: dict[str, Any]) -> RowMapping:
    """Write down where it is and let the office follow, as long as nobody has taken the ticket up."""
    row = lock(tx, ticket_id)
    values = {
        "place": place.get("name", ""),
        "place_code": place.get("code", ""),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
    }
    if row["status"] == "received" and row["assignee_id"] is None:
        values["office_id"] = _office_of(tx, city, row, values["place_code"])
    append(tx, ticket_id, now, "place", note=values["place"], office_id=values.get("office_id"))
    changed = _write(tx, ticket_id, now, values)
    family.hand_down(tx, ticket_id)
    return changed


def add(
    tx: Connection,
    city: City,
    ticket_id: int,
    now: datetime,
    words: str,
    *,
    person_id: int | None = None,
    who: Mapping[str, str] = MappingProxyType({}),
) -> RowMapping:
    """The citizen adds to a report; an answer to an officer's question sets the clock going again.

    A closed report is opened again: the office follows it up anew. `person_id` says who writes: the words of
    another than the reporter (a follower, who filed a report that was joined with it) are kept, but answer
    nothing and open nothing. `who` is for the history: whose words count although he is not the reporter.
    """
    row = lock(tx, ticket_id)
    if person_id is not None and row["person_id"] != person_id:
        own = merged.own_number(tx, ticket_id, person_id)
        who = {"by": "joined", "of": own} if own else {"by": "follower"}
        append(tx, ticket_id, now, "added", note=words, detail=who)
        return row
    append(tx, ticket_id, now, "added", note=words, detail=dict(who))
    values: dict[str, Any] = {}
    if row["status"] == "waiting":
        values = {"status": "in_progress", **clocks.entered(city, row, "in_progress", now)}
    if row["status"] == "closed":
        values = {"closed_how": "", **clocks.anew(city, row, now)}
    if not values:
        return _write(tx, ticket_id, now, values)
    append(tx, ticket_id, now, "status", status="in_progress", office_id=row["office_id"])
    for part in family.parts(tx, ticket_id):  # those that asked, or ended with the whole
        if part["status"] == row["status"]:
            add(tx, city, part["id"], now, words)
    changed = _write(tx, ticket_id, now, values)
    if row["status"] != "waiting":
        return changed
    family.hand_down(tx, ticket_id)  # the time of the question comes back to every office
    return away.paused(tx, city, changed, now)


def object_to(
    tx: Connection,
    city: City,
    row: RowMapping,
    now: datetime,
    words: str,
    who: Mapping[str, str] = MappingProxyType({}),
) -> RowMapping:
    """The citizen says "belum" to a locked ticket: the office follows it up anew, and it goes up a level.

    `who` is for the history, when it is another than the reporter.
    """
    times = row["objections"] + 1
    append(
        tx,
        row["id"],
        now,
        "status",
        status="in_progress",
        office_id=row["office_id"],
        note=words,
        detail={"objection": times, "level": level(tx, row, times), **who},
    )
    values = {"closed_how": "", **clocks.anew(city, row, now), "objections": times}
    return _write(tx, row["id"], now, values)


def level(tx: Connection, row: RowMapping, objections: int) -> str:
    """How far up a report is seen after so many times "belum": superior, then coordinator."""
    return "coordinator" if objections > 1 or charge.of(tx, row).coordinated else "superior"


def move(
    tx: Connection, city: City, row: RowMapping, status: str, by: Person, now: datetime, given: dict[str, Any]
) -> tuple[RowMapping, Status]:
    """Change a locked ticket's status; returns the ticket as it is now and what the new status means.

    Args:
        tx: the transaction that locked the row.
        city: whose calendar counts.
        row: the ticket, from `lock`.
        status: where to.
        by: who moves it.
        now: business time.
        given: note, office (code), how, into (number), year; what the workflow's table asks for. Also offices
            (codes, all of several), proposed (code), external_number.

    Raises:
        NotAllowed: with one sentence for whoever tried.
    """
    reached = allow(row["status"], status, by.kinds, given)
    values = {
        "status": status,
        **clocks.entered(city, row, status, now),
        **_particulars(tx, row, status, given),
    }
    if row["status"] == "draft":
        values |= _filed_by_staff(tx, city, row, now)
    append(
        tx,
        row["id"],
        now,
        "status",
        status=status,
        staff_id=by.staff_id,
        office_id=values.get("office_id", row["office_id"]),
        note=given.get("note") or "",
        detail={name: given[name] for name in DETAILS if given.get(name)},
    )
    return away.paused(tx, city, _write(tx, row["id"], now, values), now), reached


# What of a move is worth a place in the history beside its note.
DETAILS = ("how", "said_by", "into", "year", "offices", "proposed", "external_number", "before")


def _particulars(tx: Connection, row: RowMapping, status: str, given: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"closed_how": given["how"] if status == "closed" else ""}
    if given.get("office"):
        values |= {"office_id": office_id(tx, given["office"]), "proposed_office_id": None}
    if "external_number" in given:
        values["external_number"] = given["external_number"]
    if status == "planned":
        values["planned_year"] = int(given["year"])
    if status == "merged":
        values["merged_into_id"] = given["into_id"]
    if status == "returned":
        proposed = office_id(tx, given["proposed"]) if given.get("proposed") else None
        values |= {"return_count": row["return_count"] + 1, "proposed_office_id": proposed}
    return values


def _filed_by_staff(tx: Connection, city: City, row: RowMapping, now: datetime) -> dict[str, Any]:
    """An officer who acts on a draft takes it as it is: it gets its office and clock now."""
    routed = office_id(tx, city.route(row["category"], row["place_code"]))
    filed = clocks.filed(city, row, now)
    kept = {name: filed[name] for name in ("filed_at", "tier", "due_at")}
    return {**kept, "office_id": row["office_id"] or routed}


def lock(tx: Connection, ticket_id: int) -> RowMapping:
    """The ticket's row, locked until the transaction ends."""
    return tx.execute(_LOCK, {"of": ticket_id}).mappings().one()


def read(tx: Connection, ticket_id: int) -> RowMapping | None:
    """The ticket's row as it is now, not locked; None when there is none."""
    return tx.execute(_READ, {"of": ticket_id}).mappings().one_or_none()


def office_id(tx: Connection, code: str) -> int | None:
    """The id of an office by its code; empty when the city has not been loaded with it."""
    return tx.scalar(_OFFICE, {"of": code})


def _office_of(tx: Connection, city: City, row: RowMapping, place_code: str) -> int | None:
    """The office for a report in a place; in the supervised lane it stays where it is."""
    if row["supervised"] and row["office_id"]:
        return int(row["office_id"])
    return office_id(tx, city.route(row["category"], place_code))


def append(tx: Connection, ticket_id: int, now: datetime, kind: str, **values: Any) -> None:
    """Add a line to a ticket's history."""
    tx.execute(_EVENT, {"ticket_id": ticket_id, "at": now, "kind": kind, **values})


def _write(tx: Connection, ticket_id: int, now: datetime, values: dict[str, Any]) -> RowMapping:
    return tx.execute(_WRITE, {"of": ticket_id, "changed_at": now, **values}).mappings().one()


def take_attachments(tx: Connection, ticket_id: int, conversation_id: int) -> None:
    """Give a ticket the messages and photos that its chat sent before it had a number."""
    tx.execute(_TAKE, {"ticket": ticket_id, "chat": conversation_id})


# Not what named a report by its number: that one may be the same citizen's, without a name.
_TAKE = text(
    """with taken as (
           update message set ticket_id = :ticket
           where conversation_id = :chat and ticket_id is null and direction = 'in'
             and created_at > (select created_at - interval '1 day' from ticket where id = :ticket)
             and (kind <> 'text' or text !~ '(^|[^0-9])[0-9]{9}([^0-9]|$)')
           returning id)
       update attachment set ticket_id = :ticket from taken where attachment.message_id = taken.id"""
)
