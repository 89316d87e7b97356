"""Forms of a ticket's page that no citizen hears of: internal notes, tags; and who else has it open."""

import hashlib
from collections.abc import Callable

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, noting
from bot.workflow import NotAllowed
from panel import drafting, forms
from panel.access import audience, house
from panel.routes import IN_LANE, READERS, Refused, pages, ticket_page
from storage import presence


@pages.post("/tickets/<number>/note")
@audience(*IN_LANE)
def note(number: str) -> ResponseReturnValue:
    """Keep an internal note."""
    words = forms.tidy(request.form.get("note", ""))

    def act() -> str:
        noting.note(house(), g.reader, number, words)
        drafting.sent(number, "note")
        return "Catatan internal disimpan. Pelapor tidak melihatnya."

    return _done(number, "note", act, words)


@pages.post("/tickets/<number>/tags")
@audience(*IN_LANE)
def tags(number: str) -> ResponseReturnValue:
    """Put tags on a report, or take one away."""
    add = forms.tidy(request.form.get("tag", ""))[:200]
    remove = [one[:40] for one in request.form.getlist("remove")[:10]]

    def act() -> str:
        changed = noting.tag(house(), g.reader, number, add.split(), remove)
        return "Label disimpan." if changed else "Tidak ada yang berubah."

    return _done(number, "tags", act, add)


@pages.get("/tickets/<number>/here")
@audience(*READERS)
def here(number: str) -> ResponseReturnValue:
    """Who else has a report open, and whether it changed; asked every 15 s, mostly answered by 304."""
    seen = request.args.get("version", 0, int)
    with house().database.transaction() as tx:
        row, now = drafting.own_row(tx, number), house().clock.now()
        presence.came(tx, row["id"], g.reader.staff_id, now)
        names = presence.others(tx, row["id"], g.reader.staff_id, now)
    body = render_template(
        "panel/_here.html", others=names, changed=0 < seen != row["version"], number=number
    )
    answer = Response(body)
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:20])
    return answer.make_conditional(request)


def _done(number: str, form: str, act: Callable[[], str], words: str) -> ResponseReturnValue:
    try:
        flash(act())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused(form, str(refused), {"note": words})), 409
    return redirect(url_for("panel.ticket", number=number))
