"""Reports of a telephone number that its owner gives to staff, found by its keyed hash alone.

Who reported without a name is not found: a number in hand must not tell what was reported in secret.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, not_, select

from storage.models import address, ticket
from storage.queries import Reader, selection

MOST = 50


def reports_of(tx: Connection, by: Reader, lookups: Sequence[bytes], now: datetime) -> list[RowMapping]:
    """Reports within the reader's scope of whoever these addresses belong to, the newest first.

    Args:
        tx: a reading transaction.
        by: who reads.
        lookups: keyed hashes of the addresses that a number has on the channels.
        now: business time.
    """
    people = select(address.c.person_id).where(address.c.lookup.in_(list(lookups)))
    query = selection(by, queue="all", now=now).where(
        ticket.c.person_id.in_(people), not_(ticket.c.anonymous), ticket.c.parent_id.is_(None)
    )
    return list(tx.execute(query.order_by(ticket.c.id.desc()).limit(MOST)).mappings())
