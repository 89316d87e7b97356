"""Receipts that came before our own record of the provider's id: kept as a job, looked at again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot import send_errors
from bot.channel import Receipt
from bot.queue import put_later
from bot.send_errors import SendError

JOB = "apply_receipt"
FIRST_WAIT, MOST_WAITS = 2, 7  # seconds, doubling: about four minutes, longer than any hand-over


def park(tx: Connection, receipt: Receipt, waits: int = 0) -> bool:
    """Keep it for another look; False once it waited so often that it is nobody's, or says what message."""
    if waits >= MOST_WAITS or receipt.message_id is not None or not receipt.provider_id:
        return False
    pause = timedelta(seconds=FIRST_WAIT * 2**waits)
    put_later(tx, JOB, pause, receipt=to_row(receipt), waits=waits + 1)
    return True


def to_row(receipt: Receipt) -> dict[str, Any]:
    """The receipt as plain JSON, for `from_row`."""
    error = [type(receipt.error).__name__, receipt.error.sentence] if receipt.error else None
    kept = {"channel": receipt.channel, "state": receipt.state, "provider_id": receipt.provider_id}
    return kept | {"message_id": receipt.message_id, "error": error}


def from_row(kept: dict[str, Any]) -> Receipt:
    """The receipt that `to_row` wrote."""
    receipt = Receipt(kept["channel"], kept["state"], kept.get("message_id"), kept["provider_id"])
    if not kept["error"]:
        return receipt
    name, sentence = kept["error"]
    kind: type[SendError] = getattr(send_errors, name, SendError)
    return replace(receipt, error=kind(sentence=sentence))
