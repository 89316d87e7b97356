"""Reports that staff joined with another one: where their words go, and who stands behind them.

What a citizen did himself (he followed a report instead of making one, or his draft was part of his own
report) is merged too, but no report of somebody else: such a row has `closed_how`.
"""

from sqlalchemy import Connection, RowMapping, text


def one_at_a_time(tx: Connection) -> None:
    """Let mergers wait for each other until the transaction ends; asked for before any other lock.

    A merger touches reports that were joined before, which nobody can lock in order beforehand.
    """
    tx.execute(_ONE_AT_A_TIME)


_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('kentongan merger'))")


def landing(tx: Connection, ticket_id: int) -> int:
    """The ticket that words about a ticket belong to: itself, or the one that staff joined it with."""
    return int(tx.scalar(_LANDING, {"id": ticket_id}) or ticket_id)


_LANDING = text("select merged_into_id from ticket where id = :id and status = 'merged' and closed_how = ''")


def own_number(tx: Connection, ticket_id: int, person_id: int | None) -> str:
    """The number of this person's report that was joined with a ticket; empty when he has none there."""
    return str(tx.scalar(_OWN_NUMBER, {"id": ticket_id, "person": person_id}) or "")


_OWN_NUMBER = text(
    """select number from ticket
       where merged_into_id = :id and person_id = :person and status = 'merged' and closed_how = ''
       order by id limit 1"""
)


def joined_with(tx: Connection, ticket_id: int) -> list[RowMapping]:
    """The reports that staff joined with a ticket, in the order in which they did."""
    return list(tx.execute(_JOINED_WITH, {"id": ticket_id}).mappings())


_JOINED_WITH = text(
    """select t.*, m.id as joined_event_id, m.at as joined_at
       from ticket t
       left join lateral (
           select e.id, e.at from event e where e.ticket_id = t.id and e.kind = 'joined'
           order by e.id desc limit 1) m on true
       where t.merged_into_id = :id and t.status = 'merged' and t.closed_how = ''
       order by m.id nulls last, t.id"""
)


def reporters(tx: Connection, ticket: RowMapping) -> dict[int, int]:
    """Which reporter writes in which chat: 2, 3, ... by conversation id; without the ticket's own chat."""
    people: dict[int | None, int] = {ticket["person_id"]: 1}
    found: dict[int, int] = {}
    for one in joined_with(tx, ticket["id"]):
        place = people.setdefault(one["person_id"], len(people) + 1)
        if one["conversation_id"] and one["conversation_id"] != ticket["conversation_id"] and place > 1:
            found[one["conversation_id"]] = place
    return found


def last_join(tx: Connection, ticket_id: int) -> RowMapping | None:
    """The line of a ticket's history that says how it was when staff joined it with another one."""
    return tx.execute(_LAST_JOIN, {"id": ticket_id}).mappings().one_or_none()


_LAST_JOIN = text("select * from event where ticket_id = :id and kind = 'joined' order by id desc limit 1")
