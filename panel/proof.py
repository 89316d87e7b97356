"""Proof photos on a ticket's page: whether one is asked for, where it goes, and what was shown before."""

from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care import proofs
from bot.channel import Channel
from bot.house import House
from bot.outbound import channel_key
from storage import queries
from storage.models import conversation

WITH_OTHERS = "Foto dikirim ke pelapor bersama jawaban gabungan semua instansi."


def about(tx: Connection, house: House, by: queries.Reader, row: RowMapping) -> dict[str, Any]:
    """What the ticket's page says of proofs: whether one is wanted, where it goes, what was seen before."""
    return {
        "proof": {
            "wanted": proofs.wanted(house, row),
            "how": WITH_OTHERS if row["parent_id"] else proofs.how_sent(house, _channel(tx, house, row)),
            "most": proofs.MOST,
        },
        "repeats": _repeats(tx, by, row),
    }


def _channel(tx: Connection, house: House, row: RowMapping) -> Channel | None:
    if row["conversation_id"] is None:
        return None
    chat = tx.execute(conversation.select().where(conversation.c.id == row["conversation_id"])).one()
    return house.channels.get(channel_key(chat.channel, chat.account))


def _repeats(tx: Connection, by: queries.Reader, row: RowMapping) -> list[dict[str, Any]]:
    """Reports whose photo was shown as a proof here; a number only for who may open it."""
    seen = {}
    for event in queries.ticket_events(tx, row["id"]):
        for one in event["detail"].get("alike", ()) if event["kind"] == "proof_repeat" else ():
            may = one["own"] or queries.one_ticket(tx, by, one["number"]) is not None
            seen[one["number"]] = {"number": one["number"] if may else "", "own": one["own"]}
    return list(seen.values())
