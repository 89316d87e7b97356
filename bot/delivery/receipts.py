"""What the provider says became of a message: it only moves a delivery forward."""

from typing import Any

from sqlalchemy import Connection, Row, text

from bot.channel import Receipt
from bot.outbound import LOCK, NEXT_DUE

_RANKS = {
    "waiting": 0,
    "held": 0,
    "sending": 0,
    "unknown": 0,
    "cancelled": 0,
    "sent": 1,
    "delivered": 3,
    "read": 4,
}
_RANKS["failed"] = 2  # "delivered" after "failed" does occur on WhatsApp


UNSENT = ("waiting", "sending", "unknown")


def note_receipt(tx: Connection, receipt: Receipt) -> bool:
    """Move a message forward, never back, by the provider's word; returns whether it is one of ours.

    The chat is locked only while the message counts as unsent, for then the chat's next message is freed.
    """
    row = _find(tx, receipt)
    if row is None:
        return False
    lower = [state for state, rank in _RANKS.items() if rank < _RANKS[receipt.state]]
    if row.state not in lower:
        return True
    chats = {"chats": [row.conversation_id]}
    if row.state in UNSENT:
        tx.execute(LOCK, chats)
    error = receipt.error.sentence if receipt.error else ""
    values = {"state": receipt.state, "provider_id": receipt.provider_id, "error": error}
    tx.execute(_RECEIVED, {"id": row.id, "lower": lower, **values})
    if row.state in UNSENT:
        tx.execute(NEXT_DUE, chats)
    return True


def _find(tx: Connection, receipt: Receipt) -> Row[Any] | None:
    """The message by our own id, which most receipts carry, else by the provider's."""
    if receipt.message_id is not None:
        return tx.execute(_BY_ID, {"id": receipt.message_id, "channel": receipt.channel}).one_or_none()
    if not receipt.provider_id:
        return None
    values = {"provider_id": receipt.provider_id, "channel": receipt.channel}
    return tx.execute(_BY_PROVIDER_ID, values).one_or_none()


_COLUMNS = (
    "select m.id, m.state, m.conversation_id from message m join conversation c on c.id = m.conversation_id"
)
_BY_ID = text(f"{_COLUMNS} where m.id = :id and m.direction = 'out' and c.channel = :channel")
_BY_PROVIDER_ID = text(
    f"{_COLUMNS} where m.provider_id = :provider_id and m.provider_id <> '' "
    "and m.direction = 'out' and c.channel = :channel limit 1"
)
# The state is asked again under the row's lock: of two receipts at once the higher one stays.
_RECEIVED = text(
    """update message
       set state = :state, error = :error,
           provider_id = case when provider_id = '' then :provider_id else provider_id end,
           sent_at = coalesce(sent_at, now()),
           delivered_at = case when :state in ('delivered', 'read') then coalesce(delivered_at, now()) end,
           read_at = case when :state = 'read' then now() end
       where id = :id and state = any(:lower)"""
)
