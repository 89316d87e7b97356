"""What staff may read. Every query takes the reader's scope; outside it a ticket does not exist."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from storage.awaiting import waits_for_officer
from storage.casework import notice
from storage.deskwork import reply_draft
from storage.models import (
    FINISHED,
    UNFINISHED,
    attachment,
    conversation,
    event,
    follower,
    message,
    office,
    role,
    staff,
    staff_role,
    ticket,
)
from storage.reach import UNDELIVERED
from storage.search import Query, condition, newest_with, read


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: one of the staff, what roles he has, and the part of the tree that is his.

    `path` is the office's path in the tree; empty for staff without an office.
    """

    staff_id: int
    email: str
    name: str
    roles: frozenset[str]
    path: str

    @property
    def sees_all(self) -> bool:
        """Administrators and coordinators see every office's tickets."""
        return bool(self.roles & {"administrator", "coordinator"})


def reader(tx: Connection, email: str) -> Reader | None:
    """The active member of staff with this address, None when there is none."""
    query = (
        select(
            staff.c.id, staff.c.email, staff.c.name, office.c.path, func.array_agg(role.c.name).label("roles")
        )
        .join(staff_role, staff_role.c.staff_id == staff.c.id)
        .join(role, role.c.id == staff_role.c.role_id)
        .outerjoin(office, office.c.id == staff.c.office_id)
        .where(func.lower(staff.c.email) == email.strip().lower(), staff.c.active)
        .group_by(staff.c.id, office.c.path)
    )
    row = tx.execute(query).one_or_none()
    return Reader(row.id, row.email, row.name, frozenset(row.roles), row.path or "") if row else None


LANE_PROPOSED = "lane_proposed"  # the notice that a report may belong into the supervised lane


def in_scope(by: Reader) -> ColumnElement[bool]:
    """The condition that every query on tickets carries: own office and below, or everything.

    What is in the supervised lane exists for inspectors alone, of the whole city; they also see what was
    proposed to them for it.
    """
    usual = and_(not_(ticket.c.supervised), _of_office(by))
    return or_(ticket.c.supervised, usual, _proposed_to(by)) if "inspector" in by.roles else usual


def _of_office(by: Reader) -> ColumnElement[bool]:
    if by.sees_all:
        return true()
    if not by.path or not by.roles & {"officer", "inspector"}:
        return false()
    return office.c.path.startswith(by.path, autoescape=True)


def _proposed_to(by: Reader) -> ColumnElement[bool]:
    told = select(notice.c.ticket_id).where(notice.c.staff_id == by.staff_id, notice.c.kind == LANE_PROPOSED)
    return ticket.c.id.in_(told)


def _tickets(by: Reader) -> Select[Any]:
    return (
        select(ticket, office.c.code.label("office_code"), office.c.name.label("office_name"))
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(in_scope(by))
    )


QUEUES: dict[str, str] = {
    "open": "Terbuka",
    "mine": "Tugas saya",
    "unassigned": "Belum ditugaskan",
    "human": "Minta petugas",
    "returned": "Dikembalikan",
    "draft": "Belum lengkap",
    "today": "Batas hari ini",
    "overdue": "Lewat batas",
    "objected": "Belum selesai",
    "waiting": "Menunggu pelapor",
    "typing": "Draf saya",
    "undelivered": "Gagal kirim",
    "finished": "Selesai",
    "all": "Semua",
}


# Not bound: only a plan that sees the words knows that ix_ticket_unfinished has the answer.
_UNFINISHED = literal_column(f"ticket.{UNFINISHED}", Boolean)
_OFTEN = {"objected": ticket.c.objections, "returned": ticket.c.return_count}  # what leads its queue
OF_FINISHED = ("finished", "all")  # queues that hold finished tickets
MOST_COUNTED = 10_000  # finished tickets: nobody acts on how many more there are, and every page would count


def _in_queue(by: Reader, queue: str, now: datetime) -> ColumnElement[bool]:
    is_open = and_(_UNFINISHED, ticket.c.status != "draft")
    return {
        "open": is_open,
        "mine": and_(is_open, ticket.c.assignee_id == by.staff_id),
        # Not what waits for its citizen's ya or belum: there is nothing to do.
        "unassigned": and_(is_open, ticket.c.assignee_id.is_(None), ticket.c.status != "answered"),
        "human": and_(_UNFINISHED, waits_for_officer()),
        "draft": and_(_UNFINISHED, ticket.c.status == "draft"),
        "overdue": and_(
            is_open, ticket.c.status != "answered", ticket.c.due_at < now, ticket.c.paused_at.is_(None)
        ),
        "today": and_(is_open, ticket.c.status != "answered", ticket.c.paused_at.is_(None), _today(now)),
        "typing": and_(_UNFINISHED, _typed_by(by)),
        "returned": and_(_UNFINISHED, ticket.c.status == "returned"),
        "objected": and_(is_open, ticket.c.objections > 0),
        "waiting": and_(_UNFINISHED, ticket.c.status == "waiting"),
        "undelivered": and_(_UNFINISHED, literal_column(UNDELIVERED, Boolean)),
        "finished": ticket.c.status.in_(FINISHED),
    }.get(queue, true())


def _today(now: datetime) -> ColumnElement[bool]:
    """What is due before the day ends, where `now` is the time of day."""
    end = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    return and_(ticket.c.due_at >= now, ticket.c.due_at < end)


def _typed_by(by: Reader) -> ColumnElement[bool]:
    mine = select(reply_draft.c.ticket_id).where(reply_draft.c.staff_id == by.staff_id)
    return ticket.c.id.in_(mine)


def selection(
    by: Reader, *, queue: str, now: datetime, search: str | Query = "", origin: str = ""
) -> Select[Any]:
    """All tickets of a queue, a search or an origin within the reader's scope; arguments: `ticket_list`."""
    wanted = search if isinstance(search, Query) else read(search)
    query = _tickets(by).where(condition(wanted)) if search else _tickets(by)
    if not wanted.is_number:  # a number is found wherever it is
        query = query.where(_in_queue(by, queue, now))
    return query.where(ticket.c.origin == origin) if origin else query


def ticket_list(
    tx: Connection,
    by: Reader,
    *,
    queue: str,
    now: datetime,
    search: str | Query = "",
    origin: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[RowMapping]:
    """One page of a queue, the most urgent first; what came back most often leads its queue.

    Args:
        tx: a transaction.
        by: who reads.
        queue: a key of QUEUES; an unknown one is "all".
        now: business time in the city's zone, for what is overdue or due today.
        search: a number, ours or another system's, "#tag", or words of text and place; empty: no search.
        origin: only what was typed in and came this way; empty: everything.
        limit: rows on a page.
        offset: rows before this page.
    """
    query = selection(by, queue=queue, now=now, search=search, origin=origin)
    if isinstance(search, Query) and search.common and by.sees_all and queue in OF_FINISHED:
        ids = newest_with(tx, selection(by, queue=queue, now=now, origin=origin), search, limit + offset)
        query = query if ids is None else _tickets(by).where(ticket.c.id.in_(ids))
    often = [_OFTEN[queue].desc()] if queue in _OFTEN else []
    urgent = [*often, ticket.c.due_at.asc().nulls_last(), ticket.c.id.desc()]
    # Among all that ever was, the newest of what was searched for comes first.
    query = query.order_by(*([ticket.c.id.desc()] if search and queue in OF_FINISHED else urgent))
    query = query.limit(limit).offset(offset)
    return list(tx.execute(query).mappings())


def queue_counts(tx: Connection, by: Reader, now: datetime) -> dict[str, int]:
    """How many tickets each queue holds for this reader; of finished ones more than MOST_COUNTED are many."""
    live = [queue for queue in QUEUES if queue not in OF_FINISHED]
    counts = [func.count().filter(_in_queue(by, queue, now)).label(queue) for queue in live]
    every = ticket.outerjoin(office, office.c.id == ticket.c.office_id)
    unfinished = select(func.count().label("unfinished"), *counts).select_from(every)
    found = dict(tx.execute(unfinished.where(in_scope(by), _UNFINISHED)).mappings().one())
    ended = select(ticket.c.id).select_from(every).where(in_scope(by), ticket.c.status.in_(FINISHED))
    some = ended.limit(MOST_COUNTED + 1).subquery()
    found["finished"] = tx.execute(select(func.count()).select_from(some)).scalar_one()
    found["all"] = found.pop("unfinished") + found["finished"]
    return found


def one_ticket(tx: Connection, by: Reader, number: str, *, lock: bool = False) -> RowMapping | None:
    """A ticket by its number; None when there is none or it is outside the reader's scope."""
    if "\x00" in number:  # no text of PostgreSQL's holds it
        return None
    query = _tickets(by).where(ticket.c.number == number)
    if lock:
        query = query.with_for_update(of=ticket)
    return tx.execute(query).mappings().one_or_none()


def ticket_messages(tx: Connection, ticket_id: int) -> list[RowMapping]:
    """All that was said about a ticket, in order, with the channel and the delivery state of each message.

    Not what went out to its followers: that is the same once more for each of them.
    """
    follows = exists().where(
        follower.c.ticket_id == message.c.ticket_id, follower.c.conversation_id == message.c.conversation_id
    )
    query = (
        select(
            message,
            conversation.c.channel,
            staff.c.name.label("staff_name"),
            staff.c.email.label("staff_email"),
        )
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .outerjoin(staff, staff.c.id == message.c.staff_id)
        .where(message.c.ticket_id == ticket_id, or_(message.c.direction == "in", ~follows))
        .order_by(message.c.id)
    )
    return list(tx.execute(query).mappings())


def ticket_events(tx: Connection, ticket_id: int) -> list[RowMapping]:
    """A ticket's history, oldest first."""
    query = (
        select(event, staff.c.email.label("staff_email"), office.c.name.label("office_name"))
        .outerjoin(staff, staff.c.id == event.c.staff_id)
        .outerjoin(office, office.c.id == event.c.office_id)
        .where(event.c.ticket_id == ticket_id)
        .order_by(event.c.id)
    )
    return list(tx.execute(query).mappings())


def ticket_attachments(tx: Connection, ticket_id: int) -> list[RowMapping]:
    """A ticket's photos and files, oldest first."""
    query = select(attachment).where(attachment.c.ticket_id == ticket_id).order_by(attachment.c.id)
    return list(tx.execute(query).mappings())


def one_attachment(tx: Connection, by: Reader, attachment_id: int) -> RowMapping | None:
    """A stored file by its id; None when it is not there or its ticket is outside the reader's scope."""
    query = (
        select(attachment)
        .join(ticket, ticket.c.id == attachment.c.ticket_id)
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(attachment.c.id == attachment_id, in_scope(by))
    )
    return tx.execute(query).mappings().one_or_none()


def offices(tx: Connection) -> list[RowMapping]:
    """All active offices in the order of the tree."""
    return list(tx.execute(select(office).where(office.c.active).order_by(office.c.path)).mappings())
