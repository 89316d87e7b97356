"""The order of locks that everybody keeps: chats by their id, then the whole of a report, then its parts."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from bot.care.crowd import FEW_FOLLOWERS


def lock_with_chats(tx: Connection, numbers: Sequence[str]) -> None:
    """Lock the chats of these tickets and of their followers (of a crowd none), then the tickets.

    While it waits somebody may begin to follow, or a report be joined: his chat would be locked out of order
    later. So all is let go then and locked anew. Nobody joins or follows a locked ticket.
    """
    values = {"numbers": list(numbers)}
    while True:
        attempt = tx.begin_nested()
        locked = set(tx.scalars(_LOCK_CHATS, values))
        tx.execute(_LOCK_TICKETS, values)
        if locked.issuperset(tx.scalars(_CHATS, values)):
            attempt.commit()
            return
        attempt.rollback()


_LISTENING = f"""
    with whole as (select coalesce(parent_id, id) as id from ticket where number = any(:numbers))
    select id from conversation where id = any(array(
        select conversation_id from ticket where id in (select id from whole)
        union {FEW_FOLLOWERS}
        union select conversation_id from ticket where merged_into_id in (select id from whole)))"""  # noqa: S608 - our own words
_CHATS = text(_LISTENING)
# Chats before their tickets, as in a citizen's turn: else the two wait for each other when he writes now.
_LOCK_CHATS = text(f"{_LISTENING} order by id for update")
# Both of a merger by their id: else two that are merged into each other at once wait for each other.
# All parts of a whole with it, and after it: it was there before them and so has the lower id.
_LOCK_TICKETS = text(
    """with whole as (select coalesce(parent_id, id) as id from ticket where number = any(:numbers))
       select t.id from ticket t
       where t.id = any(array(select id from whole
                              union select id from ticket where parent_id in (select id from whole)))
       order by t.id for update of t"""
)
