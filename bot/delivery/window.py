"""WhatsApp's window: outside it answers wait, and an approved template asks the citizen to write again."""

import json

from sqlalchemy import Connection, text

from bot.channel import Payload
from bot.outbound import NEXT_DUE


def hold_back(tx: Connection, conversation_id: int, knock: Payload | None) -> None:
    """Keep everything that waits in a chat until the citizen writes again.

    Args:
        tx: a transaction that holds the chat's lock.
        conversation_id: the chat.
        knock: the template that goes ahead of what is held, once for each silence of the citizen; None when
            the channel has none.
    """
    tx.execute(
        text("update message set state = 'held' where conversation_id = :id and state = 'waiting'"),
        {"id": conversation_id},
    )
    if knock is not None:
        values = {"id": conversation_id, "text": knock.text, "payload": json.dumps(knock.to_json())}
        tx.execute(_KNOCK, values)
    tx.execute(NEXT_DUE, {"chats": [conversation_id]})


_KNOCK = text(
    """insert into message
           (conversation_id, ticket_id, direction, state, author, kind, text, payload, priority, created_at)
       select c.id, held.ticket_id, 'out', 'waiting', 'bot', 'knock', :text, cast(:payload as jsonb), 0,
              held.created_at
       from conversation c
       join lateral (select ticket_id, created_at from message
                     where conversation_id = c.id and state = 'held' order by id limit 1) held on true
       where c.id = :id and not exists (
           select from message
           where conversation_id = c.id and kind = 'knock' and state <> 'failed'
             and id > (select coalesce(max(id), 0) from message
                       where conversation_id = c.id and direction = 'in'))"""
)


def let_go(tx: Connection, conversation_id: int) -> None:
    """Send what was held: the citizen has written. The caller holds the conversation's lock."""
    freed = tx.execute(
        text("update message set state = 'waiting' where conversation_id = :id and state = 'held'"),
        {"id": conversation_id},
    )
    if freed.rowcount:
        tx.execute(NEXT_DUE, {"chats": [conversation_id]})
