"""The alarm for what waits too long: nothing may stay queued or received for more than five minutes unseen.

It is tried again all the while: by its pauses, by leases that end, by the sweep. /metrics counts the same.
"""

import logging

from sqlalchemy import text

from bot.house import House

log = logging.getLogger(__name__)
MINUTES = 5


def alarm(house: House) -> dict[str, int]:
    """Log a warning for each kind of thing that waits too long; returns how many of each. Periodic.

    What is held for a citizen's next message does not wait for us, and a file is tried for an hour at most.
    """
    with house.database.reading() as tx:
        found = {row.what: int(row.held) for row in tx.execute(_WAITS, {"minutes": MINUTES}) if row.held}
    for what, count in found.items():
        log.warning("waits for more than five minutes", extra={"kind": what, "count": count})
    return found


_WAITS = text(
    """select 'message' as what, count(*) as held from message
       where state in ('waiting', 'sending', 'unknown')
         and created_at < now() - make_interval(mins => :minutes)
       union all select 'event', count(*) from raw_event
       where state = 'failed' and at < now() - make_interval(mins => :minutes)
       union all select 'file', count(*) from attachment
       where state = 'waiting' and created_at < now() - make_interval(mins => :minutes)"""
)
