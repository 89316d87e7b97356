"""What an officer sends waits some seconds and can be taken back meanwhile: all is as before then.

Only the panel asks for it, by `wait` among what is given to `desk.move`. The time is the database's: it is
what the workers go by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text, update

from bot import tickets
from bot.care import crowd
from bot.care.moved import Moved
from bot.outbound import NEXT_DUE
from storage import family
from storage.models import ticket

ANSWER_SECONDS, FORWARD_SECONDS = 10, 30
# What a move may change of a report, and what taking it back restores.
MOMENTS = ("due_at", "paused_at", "stage_due_at", "filed_at")
KEPT = (
    *("status", "closed_how", "office_id", "proposed_office_id", "stage", "tier", "assignee_id"),
    *("external_number", "planned_year", "return_count", *MOMENTS),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A move that can still be taken back: its line in the history, and for how many seconds."""

    event_id: int
    status: str
    words: str
    before: Mapping[str, Any]
    seconds: float


def noted(tx: Connection, row: RowMapping, status: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What comes with a move, and beside it the report as it is now if the move is to wait.

    What moves others along does not wait: a report in parts, a part that answers, asks or goes on.
    """
    if not given.get("wait") or _moves_others(tx, row, status) or family.parts(tx, row["id"]):
        return {name: value for name, value in given.items() if name != "wait"}
    until = tx.scalar(select(func.extract("epoch", func.now()))) or 0
    return {**given, "before": {**_snapshot(row), "until": float(until) + given["wait"]}}


def _moves_others(tx: Connection, row: RowMapping, status: str) -> bool:
    """Whether a move of a part moves its whole: passing it on does not, unless the citizen is being asked."""
    if not row["parent_id"]:
        return False
    quiet = status == "forwarded" and row["status"] in ("received", "forwarded", "returned")
    return not quiet or family.whole(tx, row)["status"] == "waiting"


def _snapshot(row: RowMapping) -> dict[str, Any]:
    found = {name: row[name] for name in KEPT}
    return found | {name: found[name] and found[name].isoformat() for name in MOMENTS}


def hold(moved: Moved) -> None:
    """Let everything that this move said wait: a consequence, the last of all."""
    if "before" not in moved.given:
        return
    chats = _chats(moved.tx, moved.row["id"])
    moved.tx.execute(_WAIT, {"chats": chats, "seconds": moved.given["wait"]})
    moved.tx.execute(NEXT_DUE, {"chats": chats})


def found(tx: Connection, ticket_id: int, staff_id: int) -> Held | None:
    """The last move of a report, as long as it is somebody's own and can be taken back; else None."""
    row = tx.execute(_HELD, {"ticket": ticket_id, "staff": staff_id}).mappings().one_or_none()
    if row is None:
        return None
    return Held(row["id"], row["status"], row["note"], row["detail"]["before"], row["seconds"])


def take_back(tx: Connection, row: RowMapping, held: Held, now: datetime, staff_id: int) -> RowMapping:
    """Send nothing of a held move and put a locked report back; the history keeps both lines.

    Args:
        tx: a transaction that holds the locks of the chats and of the report.
        row: the report.
        held: from `found`, in this transaction.
        now: business time.
        staff_id: who takes it back.
    """
    crowd.tell_nobody(tx, row)
    chats = _chats(tx, row["id"])
    tx.execute(_CANCEL, {"chats": chats, "event": held.event_id})
    tx.execute(NEXT_DUE, {"chats": chats})
    values = {name: held.before[name] for name in KEPT}
    moments = {name: datetime.fromisoformat(values[name]) for name in MOMENTS if values[name]}
    was = {"event": held.event_id, "from": held.status}
    status, office = values["status"], values["office_id"]
    tickets.append(
        tx, row["id"], now, "undone", status=status, staff_id=staff_id, office_id=office, detail=was
    )
    back = update(ticket).where(ticket.c.id == row["id"])
    back = back.values(**values | moments, version=ticket.c.version + 1, changed_at=now)
    return tx.execute(back.returning(ticket)).mappings().one()


def _chats(tx: Connection, ticket_id: int) -> Sequence[int]:
    return sorted(tx.scalars(_LISTENING, {"ticket": ticket_id}))


# As locked by desk.lock_with_chats: of a crowd none.
_LISTENING = text(
    f"""with whole as (select cast(:ticket as bigint) as id)
       select conversation_id from ticket where id = :ticket and conversation_id is not null
       union select conversation_id from ticket where merged_into_id = :ticket and conversation_id is not null
       union {crowd.FEW_FOLLOWERS}"""  # noqa: S608 - our own words
)
# Rows that this very transaction has written; their writer is the row's xmin.
# Source: https://www.postgresql.org/docs/18/ddl-system-columns.html
_WAIT = text(
    """update message set due_at = now() + make_interval(secs => :seconds)
       where conversation_id = any(:chats) and direction = 'out' and state = 'waiting'
         and xmin = pg_current_xact_id()::xid"""
)
# The report and its line of history were written by one transaction as long as nobody else changed it.
_HELD = text(
    """select e.id, e.status, e.note, e.detail,
              cast(e.detail #>> '{before,until}' as float8) - extract(epoch from now())::float8 as seconds
       from ticket t join event e on e.ticket_id = t.id and e.xmin = t.xmin
       where t.id = :ticket and e.staff_id = :staff and e.kind = 'status' and e.detail -> 'before' is not null
         and cast(e.detail #>> '{before,until}' as float8) > extract(epoch from now())
       order by e.id desc limit 1"""
)
_CANCEL = text(
    """with gone as (
           update message m set state = 'cancelled', due_at = null
           from event e
           where e.id = :event and m.conversation_id = any(:chats) and m.direction = 'out'
             and m.state = 'waiting' and m.xmin = e.xmin
           returning m.id)
       update attachment a set purpose = '', look_hash = null from gone where a.message_id = gone.id"""
)
