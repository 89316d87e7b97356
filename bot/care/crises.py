"""Areas in an emergency: what a report placed there gets, and what its citizen is told and asked.

Switched on and off by staff in bot/care/crisis_switch.py. The most precise area wins where two overlap.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, text, update

from bot import clocks, tickets
from bot.answers import Answers
from bot.care import notices
from bot.care.crisis_answers import DEPTHS, OWN
from bot.cities.city import City
from bot.talk.crisis_question import BOTH_BY_SMS, BY_SMS
from bot.talk.deeds import NoteCrisis
from bot.visit import Do, Visit
from bot.wording import Line
from storage.models import ticket

AREA_NOTICE = "{note}\nDanger? Call {number}."
TOLD = "crises_told"  # in a chat's state: the emergencies whose notice it has had
GENERAL_NUMBER = "trapped"  # whose number stands under a notice


def covering(tx: Connection, city: City, place_code: str) -> RowMapping | None:
    """The emergency that is on where a place lies; of several the most precise one.

    A report without a place belongs to the whole city's.
    """
    values = {"city": city.code, "place": place_code.partition("/")[0]}
    return tx.execute(_COVERING, values).mappings().first()


_COVERING = text(
    """select * from crisis
       where ended_at is null
         and (place_code = :city or place_code = :place or starts_with(:place, place_code || '.'))
       order by length(place_code) desc limit 1"""
)


def concerns(city: City, category: str) -> bool:
    """Whether a category is among those that an emergency is about."""
    return category in city.emergency_categories


def asks(tx: Connection, city: City, answers: Answers) -> bool:
    """Whether a report that is being written is to be asked about depth and people first."""
    place = answers.get("place") or {}
    likely = {answers["category"]} if answers.get("category") else set(answers.get("candidates") or ())
    if not place or answers.get("kind") == "information" or not likely & set(city.emergency_categories):
        return False
    return covering(tx, city, place.get("code", "")) is not None


# --- filing -------------------------------------------------------------------------------------------------
def take_in(visit: Visit, row: RowMapping) -> tuple[RowMapping, RowMapping | None]:
    """Before a locked draft is filed: it gets the emergency of its place, whose clocks then hold.

    Returns:
        The draft as it is now, and the emergency of its area, also when the report is about something else.
    """
    crisis = covering(visit.tx, visit.house.city, row["place_code"])
    if crisis and row["status"] == "draft" and _belongs(visit.house.city, row):
        mark(visit.tx, row["id"], crisis["id"], {}, visit)
        row = tickets.lock(visit.tx, row["id"])
        _tell_trapped(visit, row)
    return row, crisis


def _belongs(city: City, row: Mapping[Any, Any]) -> bool:
    return row["kind"] != "information" and concerns(city, row["category"])


def mark(tx: Connection, ticket_id: int, crisis_id: int, values: dict[str, Any], visit: Visit) -> None:
    """Write down that a report belongs to an emergency."""
    changed = update(ticket).where(ticket.c.id == ticket_id)
    tx.execute(changed.values(crisis_id=crisis_id, version=ticket.c.version + 1, **values))
    tickets.append(tx, ticket_id, visit.now, "crisis", detail={"crisis": crisis_id})


def placed(visit: Visit, row: RowMapping) -> tuple[RowMapping, RowMapping | None, bool]:
    """A filed report whose place is known now: it may lie in an emergency, whose clocks hold from its filing.

    Returns:
        The report, the emergency of its area if one is on, and whether it belongs to it only now.
    """
    crisis = covering(visit.tx, visit.house.city, row["place_code"])
    if crisis is None or row["crisis_id"] or row["status"] != "received":
        return row, crisis, False
    if not _belongs(visit.house.city, row):
        return row, crisis, False
    times = clocks.filed(visit.house.city, {**row, "crisis_id": crisis["id"]}, row["filed_at"])
    mark(visit.tx, row["id"], crisis["id"], {name: times[name] for name in ("due_at", "stage_due_at")}, visit)
    return tickets.lock(visit.tx, row["id"]), crisis, True


def told_beside(visit: Visit, crisis: RowMapping | None) -> list[Line]:
    """The area's notice, once a chat."""
    had = list(visit.found.state.get(TOLD) or ())
    if crisis is None or not crisis["notice"] or crisis["id"] in had:
        return []
    visit.keeps[TOLD] = [*had, crisis["id"]]
    return [notice_line(visit.house.city, crisis["notice"])]


def notice_line(city: City, words: str) -> Line:
    """An officer's words to an area, with the number to call."""
    number = next((one.number for one in city.emergencies if one.kind == GENERAL_NUMBER), "112")
    return Line(AREA_NOTICE, {"note": words, "number": number})


def asked_by_sms(visit: Visit, row: RowMapping) -> list[Line]:
    """On SMS a report is filed at once: both questions come after it, in one message."""
    channel = visit.house.channels.get(visit.found.chat.key)
    if not row["crisis_id"] or not (channel and channel.limits.files_at_once) or visit.found.taken_at:
        return []
    visit.keeps["aside"] = {"name": BY_SMS, "ticket": row["id"], "number": row["number"]}
    return [Line(BOTH_BY_SMS)]


# --- the answers --------------------------------------------------------------------------------------------
def _note(visit: Visit, deed: NoteCrisis) -> list[Line]:
    ticket_id = deed.ticket_id or visit.ticket_id
    assert ticket_id is not None  # KeepDraft comes before it
    own = deed.depth not in (
        "",
        "skip",
        *DEPTHS,
    )  # words are a note: who asks to be forgotten takes them along
    detail = {"depth": OWN if own else deed.depth, "trapped": deed.trapped}
    note = deed.depth if own else ""
    tickets.append(visit.tx, ticket_id, visit.now, "crisis", detail=detail, note=note)
    if deed.trapped == "yes":
        _tell_trapped(visit, tickets.lock(visit.tx, ticket_id))
    return []


def _tell_trapped(visit: Visit, row: RowMapping) -> None:
    """The coordinators at once, of a draft too; its office as soon as it has one."""
    if answers(visit.tx, row["id"]).get("trapped") == "yes":
        notices.tell(visit.tx, row, "trapped", ["coordinator", "office", "head"], visit.now)


def answers(tx: Connection, ticket_id: int) -> dict[str, str]:
    """What was said last of depth and people trapped; a "yes" to that stays."""
    return answers_of(tx, [ticket_id]).get(ticket_id, {})


def answers_of(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The same of many reports, by their ids; those without any are not in it."""
    found: dict[int, dict[str, str]] = {}
    for ticket_id, detail, note in tx.execute(_ANSWERS, {"tickets": list(ticket_ids)}):
        said = {**detail, "depth": note} if detail.get("depth") == OWN and note else detail
        given = {name: one for name, one in said.items() if one and one != "skip" and name != "crisis"}
        before = found.setdefault(ticket_id, {})
        trapped = {"trapped": "yes"} if "yes" in (before.get("trapped"), given.get("trapped")) else {}
        before |= {**given, **trapped}
    return found


_ANSWERS = text(
    """select ticket_id, detail, note from event
       where ticket_id = any(:tickets) and kind = 'crisis' order by id"""
)

DO: Do = {NoteCrisis: _note}
