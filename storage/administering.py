"""What the pages of administration show: staff, offices, channels' last words, events that were set aside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

LOOKED_AT = 50_000  # messages: a page of figures must not cost more as the table grows
_STAFF = text(
    """select s.id, s.email, s.name, s.active, s.head, s.invited_until, s.password is not null as joined,
              o.code as office_code, o.name as office_name,
              array(select r.name from staff_role sr join role r on r.id = sr.role_id
                    where sr.staff_id = s.id order by r.name) as roles,
              (select max(seen_at) from staff_session x where x.staff_id = s.id) as seen_at,
              (select count(*) from ticket t where t.assignee_id = s.id
               and t.status not in ('closed', 'rejected', 'merged')) as tickets
       from staff s left join office o on o.id = s.office_id
       order by s.active desc, lower(coalesce(nullif(s.name, ''), s.email))"""
)
_OFFICES = text(
    """select o.id, o.code, o.name, o.kind, o.path, o.active,
              (select count(*) from staff s where s.office_id = o.id and s.active) as people,
              (select count(*) from ticket t where t.office_id = o.id and not t.supervised
               and t.status not in ('closed', 'rejected', 'merged', 'draft')) as open
       from office o order by o.path"""
)
_CHANNELS = text(
    """with latest as (select * from message order by id desc limit :most)
       select c.channel,
              max(m.created_at) filter (where m.direction = 'in') as last_in,
              max(m.sent_at) filter (where m.direction = 'out') as last_out,
              count(*) filter (where m.state in ('waiting', 'sending', 'unknown')) as waiting,
              count(*) filter (where m.state in ('waiting', 'sending', 'unknown')
                               and m.created_at < :now - interval '5 minutes') as late,
              count(*) filter (where m.state = 'held') as held,
              (array_agg(m.error order by m.id desc)
               filter (where m.state = 'failed' and m.created_at > :since and m.error <> ''))[1] as fault,
              count(*) filter (where m.state = 'failed' and m.created_at > :since) as failed
       from latest m join conversation c on c.id = m.conversation_id group by c.channel"""
)
_ASIDE = text(
    """select id, at, channel, state, error, tries from raw_event
       where state in ('failed', 'quarantined') order by at desc, id desc limit :limit"""
)
_ASIDE_COUNTS = text(
    """select state, count(*) as total from raw_event
       where state in ('failed', 'quarantined', 'junk') group by state"""
)
_BEAT = text("select extract(epoch from now() - max(at)) from heartbeat")


def staff(tx: Connection) -> Sequence[RowMapping]:
    """Everybody with role, office, when last seen, and how many open reports he has; who left comes last."""
    return tx.execute(_STAFF).mappings().all()


def offices(tx: Connection) -> Sequence[RowMapping]:
    """All offices in the order of the tree, each with its people and its open reports."""
    return tx.execute(_OFFICES).mappings().all()


def channels(tx: Connection, now: datetime, since: datetime) -> Mapping[str, RowMapping]:
    """By channel: the last message in and out, what waits and is late now, is held, and what failed since."""
    rows = tx.execute(_CHANNELS, {"most": LOOKED_AT, "now": now, "since": since}).mappings()
    return {row["channel"]: row for row in rows}


def set_aside(tx: Connection, limit: int) -> Sequence[RowMapping]:
    """Events that could not be handled, the newest first, without what was in them."""
    return tx.execute(_ASIDE, {"limit": limit}).mappings().all()


def aside_counts(tx: Connection) -> dict[str, int]:
    """How many events failed, were set aside, or are nothing that anybody can read."""
    return {row.state: row.total for row in tx.execute(_ASIDE_COUNTS)}


def worker_seconds(tx: Connection) -> float | None:
    """How long ago a worker wrote that it lives; None: never."""
    found: Any = tx.scalar(_BEAT)
    return None if found is None else float(found)


def is_aside(tx: Connection, event_id: int) -> bool:
    """Whether an event waits to be tried again."""
    return tx.scalar(_IS_ASIDE, {"id": event_id}) is not None


_IS_ASIDE = text("select 1 from raw_event where id = :id and state in ('failed', 'quarantined')")
