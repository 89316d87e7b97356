"""Does what ends a report or opens it again: ya, belum, the mark, TUTUP, CABUT, a message after closing."""

from typing import Any

from sqlalchemy import RowMapping, select, text, update

from bot import numbers, tickets
from bot.care import consequences, merging
from bot.care.following import JOINED
from bot.care.moved import Moved
from bot.care.reports import NO_NUMBER, NO_SUCH, STATUS_LINE
from bot.talk import closing
from bot.talk.aside import Aside
from bot.talk.deeds import AskToClose, Close, JoinDraft, NotSolved, Rate, Reopen, Solved
from bot.visit import Do, Visit
from bot.wording import Line
from bot.workflow import OPEN, allow
from storage import merged
from storage.models import ticket

GOES_BACK = (
    "Report {number} goes back to {office}, and {level} sees it too. New answer by {due}.\n"
    "What is still wrong? Write it or send a photo."
)
GOES_BACK_WITH_WORDS = (
    "Your words are passed on. Report {number} goes back to {office}, and {level} sees it too.\n"
    "New answer by {due}."
)
LEVELS = {"superior": Line("its superior office"), "coordinator": Line("the city's coordinator")}
WITHDRAWN = "Report {number} is taken back. Nobody works on it any more."
NO_OPEN = "You have no open report. Write your complaint and its place in one message."
REOPENED = "Report {number} is open again, your words are added. {office} answers by {due}."


# --- ya, belum, the mark ------------------------------------------------------------------------------------
def _solved(visit: Visit, deed: Solved) -> list[Line]:
    row = _own(visit, deed.ticket_id)
    if row is None or row["status"] == "closed":
        return []
    if row["status"] not in OPEN:
        return [Line(STATUS_LINE, merging.standing(visit, row))]
    _move_to_closed(visit, row, "confirmed")
    return []  # the question for the mark says that it is closed


def _not_solved(visit: Visit, deed: NotSolved) -> list[Line]:
    """Back to the office with a new date, and up: first to its superior, then to the coordinator."""
    row = _own_or_joined(visit, deed.ticket_id)
    if row is None:
        return []
    if row["status"] not in ("answered", "closed"):
        return [Line(STATUS_LINE, merging.as_known(visit, row))]
    allow(row["status"], "in_progress", tickets.CITIZEN.kinds, {})
    who = merging.who(visit, row)
    before, row = row, tickets.object_to(visit.tx, visit.house.city, row, visit.now, deed.words, who)
    _follow(visit, before, row, {"note": deed.words, "objection": row["objections"]})
    level = LEVELS[tickets.level(visit.tx, row, row["objections"])]
    key = GOES_BACK_WITH_WORDS if deed.words else GOES_BACK
    return [Line(key, {**merging.as_known(visit, row), "level": level})]


def _rate(visit: Visit, deed: Rate) -> list[Line]:
    """Once, and only of a report that is closed."""
    row = _own(visit, deed.ticket_id)
    if row is not None and row["rating"] is None and row["status"] == "closed":
        visit.tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(rating=deed.stars))
        tickets.append(visit.tx, row["id"], visit.now, "rated", detail={"stars": deed.stars})
    return []


def _own(visit: Visit, ticket_id: int) -> RowMapping | None:
    """This person's ticket, locked, which the turn's messages belong to from here on."""
    row = tickets.lock(visit.tx, ticket_id)
    if row["person_id"] != visit.found.person_id:
        return None
    visit.ticket_id = ticket_id
    return row


def _own_or_joined(visit: Visit, ticket_id: int) -> RowMapping | None:
    """The same, also for whose report was joined with it: it is his matter too."""
    ticket_id = merged.landing(visit.tx, ticket_id)
    if row := _own(visit, ticket_id):
        return row
    if not merged.own_number(visit.tx, ticket_id, visit.found.person_id):
        return None
    visit.ticket_id = ticket_id
    return tickets.lock(visit.tx, ticket_id)


# --- TUTUP and CABUT ----------------------------------------------------------------------------------------
def _ask_to_close(visit: Visit, deed: AskToClose) -> list[Line]:
    """Ask once; a report that was answered is closed at once, for that is what the answer asked."""
    if deed.number and not numbers.is_number(deed.number):
        return [Line(NO_NUMBER, {"number": deed.number})]
    row = _to_close(visit, deed.number)
    if row is None:
        return [Line(NO_SUCH, {"number": deed.number}) if deed.number else Line(NO_OPEN)]
    row = tickets.lock(visit.tx, row["id"])
    visit.ticket_id = row["id"]
    if row["status"] not in ("draft", *OPEN):
        return [Line(STATUS_LINE, merging.standing(visit, row))]
    if row["status"] == "answered":
        return _confirmed(visit, row)
    return _ask(visit, closing.SURE, number=row["number"])


def _ask(visit: Visit, aside: Aside, **data: Any) -> list[Line]:
    """A question beside the report that only what is in the database could lead to."""
    visit.keeps["aside"] = {"name": aside.name, **data}
    return [aside.question(data, visit.mind)]


def _to_close(visit: Visit, number: str) -> RowMapping | None:
    """This person's report of that number, else the latest one that is open."""
    which = ticket.c.number == number if number else ticket.c.status.in_(OPEN)
    own = ticket.c.person_id == visit.found.person_id
    query = select(ticket).where(own & which).order_by(ticket.c.id.desc()).limit(1)
    return visit.tx.execute(query).mappings().one_or_none()


def _confirmed(visit: Visit, row: RowMapping) -> list[Line]:
    _move_to_closed(visit, row, "confirmed")
    if row["rating"] is not None:
        return [Line(closing.CLOSED, {"number": row["number"]})]
    return _ask(visit, closing.RATE, ticket=row["id"], number=row["number"])


def _close(visit: Visit, deed: Close) -> list[Line]:
    """The citizen is sure; the office reads it in the history."""
    row = _to_close(visit, deed.number)
    if row is None:
        return [Line(NO_SUCH, {"number": deed.number})]
    row = tickets.lock(visit.tx, row["id"])
    visit.ticket_id = row["id"]
    if row["status"] == "answered":
        return _confirmed(visit, row)
    if row["status"] not in ("draft", *OPEN):
        return [Line(STATUS_LINE, merging.standing(visit, row))]
    _move_to_closed(visit, row, "withdrawn")
    return [Line(WITHDRAWN, {"number": row["number"]})]


def _move_to_closed(visit: Visit, row: RowMapping, how: str) -> None:
    given = {"how": how}
    moved, _ = tickets.move(visit.tx, visit.house.city, row, "closed", tickets.CITIZEN, visit.now, given)
    _follow(visit, row, moved, given)


def _follow(visit: Visit, before: RowMapping, row: RowMapping, given: dict[str, Any]) -> None:
    given = {**given, "chat": visit.found.chat.id}
    consequences.follow(Moved(visit.tx, visit.house, before, row, tickets.CITIZEN, visit.now, given))


# --- after closing ------------------------------------------------------------------------------------------
def _reopen(visit: Visit, deed: Reopen) -> list[Line]:
    row = _own_or_joined(visit, deed.ticket_id)
    if row is None:
        return []
    who = merging.who(visit, row)
    before, row = row, tickets.add(visit.tx, visit.house.city, row["id"], visit.now, deed.words, who=who)
    _follow(visit, before, row, {"note": deed.words})
    return [Line(REOPENED, merging.as_known(visit, row))]


def _join_draft(visit: Visit, deed: JoinDraft) -> list[Line]:
    """What the draft holds, photos too, belongs to the report; its number was never told to anybody."""
    if visit.ticket_id is None or visit.ticket_id == deed.ticket_id:
        return []
    draft = tickets.lock(visit.tx, visit.ticket_id)
    if draft["status"] == "draft":
        number = visit.tx.scalar(select(ticket.c.number).where(ticket.c.id == deed.ticket_id))
        given = {"into": number, "into_id": deed.ticket_id}
        tickets.move(visit.tx, visit.house.city, draft, "merged", tickets.CITIZEN, visit.now, given)
        never_filed = {"closed_how": JOINED, "filed_at": None, "due_at": None}
        visit.tx.execute(update(ticket).where(ticket.c.id == draft["id"]).values(never_filed))
        visit.tx.execute(_HAND_OVER, {"draft": draft["id"], "report": deed.ticket_id})
    return []


_HAND_OVER = text(
    """with told as (update message set ticket_id = :report where ticket_id = :draft)
       update attachment set ticket_id = :report where ticket_id = :draft"""
)
DO: Do = {
    Solved: _solved,
    NotSolved: _not_solved,
    Rate: _rate,
    AskToClose: _ask_to_close,
    Close: _close,
    Reopen: _reopen,
    JoinDraft: _join_draft,
}
