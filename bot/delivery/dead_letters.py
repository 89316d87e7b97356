"""Messages that failed for good: sent again by hand, in their old order, an answer in parts as a whole."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, text

from bot import tickets
from bot.delivery.receipts import LATE
from bot.house import House
from bot.outbound import LOCK
from bot.workflow import NotAllowed
from storage import queries

BATCH = 200  # messages put back in one transaction


class Nothing(Exception):
    """No such message, or none that failed."""


def resend(house: House, by: queries.Reader, number: str, message_id: int) -> None:
    """Send a failed message about a report again, and tell its history who wanted that.

    Args:
        house: the running product.
        by: who wants it.
        number: the report's public number.
        message_id: the message, or one of its parts.

    Raises:
        Nothing: no such report within the reader's scope, or no message of it.
        NotAllowed: the message did not fail, or was sent again by somebody else.
    """
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number)
        if row is None or not tx.scalar(_ABOUT, {"id": message_id, "ticket": row["parent_id"] or row["id"]}):
            raise Nothing
        if not put_back(tx, [message_id]):
            raise NotAllowed("Pesan ini tidak gagal atau sudah dikirim lagi.")
        tickets.append(tx, row["id"], house.clock.now(), "resent", staff_id=by.staff_id)
    house.database.bell.ring()


def resend_one(house: House, message_id: int) -> None:
    """Send a failed message again, whatever it is about; raises Nothing."""
    with house.database.transaction() as tx:
        if not put_back(tx, [message_id]):
            raise Nothing
    house.database.bell.ring()


def resend_all(house: House) -> int:
    """Send everything again that failed so far, the oldest first; returns how many messages that is."""
    with house.database.reading() as tx:
        ids = tx.scalars(_FAILED).all()
    count = 0
    for first in range(0, len(ids), BATCH):
        with house.database.transaction() as tx:
            count += put_back(tx, ids[first : first + BATCH])
        house.database.bell.ring()
    return count


def put_back(tx: Connection, ids: Sequence[int]) -> int:
    """Let failed messages wait again, with the failed parts of the same answer; returns how many."""
    chats = sorted(tx.scalars(_CHATS, {"ids": list(ids)}))
    if not chats:
        return 0
    tx.execute(LOCK, {"chats": chats})
    count = tx.execute(_PUT_BACK, {"ids": list(ids)}).rowcount
    tx.execute(_WAKE, {"chats": chats})
    return count


def failed(tx: Connection, ticket_id: int) -> Sequence[RowMapping]:
    """What failed of a report's messages to its reporter: id, words, reason, moment; one row an answer."""
    return tx.execute(_OF_TICKET, {"ticket": ticket_id}).mappings().all()


_ABOUT = text("select 1 from message where id = :id and ticket_id = :ticket and direction = 'out'")
_FAILED = text("select id from message where direction = 'out' and state = 'failed' order by id")
_CHATS = text(
    """select distinct conversation_id from message
       where id = any(:ids) and direction = 'out' and state = 'failed'"""
)
# What the provider still says of the first hand-over is not about the second one. An id that is made of ours
# tells nothing apart.
_PUT_BACK = text(
    f"""update message set state = 'waiting', tries = 0, due_at = null, error = '', worker = null,
           lease_until = null, sent_at = null,
           payload = case when provider_id = '' or provider_id like '%:' || id then payload
                          else payload || jsonb_build_object('{LATE}', provider_id) end
       where direction = 'out' and state = 'failed'
         and (id = any(:ids) or (conversation_id, say) in (
               select conversation_id, say from message where id = any(:ids) and say is not null))"""  # noqa: S608
)
# As outbound.say does it; the lane is that of what waits, so that many of them never delay a conversation.
_WAKE = text(
    """update conversation c
       set out_due_at = coalesce(c.out_due_at, now()),
           out_priority = case when c.out_due_at is null then head.priority
                               else least(c.out_priority, head.priority) end
       from unnest(cast(:chats as bigint[])) as due(id)
       join lateral (select min(priority) as priority from message
                     where conversation_id = due.id and direction = 'out' and state = 'waiting') head
         on head.priority is not null
       where c.id = due.id"""
)
_OF_TICKET = text(
    """select min(m.id) as id, min(m.created_at) as at, min(m.error) as error,
              string_agg(m.text, ' ' order by m.id) as text
       from message m
       where m.ticket_id = :ticket and m.direction = 'out' and m.state = 'failed'
         and not exists (select from follower f
                         where f.ticket_id = m.ticket_id and f.conversation_id = m.conversation_id)
       group by coalesce(m.say, cast(cast(m.id as text) as bytea)) order by 1"""
)
