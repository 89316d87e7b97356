"""What the provider says became of a message: it only moves a delivery forward."""

from typing import Any

from sqlalchemy import Connection, Row, text

from bot.channel import OptedOut, Receipt, WindowShut
from bot.delivery import opting, parked, window
from bot.house import House
from bot.outbound import LOCK, NEXT_DUE, channel_key

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
LATE = "late"  # in a payload: the provider's id of a hand-over that failed, before the message went out again


def note_receipt(tx: Connection, house: House, receipt: Receipt, waits: int = 0) -> bool:
    """Move a message forward, never back, by the provider's word; returns whether it is one of ours.

    One that carries the provider's id alone may come before we wrote that id down: it is parked, to be looked
    at again (`waits`: how often it was).
    The chat is locked only while the message counts as unsent, for then the chat's next message is freed, or
    when it is held back because the provider says that the session was over, which happens to a message once.
    """
    row = _find(tx, receipt)
    if row is None:
        parked.park(tx, receipt, waits)
        return False
    lower = [state for state, rank in _RANKS.items() if rank < _RANKS[receipt.state]]
    again = receipt.state == "failed" and row.late is not None and receipt.provider_id == row.late
    if row.state not in lower or again:
        return True
    chats = {"chats": [row.conversation_id]}
    shut = isinstance(receipt.error, WindowShut) and row.late is None and not row.opens
    if row.state in UNSENT or shut:
        tx.execute(LOCK, chats)
    error = receipt.error.sentence if receipt.error else ""
    values = {"state": receipt.state, "provider_id": receipt.provider_id, "error": error}
    if shut:
        held = {"id": row.id, "error": error, "late": receipt.provider_id, "lower": lower}
        if tx.execute(_HOLD, held).rowcount:
            _knock(tx, house, row)
        return True
    tx.execute(_RECEIVED, {"id": row.id, "lower": lower, **values})
    if isinstance(receipt.error, OptedOut):
        opting.stop(tx, row.conversation_id, house.clock.now())
    if row.state in UNSENT:
        tx.execute(NEXT_DUE, chats)
    return True


def _knock(tx: Connection, house: House, row: Row[Any]) -> None:
    """The template goes ahead of what is held, as when the session is known to be over before."""
    channel = house.channels.get(channel_key(row.channel, row.account))
    window.hold_back(tx, row.conversation_id, channel.knock(row.language) if channel else None)


def _find(tx: Connection, receipt: Receipt) -> Row[Any] | None:
    """The message by our own id, which most receipts carry, else by the provider's."""
    if receipt.message_id is not None:
        return tx.execute(_BY_ID, {"id": receipt.message_id, "channel": receipt.channel}).one_or_none()
    if not receipt.provider_id:
        return None
    values = {"provider_id": receipt.provider_id, "channel": receipt.channel}
    return tx.execute(_BY_PROVIDER_ID, values).one_or_none()


_COLUMNS = f"""select m.id, m.state, m.conversation_id, m.payload ->> '{LATE}' as late, c.channel, c.account,
                      coalesce(m.payload -> 'extra' ? 'opens', false) as opens, c.language
               from message m join conversation c on c.id = m.conversation_id"""  # noqa: S608 - our own word
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
_HOLD = text(
    f"""update message set state = 'held', error = :error, sent_at = null, worker = null, lease_until = null,
           payload = payload || jsonb_build_object('{LATE}', cast(:late as text))
       where id = :id and state = any(:lower)"""  # noqa: S608 - our own word
)
