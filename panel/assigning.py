"""The forms on a ticket's page for who deals with it, and for its tier."""

from collections.abc import Callable

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import assigning, desk, tiering
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house
from panel.routes import ACTORS, NUMBER, READERS, Refused, pages, ticket_page


@pages.post("/tickets/<number>/assign")
@audience(*READERS)
def assign(number: str) -> ResponseReturnValue:
    """Take a ticket, give it to somebody, or lay it down; who may is for the use-case to say."""
    to = forms.tidy(request.form.get("to", ""))

    def act() -> str:
        changed = assigning.assign(house(), g.reader, number, to)
        if not changed:
            return "Tidak ada yang berubah."
        if to.lower() == g.reader.email.lower():
            return "Laporan ini tugas Anda sekarang."
        return f"Laporan ditugaskan ke {to}." if to else "Laporan tidak lagi ditugaskan."

    return _done(number, "assign", act)


@pages.post("/tickets/<number>/tier")
@audience(*ACTORS)
def tier(number: str) -> ResponseReturnValue:
    """Give a ticket another tier, with a reason; who may is for the use-case to say."""
    chosen, note = request.form.get("tier", ""), forms.tidy(request.form.get("note", ""))

    def act() -> str:
        told = tiering.set_tier(house(), g.reader, number, chosen, note)
        return f"Tingkat diubah. {'Pelapor diberi tahu batas waktu baru.' if told else 'Batas waktu tetap.'}"

    return _done(number, "tier", act, note)


def _done(number: str, form: str, act: Callable[[], str], note: str = "") -> ResponseReturnValue:
    """Do it; back to the ticket with the good news, or the page again with what was typed."""
    if not NUMBER.fullmatch(number):
        abort(404)
    try:
        flash(act())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused(form, str(refused), {"note": note})), 409
    return redirect(url_for("panel.ticket", number=number))
