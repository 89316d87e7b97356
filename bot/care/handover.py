"""What one of the staff leaves behind goes to a colleague or back to the office, and the account may end.

Only what is in the hands of that person: tickets given to him and chats he took over. What merely lies with
his office stays there, for whoever works there next.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from bot.care import takeover
from bot.care.desk import NotFound
from bot.delivery.speaking import lock_listener
from bot.house import House
from bot.workflow import NotAllowed
from storage import audit, logins, queries
from storage.casework import notice
from storage.models import UNFINISHED, event, office, staff, ticket

MAY_HAND_OVER = frozenset({"administrator", "coordinator"})


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it: tickets that have somebody else now, chats given back to the bot, account ended."""

    tickets: int
    chats: int
    disabled: bool


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom the tickets go to: one of the staff, or nobody in the tree of offices below a path."""

    name: str
    reader: queries.Reader | None
    path: str = ""


def leavers(tx: Connection, by: queries.Reader) -> Sequence[RowMapping]:
    """All staff with what they hold, most first: `id, email, name, active, office, roles, tickets, chats`.

    Counted is what the reader sees himself.
    """
    held = (
        select(ticket.c.assignee_id, func.count().label("tickets"))
        .select_from(ticket.outerjoin(office, office.c.id == ticket.c.office_id))
        .where(_OPEN, queries.in_scope(by), ticket.c.assignee_id.is_not(None))
        .group_by(ticket.c.assignee_id)
        .subquery()
    )
    count = func.coalesce(held.c.tickets, 0).label("tickets")
    columns = (staff.c.id, staff.c.email, staff.c.name, staff.c.active, office.c.short_name.label("office"))
    people = staff.outerjoin(held, held.c.assignee_id == staff.c.id).outerjoin(office)
    query = select(*columns, count, _CHATS, _ROLES).select_from(people)
    return tx.execute(query.order_by(count.desc(), staff.c.email)).mappings().all()


_CHATS: ColumnElement[int] = literal_column(
    "(select count(*) from conversation where taken_by = staff.id)"
).label("chats")
_ROLES: ColumnElement[list[str]] = literal_column(
    """array(select r.name from staff_role sr join role r on r.id = sr.role_id
             where sr.staff_id = staff.id order by r.name)"""
).label("roles")
_OPEN = literal_column(f"ticket.{UNFINISHED}", Boolean)


def hand_over(
    house: House,
    by: queries.Reader,
    email: str,
    *,
    to: str = "",
    office_code: str = "",
    disable: bool = False,
) -> HandedOver:
    """Give all open tickets of one of the staff to another, or back to the office. Again: changes nothing.

    One transaction: all of it happens or nothing. The chats he took over go back to the bot.

    Args:
        house: the running product.
        by: who does it.
        email: who leaves; may be disabled already.
        to: address of who gets the tickets; empty: nobody, they wait in their office.
        office_code: with an empty `to`, the office that (with those below it) has all of them.
        disable: whether the account ends too, with all its sessions.

    Raises:
        NotFound: there is no such member of staff.
        NotAllowed: the reader may not, nobody or both were named as receiver, or the receiver would not see
            all of the tickets; the text says how many.
    """
    if not by.roles & MAY_HAND_OVER:
        raise NotAllowed("Hanya koordinator atau administrator yang menyerahterimakan laporan.")
    if bool(to) == bool(office_code):
        raise NotAllowed("Pilih penerima: seorang petugas, atau instansinya.")
    now = house.clock.now()
    with house.database.transaction() as tx:
        leaver = _leaver(tx, email)
        target = _target(tx, leaver, to, office_code)
        if disable:
            _check_disable(tx, by, leaver)
        chats = _give_chats_back(tx, house, leaver["id"], now, by.staff_id)
        moved = _move(tx, by, leaver, target, now)
        disabled = disable and _disable(tx, leaver, now, by.staff_id)
        done = {"whom": leaver["id"], "tickets": moved, "chats": chats, "disabled": disabled}
        audit.note(tx, by.staff_id, "handover", now, **done)
    if chats:
        house.database.bell.ring()
    return HandedOver(moved, chats, disabled)


def _leaver(tx: Connection, email: str) -> RowMapping:
    """Who leaves, locked against a second hand-over, but not against rows that name him."""
    found = tx.execute(_LEAVER, {"email": email.strip().lower()}).mappings().one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada petugas dengan alamat {email}.")
    return found


_LEAVER = text(
    """select id, email, coalesce(nullif(name, ''), email) as name from staff
       where lower(email) = :email for no key update"""
)


def _target(tx: Connection, leaver: RowMapping, to: str, office_code: str) -> _Target:
    if office_code:
        found = tx.execute(select(office).where(office.c.code == office_code)).mappings().one_or_none()
        if found is None:
            raise NotAllowed(f"Instansi dengan kode {office_code} tidak ada.")
        return _Target(found["name"], None, found["path"])
    reader = queries.reader(tx, to)
    if reader is None or not reader.roles & {"administrator", "coordinator", "officer", "inspector"}:
        raise NotFound(f"Tidak ada petugas aktif dengan alamat {to} yang menangani laporan.")
    if reader.staff_id == leaver["id"]:
        raise NotAllowed("Penerima harus orang lain.")
    return _Target(reader.name or reader.email, reader)


def _give_chats_back(tx: Connection, house: House, leaver: int, now: datetime, by: int) -> int:
    """First of all: chats are locked before tickets."""
    query = text("select id from conversation where taken_by = :staff order by id")
    ended = 0
    for chat_id in tx.scalars(query, {"staff": leaver}).all():
        to = lock_listener(tx, house, chat_id)
        held = takeover.holder(tx, chat_id)
        if held and held.staff_id == leaver:
            takeover.end(tx, house, to, held, now, by)
            ended += 1
    return ended


def _move(tx: Connection, by: queries.Reader, leaver: RowMapping, target: _Target, now: datetime) -> int:
    mine = tx.scalars(_held(leaver["id"]).where(queries.in_scope(by)).with_for_update(of=ticket)).all()
    allowed = queries.in_scope(target.reader) if target.reader else office.c.path.startswith(target.path)
    seen = set(tx.scalars(_held(leaver["id"]).where(queries.in_scope(by), allowed)))
    if left := len(set(mine) - seen):
        sentence = f"{left} dari {len(mine)} laporan di luar wewenang {target.name}; pilih penerima lain."
        raise NotAllowed(sentence)
    if not mine:
        return 0
    _write(tx, list(mine), leaver["id"], target.reader.staff_id if target.reader else None, now, by.staff_id)
    if target.reader and target.reader.staff_id != by.staff_id:
        _tell(tx, target.reader.staff_id, leaver, len(mine), now)
    return len(mine)


def _held(staff_id: int) -> Select[Any]:
    return (
        select(ticket.c.id)
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(ticket.c.assignee_id == staff_id, _OPEN)
        .order_by(ticket.c.id)
    )


def _write(tx: Connection, ids: list[int], leaver: int, to: int | None, now: datetime, by: int) -> None:
    name = tx.scalar(text("select coalesce(nullif(name, ''), email) from staff where id = :id"), {"id": to})
    line = {"at": now, "kind": "assigned", "staff_id": by, "note": name or ""}
    detail = {"from": leaver, "to": to, "handover": True}
    tx.execute(insert(event), [{"ticket_id": one, **line, "detail": detail} for one in ids])
    values = {"assignee_id": to, "changed_at": now, "version": ticket.c.version + 1}
    tx.execute(update(ticket).where(ticket.c.id.in_(ids)).values(values))


def _tell(tx: Connection, to: int, leaver: RowMapping, count: int, now: datetime) -> None:
    """One notice about all of them, not one a ticket."""
    words = {"kind": "handover", "about": f"{leaver['id']} {now.isoformat()}", "at": now}
    tx.execute(insert(notice).values(staff_id=to, note=f"{count} laporan dari {leaver['name']}", **words))


def _check_disable(tx: Connection, by: queries.Reader, leaver: RowMapping) -> None:
    if leaver["id"] == by.staff_id:
        raise NotAllowed("Akun sendiri tidak dapat dinonaktifkan.")
    other = queries.reader(tx, leaver["email"])
    if other and "administrator" in other.roles and "administrator" not in by.roles:
        raise NotAllowed("Akun administrator hanya dinonaktifkan oleh administrator.")


def _disable(tx: Connection, leaver: RowMapping, now: datetime, by: int) -> bool:
    """End the account and every session of it; what of his nobody else may count is nobody's then."""
    rest = tx.scalars(_held(leaver["id"]).with_for_update(of=ticket)).all()
    if rest:
        _write(tx, list(rest), leaver["id"], None, now, by)
    logins.end_all(tx, leaver["id"], datetime.now(UTC))  # not business time: see storage/logins.py
    ended = update(staff).where(staff.c.id == leaver["id"], staff.c.active)
    return bool(tx.execute(ended.values(active=False, fs_uniquifier=uuid.uuid4().hex)).rowcount)
