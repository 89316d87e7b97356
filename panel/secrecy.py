"""The forms on a ticket's page by which staff raise its secrecy and put it into the supervised lane."""

from collections.abc import Callable

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, lane, secrecy
from bot.care.rights import INSPECTOR
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house
from panel.routes import IN_LANE, NUMBER, Refused, pages, ticket_page
from storage import queries

FORM = "secrecy"


@pages.post("/tickets/<number>/secrecy")
@audience(*IN_LANE)
def raised(number: str) -> ResponseReturnValue:
    """Make a ticket anonymous or confidential; there is no way back."""
    flag, note = forms.tidy(request.form.get("flag", "")), _note()
    done = f"Laporan menjadi {secrecy.NAMES.get(flag, '')}; pelapor diberi tahu."
    act = lambda: secrecy.raise_secrecy(house(), g.reader, number, flag, note)  # noqa: E731
    return _done(number, done, act, {"note": note, "flag": flag})


@pages.post("/tickets/<number>/supervise")
@audience(*sorted(lane.MAY_PLACE))
def supervise(number: str) -> ResponseReturnValue:
    """Put a ticket into the supervised lane."""
    note = _note()
    done = "Laporan masuk jalur pengawasan; hanya pengawas yang melihatnya."
    return _done(number, done, lambda: lane.place(house(), g.reader, number, note), {"note": note})


@pages.post("/tickets/<number>/release")
@audience(INSPECTOR)
def release(number: str) -> ResponseReturnValue:
    """Take a ticket out of the supervised lane again."""
    note = _note()
    done = "Laporan keluar dari jalur pengawasan dan tetap rahasia."
    return _done(number, done, lambda: lane.release(house(), g.reader, number, note), {"note": note})


def _note() -> str:
    return forms.tidy(request.form.get("note", ""))


def _done(number: str, done: str, act: Callable[[], None], typed: dict[str, str]) -> ResponseReturnValue:
    """Do it; then the ticket, or the list for who does not see it any more."""
    if not NUMBER.fullmatch(number):
        abort(404)
    try:
        act()
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused(FORM, str(refused), typed)), 409
    flash(done)
    with house().database.reading() as tx:
        mine = queries.one_ticket(tx, g.reader, number)
    return redirect(url_for("panel.ticket", number=number) if mine else url_for("panel.tickets"))
