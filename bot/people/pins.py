"""The PIN of an anonymous report: four digits, told once, that open it from another phone."""

import hmac
import secrets

from sqlalchemy import Connection, RowMapping, select, update

from bot.people.secret import Secret
from storage.keys import Keys
from storage.models import ticket

MOST_TRIES = 5  # wrong PINs in all; then it opens nothing any more, except from the phone that filed


def draw(tx: Connection, keys: Keys, row: RowMapping) -> Secret:
    """A new PIN of a locked report; only its keyed hash is stored."""
    pin = f"{secrets.randbelow(10_000):04}"
    values = {"pin": _hash(keys, row["number"], pin), "pin_tries": 0}
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    return Secret(pin)


def opened(tx: Connection, keys: Keys, number: str, pin: str) -> RowMapping | None:
    """The anonymous report that a PIN opens; None when it is wrong, dead, or there is no such report.

    A wrong PIN is counted under the report's lock, so that many at once are not more than five; the right one
    sets the count back.
    """
    query = select(ticket).where(ticket.c.number == number, ticket.c.anonymous, ticket.c.pin.is_not(None))
    row = tx.execute(query.with_for_update()).mappings().one_or_none()
    if row is None or row["pin_tries"] >= MOST_TRIES:
        return None
    right = hmac.compare_digest(bytes(row["pin"]), _hash(keys, number, pin))
    tries = 0 if right else row["pin_tries"] + 1
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(pin_tries=tries))
    return row if right else None


def _hash(keys: Keys, number: str, pin: str) -> bytes:
    return keys.index("pin", number + pin)
