"""Does what a turn decided, inside the turn's transaction, and words what is to be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import numbers, tickets
from bot.channel import Option, Say
from bot.chats import Found
from bot.deeds import (
    AddTo,
    CallHuman,
    DropDraft,
    File,
    KeepDraft,
    LeaveDraft,
    OnReport,
    OptOut,
    SetLanguage,
    SetPlace,
    ShowStatus,
)
from bot.house import House
from bot.mind import CityMind
from bot.questions import Turn
from bot.script import ASKED_FOR_HUMAN
from bot.wording import Line, day, shorten
from bot.workflow import OPEN
from storage.models import address, conversation, follower, message, office, ticket

STATUS_LINE = "{number}: {status} at {office}. Target: {due}."


@dataclass(slots=True)
class Visit:
    """One turn at work. `ticket_id` becomes the ticket that this turn's messages belong to."""

    tx: Connection
    house: House
    found: Found
    now: datetime
    language: str
    context: str
    mind: CityMind
    ticket_id: int | None = None


def do(visit: Visit, turn: Turn) -> tuple[dict[str, Any], list[Say]]:
    """Do the deeds in order; returns the state to keep and what to say."""
    state = turn.state
    visit.ticket_id = visit.found.state.get("ticket") if visit.found.state.get("script") else None
    says: list[Say] = []
    for one in turn.does:
        lines = [one] if isinstance(one, Line) else DO[type(one)](visit, one)
        says += [_worded(visit, line) for line in lines]
    if state.get("script") and visit.ticket_id:
        state = {**state, "ticket": visit.ticket_id}
    return state, says


def _worded(visit: Visit, line: Line) -> Say:
    def in_words(key: str, values: Mapping[str, Any]) -> str:
        return visit.house.wording.line(Line(key, values), visit.language, visit.context)

    words = in_words(line.key, {"city": visit.house.city.name, **line.values})
    options = tuple(Option(id_, in_words(label, {})) for id_, label in line.options)
    return Say(words, options, asks_location=line.asks_location)


# --- drafts -------------------------------------------------------------------------------------------------
def _keep_draft(visit: Visit, deed: KeepDraft) -> list[Line]:
    values = _values(deed.answers)
    if visit.ticket_id is None:
        visit.ticket_id = tickets.open_draft(visit.tx, visit.now, {**values, **_whose(visit)})
        if visit.found.state:
            tickets.take_attachments(visit.tx, visit.ticket_id, visit.found.chat.id)
    else:
        tickets.keep(visit.tx, visit.ticket_id, visit.now, values)
    return []


def _whose(visit: Visit) -> dict[str, Any]:
    chat = visit.found.chat
    return {"conversation_id": chat.id, "person_id": visit.found.person_id, "channel": chat.channel}


def _values(answers: Mapping[str, Any]) -> dict[str, Any]:
    place = answers.get("place") or {}
    return {
        "text": answers.get("story", ""),
        "kind": answers.get("kind", "complaint"),
        "category": answers.get("category", ""),
        "place": place.get("name", ""),
        "place_code": place.get("code", ""),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "anonymous": answers.get("send") == "anonymous",
    }


def _leave_draft(visit: Visit, deed: LeaveDraft) -> list[Line]:
    visit.ticket_id = None
    return []


def _drop_draft(visit: Visit, deed: DropDraft) -> list[Line]:
    if visit.ticket_id is None:
        return [Line("Cancelled. Nothing was kept.")]
    row = tickets.lock(visit.tx, visit.ticket_id)
    if row["status"] != "draft":  # an officer took it up meanwhile
        return [Line("Nothing was open, nothing was changed. Your filed reports go on.")]
    given = {"how": "withdrawn"}
    row, _ = tickets.move(visit.tx, visit.house.city, row, "closed", tickets.CITIZEN, visit.now, given)
    return [
        Line("Cancelled. Your draft {number} was kept, but nobody works on it.", {"number": row["number"]})
    ]


# --- filing -------------------------------------------------------------------------------------------------
def _file(visit: Visit, deed: File) -> list[Line]:
    assert visit.ticket_id is not None  # KeepDraft comes before File
    row = tickets.file(visit.tx, visit.house.city, visit.ticket_id, visit.now)
    key = RECEIPT_ASKS_PLACE if deed.asks_place else RECEIPT_NO_NAME if deed.anonymous else RECEIPT
    return [Line(key, _facts(visit, row), asks_location=deed.asks_place)]


RECEIPT = (
    "Your report has number {number}.\n{office} answers here by {due}.\n"
    "More to say? Just write. Status: CEK {number}"
)
RECEIPT_NO_NAME = (
    "Your report has number {number}. The office does not see your name.\n"
    "{office} answers here by {due}.\nStatus: CEK {number}"
)
RECEIPT_ASKS_PLACE = (
    "{number} received for {office}, target {due}. Where is it? Reply with street and kelurahan."
)


def _facts(visit: Visit, row: RowMapping) -> dict[str, Any]:
    """What receipts and status lines say of a ticket."""
    name = visit.tx.scalar(select(office.c.short_name).where(office.c.id == row["office_id"]))
    due = row["due_at"]
    return {
        "number": row["number"],
        "office": name or visit.house.city.name,
        "due": day(due, visit.language, visit.house.city.timezone) if due else "-",
        "place": shorten(row["place"], 30) or "-",
        "status": Line(f"status {row['status']}"),
    }


def _set_place(visit: Visit, deed: SetPlace) -> list[Line]:
    visit.ticket_id = deed.ticket_id
    row = tickets.set_place(visit.tx, visit.house.city, deed.ticket_id, visit.now, deed.place)
    return [Line("{number}: the place is {place}. {office} answers here by {due}.", _facts(visit, row))]


def _add_to(visit: Visit, deed: AddTo) -> list[Line]:
    visit.ticket_id = deed.ticket_id
    row = tickets.add(visit.tx, visit.house.city, deed.ticket_id, visit.now, deed.words)
    added = Line("Added to report {number}. A new report? Begin with LAPOR.", {"number": row["number"]})
    return [] if deed.quiet else [added]


def _on_report(visit: Visit, deed: OnReport) -> list[Line]:
    """BALAS, TUTUP, IKUT: the first two for one's own reports, the last for those that others may see."""
    if not numbers.is_number(deed.number):
        return [Line(NO_NUMBER, {"number": deed.number})]
    row = next(iter(_reports(visit, deed.number)), None)
    own = row is not None and row["person_id"] == visit.found.person_id
    if row is None or own == (deed.act == "follow"):
        return [Line(NO_SUCH, {"number": deed.number})]
    if deed.act == "add":
        return _add_to(visit, AddTo(row["id"], deed.words))
    if deed.act == "follow":
        listens = {"ticket_id": row["id"], "conversation_id": visit.found.chat.id}
        visit.tx.execute(upsert(follower).values(listens).on_conflict_do_nothing())
        return [Line("You follow report {number} and get its news here.", {"number": deed.number})]
    return _close(visit, row)


def _close(visit: Visit, row: RowMapping) -> list[Line]:
    """TUTUP: the citizen says that it is done, or takes it back before there was an answer."""
    row = tickets.lock(visit.tx, row["id"])
    if row["status"] not in ("draft", *OPEN):
        return [Line(STATUS_LINE, _facts(visit, row))]
    visit.ticket_id = row["id"]
    given = {"how": "confirmed" if row["status"] == "answered" else "withdrawn"}
    row, _ = tickets.move(visit.tx, visit.house.city, row, "closed", tickets.CITIZEN, visit.now, given)
    return [Line("Report {number} is closed. Thank you.", {"number": row["number"]})]


# --- questions of the citizen -------------------------------------------------------------------------------
def _show_status(visit: Visit, deed: ShowStatus) -> list[Line]:
    """A report by its number, or this person's three latest. Of another's report only where it stands."""
    number = deed.number
    if number and not numbers.is_number(number):
        return [Line(NO_NUMBER, {"number": number})]
    rows = _reports(visit, number)
    if not rows:
        return [Line(NO_SUCH if number else NO_REPORT, {"number": number})]
    return [Line(STATUS_LINE, _facts(visit, row)) for row in rows]


NO_NUMBER = "{number} is not a report number. Please check its 9 digits."
NO_SUCH = "There is no report {number}. Please check the number."
NO_REPORT = "You have no report here yet. Write your complaint and its place in one message."


def _reports(visit: Visit, number: str) -> list[RowMapping]:
    own = ticket.c.person_id == visit.found.person_id
    # A report without a name, or a confidential one, does not exist for other people.
    seen = or_(own, ~(ticket.c.anonymous | ticket.c.confidential))
    which = (ticket.c.number == number) & seen if number else own
    query = select(ticket).where(which).order_by(ticket.c.id.desc()).limit(1 if number else 3)
    return list(visit.tx.execute(query).mappings())


def _call_human(visit: Visit, deed: CallHuman) -> list[Line]:
    """PETUGAS: an officer reads it. Without a report there is a draft now, so that staff see the request."""
    if visit.ticket_id is None and visit.found.report:
        visit.ticket_id = visit.found.report.id
    if visit.ticket_id is None:
        asked = {"text": "Warga meminta berbicara dengan petugas.", **_whose(visit)}
        visit.ticket_id = tickets.open_draft(visit.tx, visit.now, asked)
    tickets.append(visit.tx, visit.ticket_id, visit.now, "human")
    return [Line(ASKED_FOR_HUMAN)]


def _opt_out(visit: Visit, deed: OptOut) -> list[Line]:
    """STOP ends every message that was not just asked for; START allows them again."""
    if not deed.stop and not visit.found.opted_out:
        return [Line("Welcome to {city}'s reports. Write your complaint and its place in one message.")]
    values = {"opted_out_at": visit.now if deed.stop else None}
    visit.tx.execute(update(address).where(address.c.id == visit.found.address_id).values(values))
    if not deed.stop:
        return [Line("Messages about your reports come again.")]
    waiting = (message.c.conversation_id == visit.found.chat.id) & message.c.state.in_(("waiting", "held"))
    visit.tx.execute(update(message).where(waiting).values(state="cancelled", error="STOP"))
    return [Line("You get no more messages about your reports. Write START to get them again.")]


def _set_language(visit: Visit, deed: SetLanguage) -> list[Line]:
    """Everything that is told from here on is in this language."""
    visit.language = deed.code
    chat = conversation.c.id == visit.found.chat.id
    visit.tx.execute(update(conversation).where(chat).values(language=deed.code))
    return []


DO: Mapping[type, Callable[[Visit, Any], list[Line]]] = {
    KeepDraft: _keep_draft,
    File: _file,
    SetPlace: _set_place,
    AddTo: _add_to,
    OnReport: _on_report,
    LeaveDraft: _leave_draft,
    DropDraft: _drop_draft,
    ShowStatus: _show_status,
    CallHuman: _call_human,
    OptOut: _opt_out,
    SetLanguage: _set_language,
}
