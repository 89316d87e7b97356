"""Secrecy of filed reports: made confidential, and personal numbers kept sealed."""

from sqlalchemy import RowMapping, delete, update

from bot import tickets
from bot.talk.deeds import Conceal, KeepNumbers
from bot.visit import Do, Visit
from bot.wording import Line
from storage.models import follower, ticket

CONCEALED = "Report {number} is confidential from now on: not open to the public."
KEPT = "Kept sealed for report {number}. Only its officers can open it."
NOTHING_KEPT = "There is no report that this could be kept for."


def conceal(visit: Visit, row: RowMapping) -> bool:
    """Make a locked report confidential; whether it was not. Nothing makes it open again."""
    if row["confidential"]:
        return False
    values = {"confidential": True, "changed_at": visit.now, "version": ticket.c.version + 1}
    visit.tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    visit.tx.execute(delete(follower).where(follower.c.ticket_id == row["id"]))
    tickets.append(visit.tx, row["id"], visit.now, "confidential")
    return True


def told_concealed(row: RowMapping) -> Line:
    """The news that a report is confidential now."""
    return Line(CONCEALED, {"number": row["number"]})


def _conceal(visit: Visit, deed: Conceal) -> list[Line]:
    row = tickets.lock(visit.tx, deed.ticket_id)
    visit.ticket_id = row["id"]
    conceal(visit, row)
    return [told_concealed(row)]


def _keep_numbers(visit: Visit, deed: KeepNumbers) -> list[Line]:
    """What the citizen (or an officer's question) says is needed goes into the report, sealed."""
    about = deed.ticket_id or visit.ticket_id
    if about is None:
        return [] if deed.quiet else [Line(NOTHING_KEPT)]
    keys = visit.house.database.keys
    row = tickets.lock(visit.tx, about)
    if row["merged_into_id"]:
        row = tickets.lock(visit.tx, row["merged_into_id"])
    visit.ticket_id = row["id"]
    known = [keys.open(row["hidden"])] if row["hidden"] else []
    fresh = [keys.open(one.encode("ascii")) for one in deed.sealed.split()]
    lines = dict.fromkeys("\n".join([*known, *fresh]).splitlines())
    sealed = keys.seal("\n".join(lines))
    visit.tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(hidden=sealed))
    tickets.append(visit.tx, row["id"], visit.now, "numbers_kept")
    return [] if deed.quiet else [Line(KEPT, {"number": row["number"]})]


DO: Do = {Conceal: _conceal, KeepNumbers: _keep_numbers}
