"""The reports that tell one story: a whole, its parts at other offices, what was joined with any of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select, text

from storage.models import ticket


def numbers_of(tx: Connection, ticket_id: int) -> Sequence[str]:
    """The public numbers of all that tell a ticket's story, its own among them; the whole comes first."""
    return tx.scalars(_FAMILY, {"id": ticket_id}).all()


def locked(tx: Connection, numbers: Sequence[str]) -> list[RowMapping]:
    """The rows of a family in the order of its numbers; the caller has locked them."""
    rows = tx.execute(select(ticket).where(ticket.c.number.in_(numbers))).mappings()
    found = {row["number"]: row for row in rows}
    return [found[number] for number in numbers]


# `union` and not `union all`: what was joined in a circle ends.
_FAMILY = text(
    """with recursive above as (
           select id, parent_id, 0 as height from ticket where id = :id
           union all
           select t.id, t.parent_id, height + 1 from above join ticket t on t.id = above.parent_id
           where height < 9),
       top as (select id from above order by height desc limit 1),
       family as (
           select id from top
           union
           select t.id from family f join ticket t on t.parent_id = f.id or t.merged_into_id = f.id)
       select t.number from family join ticket t using (id)
       order by t.merged_into_id is not null, t.parent_id is not null, t.id"""
)
