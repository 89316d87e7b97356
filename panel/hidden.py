"""The personal numbers of a report: shown by a click alone, and the click stands in the history."""

from flask import abort, g, render_template
from flask.typing import ResponseReturnValue

from bot.care import desk, unsealing
from panel.access import audience, house
from panel.routes import IN_LANE, NUMBER, pages


@pages.post("/tickets/<number>/hidden")
@audience(*IN_LANE)
def hidden(number: str) -> ResponseReturnValue:
    """Open the numbers that the citizen wants the officer to have; they are on this one page only."""
    if not NUMBER.fullmatch(number):
        abort(404)
    try:
        opened = unsealing.open_numbers(house(), g.reader, number)
    except desk.NotFound:
        abort(404)
    return render_template("panel/hidden.html", number=number, opened=opened)
