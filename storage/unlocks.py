"""Requests to see who stands behind a report: what waits, what is open, what a citizen is told of them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, text

PATIENCE = timedelta(days=3)  # so long a request waits for the second person


def listed(tx: Connection, *, in_lane: bool, limit: int = 100) -> list[RowMapping]:
    """Requests, those that wait first, then the latest; no name and no number of a citizen is among them.

    Each has the columns of `unlock`, and `number`, `asker`, `asker_office`, `decider`, how often `opened`.

    Args:
        tx: a transaction.
        in_lane: also those about reports in the supervised lane.
        limit: rows at most.
    """
    return list(tx.execute(_LISTED, {"lane": in_lane, "limit": limit}).mappings())


def one(tx: Connection, unlock_id: int, *, in_lane: bool, lock: bool = False) -> RowMapping | None:
    """A request by its id, in the form of `listed`; None when there is none, or none that may be seen."""
    query = _ONE_LOCKED if lock else _ONE
    return tx.execute(query, {"lane": in_lane, "id": unlock_id}).mappings().one_or_none()


def waiting(tx: Connection, now: datetime, *, in_lane: bool, but: int) -> int:
    """How many requests wait for a word of somebody other than their asker `but`."""
    values = {"since": now - PATIENCE, "lane": in_lane, "but": but}
    return int(tx.execute(_WAITING, values).scalar_one())


def of_person(tx: Connection, person_id: int, limit: int) -> list[RowMapping]:
    """What was granted about a person's reports, the latest first: `number, office, decided_at, opened`."""
    return list(tx.execute(_OF_PERSON, {"person": person_id, "limit": limit}).mappings())


_OPENED = """(select count(*) from event e where e.ticket_id = u.ticket_id and e.kind = 'unlock_opened'
              and e.detail ->> 'unlock' = cast(u.id as text)) as opened"""
_ALL = f"""select u.*, t.number, t.supervised, t.conversation_id, {_OPENED},
                  coalesce(nullif(s.name, ''), s.email) as asker,
                  coalesce(nullif(o.short_name, ''), o.name, '') as asker_office,
                  coalesce(nullif(d.name, ''), d.email) as decider
           from unlock u join ticket t on t.id = u.ticket_id join staff s on s.id = u.asked_by
           left join office o on o.id = s.office_id left join staff d on d.id = u.decided_by
           where (:lane or not t.supervised)"""  # noqa: S608 - our own words
_LISTED = text(f"{_ALL} order by u.state <> 'asked', u.id desc limit :limit")
_ONE = text(f"{_ALL} and u.id = :id")
_ONE_LOCKED = text(f"{_ALL} and u.id = :id for update of u")
_WAITING = text(
    """select count(*) from unlock u join ticket t on t.id = u.ticket_id
       where u.state = 'asked' and u.asked_at > :since and u.asked_by <> :but
         and (:lane or not t.supervised)"""
)
_OF_PERSON = text(
    f"""select t.number, coalesce(nullif(o.short_name, ''), o.name, '') as office, u.decided_at, {_OPENED}
        from unlock u join ticket t on t.id = u.ticket_id join staff s on s.id = u.asked_by
        left join office o on o.id = s.office_id
        where t.person_id = :person and u.state = 'granted' order by u.id desc limit :limit"""  # noqa: S608
)
