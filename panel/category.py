"""The form on a ticket's page by which an officer sets or confirms its category."""

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import categorising, desk
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house
from panel.routes import IN_LANE, pages
from storage import queries


@pages.post("/tickets/<number>/category")
@audience(*IN_LANE)
def category(number: str) -> ResponseReturnValue:
    """Set a ticket's category, or confirm the one it has."""
    code = forms.tidy(request.form.get("category", ""))
    try:
        changed = categorising.set_category(house(), g.reader, number, code)
    except desk.NotFound:
        abort(404)
    except NotAllowed:
        abort(400)  # the page offers the city's categories only
    name = house().city.categories[code].name
    flash(f"Kategori menjadi {name}." if changed else f"Kategori {name} dibenarkan.")
    with house().database.reading() as tx:
        mine = queries.one_ticket(tx, g.reader, number)
    # With its category a new report may have gone to another office.
    return redirect(url_for("panel.ticket", number=number) if mine else url_for("panel.tickets"))
