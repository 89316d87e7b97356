"""Who of the staff opened which report: written with every opening, told to citizens by DATA SAYA."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, text


def note_page(tx: Connection, ticket_ids: Sequence[int], staff_id: int, day: date) -> None:
    """Count an opening of reports, on their page or as rows of an export: one statement for all.

    Args:
        tx: a transaction that can write.
        ticket_ids: the reports.
        staff_id: who looked.
        day: the business day in the city.
    """
    tx.execute(_PAGE, {"tickets": list(ticket_ids), "staff": staff_id, "day": day})


def note_file(tx: Connection, ticket_id: int, staff_id: int, day: date) -> None:
    """Note that a file of a report was opened.

    A page fetches its photos by itself: they are no openings of their own. One opened without the page is.
    """
    tx.execute(_FILE, {"tickets": [ticket_id], "staff": staff_id, "day": day})


# In order of their numbers: two exports at once cannot wait for each other.
_PAGE = text(
    """insert into look (ticket_id, staff_id, day)
       select id, :staff, :day from (select distinct unnest(cast(:tickets as bigint[])) as id order by id) t
       on conflict (ticket_id, staff_id, day) do update set times = look.times + 1"""
)
_FILE = text(
    """insert into look (ticket_id, staff_id, day)
       select unnest(cast(:tickets as bigint[])), :staff, :day on conflict do nothing"""
)


def by_office(tx: Connection, ticket_ids: Sequence[int]) -> list[RowMapping]:
    """Of each report which offices opened it, how often and when last: `ticket_id, office, times, last`.

    `office` is its short name, empty for staff without one; no member of staff is named.
    """
    return list(tx.execute(_BY_OFFICE, {"tickets": list(ticket_ids)}).mappings())


_BY_OFFICE = text(
    """select l.ticket_id, coalesce(nullif(o.short_name, ''), o.name, '') as office,
              cast(sum(l.times) as integer) as times, max(l.day) as last
       from look l join staff s on s.id = l.staff_id left join office o on o.id = s.office_id
       where l.ticket_id = any(:tickets) group by 1, 2 order by 1, 4 desc, 2"""
)


def by_staff(tx: Connection, ticket_id: int) -> list[RowMapping]:
    """Who opened a report, the latest first: `name, office, times, last`."""
    return list(tx.execute(_BY_STAFF, {"ticket": ticket_id}).mappings())


_BY_STAFF = text(
    """select coalesce(nullif(s.name, ''), s.email) as name, coalesce(o.short_name, '') as office,
              cast(sum(l.times) as integer) as times, max(l.day) as last
       from look l join staff s on s.id = l.staff_id left join office o on o.id = s.office_id
       where l.ticket_id = :ticket group by 1, 2 order by 4 desc, 1"""
)
