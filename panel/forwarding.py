"""The forms on a ticket's page that pass it on, send it back, and note its number elsewhere; what bounces."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, returning, upward
from bot.workflow import NotAllowed
from panel import forms, passing
from panel.access import audience, house, in_panel
from panel.routes import ACTORS, Refused, pages, ticket_page
from panel.witness import takes
from storage import queries

WHOSE = "Pilih instansi yang menurut Anda berwenang, atau centang tidak tahu."


@pages.post("/tickets/<number>/forward")
@audience(*ACTORS)
@takes("office")
def forward(number: str) -> ResponseReturnValue:
    """Pass a ticket on to one office, or to several at once."""
    codes, note = _codes(), forms.tidy(request.form.get("note", ""))
    theirs = forms.tidy(request.form.get("external_number", ""))
    seen = forms.marks(request.form)
    given: dict[str, Any] = {"note": note, "external_number": theirs, "version": seen["version"]}
    given |= {"office": codes[0]} if len(codes) == 1 else {"offices": codes}

    def act() -> None:
        if not codes:
            raise NotAllowed("Pilih instansi tujuan dulu.")
        desk.move(house(), g.reader, number, "forwarded", given)

    done = "Laporan diteruskan." if len(codes) == 1 else f"Laporan dibagi ke {len(codes)} instansi."
    return _done(number, "forward", done, act, {"note": note, "office": codes[0] if codes else "", **seen})


@pages.post("/tickets/<number>/return")
@audience(*ACTORS)
@takes("office")
def send_back(number: str) -> ResponseReturnValue:
    """Send a ticket back as not one's own, with the office that should have it, or "tidak tahu"."""
    codes, note = _codes(), forms.tidy(request.form.get("note", ""))

    def act() -> None:
        if not codes and request.form.get("unknown") != "yes":
            raise NotAllowed(WHOSE)
        forms.check("returned", {**forms.read({}), "note": note})
        given = {"note": note, "office": codes[0] if codes else "", "version": seen["version"]}
        desk.move(house(), g.reader, number, "returned", given)

    seen = forms.marks(request.form)
    typed = {"note": note, "office": codes[0] if codes else "", **seen}
    return _done(number, "return", "Laporan dikembalikan ke koordinator.", act, typed)


@pages.post("/tickets/<number>/external")
@audience(*ACTORS)
def external(number: str) -> ResponseReturnValue:
    """Note the number that a ticket has with another government."""
    theirs = forms.tidy(request.form.get("external_number", ""))

    def act() -> None:
        upward.note_number(house(), g.reader, number, theirs)

    done = "Nomor disimpan dan diberitahukan ke pelapor."
    return _done(number, "external", done, act, {"note": "", "external_number": theirs})


@pages.get("/bounces")
@audience("administrator", "coordinator", "supervisor")
def bounces() -> str:
    """Per office what it sent back; the open reports that were sent back twice or more, for coordinators."""
    with house().database.reading() as tx:
        offices = returning.by_office(tx)
        bouncing = returning.bouncing(tx) if g.reader.sees_all else []
    return render_template("panel/bounces.html", offices=offices, bouncing=bouncing)


def _codes() -> list[str]:
    """The offices that were typed, by code or name, each once."""
    typed = [forms.tidy(one)[:200] for one in request.form.getlist("office")[: passing.MOST_TYPED]]
    with house().database.reading() as tx:
        every = queries.offices(tx)
    return list(dict.fromkeys(passing.code_of(one, every) for one in typed if one))


def _done(
    number: str, form: str, done: str, act: Callable[[], None], typed: dict[str, str]
) -> ResponseReturnValue:
    """Do it; back to the ticket with the good news, or the page again with what was typed."""
    try:
        act()
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused(form, str(refused), typed)), 409
    flash(done)
    with house().database.reading() as tx:
        mine = queries.one_ticket(tx, g.reader, number)
    return redirect(url_for("panel.ticket", number=number) if mine else url_for("panel.tickets"))


@pages.app_context_processor
def words() -> dict[str, Any]:
    """The signs of a report on its way, for lists and pages."""
    return {"passing_signs": passing.signs} if in_panel() else {}
