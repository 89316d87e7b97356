"""What staff typed in: the last of somebody's, and the events at which many were typed in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

# What went into the supervised lane meanwhile is gone from here too.
_ROWS = """
    select t.number, t.text, t.place, t.category, t.origin, t.status, t.created_at, t.due_at,
           t.external_number, o.name as office_name,
           (select m.state from message m where m.ticket_id = t.id and m.direction = 'out'
            order by m.id desc limit 1) as receipt
    from ticket t left join office o on o.id = t.office_id
    where not t.supervised and """
_OWN = text(
    _ROWS
    + """t.created_at >= :since and t.typed_by = :staff and t.gathering_id is not distinct from :gathering
    order by t.id desc limit :limit"""
)
_OF = text(_ROWS + "t.gathering_id = :gathering order by t.id desc limit 1000")
_OPEN = text("select * from gathering where staff_id = :staff and ended_at is null order by id desc limit 1")
_ONE = text(
    """select g.*, coalesce(nullif(s.name, ''), s.email) as staff_name
       from gathering g join staff s on s.id = g.staff_id where g.id = :id"""
)
_ENDED = text(
    """select g.*, (select count(*) from ticket t where t.gathering_id = g.id) as reports
       from gathering g where g.staff_id = :staff and g.ended_at is not null order by g.id desc limit 5"""
)


def last_of(
    tx: Connection, staff_id: int, gathering_id: int | None, since: datetime, limit: int = 8
) -> Sequence[RowMapping]:
    """The last reports that somebody typed in since a moment, at an event or at none; the newest first."""
    values: dict[str, Any] = {"staff": staff_id, "gathering": gathering_id, "since": since, "limit": limit}
    return tx.execute(_OWN, values).mappings().all()


def of_gathering(tx: Connection, gathering_id: int) -> Sequence[RowMapping]:
    """All reports of an event, the newest first, a thousand at most."""
    return tx.execute(_OF, {"gathering": gathering_id}).mappings().all()


def open_gathering(tx: Connection, staff_id: int) -> RowMapping | None:
    """The event that somebody has begun and not ended."""
    return tx.execute(_OPEN, {"staff": staff_id}).mappings().one_or_none()


def one_gathering(tx: Connection, gathering_id: int) -> RowMapping | None:
    """An event with the name of who types there."""
    return tx.execute(_ONE, {"id": gathering_id}).mappings().one_or_none()


def ended_gatherings(tx: Connection, staff_id: int) -> Sequence[RowMapping]:
    """Somebody's last events with how many reports each brought."""
    return tx.execute(_ENDED, {"staff": staff_id}).mappings().all()
