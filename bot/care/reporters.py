"""News for followers and for those whose report was joined with another, where telling.py tells them nothing.

Two cases: its reporter closes it or says "belum"; or it is hidden, so that only its status may be told.
"""

from sqlalchemy import Connection, RowMapping, literal, select

from bot import tickets
from bot.care import crowd
from bot.care.following import FOLLOWED_NEWS
from bot.care.locking import lock_with_chats
from bot.care.merging import is_hidden
from bot.care.moved import Moved
from bot.delivery import speaking
from bot.house import House
from bot.queue import put
from bot.wording import Line, day
from storage import merged
from storage.models import follower, office, ticket

STATUS_ONLY = "Your report: {status}. It is handled together with another one."
FINISHED_FOR_ONE = "Its first reporter says: report {number} is solved. Not for you? Write BELUM."
WITHDRAWN_BY_ONE = "Its first reporter took report {number} back. Still a problem? Write BELUM."
GOES_ON = "Report {number} goes on: it is not solved for everybody. Target: {due}."
MAY_OBJECT = "Not solved for you? Write BELUM."
OTHERS_NEWS = frozenset("forwarded in_progress planned answered closed rejected".split())


def follow(moved: Moved) -> None:
    """See that those hear of a move whom nobody tells.

    Of an officer's move only those who may not read of the report itself. A citizen's own move is told by a
    job: the turn holds the citizen's chat alone, and those who listen may be writing now.
    """
    if moved.row["status"] == moved.before["status"] or moved.row["status"] not in OTHERS_NEWS:
        return
    if moved.by == tickets.CITIZEN:
        if moved.before["status"] != "draft" and has_listeners(moved.tx, moved.row["id"]):
            but = moved.given.get("chat") or moved.row["conversation_id"]
            told = {"ticket_id": moved.row["id"], "status": moved.row["status"], "but": but}
            put(moved.tx, "tell_listeners", **told)
    elif is_hidden(moved.row):
        _tell_status(moved.tx, moved.house, moved.row)


def has_listeners(tx: Connection, ticket_id: int) -> bool:
    """Whether anybody but its reporter is to hear of a report."""
    following = select(follower.c.ticket_id).where(follower.c.ticket_id == ticket_id).limit(1)
    joined = select(ticket.c.id).where(ticket.c.merged_into_id == ticket_id).limit(1)
    return tx.execute(following.union_all(joined)).first() is not None


def tell_listeners(house: House, ticket_id: int, status: str, but: int | None) -> None:
    """Tell followers and reporters what one of the reporters did; nothing when it is overtaken. A job.

    Args:
        house: the running product.
        ticket_id: the report.
        status: what it came into; in another one by now it is not told.
        but: the chat of whoever did it.
    """
    with house.database.transaction() as tx:
        number = tx.execute(select(ticket.c.number).where(ticket.c.id == ticket_id)).scalar_one()
        lock_with_chats(tx, [number])
        many = crowd.is_crowd(tx, ticket_id)
        row = tickets.lock(tx, ticket_id)
        if row["status"] != status:
            return
        if is_hidden(row):
            _tell_status(tx, house, row, but)
        else:
            _tell_all(tx, house, row, but, followers=not many)
            if many:
                crowd.tell_later(tx, row, lambda to: [_worded(tx, house, row, to)], but)
    house.database.bell.ring()


def _worded(tx: Connection, house: House, row: RowMapping, to: crowd.Variant) -> str:
    channel = house.channels.get(to.chat.key)
    line = _news(tx, house, row, to.language, joined=to.joined)
    context = channel.limits.context if channel else ""
    return f"{house.wording.line(line, house.wording.spoken(to.language), context)}\n{row['number']}"


def _tell_status(tx: Connection, house: House, row: RowMapping, but: int | None = None) -> None:
    """Joined reporters hear the status in words, under their own number, and nothing else."""
    line = Line(STATUS_ONLY, {"status": Line(f"status {row['status']}")})
    for one in merged.joined_with(tx, row["id"]):
        if one["person_id"] != row["person_id"] and one["conversation_id"] != but:
            speaking.tell_reporter(tx, house, one, line, house.clock.now())


def _tell_all(tx: Connection, house: House, row: RowMapping, but: int | None, *, followers: bool) -> None:
    following = select(follower.c.conversation_id).where(follower.c.ticket_id == row["id"])
    chats = set(tx.scalars(following.where(literal(followers))))
    joined = merged.reporters(tx, row)
    for chat in sorted((chats | {row["conversation_id"]}) - {None, but}):
        to = speaking.lock_listener(tx, house, chat)
        line = _news(tx, house, row, to.language, joined=chat in joined)
        speaking.tell_numbered(tx, house, to, row, line, house.clock.now())


def _news(tx: Connection, house: House, row: RowMapping, language: str, *, joined: bool) -> Line:
    name = tx.scalar(select(office.c.short_name).where(office.c.id == row["office_id"])) or house.city.name
    values = {
        "number": row["number"],
        "status": Line(f"status {row['status']}"),
        "office": name,
        "due": day(row["due_at"], language, house.city.timezone) if row["due_at"] else "-",
    }
    if row["status"] == "in_progress":
        return Line(GOES_ON, values)
    if joined and row["status"] == "closed":
        return Line(WITHDRAWN_BY_ONE if row["closed_how"] == "withdrawn" else FINISHED_FOR_ONE, values)
    return Line(FOLLOWED_NEWS, values)
