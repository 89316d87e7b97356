"""What the provider says became of a message: it only moves a delivery forward."""

from sqlalchemy import Connection, text

from bot.channel import Receipt
from bot.outbound import NEXT_DUE

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


def note_receipt(tx: Connection, receipt: Receipt) -> bool:
    """Move a message forward, never back, by the provider's word; returns whether it is one of ours."""
    row = tx.execute(
        _BY_RECEIPT,
        {"id": receipt.message_id, "provider_id": receipt.provider_id, "channel": receipt.channel},
    ).one_or_none()
    if row is None:
        return False
    if _RANKS[receipt.state] > _RANKS[row.state]:
        error = receipt.error.sentence if receipt.error else ""
        tx.execute(
            _RECEIVED,
            {"id": row.id, "state": receipt.state, "provider_id": receipt.provider_id, "error": error},
        )
        tx.execute(NEXT_DUE, {"chats": [row.conversation_id]})
    return True


_BY_RECEIPT = text(
    """select m.id, m.state, m.conversation_id from message m join conversation c on c.id = m.conversation_id
       where m.direction = 'out' and c.channel = :channel
         and (m.id = cast(:id as bigint) or (cast(:id as bigint) is null and m.provider_id = :provider_id
              and :provider_id <> ''))
       limit 1 for update of c, m"""
)
_RECEIVED = text(
    """update message
       set state = :state, error = :error,
           provider_id = case when provider_id = '' then :provider_id else provider_id end,
           sent_at = coalesce(sent_at, now()),
           delivered_at = case when :state in ('delivered', 'read') then coalesce(delivered_at, now()) end,
           read_at = case when :state = 'read' then now() end
       where id = :id"""
)
