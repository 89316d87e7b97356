"""The button on a ticket's page by which a coordinator reminds its office."""

from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, nudges
from bot.workflow import NotAllowed
from panel.access import audience, house, in_panel
from panel.routes import Refused, pages, ticket_page


@pages.post("/tickets/<number>/nudge")
@audience(*nudges.MAY)
def nudge(number: str) -> ResponseReturnValue:
    """Remind the office, at most once a day."""
    try:
        nudges.nudge(house(), g.reader, number)
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused("nudge", str(refused))), 409
    flash("Instansi diingatkan.")
    return redirect(url_for("panel.ticket", number=number))


@pages.app_context_processor
def offered() -> dict[str, Any]:
    """Whether a ticket's page offers the button."""
    return {"may_nudge": lambda row: nudges.may_nudge(g.reader, row["status"])} if in_panel() else {}
