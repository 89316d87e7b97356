"""What staff did and what was refused to them: only ever appended, the database itself sees to it.

No personal data goes in: who is a number, what is a word, and the detail holds ids, codes and counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select

from storage.deskwork import audit
from storage.models import office, staff, ticket
from storage.queries import Reader, in_scope

LONGEST_DETAIL = 200  # characters of each value; more is somebody's prose and does not belong here


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows are wanted; what is empty does not matter."""

    staff_id: int | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def note(
    tx: Connection,
    staff_id: int | None,
    action: str,
    now: datetime,
    ticket_id: int | None = None,
    **detail: Any,
) -> None:
    """Write down what one of the staff did, or what was refused to him.

    Args:
        tx: the transaction of the deed itself, so that neither stands without the other.
        staff_id: who; None for the command line and for somebody unknown.
        action: a word of panel/audits.py ACTIONS.
        now: business time.
        ticket_id: the report it was about.
        **detail: ids, codes and counts; never a name, a number, or what somebody wrote.
    """
    kept = {name: _short(value) for name, value in detail.items()}
    row = {"at": now, "staff_id": staff_id, "action": action, "ticket_id": ticket_id, "detail": kept}
    tx.execute(insert(audit).values(row))


def _short(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(str(one)[:LONGEST_DETAIL] for one in value)
    return value if value is None or isinstance(value, (bool, int)) else str(value)[:LONGEST_DETAIL]


def listed(
    tx: Connection, by: Reader, sought: Sought, *, before: int | None = None, limit: int = 50
) -> list[RowMapping]:
    """Rows with the address of who and the number of the report, the newest first.

    The number is empty for a report that the reader may not know of, in the supervised lane for one.

    Args:
        tx: a reading transaction.
        by: who reads.
        sought: which are wanted.
        before: only rows older than the one with this id.
        limit: how many at most.
    """
    query = (
        select(audit, staff.c.email, staff.c.name, ticket.c.number)
        .outerjoin(staff, staff.c.id == audit.c.staff_id)
        .outerjoin(
            ticket.outerjoin(office, office.c.id == ticket.c.office_id),
            and_(ticket.c.id == audit.c.ticket_id, in_scope(by)),
        )
        .where(*_conditions(sought), *([audit.c.id < before] if before else []))
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return list(tx.execute(query).mappings())


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.staff_id is not None:
        found.append(audit.c.staff_id == sought.staff_id)
    if sought.action:
        found.append(audit.c.action == sought.action)
    if sought.since:
        found.append(audit.c.at >= sought.since)
    if sought.until:
        found.append(audit.c.at < sought.until)
    return found
