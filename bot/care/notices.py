"""Notices: what one of the staff should look at, told once, in the panel and in the daily digest.

Who is meant is said by what somebody is for a ticket, not by name: its office, the head, the level above, the
coordinators. A report in the supervised lane concerns inspectors alone, its citizen's identity a custodian.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping, text

Audience = Literal["office", "head", "superior", "coordinator", "supervisor", "inspector", "custodian"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of a ticket (its id), and to whom; `kind`, `about` and `note` are those of `tell`."""

    ticket_id: int
    kind: str
    to: frozenset[Audience]
    about: str = ""
    note: str = ""


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
        to: who is meant; in the supervised lane inspectors are instead, but for custodians.
        now: business time.
        about: which occasion; the same kind and occasion is told to nobody twice.
        note: words to add, without personal data.
    """
    return tell_many(tx, [Notice(row["id"], kind, frozenset(to), about, note)], now)


def tell_many(tx: Connection, notices: Sequence[Notice], now: datetime) -> int:
    """Tell those concerned of many tickets, in one statement; returns how many notices are new."""
    if not notices:
        return 0
    values = {
        "tickets": [one.ticket_id for one in notices],
        "kinds": [one.kind for one in notices],
        "abouts": [one.about for one in notices],
        "notes": [one.note for one in notices],
        "audiences": [" ".join(one.to) for one in notices],
        "now": now,
    }
    return tx.execute(_TELL, values).rowcount


# Who is meant is looked up once for each office and not for each ticket. Of those who fit, the ones of the
# nearest office: the ticket's own, else the first above it that has any. What has an assignee goes to him
# instead of to all officers of the office.
_TELL = text(
    """with told as (
           select one.*, audience
           from unnest(cast(:tickets as bigint[]), cast(:audiences as text[]), cast(:kinds as text[]),
                       cast(:abouts as text[]), cast(:notes as text[]))
                as one(ticket_id, audiences, kind, about, note)
           cross join unnest(string_to_array(one.audiences, ' ')) as audience),
       concerned as materialized (
           select distinct told.ticket_id, told.kind, told.about, told.note, t.office_id, a.id as assignee_id,
                  case when t.supervised and told.audience <> 'custodian'
                       then 'inspector' else told.audience end as who
           from told join ticket t on t.id = told.ticket_id
           left join staff a on a.id = t.assignee_id and a.active),
       asked as (
           select distinct office_id, who from concerned where who in ('office', 'head', 'superior')),
       fits as materialized (
           select s.id, s.office_id, s.head, exists (
                      select from staff_role sr join role r on r.id = sr.role_id
                      where sr.staff_id = s.id and r.name = 'officer') as officer
           from staff s where s.active and s.office_id is not null),
       nearest as (
           select office_id, who, staff_id
           from (select asked.office_id, asked.who, f.id as staff_id,
                        rank() over (partition by asked.office_id, asked.who order by length(o.path) desc)
                            as place
                 from asked join office mine on mine.id = asked.office_id
                 join office o on starts_with(mine.path, o.path)
                 join fits f on f.office_id = o.id
                 where case asked.who when 'office' then f.officer
                                      when 'head' then f.head
                                      else (f.head or f.officer) and o.id <> mine.id end) ranked
           where place = 1),
       by_role as (
           select r.name as who, s.id as staff_id
           from role r join staff_role sr on sr.role_id = r.id join staff s on s.id = sr.staff_id
           where s.active and r.name in ('coordinator', 'supervisor', 'inspector', 'custodian')),
       meant as (
           select c.assignee_id as staff_id, c.* from concerned c
           where c.who = 'office' and c.assignee_id is not null
           union all
           select n.staff_id, c.* from concerned c
           join nearest n on n.office_id = c.office_id and n.who = c.who
           where c.who <> 'office' or c.assignee_id is null
           union all
           select b.staff_id, c.* from concerned c join by_role b on b.who = c.who)
       insert into notice (staff_id, ticket_id, kind, about, note, at)
       select staff_id, ticket_id, kind, about, min(note), :now from meant
       group by staff_id, ticket_id, kind, about order by ticket_id, min(who), staff_id
       on conflict do nothing"""
)
