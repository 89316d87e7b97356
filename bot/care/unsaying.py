"""What an officer writes to a citizen beside an answer waits some seconds too, and can be taken back.

The words as they were typed are kept as a draft of their own kind until then: what lies in the outbox is
drawn for a channel already. The time is the database's, as in holding.py.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, text

from bot.care import desk
from bot.delivery.speaking import lock_listener
from bot.house import House
from bot.outbound import NEXT_DUE
from bot.workflow import NotAllowed
from storage import queries, replies

SECONDS = 10
TYPED, SENT = "talk", "said"  # kinds of drafts: what is being typed, what was sent a moment ago
TOO_LATE = "Sudah terlambat: pesannya sudah dikirim."


def hold(tx: Connection, by: queries.Reader, row: RowMapping, words: str, house: House) -> None:
    """Let wait what this very transaction has put into the outbox of a report's chat.

    Args:
        tx: the transaction, which holds the chat's lock.
        by: who wrote.
        row: the report.
        words: as they were typed.
        house: the running product.
    """
    chats = [row["conversation_id"]]
    tx.execute(_WAIT, {"chats": chats, "seconds": SECONDS})
    tx.execute(NEXT_DUE, {"chats": chats})
    replies.drop(tx, by.staff_id, row["id"], TYPED)
    replies.keep(tx, by.staff_id, row["id"], SENT, words, house.clock.now())


def seconds_left(tx: Connection, ticket_id: int, staff_id: int) -> float:
    """For how many seconds somebody can still take back what he wrote about a report; 0: nothing waits."""
    return max((one["seconds"] for one in _waiting(tx, ticket_id, staff_id)), default=0.0)


def take_back(house: House, by: queries.Reader, number: str) -> None:
    """Send nothing of what one wrote a moment ago; the words are one's draft again.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: it is on its way, or somebody else's.
    """
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number)
        if row is None:
            raise desk.NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if row["conversation_id"] is None:
            raise NotAllowed(TOO_LATE)
        lock_listener(tx, house, row["conversation_id"])
        waiting = _waiting(tx, row["id"], by.staff_id)
        if not waiting:
            raise NotAllowed(TOO_LATE)
        tx.execute(_CANCEL, {"ids": [one["id"] for one in waiting]})
        tx.execute(NEXT_DUE, {"chats": [row["conversation_id"]]})
        kept = replies.drafts(tx, by.staff_id, row["id"]).get(SENT)
        if kept is not None:
            replies.keep(tx, by.staff_id, row["id"], TYPED, kept["text"], house.clock.now())
            replies.drop(tx, by.staff_id, row["id"], SENT)
    house.database.bell.ring()


def _waiting(tx: Connection, ticket_id: int, staff_id: int) -> Sequence[RowMapping]:
    return tx.execute(_HELD, {"ticket": ticket_id, "staff": staff_id}).mappings().all()


# Rows that this very transaction has written; their writer is the row's xmin.
# Source: https://www.postgresql.org/docs/18/ddl-system-columns.html
_WAIT = text(
    """update message set due_at = now() + make_interval(secs => :seconds)
       where conversation_id = any(:chats) and direction = 'out' and state = 'waiting' and author = 'staff'
         and xmin = pg_current_xact_id()::xid"""
)
# An answer or another move waits with the line of history that its transaction wrote; words have none.
_HELD = text(
    """select m.id, extract(epoch from m.due_at - now())::float8 as seconds
       from message m
       where m.ticket_id = :ticket and m.staff_id = :staff and m.direction = 'out' and m.author = 'staff'
         and m.state = 'waiting' and m.tries = 0 and m.due_at > now()
         and not exists (select from event e where e.ticket_id = m.ticket_id and e.xmin = m.xmin)
       order by m.id"""
)
_CANCEL = text("update message set state = 'cancelled', due_at = null where id = any(:ids)")
