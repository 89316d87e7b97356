"""A ticket's page: what did not reach the reporter and why, the button that sends it again, and the signs."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import rights
from bot.delivery import dead_letters
from bot.workflow import NotAllowed
from panel.access import audience, house, in_panel
from panel.routes import IN_LANE, Refused, pages, ticket_page
from panel.shown import CHANNELS, Chip
from storage import reach


@pages.post("/tickets/<number>/resend")
@audience(*IN_LANE)
def resend(number: str) -> ResponseReturnValue:
    """Send a failed message again."""
    message_id = request.form.get("message", 0, int)
    if not 0 < message_id < 2**63:
        abort(404)
    try:
        dead_letters.resend(house(), g.reader, number, message_id)
    except dead_letters.Nothing:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused("resend", str(refused))), 409
    flash("Pesan dikirim lagi.")
    return redirect(url_for("panel.ticket", number=number))


def signs(row: Mapping[Any, Any]) -> list[Chip]:
    """Whether the reporter stopped our messages, or has not opened what waits for him."""
    if row["conversation_id"] is None:
        return []
    with house().database.reading() as tx:
        found = reach.of(tx, row["conversation_id"])
    way = CHANNELS.get(found.channel, found.channel)
    told = [
        Chip(f"warga menghentikan pesan di {way}", "pause", "warn") if found.stopped else None,
        Chip(f"belum dibaca: {found.held} pesan menunggu warga menulis", "clock", "warn")
        if found.held
        else None,
    ]
    return [sign for sign in told if sign]


def failed(row: Mapping[Any, Any]) -> Any:
    """What of a report's messages failed; nothing for who may not act on it."""
    with house().database.reading() as tx:
        return dead_letters.failed(tx, row["parent_id"] or row["id"]) if rights.actors(g.reader, row) else ()


@pages.app_context_processor
def offered() -> dict[str, Any]:
    """What the ticket's page asks."""
    return {"reach_signs": signs, "failed_messages": failed} if in_panel() else {}
