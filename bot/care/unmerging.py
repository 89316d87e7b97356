"""Taking a merger back, for a day: the report goes on as if it had never been joined with the other one.

Its status, office and dates are those of before. Who began to follow the other one by the merger leaves it.
What its citizen wrote meanwhile comes back to it; the other one keeps the words in its history.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text, update

from bot import tickets
from bot.care import following, merging, rights
from bot.care.desk import NotFound, lock_with_chats
from bot.delivery import speaking
from bot.house import House
from bot.wording import Line, day
from bot.workflow import DESK, NotAllowed
from storage import merged, queries
from storage.models import follower, office, ticket

WITHIN = timedelta(hours=24)
ON_ITS_OWN = "Your report stands on its own again: {status} at {office}. Target: {due}."


def unmerge(house: House, by: queries.Reader, number: str) -> None:
    """Take back that staff joined a report with another one; its citizen and followers are told.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: it is not merged, not by staff, longer ago than a day, or the reader may not.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        merged.one_at_a_time(tx)
        lock_with_chats(tx, _touched(tx, number))
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if not rights.actors(by, row) & DESK:
            raise NotAllowed("Anda tidak berwenang membatalkan penggabungan.")
        line = merged.last_join(tx, row["id"])
        if row["status"] != "merged" or row["closed_how"] or line is None:
            raise NotAllowed(f"Laporan {number} tidak digabung oleh petugas.")
        if not may_be_undone(line, now):
            raise NotAllowed(f"Penggabungan laporan {number} sudah lebih dari 24 jam; buat laporan baru.")
        _take_back(tx, house, by, row, line, now)
    house.database.bell.ring()


def may_be_undone(line: RowMapping | None, now: datetime) -> bool:
    """Whether a merger, by its line in the history, is young enough."""
    return line is not None and now - line["at"] <= WITHIN


def _touched(tx: Connection, number: str) -> list[str]:
    """The numbers of a report, of those on its way to the last one, and of those that it brought."""
    found = tx.scalars(_TOUCHED, {"number": number})
    return [number, *found]


_TOUCHED = text(
    """select o.number from ticket t join event e on e.ticket_id = t.id and e.kind = 'joined'
       join ticket o on o.id = (e.detail ->> 'into_id')::bigint or o.id = t.merged_into_id
            or e.detail -> 'carried' @> to_jsonb(o.id)
       where t.number = :number"""
)


def _take_back(
    tx: Connection, house: House, by: queries.Reader, row: RowMapping, line: RowMapping, now: datetime
) -> None:
    detail, target_id = line["detail"], row["merged_into_id"]
    _leave(tx, detail)
    tx.execute(_GIVE_BACK, {"carried": detail["carried"], "row": row["id"], "target": target_id})
    came_back = _bring_back_words(tx, row, target_id, line["at"])
    before = {name: _moment(name, one) for name, one in detail["before"].items()}
    tickets.append(tx, row["id"], now, "unmerged", staff_id=by.staff_id, detail={"into": detail["into"]})
    _restore(tx, by, row, before, now)
    left = {"from": row["number"], "messages": came_back}
    tickets.append(tx, target_id, now, "parted", staff_id=by.staff_id, detail=left)
    _tell(tx, house, tickets.lock(tx, row["id"]), now)


def _restore(
    tx: Connection, by: queries.Reader, row: RowMapping, before: dict[str, Any], now: datetime
) -> None:
    """The columns of before, and the line of the history that says the status."""
    columns = {"merged_into_id": None, "changed_at": now, "version": ticket.c.version + 1, **before}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(columns))
    status, office_id = before["status"], row["office_id"]
    tickets.append(tx, row["id"], now, "status", status=status, staff_id=by.staff_id, office_id=office_id)


def _moment(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value and name.endswith("_at") else value


def _leave(tx: Connection, detail: dict[str, Any]) -> None:
    """Who followed the other one only by this merger leaves it, and what that one was joined with since."""
    chats, where = set(detail["followers"]), detail["into_id"]
    while chats and where:
        gone = (follower.c.ticket_id == where) & follower.c.conversation_id.in_(chats)
        tx.execute(follower.delete().where(gone))
        onward = merged.last_join(tx, where) if merged.landing(tx, where) != where else None
        chats = chats & set(onward["detail"]["followers"]) if onward else set()
        where = onward["detail"]["into_id"] if onward else None


# The reports that came along are joined with this one again.
_GIVE_BACK = text(
    """update ticket set merged_into_id = :row
       where id = any(cast(:carried as bigint[])) and merged_into_id = :target"""
)


def _bring_back_words(tx: Connection, row: RowMapping, target_id: int, since: datetime) -> int:
    """Messages and photos of this report's chat since the merger; returns how many came back.

    When both reports are of one chat nobody knows which one was meant: they stay.
    """
    values = {"row": row["id"], "target": target_id, "chat": row["conversation_id"], "since": since}
    return int(tx.scalar(_BRING_BACK, values) or 0)


_BRING_BACK = text(
    """with back as (
           update message m set ticket_id = :row
           where m.ticket_id = :target and m.conversation_id = :chat and m.direction = 'in'
             and m.created_at >= :since
             and not exists (select from ticket t where t.id = :target and t.conversation_id = :chat)
           returning m.id),
       files as (update attachment set ticket_id = :row from back where attachment.message_id = back.id)
       select count(*) from back"""
)


def _tell(tx: Connection, house: House, row: RowMapping, now: datetime) -> None:
    """The citizen who filed it, and who follows it, hear where it stands."""
    name = tx.scalar(select(office.c.short_name).where(office.c.id == row["office_id"])) or house.city.name
    told = {"number": row["number"], "office": name, "status": Line(f"status {row['status']}")}
    listening = select(follower.c.conversation_id).where(follower.c.ticket_id == row["id"])
    chats = [] if merging.is_hidden(row) else tx.scalars(listening).all()
    for chat in sorted({row["conversation_id"], *chats} - {None}):
        to = speaking.lock_listener(tx, house, chat)
        due = day(row["due_at"], to.language, house.city.timezone) if row["due_at"] else "-"
        key = ON_ITS_OWN if chat == row["conversation_id"] else following.FOLLOWED_NEWS
        speaking.tell_numbered(tx, house, to, row, Line(key, {**told, "due": due}), now)
