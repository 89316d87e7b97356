"""What an officer types: saved while he types, with a template put in without scripts, taken back in time."""

from flask import Response, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from bot.care import desk, undoing
from bot.workflow import LONGEST, NotAllowed
from panel import forms, language, replies, shown
from panel.access import audience, house
from panel.routes import IN_LANE, Refused, pages, ticket_page
from storage import queries
from storage import replies as stored

KINDS = ("answer", "note", "talk")


def own_row(tx: Connection, number: str) -> RowMapping:
    """A report within the reader's scope; anything else is no page."""
    row = queries.one_ticket(tx, g.reader, number)
    if row is None:
        abort(404)
    return row


@pages.post("/tickets/<number>/draft")
@audience(*IN_LANE)
def draft(number: str) -> ResponseReturnValue:
    """Keep what is being typed; answers with one line for beside the field."""
    kind, now = request.form.get("kind", ""), house().clock.now()
    with house().database.transaction() as tx:
        row = own_row(tx, number)
        if kind not in KINDS:
            abort(400)
        words = request.form.get("note", "")[: LONGEST + 1].replace("\x00", "")
        stored.keep(tx, g.reader.staff_id, row["id"], kind, words, now)
    at = shown.hour(now, house().city.timezone)
    said = language.worded("Draf tersimpan {saved_at}", saved_at=at) if words.strip() else ""
    return Response(said, mimetype="text/plain")


@pages.post("/tickets/<number>/template")
@audience(*IN_LANE)
def template(number: str) -> ResponseReturnValue:
    """The page again with a template put after what was typed: for browsers without scripts."""
    typed = forms.read(request.form) | read_marks()
    with house().database.transaction() as tx:
        row = own_row(tx, number)
        found = [one for one in replies.offered(tx, house(), g.reader, row) if one.code == typed["template"]]
    if not found:
        return ticket_page(number, Refused("answer", "Pilih template dulu.", typed)), 409
    typed["note"] = "\n".join(filter(None, (typed["note"], found[0].text)))
    return ticket_page(number, Refused("answer", "", typed))


@pages.post("/tickets/<number>/undo")
@audience(*IN_LANE)
def undo(number: str) -> ResponseReturnValue:
    """Take one's last answer or forwarding back, while it waits; the words are a draft again."""
    try:
        held = undoing.undo(house(), g.reader, number)
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, Refused("undo", str(refused), {"note": ""})), 409
    if held.status == "answered":
        with house().database.transaction() as tx:
            row = own_row(tx, number)
            stored.keep(tx, g.reader.staff_id, row["id"], "answer", held.words, house().clock.now())
    flash("Diurungkan: tidak ada yang dikirim ke pelapor.")
    return redirect(url_for("panel.ticket", number=number))


def read_marks() -> dict[str, str]:
    """What a form says about the state it was filled in on, and the template it chose."""
    return forms.marks(request.form) | {"template": request.form.get("template", "")[:40]}


def sent(number: str, kind: str) -> None:
    """Forget a draft whose words are sent."""
    with house().database.transaction() as tx:
        row = queries.one_ticket(tx, g.reader, number)
        if row is not None:
            stored.drop(tx, g.reader.staff_id, row["id"], kind)
