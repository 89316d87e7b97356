"""Requests to be forgotten: made in the chat, carried out or refused by staff within 3 x 24 hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, insert, select, text, update

from bot import outbound, tickets
from bot.care import consequences
from bot.care.moved import Moved
from bot.channel import Say
from bot.house import House
from bot.outbound import Chat
from bot.people import persons
from bot.queue import put
from bot.talk.deeds import AskToForget
from bot.visit import Do, Visit
from bot.wording import Line, day
from bot.workflow import OPEN, NotAllowed
from storage import erasing
from storage.models import ticket
from storage.personal import link_code, privacy_request
from storage.queries import Reader

# Source: UU 27/2022 tentang Pelindungan Data Pribadi: processing stops within 3 x 24 hours of the withdrawal
# of consent (Pasal 40). https://peraturan.bpk.go.id/Details/229798/uu-no-27-tahun-2022
ALLOWED_TIME = timedelta(hours=72)
WHO = frozenset({"administrator", "coordinator", "custodian"})  # may read the queue and carry it out
LONGEST_REASON = 240  # characters: two SMS with what stands around it

NOTED = "Your request is noted. We carry it out by {due} and tell you here."
NOTED_BEFORE = "Your request was noted before. We carry it out by {due} and tell you here."
FORGOTTEN = (
    "As you asked, your contact, name, chat and photos are deleted now. Your reports stay without them. "
    "Thank you."
)
REFUSED = "Your data cannot be deleted now: {note}"


class NoRequest(Exception):
    """No such open request; the text is one Indonesian sentence."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests are open, and how many of them are past their time."""

    open: int
    overdue: int


# --- the citizen asks ---------------------------------------------------------------------------------------
def _ask_to_forget(visit: Visit, deed: AskToForget) -> list[Line]:
    """One open request a person, however often and from whatever channel it is made."""
    person_id = visit.found.person_id
    visit.tx.execute(text("select 1 from person where id = :id for update"), {"id": person_id})
    is_open = (privacy_request.c.person_id == person_id) & (privacy_request.c.state == "open")
    due = visit.tx.scalar(select(privacy_request.c.due_at).where(is_open).limit(1))
    if due is not None:
        return [Line(NOTED_BEFORE, {"due": _day(visit.house, due, visit.language)})]
    row = {"person_id": person_id, "conversation_id": visit.found.chat.id}
    due = visit.now + ALLOWED_TIME
    visit.tx.execute(insert(privacy_request).values(made_at=visit.now, due_at=due, **row))
    return [Line(NOTED, {"due": _day(visit.house, due, visit.language)})]


def _day(house: House, moment: datetime, language: str) -> str:
    return day(moment, language, house.city.timezone)


DO: Do = {AskToForget: _ask_to_forget}


# --- staff see the queue ------------------------------------------------------------------------------------
def listed(tx: Connection, limit: int = 200) -> list[RowMapping]:
    """Requests, the open ones first and the most urgent of them on top; nothing says whose they are.

    Each has `id, state, made_at, due_at, done_at, note, channel, staff_email, reports, open_reports`.
    """
    return list(tx.execute(_LISTED, {"limit": limit, "open": ["draft", *OPEN]}).mappings())


_LISTED = text(
    """select r.id, r.state, r.made_at, r.due_at, r.done_at, r.note, c.channel, s.email as staff_email,
              count(t.id) as reports, count(t.id) filter (where t.status = any(:open)) as open_reports
       from privacy_request r join conversation c on c.id = r.conversation_id
       left join staff s on s.id = r.staff_id left join ticket t on t.person_id = r.person_id
       group by r.id, c.channel, s.email
       order by r.state <> 'open', case when r.state = 'open' then r.due_at end, r.id desc limit :limit"""
)


def waiting(tx: Connection, now: datetime) -> Waiting:
    """How many requests wait; one look into an index that holds only the open ones."""
    row = tx.execute(_WAITING, {"now": now}).one()
    return Waiting(row.open, row.overdue)


_WAITING = text(
    """select count(*) as open, count(*) filter (where due_at < :now) as overdue
       from privacy_request where state = 'open'"""
)


# --- staff decide -------------------------------------------------------------------------------------------
def refuse(house: House, by: Reader, request_id: int, note: str) -> None:
    """Say no to a request; the citizen reads the reason.

    Args:
        house: the running product.
        by: who decides.
        request_id: the request.
        note: the reason, in words for the citizen.

    Raises:
        NotAllowed: not this person's to decide, or there is no reason.
        NoRequest: there is no such open request.
    """
    _may(by)
    if not note.strip():
        raise NotAllowed("Alasan penolakan harus diisi; pelapor akan membacanya.")
    if len(note) > LONGEST_REASON:
        raise NotAllowed(f"Alasan terlalu panjang: {len(note)} huruf, paling banyak {LONGEST_REASON}.")
    with house.database.transaction() as tx:
        row = _lock(tx, request_id)
        _end(tx, house, row, by, "refused", note.strip())
        _tell(tx, house, row, Line(REFUSED, {"note": note.strip()}), staff_id=by.staff_id)
    house.database.bell.ring()


def carry_out(house: House, by: Reader, request_id: int) -> None:
    """Delete a person's data, in one transaction; the address goes when the last message was handed over.

    Args:
        house: the running product.
        by: who carries it out.
        request_id: the request.

    Raises:
        NotAllowed: not this person's to do.
        NoRequest: there is no such open request.
    """
    _may(by)
    with house.database.transaction() as tx:
        row = _lock(tx, request_id)
        chats = list(tx.scalars(_CHATS, {"person": row.person_id}))
        mine = list(tx.scalars(_REPORTS, {"person": row.person_id, "chats": chats}))
        _close(tx, house, mine)
        _empty(tx, row.person_id, chats, mine)
        _end(tx, house, row, by, "done", "")
        _tell(tx, house, row, Line(FORGOTTEN))
        put(tx, "delete_files")
    house.database.bell.ring()


def _may(by: Reader) -> None:
    if not by.roles & WHO:
        raise NotAllowed("Permintaan data hanya untuk admin, koordinator dan penjaga identitas.")


def _lock(tx: Connection, request_id: int) -> Row[Any]:
    """The open request, locked; its person cannot be joined with another one meanwhile."""
    persons.hold_joining(tx)
    row = tx.execute(_OPEN, {"id": request_id}).one_or_none()
    if row is None:
        raise NoRequest(f"Permintaan data {request_id} tidak ada atau sudah selesai.")
    return row


_OPEN = text(
    """select r.id, r.person_id, c.id as chat, c.channel, c.account, c.language
       from privacy_request r join conversation c on c.id = r.conversation_id
       where r.id = :id and r.state = 'open' for update of r"""
)
# First chats, then reports: the order in which a message of the citizen takes them.
_CHATS = text(
    """select c.id from conversation c join address a on a.id = c.address_id
       where a.person_id = :person order by c.id for update of c"""
)
_REPORTS = text(
    """select id from ticket where person_id = :person or conversation_id = any(:chats)
       order by id for update"""
)


def _close(tx: Connection, house: House, mine: list[int]) -> None:
    """Close the open reports as withdrawn, but for those that matter to others too: they go on."""
    now, given = house.clock.now(), {"how": "withdrawn"}
    alone = tx.execute(_ALONE, {"mine": mine, "open": ["draft", *OPEN]})
    for one in alone.mappings().all():
        closed, _ = tickets.move(tx, house.city, one, "closed", tickets.CITIZEN, now, given)
        consequences.follow(Moved(tx, house, one, closed, tickets.CITIZEN, now, given))


_ALONE = text(
    """select * from ticket t where t.id = any(:mine) and t.status = any(:open)
         and not exists (select from ticket o where o.merged_into_id = t.id and not o.id = any(:mine))
         and not exists (select from follower f where f.ticket_id = t.id)"""
)


def _empty(tx: Connection, person_id: int, chats: list[int], mine: list[int]) -> None:
    """Everything but the addresses, which one last message still needs."""
    erasing.chat_states(tx, chats)
    erasing.messages(tx, erasing.BY_REQUEST, chats=chats)
    erasing.reports(tx, mine, erasing.BY_REQUEST)
    nobody = {"person_id": None, "conversation_id": None}
    tx.execute(update(ticket).where(ticket.c.id.in_(mine)).values(nobody))
    tx.execute(link_code.delete().where(link_code.c.person_id == person_id))
    tx.execute(text("update address set sealed_name = null where person_id = :id"), {"id": person_id})


def _end(tx: Connection, house: House, row: Row[Any], by: Reader, state: str, note: str) -> None:
    """Answer the request, and the other open ones that two persons had made before they became one."""
    values = {"state": state, "done_at": house.clock.now(), "staff_id": by.staff_id, "note": note}
    theirs = (privacy_request.c.person_id == row.person_id) & (privacy_request.c.state == "open")
    tx.execute(update(privacy_request).where(theirs).values(values))


def _tell(tx: Connection, house: House, row: Row[Any], line: Line, staff_id: int | None = None) -> None:
    chat = Chat(row.chat, row.channel, row.account)
    channel = house.channels.get(chat.key)
    words = house.wording.line(line, row.language, channel.limits.context if channel else "")
    said = [Say(words, staff=staff_id is not None)]
    outbound.say(tx, house.channels, chat, said, now=house.clock.now(), staff_id=staff_id)
