"""Drafts and filing: what a report's script sets in motion."""

from collections.abc import Mapping
from typing import Any

from bot import tickets
from bot.care import crises, merging, proposing
from bot.people import hiding, pins
from bot.talk import secrecy
from bot.talk.deeds import AddTo, DropDraft, File, KeepDraft, LeaveDraft, SetPlace
from bot.visit import Do, Visit, facts
from bot.wording import Line
from storage import merged


def _keep_draft(visit: Visit, deed: KeepDraft) -> list[Line]:
    values = _values(deed.answers)
    if visit.ticket_id is None:
        visit.ticket_id = tickets.open_draft(visit.tx, visit.now, {**values, **visit.whose()})
        if visit.found.state:
            tickets.take_attachments(visit.tx, visit.ticket_id, visit.found.chat.id)
    else:
        tickets.keep(visit.tx, visit.ticket_id, visit.now, values)
    return []


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
        "anonymous": secrecy.is_nameless(answers),
        "confidential": secrecy.is_confidential(answers),
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


def _file(visit: Visit, deed: File) -> list[Line]:
    assert visit.ticket_id is not None  # KeepDraft comes before File
    draft, crisis = crises.take_in(visit, tickets.lock(visit.tx, visit.ticket_id))
    row = tickets.file_locked(visit.tx, visit.house.city, draft, visit.now)
    proposing.propose(visit.tx, row, visit.now)
    named = RECEIPT_CONFIDENTIAL if deed.confidential else RECEIPTS.get(row["kind"], RECEIPT)
    nameless = RECEIPT_CONFIDENTIAL_NO_NAME if deed.confidential else RECEIPT_NO_NAME
    asking = RECEIPT_CONFIDENTIAL_ASKS_PLACE if deed.confidential else RECEIPT_ASKS_PLACE
    key = asking if deed.asks_place else nameless if deed.anonymous else named
    receipt = Line(key, facts(visit, row), asks_location=deed.asks_place)
    beside = [Line(STOPPED)] if visit.found.opted_out else []
    if deed.anonymous:
        drawn = pins.draw(visit.tx, visit.house.database.keys, row)
        beside.append(Line(PIN_IS, {"number": row["number"], "pin": drawn}))
    beside += crises.told_beside(visit, crisis)
    if deed.asks_place:  # a question comes last
        return [*beside, receipt]
    return [receipt, *beside, *crises.asked_by_sms(visit, row)]


STOPPED = "You stopped our messages. Write START to get the news of this report."
PIN_IS = "PIN {pin} opens report {number} from another phone: CEK {number} {pin}"
RECEIPT = (
    "Your report has number {number}.\n{office} answers here by {due}.\n"
    "More to say? Just write. Status: CEK {number}"
)
RECEIPT_PROPOSAL = (
    "Your proposal has number {number}.\n{office} answers here by {due}.\n"
    "More to say? Just write. Status: CEK {number}"
)
RECEIPT_QUESTION = (
    "Your question has number {number}.\n{office} answers here by {due}.\n"
    "More to say? Just write. Status: CEK {number}"
)
RECEIPTS = {"aspiration": RECEIPT_PROPOSAL, "information": RECEIPT_QUESTION}
RECEIPT_NO_NAME = (
    "Your report has number {number}. The office does not see your name.\n"
    "{office} answers here by {due}.\nStatus: CEK {number}"
)
RECEIPT_CONFIDENTIAL = (
    "Your report has number {number}. It is kept confidential.\n{office} answers here by {due}.\n"
    "Status: CEK {number}"
)
RECEIPT_CONFIDENTIAL_NO_NAME = (
    "Your report has number {number}. It is confidential and without your name.\n"
    "{office} answers here by {due}.\nStatus: CEK {number}"
)
RECEIPT_CONFIDENTIAL_ASKS_PLACE = (
    "{number} received for {office}, kept confidential, target {due}. Where is it? Reply with the street."
)
RECEIPT_ASKS_PLACE = (
    "{number} received for {office}, target {due}. Where is it? Reply with street and kelurahan."
)


def _set_place(visit: Visit, deed: SetPlace) -> list[Line]:
    if merged.landing(visit.tx, deed.ticket_id) != deed.ticket_id:
        return add_to(visit, AddTo(deed.ticket_id, deed.place["name"]))
    visit.ticket_id = deed.ticket_id
    row = tickets.set_place(visit.tx, visit.house.city, deed.ticket_id, visit.now, deed.place)
    row, crisis, asks = crises.placed(visit, row)
    told = Line("{number}: the place is {place}. {office} answers here by {due}.", facts(visit, row))
    return [told, *crises.told_beside(visit, crisis), *(crises.asked_by_sms(visit, row) if asks else ())]


def add_to(visit: Visit, deed: AddTo) -> list[Line]:
    """Put words to a filed report; of a joined one to the report that it was joined with."""
    visit.ticket_id = merged.landing(visit.tx, deed.ticket_id)
    row = tickets.add(
        visit.tx,
        visit.house.city,
        visit.ticket_id,
        visit.now,
        deed.words,
        person_id=visit.found.person_id,
    )
    smells = visit.mind.read(deed.words).sensitive
    if smells == "corruption":
        proposing.propose(visit.tx, row, visit.now, deed.words)
    concealed = [hiding.told_concealed(row)] if smells and hiding.conceal(visit, row) else []
    number = merging.number_for(visit.tx, row, visit.found.person_id)
    return concealed if deed.quiet else [Line(ADDED, {"number": number}), *concealed]


ADDED = "Added to report {number}. A new report? Begin with LAPOR."


DO: Do = {
    KeepDraft: _keep_draft,
    File: _file,
    SetPlace: _set_place,
    AddTo: add_to,
    LeaveDraft: _leave_draft,
    DropDraft: _drop_draft,
}
