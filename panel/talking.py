"""The forms on a ticket's page for speaking with its citizen: write, take the chat over, give it back."""

from collections.abc import Callable

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, officers, unsaying
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house
from panel.routes import IN_LANE, Refused, pages, ticket_page

FORM = "talk"


@pages.post("/tickets/<number>/say")
@audience(*IN_LANE)
def say(number: str) -> ResponseReturnValue:
    """Write to the citizen; the ticket's status stays."""
    words = forms.tidy(request.form.get("note", ""))
    done = "Pesan disimpan dan menunggu dikirim ke pelapor."
    return _done(number, done, lambda: officers.say(house(), g.reader, number, words, waits=True), words)


@pages.post("/tickets/<number>/unsay")
@audience(*IN_LANE)
def unsay(number: str) -> ResponseReturnValue:
    """Take back what one wrote a moment ago, while it waits; the words are a draft again."""
    done = "Diurungkan: tidak ada yang dikirim ke pelapor."
    return _done(number, done, lambda: unsaying.take_back(house(), g.reader, number))


@pages.post("/tickets/<number>/take")
@audience(*IN_LANE)
def take(number: str) -> ResponseReturnValue:
    """Take the chat over from the bot, or from the colleague whom the page names."""
    seized = request.form.get("from_colleague") == "yes"
    done = "Percakapan Anda ambil alih. Bot diam sampai Anda mengembalikannya."
    return _done(number, done, lambda: officers.take(house(), g.reader, number, from_colleague=seized))


@pages.post("/tickets/<number>/handback")
@audience(*IN_LANE)
def handback(number: str) -> ResponseReturnValue:
    """Give the chat back to the bot."""
    done = "Percakapan dikembalikan ke bot."
    return _done(number, done, lambda: officers.hand_back(house(), g.reader, number))


def _done(number: str, done: str, act: Callable[[], None], words: str = "") -> ResponseReturnValue:
    """Do it; back to the ticket with the good news, or the page again with what was typed."""
    try:
        act()
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused(FORM, str(refused), {"note": words})), 409
    flash(done)
    return redirect(url_for("panel.ticket", number=number))
