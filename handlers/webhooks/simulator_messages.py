"""What a phone on the simulator's page shows: the message rows of its conversation, both directions."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, text

from bot import inbound
from bot.channel import Inbound, Payload
from bot.house import House
from bot.people.secret import revealed
from handlers.gsm7 import parts, septets
from handlers.simulator import CHANNEL

MOST = 200  # rows of one answer, the newest
_CHAT = """from message m
           join conversation c on c.id = m.conversation_id
           join address a on a.id = c.address_id
           where a.channel = 'simulator' and a.lookup = :lookup and c.account = :phone"""
_NEW = text(
    f"""select m.id, m.direction, m.author, m.state, m.kind, m.text, m.payload, m.reference, m.error,
               m.created_at,
               array(select reference from attachment where message_id = m.id order by id) as photos
        {_CHAT} and m.id > :after order by m.id desc limit {MOST}"""  # noqa: S608 - constants
)
_STATES = text(
    f"""select m.id, m.state, m.error {_CHAT} and m.direction = 'out' and m.id <= :after
        order by m.id desc limit {MOST}"""
)
_SENT = text(
    """select sealed from raw_event
       where channel = 'simulator' and account = :phone and provider_id = :provider_id limit 1"""
)


def since(house: House, phone: str, address: str, after: int) -> dict[str, Any]:
    """What is new in a conversation, and how the older outgoing messages stand now.

    Args:
        house: The running product.
        phone: "whatsapp", "telegram" or "sms".
        address: Who holds the phone.
        after: The last message's id that the page has; 0 for all (the newest 200).

    Returns:
        `messages` in order, and `states`: pairs of state and error by message id.
    """
    lookup = house.database.keys.index(CHANNEL, address)
    values = {"lookup": lookup, "phone": phone, "after": after}
    with house.database.reading() as tx:
        new = tx.execute(_NEW, values).mappings().all()
        states = _states(tx, values) if after else {}
    return {"messages": [_shown(house, phone, row) for row in reversed(new)], "states": states}


def _states(tx: Connection, values: dict[str, Any]) -> dict[str, list[str]]:
    return {str(row.id): [row.state, row.error] for row in tx.execute(_STATES, values)}


def _shown(house: House, phone: str, row: RowMapping) -> dict[str, Any]:
    payload = Payload.from_json(row["payload"]) if row["payload"] else Payload(row["text"])
    payload = revealed(payload, house.database.keys)
    shown = {name: row[name] for name in ("id", "direction", "author", "state", "kind", "reference", "error")}
    shown |= {
        "text": payload.text,
        "options": [{"id": option.id, "label": option.label} for option in payload.options],
        "asks_location": bool(payload.extra.get("asks_location")),
        "photos": list(row["photos"]),
        "picture": urlsplit(payload.photo.url).path if payload.photo else "",
        "time": row["created_at"].astimezone(house.city.timezone).strftime("%H.%M"),
    }
    return shown | {"sms": _measured(payload.text)} if phone == "sms" else shown


def _measured(words: str) -> dict[str, int]:
    """What this text takes on its way: SMS, septets of 160 each, characters."""
    return {"parts": len(parts(words)), "septets": septets(words), "characters": len(words)}


def sent(house: House, phone: str, address: str, provider_id: str) -> Inbound | None:
    """The event that this person sent under an id, word for word; None when there is none."""
    with house.database.reading() as tx:
        sealed = tx.scalar(_SENT, {"phone": phone, "provider_id": provider_id})
    if sealed is None:
        return None
    event = inbound.from_json(house.database.keys.open(sealed))
    return event if event.address == address else None
