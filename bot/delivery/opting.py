"""A provider says that a citizen does not want our messages: pushes there stop, his reports go on."""

from datetime import datetime

from sqlalchemy import Connection, text


def stop(tx: Connection, conversation_id: int, now: datetime) -> None:
    """Take note of it for the address of a chat.

    What waits there is cancelled when its turn comes, but for the answers to what he writes: see
    `sending.Sender`. He is asked again by START, and on Telegram by unblocking the bot.

    Args:
        tx: a transaction.
        conversation_id: the chat whose provider refused a message because of it.
        now: business time.
    """
    tx.execute(_STOP, {"id": conversation_id, "now": now})


_STOP = text(
    """update address set opted_out_at = :now
       where id = (select address_id from conversation where id = :id) and opted_out_at is null"""
)
