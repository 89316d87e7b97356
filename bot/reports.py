"""Reports by their number: how they stand, and BALAS, TUTUP and IKUT."""

from sqlalchemy import RowMapping, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from bot import numbers, tickets
from bot.deeds import AddTo, OnReport, ShowStatus
from bot.filing import add_to
from bot.visit import Do, Visit, facts
from bot.wording import Line
from bot.workflow import OPEN
from storage.models import follower, ticket

STATUS_LINE = "{number}: {status} at {office}. Target: {due}."
NO_NUMBER = "{number} is not a report number. Please check its 9 digits."
NO_SUCH = "There is no report {number}. Please check the number."
NO_REPORT = "You have no report here yet. Write your complaint and its place in one message."


def _on_report(visit: Visit, deed: OnReport) -> list[Line]:
    """BALAS, TUTUP, IKUT: the first two for one's own reports, the last for those that others may see."""
    if not numbers.is_number(deed.number):
        return [Line(NO_NUMBER, {"number": deed.number})]
    row = next(iter(_reports(visit, deed.number)), None)
    own = row is not None and row["person_id"] == visit.found.person_id
    if row is None or own == (deed.act == "follow"):
        return [Line(NO_SUCH, {"number": deed.number})]
    if deed.act == "add":
        return add_to(visit, AddTo(row["id"], deed.words))
    if deed.act == "follow":
        listens = {"ticket_id": row["id"], "conversation_id": visit.found.chat.id}
        visit.tx.execute(upsert(follower).values(listens).on_conflict_do_nothing())
        return [Line("You follow report {number} and get its news here.", {"number": deed.number})]
    return _close(visit, row)


def _close(visit: Visit, row: RowMapping) -> list[Line]:
    """TUTUP: the citizen says that it is done, or takes it back before there was an answer."""
    row = tickets.lock(visit.tx, row["id"])
    if row["status"] not in ("draft", *OPEN):
        return [Line(STATUS_LINE, facts(visit, row))]
    visit.ticket_id = row["id"]
    given = {"how": "confirmed" if row["status"] == "answered" else "withdrawn"}
    row, _ = tickets.move(visit.tx, visit.house.city, row, "closed", tickets.CITIZEN, visit.now, given)
    return [Line("Report {number} is closed. Thank you.", {"number": row["number"]})]


def _show_status(visit: Visit, deed: ShowStatus) -> list[Line]:
    """A report by its number, or this person's three latest. Of another's report only where it stands."""
    number = deed.number
    if number and not numbers.is_number(number):
        return [Line(NO_NUMBER, {"number": number})]
    rows = _reports(visit, number)
    if not rows:
        return [Line(NO_SUCH if number else NO_REPORT, {"number": number})]
    return [Line(STATUS_LINE, facts(visit, row)) for row in rows]


def _reports(visit: Visit, number: str) -> list[RowMapping]:
    own = ticket.c.person_id == visit.found.person_id
    # A report without a name, or a confidential one, does not exist for other people.
    seen = or_(own, ~(ticket.c.anonymous | ticket.c.confidential))
    which = (ticket.c.number == number) & seen if number else own
    query = select(ticket).where(which).order_by(ticket.c.id.desc()).limit(1 if number else 3)
    return list(visit.tx.execute(query).mappings())


DO: Do = {OnReport: _on_report, ShowStatus: _show_status}
