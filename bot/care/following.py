"""Following a report instead of making it again: who may, what is told, and what becomes of the draft.

A follower gets the public updates. He never learns who filed the report, and his words are a follower's: they
move no status.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import tickets
from bot.care import filing
from bot.talk.deeds import File, FollowTwin
from bot.visit import Do, Visit, facts
from bot.wording import Line
from bot.workflow import OPEN, Status
from storage.models import follower, ticket

FOLLOWING = "You follow report {number}: {status} at {office}. Target: {due}.\nIts news comes here."
ALREADY_OWN = "{number} is your own report. Its news comes to you anyway."
FOLLOWED_NEWS = "A report you follow: {status} at {office}. Target: {due}."
FOLLOWED_JOINED = "A report you follow was joined with report {into}."
YEAR_BEGUN = "The budget year {year} has begun. {office} takes your report up. Target: {due}."
FOLLOWED_YEAR_BEGUN = "A report you follow: the budget year {year} has begun. Target: {due}."
FOLLOWED_PLANNED = "A report you follow was accepted and waits for the budget of {year}."
FOLLOWED_JOINED_QUIETLY = "A report you follow is handled together with another one."
FOLLOWED_UNHEARD = "A report you follow was closed: its reporter did not answer."
NOT_FOLLOWING = "You get no more news of report {number}."
# A draft that was given up for another's report: what its citizen writes later is not that report's.
FOLLOWED = "followed"
JOINED = "joined"  # a draft whose words went to a report of the same citizen


def open_to_all(tx: Connection, ticket_id: int) -> RowMapping | None:
    """A report that anybody may follow, or the one it was joined with; None when there is none.

    Drafts, finished reports, those without a name and confidential ones do not exist for other people.
    """
    row = tickets.read(tx, ticket_id)
    if row is not None and row["status"] == "merged" and row["merged_into_id"]:
        row = tickets.read(tx, row["merged_into_id"])
    hidden = row is None or row["anonymous"] or row["confidential"] or row["status"] not in OPEN
    return None if hidden else row


def instead_of(tx: Connection, row: RowMapping) -> RowMapping:
    """The report that a citizen follows instead of a draft he gave up, or that his draft was joined with.

    Any other one as it is.
    """
    if row["closed_how"] not in (FOLLOWED, JOINED):
        return row
    into = tx.execute(select(ticket).where(ticket.c.id == row["merged_into_id"])).mappings().one()
    hidden = into["anonymous"] or into["confidential"]
    return row if hidden and into["person_id"] != row["person_id"] else into


def follow(visit: Visit, row: RowMapping) -> list[Line]:
    """Let this chat get a report's news; twice is as good as once."""
    listens = {"ticket_id": row["id"], "conversation_id": visit.found.chat.id}
    visit.tx.execute(upsert(follower).values(listens).on_conflict_do_nothing())
    return [Line(FOLLOWING, facts(visit, row))]


def unfollow(visit: Visit, row: RowMapping) -> list[Line]:
    """No more news of a report; also right for who never followed it."""
    visit.tx.execute(delete(follower).where(_listens(visit, row)))
    return [Line(NOT_FOLLOWING, {"number": row["number"]})]


def follows(visit: Visit, row: RowMapping) -> bool:
    """Whether this chat follows a report."""
    return visit.tx.execute(select(follower.c.ticket_id).where(_listens(visit, row))).first() is not None


def _listens(visit: Visit, row: RowMapping) -> ColumnElement[bool]:
    chat_id = visit.found.chat.id
    return and_(follower.c.ticket_id == row["id"], follower.c.conversation_id == chat_id)


def _follow_twin(visit: Visit, deed: FollowTwin) -> list[Line]:
    """The draft is joined with the report that is followed; if that is gone meanwhile, the draft is filed."""
    assert visit.ticket_id is not None  # KeepDraft comes before it
    target = open_to_all(visit.tx, deed.ticket_id)
    if target is None:
        return filing.DO[File](visit, File())
    draft = tickets.lock(visit.tx, visit.ticket_id)
    if draft["status"] == "draft":  # else an officer took it up meanwhile
        into = {"into": target["number"], "into_id": target["id"]}
        tickets.move(visit.tx, visit.house.city, draft, "merged", tickets.CITIZEN, visit.now, into)
        given_up = update(ticket).where(ticket.c.id == draft["id"]).values(closed_how=FOLLOWED)
        visit.tx.execute(given_up)
    return follow(visit, target)


def news(reached: Status, values: Mapping[str, Any], *, silent: bool = False) -> list[Line]:
    """What followers are told when a report comes into a status; nothing in it is meant for its reporter.

    `silent` says that it was closed because its reporter did not answer. `values` are those of the push:
    note, into, office, due. An officer's question is for the reporter alone.
    """
    if not reached.push or reached.name == "waiting":
        return []
    told = Line(_news_key(reached, values, silent), {**values, "status": Line(f"status {reached.name}")})
    with_note = "{note}" in reached.push and reached.name != "answered" and not silent
    return [told, Line("{note}", values)] if with_note else [told]


def _news_key(reached: Status, values: Mapping[str, Any], silent: bool) -> str:
    if reached.name == "answered":
        return reached.push
    if reached.name == "merged":
        return FOLLOWED_JOINED if values["into"] else FOLLOWED_JOINED_QUIETLY
    if reached.push == YEAR_BEGUN:
        return FOLLOWED_YEAR_BEGUN
    if reached.name == "planned":
        return FOLLOWED_PLANNED
    return FOLLOWED_UNHEARD if silent else FOLLOWED_NEWS


DO: Do = {FollowTwin: _follow_twin}
