"""Reports by their number: how they stand, and BALAS and IKUT. TUTUP is in closed.py."""

from collections.abc import Callable, Mapping

from sqlalchemy import RowMapping, bindparam, or_, select

from bot import numbers, tickets
from bot.care import charge, following
from bot.care.filing import ADDED, add_to
from bot.care.merging import standing
from bot.people import pins
from bot.talk import pin_question
from bot.talk.deeds import AddTo, OnReport, ShowStatus
from bot.visit import Do, Visit, facts
from bot.wording import Line
from storage import merged
from storage.models import ticket

STATUS_LINE = charge.STANDS
NO_NUMBER = "{number} is not a report number. Please check its 9 digits."
NO_SUCH = "There is no report {number}. Please check the number."
NO_REPORT = "You have no report here yet. Write your complaint and its place in one message."


def _on_report(visit: Visit, deed: OnReport) -> list[Line]:
    """BALAS for one's own reports, IKUT for those that others may see."""
    if not numbers.is_number(deed.number):
        return [Line(NO_NUMBER, {"number": deed.number})]
    row = next(iter(_reports(visit, deed.number)), None)
    if row is None and (opened := _opened(visit, deed)):
        return _add_opened(visit, opened, deed)
    if row is None:
        return [Line(NO_SUCH, {"number": deed.number})]
    own = row["person_id"] == visit.found.person_id
    act = _ON_OWN[deed.act] if own else _ON_OTHERS.get(deed.act)
    return act(visit, row, deed) if act else [Line(NO_SUCH, {"number": deed.number})]


def _follow(visit: Visit, row: RowMapping, deed: OnReport) -> list[Line]:
    """IKUT: an open report, or the one it was joined with; of a finished one how it ended."""
    if row["status"] == "draft":
        return [Line(NO_SUCH, {"number": deed.number})]
    target = following.open_to_all(visit.tx, row["id"])
    if target is None:
        return [Line(STATUS_LINE, facts(visit, row))]
    if target["person_id"] == visit.found.person_id:
        return [Line(following.ALREADY_OWN, {"number": target["number"]})]
    return following.follow(visit, target)


def _add_to_followed(visit: Visit, row: RowMapping, deed: OnReport) -> list[Line]:
    if not following.follows(visit, row):
        return [Line(NO_SUCH, {"number": deed.number})]
    return add_to(visit, AddTo(row["id"], deed.words))


def _show_status(visit: Visit, deed: ShowStatus) -> list[Line]:
    """A report by its number, or this person's three latest. Of another's report only where it stands."""
    number = deed.number
    if number and not numbers.is_number(number):
        return [Line(NO_NUMBER, {"number": number})]
    rows = _reports(visit, number)
    if not rows:
        return _by_pin(visit, deed) if number else [Line(NO_REPORT)]
    shown = [following.instead_of(visit.tx, row) for row in rows]
    return [charge.status_line(standing(visit, row)) for row in {row["id"]: row for row in shown}.values()]


def _by_pin(visit: Visit, deed: ShowStatus) -> list[Line]:
    """A report that others do not see: only with its PIN; for a number that nobody has all looks the same."""
    if not deed.pin:
        visit.keeps |= pin_question.asked(deed.number)
        return [Line(pin_question.PIN_WANTED, {"number": deed.number})]
    row = pins.opened(visit.tx, visit.house.database.keys, deed.number, deed.pin)
    if row is None:
        return [Line(pin_question.PIN_WRONG, {"number": deed.number})]
    visit.keeps |= pin_question.opened(deed.number, visit.now)
    return [charge.status_line(standing(visit, following.instead_of(visit.tx, row), mine=True))]


def _opened(visit: Visit, deed: OnReport) -> RowMapping | None:
    """The report that BALAS may add to, because its PIN opened it in this chat a short while ago."""
    if deed.act != "add" or not pin_question.is_open(visit.found.state, deed.number, visit.now):
        return None
    row = visit.tx.execute(select(ticket).where(ticket.c.number == deed.number)).mappings()
    return row.one_or_none()


def _add_opened(visit: Visit, row: RowMapping, deed: OnReport) -> list[Line]:
    """Who has the PIN is the reporter, whatever phone he writes from."""
    visit.ticket_id = merged.landing(visit.tx, row["id"])
    own = visit.ticket_id == row["id"]  # else one that staff joined with another's, whose words open nothing
    by = None if own else row["person_id"]
    tickets.add(visit.tx, visit.house.city, visit.ticket_id, visit.now, deed.words, person_id=by)
    return [Line(ADDED, {"number": row["number"]})]


def _reports(visit: Visit, number: str) -> list[RowMapping]:
    query = _BY_NUMBER if number else _LATEST
    return list(visit.tx.execute(query, {"number": number, "own": visit.found.person_id}).mappings())


_OWN = ticket.c.person_id == bindparam("own")
_WHOLE = select(ticket).where(ticket.c.parent_id.is_(None))  # a part of a report has no citizen
_LATEST = _WHOLE.where(_OWN).order_by(ticket.c.id.desc()).limit(3)
# A report without a name, or a confidential one, does not exist for other people.
_BY_NUMBER = _WHOLE.where(
    ticket.c.number == bindparam("number"), or_(_OWN, ~(ticket.c.anonymous | ticket.c.confidential))
).limit(1)


_Act = Callable[[Visit, RowMapping, OnReport], list[Line]]
_ON_OWN: Mapping[str, _Act] = {
    "add": lambda visit, row, deed: add_to(visit, AddTo(row["id"], deed.words)),
    "follow": lambda visit, row, deed: [Line(following.ALREADY_OWN, {"number": row["number"]})],
    "unfollow": lambda visit, row, deed: [Line(following.ALREADY_OWN, {"number": row["number"]})],
}
_ON_OTHERS: Mapping[str, _Act] = {
    "add": _add_to_followed,
    "follow": _follow,
    "unfollow": lambda visit, row, deed: following.unfollow(visit, row),
}
DO: Do = {OnReport: _on_report, ShowStatus: _show_status}
