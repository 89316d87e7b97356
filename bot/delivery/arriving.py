"""What a provider tells us, of either kind: taken into the database, or written down until it can be."""

import json

from bot import inbound
from bot.channel import Inbound, Receipt
from bot.delivery import parked, receipts
from bot.house import House


def take(house: House, event: Inbound | Receipt) -> None:
    """Return when it is in the database.

    Raises:
        DatabaseAway: the database cannot be reached, or gave this up for another.
    """
    if isinstance(event, Inbound):
        inbound.receive(house, event)
        return
    with house.database.transaction() as tx:
        receipts.note_receipt(tx, house, event)


def written(event: Inbound | Receipt) -> str:
    """The event as text, for `read`."""
    if isinstance(event, Inbound):
        return inbound.to_json(event)
    return json.dumps({"receipt": parked.to_row(event)})


def read(kept: str) -> Inbound | Receipt:
    """The event that `written` wrote; raises ValueError, KeyError or TypeError when it is none."""
    row = json.loads(kept)
    return parked.from_row(row["receipt"]) if "receipt" in row else inbound.from_json(kept)
