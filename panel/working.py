"""What an officer at work sees on a ticket's page: drafts, templates, the next step, who else is there."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care import holding, unsaying
from bot.house import House
from panel import passing, replies, sms_preview, window
from storage import presence, queries
from storage import replies as stored
from storage.queries import Reader

ACTORS = frozenset({"administrator", "coordinator", "officer"})


def about(
    tx: Connection,
    house: House,
    by: Reader,
    row: RowMapping,
    events: Sequence[RowMapping],
    typed: Mapping[str, str],
) -> dict[str, Any]:
    """What the templates need, under names of their own.

    Args:
        tx: a transaction.
        house: the running product.
        by: who reads.
        row: the report.
        events: its history, oldest first.
        typed: a form that was held back: what came after its `seen` is news.
    """
    seen, now = int(typed.get("seen") or 0), house.clock.now()
    presence.came(tx, row["id"], by.staff_id, now)
    return {
        "drafts": stored.drafts(tx, by.staff_id, row["id"]),
        "templates": replies.offered(tx, house, by, row),
        "held": holding.found(tx, row["id"], by.staff_id),
        "unsaid": unsaying.seconds_left(tx, row["id"], by.staff_id),
        "around": sms_preview.around(tx, house, by, row),
        "changes": [one for one in events if seen and one["id"] > seen],
        "last_event": events[-1]["id"] if events else 0,
        "notes": [one for one in events if one["kind"] == "note" and one["staff_id"]],
        "tags": presence.tags(tx, row["id"]),
        "others": presence.others(tx, row["id"], by.staff_id, now),
        "window": window.sentence(tx, house, row),
    }


def next_step(about: Mapping[str, Any], choices: Sequence[str], row: Mapping[Any, Any]) -> str:
    """The one step that most likely comes next, beside an answer: forward, take, start, or none."""
    if row["status"] in ("received", "returned") and "forwarded" in choices and about["passing"]["targets"]:
        return "forward"
    charge = about["incharge"]
    if charge["acts"] and not charge["assignee"] and row["status"] not in ("answered", "draft"):
        return "take"
    return "start" if row["status"] in ("forwarded", "received") and "in_progress" in choices else ""


def talk(messages: Sequence[RowMapping], notes: Sequence[RowMapping]) -> list[tuple[str, RowMapping]]:
    """What was said and what was noted, in the order of time: pairs of "said" or "note" and the row."""
    lines = [("said", one, one["created_at"]) for one in messages] + [
        ("note", one, one["at"]) for one in notes
    ]
    return [(kind, row) for kind, row, _ in sorted(lines, key=lambda line: line[2])]


def bulk(tx: Connection, by: Reader) -> dict[str, Any]:
    """What the list's form for many reports offers: whether it is there, officers and offices to choose."""
    if not by.roles & ACTORS:
        return {"may_bulk": False}
    every = queries.offices(tx)
    return {
        "may_bulk": True,
        "bulk_offices": passing.targets(by, every),
        "bulk_staff": presence.officers_under(tx, "" if by.sees_all else by.path),
    }
