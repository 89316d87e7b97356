"""Duplicates: staff join a report with another of the same thing; all who reported it hear of it there.

What came with a merger is written into the merged report's history (kind "joined"): how it was before, who
began to follow the other one, which reports came along. bot/care/unmerging.py takes it back by that line.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import tickets
from bot.care.moved import Moved
from bot.delivery import speaking
from bot.visit import Visit, facts
from bot.wording import Line
from bot.workflow import NAMES, OPEN, NotAllowed
from storage import merged, queries
from storage.models import follower, ticket

JOINED_QUIETLY = "Your report is handled together with another one. Its news comes here."
MORE_REPORTERS = "Others reported the same. Their reports are part of yours now."
BEFORE = ("status", "due_at", "paused_at", "stage", "stage_due_at", "assignee_id")


# --- what may be joined -------------------------------------------------------------------------------------
def is_hidden(row: Mapping[Any, Any]) -> bool:
    """Whether other citizens learn nothing of a report."""
    return bool(row["anonymous"] or row["confidential"] or row["supervised"])


def target_number(tx: Connection, into: str) -> str:
    """The number where a merger into a report ends: for a merged one or a part of one, the whole."""
    found = tx.scalar(_TARGET, {"number": into})
    return str(found or into)


_TARGET = text(
    """select coalesce(whole.number, final.number)
       from ticket t join ticket final on final.id = coalesce(t.merged_into_id, t.id)
       left join ticket whole on whole.id = final.parent_id
       where t.number = :number"""
)


def check(tx: Connection, by: queries.Reader, row: RowMapping, into: str) -> RowMapping:
    """The locked ticket's target, when it may be joined with it; raises NotAllowed with a sentence.

    Args:
        tx: the transaction that locked both.
        by: who joins them.
        row: the report that is to be merged.
        into: the target's number, from `target_number`.
    """
    target = queries.one_ticket(tx, by, into)
    if target is None:
        raise NotAllowed(f"Laporan {into} tidak dapat menjadi tujuan penggabungan.")
    refusal = _refusal(row, target) or _part_of_others(tx, row)
    if refusal:
        raise NotAllowed(refusal)
    return target


def _refusal(row: RowMapping, target: RowMapping) -> str:
    """Why a report cannot be joined with that one; empty: it can."""
    number = target["number"]
    if target["id"] == row["id"]:
        return f"Laporan {number} tidak dapat menjadi tujuan penggabungan dengan dirinya sendiri."
    if row["parent_id"]:
        return f"Laporan {row['number']} adalah bagian dari laporan lain; gabungkan laporan induknya."
    if target["status"] not in OPEN:
        return (
            f"Laporan {number} berstatus {NAMES[target['status']]}:"
            " pilih laporan yang masih terbuka, atau buka kembali dulu."
        )
    closed = (row["confidential"] or row["supervised"], target["confidential"] or target["supervised"])
    if closed == (True, False):
        return f"Laporan {row['number']} rahasia; bila digabung ke laporan terbuka, kerahasiaannya hilang."
    return ""


def _part_of_others(tx: Connection, row: RowMapping) -> str:
    """A report whose parts other offices work on stays itself: they answer to it."""
    query = select(ticket.c.number).where(ticket.c.parent_id == row["id"], ticket.c.status.in_(OPEN)).limit(1)
    part = tx.scalar(query)
    return f"Laporan {row['number']} punya bagian yang masih dikerjakan ({part})." if part else ""


# --- what follows -------------------------------------------------------------------------------------------
def follow(moved: Moved) -> None:
    """After staff joined a report with another: who gets that one's news, and lines for both histories.

    Its citizen and followers get that one's news, unless it is hidden from others. Reports that were joined
    with this one before belong to that one now.
    """
    if moved.row["status"] != "merged" or moved.by.staff_id is None:
        return
    tx, row = moved.tx, moved.row
    into = tickets.lock(tx, row["merged_into_id"])
    carried = [one["id"] for one in merged.joined_with(tx, row["id"])]
    tx.execute(_CARRY, {"old": row["id"], "new": into["id"]})
    detail = {
        "into": into["number"],
        "into_id": into["id"],
        "before": _kept(moved.before),
        "followers": _listen(tx, row, into, carried),
        "carried": carried,
    }
    tickets.append(tx, row["id"], moved.now, "joined", staff_id=moved.by.staff_id, detail=detail)
    first = not merged_before(tx, into["id"])
    gained = {"from": row["number"]}
    tickets.append(tx, into["id"], moved.now, "gained", staff_id=moved.by.staff_id, detail=gained)
    if first and not is_hidden(row) and not is_hidden(into) and row["person_id"] != into["person_id"]:
        speaking.tell_reporter(tx, moved.house, into, Line(MORE_REPORTERS), moved.now)


_CARRY = text("update ticket set merged_into_id = :new where merged_into_id = :old")


def merged_before(tx: Connection, ticket_id: int) -> bool:
    """Whether staff have joined a report with this one before: its reporter was told then."""
    query = text("select exists (select from event where ticket_id = :id and kind = 'gained')")
    return bool(tx.scalar(query, {"id": ticket_id}))


def _kept(row: RowMapping) -> dict[str, Any]:
    """How a report was, as plain JSON."""
    values = {name: row[name] for name in BEFORE}
    return {name: one.isoformat() if hasattr(one, "isoformat") else one for name, one in values.items()}


def _listen(tx: Connection, row: RowMapping, into: RowMapping, carried: list[int]) -> list[int]:
    """Let all who hear of a report hear of the other one; returns the chats that did not before."""
    if is_hidden(into):
        return []
    ids = [row["id"], *carried]
    chats = set(tx.scalars(select(follower.c.conversation_id).where(follower.c.ticket_id == row["id"])))
    chats |= set(tx.scalars(select(ticket.c.conversation_id).where(ticket.c.id.in_(ids))))
    new = [
        {"ticket_id": into["id"], "conversation_id": chat} for chat in chats - {None, into["conversation_id"]}
    ]
    if not new:
        return []
    added = upsert(follower).values(new).on_conflict_do_nothing().returning(follower.c.conversation_id)
    return sorted(tx.scalars(added))


# --- how it stands ------------------------------------------------------------------------------------------
def standing(visit: Visit, row: RowMapping, *, mine: bool = False) -> dict[str, Any]:
    """What a status line says of a report; of a joined one how the other stands, under its own number.

    `mine`: whoever asks is its reporter, known by the PIN.
    """
    if row["status"] != "merged" or row["closed_how"]:
        return facts(visit, row)
    into = visit.tx.execute(select(ticket).where(ticket.c.id == row["merged_into_id"])).mappings().one()
    mine = mine or row["person_id"] == visit.found.person_id
    if not is_hidden(into) or into["person_id"] == visit.found.person_id:
        return {**facts(visit, into), "number": row["number"]}
    own = facts(visit, row)
    return {**own, "status": Line(f"status {into['status']}")} if mine else own


def number_for(tx: Connection, row: RowMapping, person_id: int | None) -> str:
    """The number that a person knows a report by: that of his own report, when the other one is hidden."""
    if not is_hidden(row) or row["person_id"] == person_id:
        return str(row["number"])
    return merged.own_number(tx, row["id"], person_id) or str(row["number"])


def as_known(visit: Visit, row: RowMapping) -> dict[str, Any]:
    """What a line says of a report to one of its reporters; of a hidden one to another only its date."""
    known = facts(visit, row)
    number = number_for(visit.tx, row, visit.found.person_id)
    if number == row["number"]:
        return known
    own = visit.tx.execute(select(ticket).where(ticket.c.number == number)).mappings().one()
    return {**facts(visit, own), "due": known["due"], "status": known["status"]}


def who(visit: Visit, row: RowMapping) -> dict[str, str]:
    """For the history: who speaks when it is not the report's own reporter."""
    if row["person_id"] == visit.found.person_id:
        return {}
    return {"by": "joined", "of": merged.own_number(visit.tx, row["id"], visit.found.person_id)}
