"""A report with another government: the city's clock stands still, a reminder to ask there runs instead.

Imported by bot/tickets.py: it knows nothing of moves.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from bot import deadlines
from bot.care.charge import AWAY, EXTERNAL
from bot.cities.city import City
from bot.clocks import lane
from storage.models import office, ticket

STAGE = "away"  # a stage clock of its own: whoever is reminded is the coordinator, see upward.py


def paused(tx: Connection, city: City, row: RowMapping, now: datetime) -> RowMapping:
    """A ticket with its clock as it is when its office is outside the city; any other one as it is."""
    if row["status"] not in AWAY or row["office_id"] is None:
        return row
    outside = select(office.c.id).where(office.c.id == row["office_id"], office.c.kind == EXTERNAL)
    changed = (
        update(ticket)
        .where(ticket.c.id == row["id"], outside.exists())
        .values(paused_at=now, stage=STAGE, stage_due_at=ask_again(city, row, now))
        .returning(ticket)
    )
    return tx.execute(changed).mappings().one_or_none() or row


def ask_again(city: City, row: RowMapping, now: datetime) -> datetime:
    """When somebody should ask there again: after the time a city's office has to begin."""
    limit = city.clocks.limit(row["kind"], lane(row), "follow_up")
    return deadlines.until(now, limit, city.calendar, city.timezone)
