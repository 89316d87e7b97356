"""Notices: what one of the staff should look at, told once, in the panel and in the daily digest.

Who is meant is said by what somebody is for a ticket, not by name: its office, the head, the level above, the
coordinators. A report in the supervised lane concerns inspectors alone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, text

Audience = Literal["office", "head", "superior", "coordinator", "supervisor", "inspector", "custodian"]


def tell(
    tx: Connection,
    row: RowMapping,
    kind: str,
    to: Iterable[Audience],
    now: datetime,
    *,
    about: str = "",
    note: str = "",
) -> int:
    """Tell those concerned of a ticket; returns how many are told for the first time.

    Args:
        tx: the caller's transaction.
        row: the ticket.
        kind: what it is about, a key of the panel's names of notices.
        to: who is meant; in the supervised lane only inspectors are.
        now: business time.
        about: which occasion; the same kind and occasion is told to nobody twice.
        note: words to add, without personal data.
    """
    audiences = {"inspector"} if row["supervised"] else set(to)
    values: dict[str, Any] = {"ticket": row["id"], "office": row["office_id"], "assignee": row["assignee_id"]}
    values |= {"kind": kind, "about": about, "note": note, "now": now}
    return sum(tx.execute(_TELL[one], values).rowcount for one in sorted(audiences))


_INSERT = """insert into notice (staff_id, ticket_id, kind, about, note, at)
             select s.id, :ticket, :kind, :about, :note, :now from staff s
             where s.active and {who}
             on conflict do nothing"""
_HAS_ROLE = """exists (select from staff_role sr join role r on r.id = sr.role_id
                       where sr.staff_id = s.id and r.name = '{role}')"""
# Of those who fit, the ones of the nearest office: the ticket's own, else the first above it that has any.
_NEAREST = """s.id in (
    select c.id from staff c join office o on o.id = c.office_id
    join office mine on mine.id = :office and starts_with(mine.path, o.path) and {where}
    where c.active and {fits}
      and length(o.path) = (select max(length(o2.path)) from staff c2 join office o2 on o2.id = c2.office_id
                            where c2.active and starts_with(mine.path, o2.path) and {where2} and {fits2}))"""


def _nearest(fits: str, where: str = "true") -> str:
    return _NEAREST.format(
        where=where,
        where2=where.replace("o.", "o2."),
        fits=fits,
        fits2=fits.replace("c.", "c2.").replace("= c ", "= c2 "),
    )


_OFFICER = _HAS_ROLE.format(role="officer").replace("s.id", "c.id")
_WHO = {
    "office": f"""(s.id = :assignee or not exists (select from staff a where a.id = :assignee and a.active)
                   and {_nearest(_OFFICER)})""",
    "head": _nearest("c.head"),
    "superior": _nearest(f"(c.head or {_OFFICER})", "o.id <> mine.id"),
    **{role: _HAS_ROLE.format(role=role) for role in ("coordinator", "supervisor", "inspector", "custodian")},
}
_TELL = {audience: text(_INSERT.format(who=who)) for audience, who in _WHO.items()}
