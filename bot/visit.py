"""One turn at work: what the doing of its deeds may use, and the facts that lines are filled with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care import charge
from bot.chats import Found
from bot.house import House
from bot.talk.mind import CityMind
from bot.wording import Line, shorten


@dataclass(slots=True)
class Visit:
    """One turn at work. `ticket_id` becomes the ticket that this turn's messages belong to."""

    tx: Connection
    house: House
    found: Found
    now: datetime
    language: str
    context: str
    mind: CityMind
    ticket_id: int | None = None
    keeps: dict[str, Any] = field(default_factory=dict)  # what the doing adds to the conversation's state

    def whose(self) -> dict[str, Any]:
        """What says whose a new ticket is, for `tickets.open_draft`."""
        chat = self.found.chat
        return {"conversation_id": chat.id, "address": self.found.address_id, "channel": chat.channel}


# What does one kind of deed (a class of bot/talk/deeds.py): it writes, and gives the lines to tell.
Do = Mapping[type, Callable[[Visit, Any], list[Line]]]


def facts(visit: Visit, row: RowMapping) -> dict[str, Any]:
    """What receipts and status lines say of a ticket."""
    city, who = visit.house.city, charge.of(visit.tx, row)
    return {
        "number": row["number"],
        "office": charge.named(who, city, visit.context),
        "due": charge.due(row, who, visit.language, city),
        "place": shorten(row["place"], 30) or "-",
        "status": Line(f"status {row['status']}"),
        "away": charge.is_away(row, who),
        "external": row["external_number"],
    }
