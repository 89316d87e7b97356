"""A report in the hands of several offices: the whole keeps the citizen's chat, each office gets a part.

What holds between them, as consequences of moves, whoever makes them:

- the whole is passed on to several offices: it gets a part for each of them, no more and no fewer;
- a part asks: the whole asks its citizen, and his answer comes back to the parts that wait (bot/tickets.py);
- a part begins, or its budget year does: the whole is worked on;
- every part has answered or was taken off: the whole answers, once, with each office's words under its name;
- the citizen says "belum", or the whole is opened again: so are its answered parts;
- the whole waits for a budget, or staff take it up again before its year: so do the parts still at work;
- the whole ends: so do its parts.

A part never moves another part, and what the whole does to its parts is marked `with_whole` and moves nothing
back: so nothing goes in circles. The whole is locked before its parts (desk.lock_with_chats).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from bot import tickets
from bot.care import notices
from bot.care.moved import Further, Moved
from bot.house import House
from bot.tickets import Person
from bot.wording import Line
from bot.workflow import STATUSES, NotAllowed
from storage import family
from storage.models import FINISHED, conversation, event, ticket

WITH_WHOLE = "with_whole"
REPLIED = ("answered", "planned")  # what an office can say about its part
OFF = "rejected"  # a part that was taken off: its office has nothing to do with it any more
WAITS_FOR_PARTS = frozenset("received forwarded in_progress waiting planned".split())


# --- what may be done ---------------------------------------------------------------------------------------
def check(tx: Connection, row: RowMapping, status: str) -> None:
    """Raise NotAllowed for a move that makes no sense for a part, or for a whole that has parts."""
    if row["parent_id"]:
        if family.whole(tx, row)["status"] in FINISHED:
            raise NotAllowed("Laporan induknya sudah selesai; buka kembali laporan induknya dulu.")
        if status in ("closed", "merged", "received"):
            raise NotAllowed(
                "Ini bagian dari laporan lain: jawab, kembalikan, atau minta koordinator melepasnya."
            )
        if status == OFF and not _others_go_on(tx, row):
            raise NotAllowed("Ini instansi terakhir: jawab, atau teruskan laporan induknya ke instansi lain.")
    elif status == "returned" and any(_counts(part) for part in family.parts(tx, row["id"])):
        raise NotAllowed("Laporan ini di beberapa instansi: kembalikan bagiannya, bukan laporan induknya.")


def _others_go_on(tx: Connection, row: RowMapping) -> bool:
    parts = family.parts(tx, row["parent_id"])
    return any(part["id"] != row["id"] and _counts(part) for part in parts)


def _counts(part: Mapping[Any, Any]) -> bool:
    return part["status"] not in FINISHED


# --- what follows -------------------------------------------------------------------------------------------
def after(moved: Moved) -> Iterator[Further]:
    """The moves that follow from one, of the whole or of its parts; asked for one by one."""
    if moved.given.get(WITH_WHOLE):
        return
    if moved.row["parent_id"]:
        yield from _of_the_whole(moved)
    elif moved.row["status"] == "forwarded":
        yield from _share_out(moved)
    elif moved.row["status"] in FINISHED:
        yield from _end(moved)
    elif moved.given.get("objection"):
        _object(moved)
    elif moved.before["status"] in FINISHED:
        yield from _open_again(moved)
    elif "planned" in (moved.before["status"], moved.row["status"]):
        yield from _plan_with_it(moved)


def _share_out(moved: Moved) -> Iterator[Further]:
    """A part for each office that was named; parts of other offices are taken off."""
    wanted = list(moved.given.get("offices") or ())
    tx, row, desk = moved.tx, moved.row, _as_desk(moved.by)
    parts = [part for part in family.parts(tx, row["id"], lock=True) if part["status"] not in FINISHED]
    kept = {part["office_code"]: part for part in parts if part["status"] != "returned"}
    if wanted:  # its parts have clocks of their own
        no_stage = {"stage": "", "stage_due_at": None}
        tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(no_stage))
    for code in wanted:
        if code not in kept:
            given = {"office": code, "note": moved.given.get("note") or "", WITH_WHOLE: True}
            yield Further(_open_part(moved), "forwarded", desk, given)
    for part in parts:
        if part["office_code"] not in wanted or part["status"] == "returned":
            yield Further(part, OFF, desk, {"note": "Diteruskan ke instansi lain.", WITH_WHOLE: True})


def _open_part(moved: Moved) -> RowMapping:
    """A new part, which knows what the whole knows."""
    inherited = {name: moved.row[name] for name in family.INHERITED}
    own = {"status": "received", "parent_id": moved.row["id"], "office_id": moved.row["office_id"]}
    made = tickets.open_new(moved.tx, moved.now, {**inherited, **own})
    return tickets.lock(moved.tx, made)


def _of_the_whole(moved: Moved) -> Iterator[Further]:
    """What a part's move means for the whole."""
    row, by = moved.row, _as_desk(moved.by)
    whole = tickets.lock(moved.tx, row["parent_id"])
    parts = family.parts(moved.tx, whole["id"], lock=True)
    speaker = next(part["office_short_name"] for part in parts if part["id"] == row["id"])
    whole = _keep_date(moved, whole)
    if row["status"] == "waiting" and whole["status"] not in FINISHED:
        yield Further(whole, "waiting", by, {"note": moved.given["note"], "speaker": speaker})
    elif _year_begins(moved) and whole["status"] == "answered":
        yield Further(whole, "in_progress", by, {"speaker": speaker})
    elif whole["status"] not in WAITS_FOR_PARTS:
        if row["status"] in REPLIED:  # told already, or asked again by nobody: the coordinator sees to it
            notices.tell(moved.tx, whole, "part", ["coordinator"], moved.now, about=f"{row['number']}-late")
    elif _all_said(parts):
        yield Further(whole, "answered", by, {"note": _together(moved, whole, parts), "together": True})
    elif whole["status"] == "waiting" and not any(part["status"] == "waiting" for part in parts):
        yield Further(whole, "in_progress", by, {"speaker": speaker})
    elif whole["status"] == "forwarded" and row["status"] == "in_progress":
        yield Further(whole, "in_progress", by, {"speaker": speaker})


def _all_said(parts: list[RowMapping]) -> bool:
    """Whether nobody is left whom the whole waits for, and somebody said something."""
    left = [part for part in parts if part["status"] != OFF]
    return bool(left) and all(part["status"] in REPLIED for part in left)


def _keep_date(moved: Moved, whole: RowMapping) -> RowMapping:
    """A part is never due later than the whole, which gets the new date of one whose year begins."""
    if _year_begins(moved) and whole["status"] not in FINISHED:
        later = (ticket.c.id == whole["id"]) & (ticket.c.due_at < moved.row["due_at"])
        moved.tx.execute(update(ticket).where(later).values(due_at=moved.row["due_at"]))
        return tickets.lock(moved.tx, whole["id"])
    later = (ticket.c.id == moved.row["id"]) & (ticket.c.due_at > whole["due_at"])
    moved.tx.execute(update(ticket).where(later).values(due_at=whole["due_at"]))
    return whole


def _year_begins(moved: Moved) -> bool:
    return moved.before["status"] == "planned" and moved.by == tickets.SYSTEM


def _together(moved: Moved, whole: RowMapping, parts: list[RowMapping]) -> str:
    """Each office's words under its name."""
    said = [
        f"{part['office_short_name']}: {_words(moved, whole, part)}"
        for part in parts
        if part["status"] in REPLIED
    ]
    return "\n".join(said)


def _words(moved: Moved, whole: RowMapping, part: RowMapping) -> str:
    note = _last_note(moved.tx, part)
    if part["status"] == "answered":
        return note
    query = select(conversation.c.language).where(conversation.c.id == whole["conversation_id"])
    house: House = moved.house
    language = house.wording.spoken(moved.tx.scalar(query) or "")
    values = {"year": part["planned_year"], "note": note}
    return house.wording.line(Line(STATUSES["planned"].push, values), language)


def _last_note(tx: Connection, part: RowMapping) -> str:
    query = (
        select(event.c.note)
        .where(
            event.c.ticket_id == part["id"],
            event.c.kind == "status",
            event.c.status == part["status"],
        )
        .order_by(event.c.id.desc())
        .limit(1)
    )
    return str(tx.scalar(query) or "")


def _plan_with_it(moved: Moved) -> Iterator[Further]:
    if moved.row["status"] == "planned":
        yield from _plan(moved)
    elif moved.row["status"] == "in_progress" and moved.by.staff_id is not None:
        yield from _take_up(moved)


def _plan(moved: Moved) -> Iterator[Further]:
    given = {"note": moved.given.get("note"), "year": moved.given.get("year"), WITH_WHOLE: True}
    for part in family.parts(moved.tx, moved.row["id"], lock=True):
        if _counts(part) and part["status"] not in REPLIED:
            yield Further(part, "planned", _as_desk(moved.by), given)


def _take_up(moved: Moved) -> Iterator[Further]:
    """By staff; when the year begins each part is taken up on its own: bot/care/planning.py."""
    for part in family.parts(moved.tx, moved.row["id"], lock=True):
        if part["status"] == "planned" and part["planned_year"] == moved.before["planned_year"]:
            yield Further(part, "in_progress", _as_desk(moved.by), {WITH_WHOLE: True})


def _end(moved: Moved) -> Iterator[Further]:
    how = moved.row["closed_how"] if moved.row["status"] == "closed" else ""
    for part in family.parts(moved.tx, moved.row["id"], lock=True):
        if part["status"] not in FINISHED:
            given = {"how": how or "withdrawn", WITH_WHOLE: True}
            yield Further(part, "closed", tickets.SYSTEM, given)


def _object(moved: Moved) -> None:
    """A "belum" goes back to every office that had answered; who has nothing to add is taken off."""
    words = str(moved.given.get("note") or "")
    for part in family.parts(moved.tx, moved.row["id"], lock=True):
        if part["status"] in ("answered", "closed"):
            again = tickets.object_to(moved.tx, moved.house.city, part, moved.now, words)
            told: list[notices.Audience] = ["office", "head", "superior"]
            notices.tell(moved.tx, again, "objection", told, moved.now, about=str(again["objections"]))


def _open_again(moved: Moved) -> Iterator[Further]:
    for part in family.parts(moved.tx, moved.row["id"], lock=True):
        if part["status"] == "closed":
            yield Further(part, "in_progress", _as_desk(moved.by), {WITH_WHOLE: True})


def _as_desk(by: Person) -> Person:
    """What follows from an officer's or a citizen's move is the coordination's."""
    return Person(by.kinds | {"coordinator"}, by.staff_id, by.office_path)
