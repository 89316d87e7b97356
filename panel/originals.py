"""The page of what was closed in a report: its originals are opened with a reason, each opening noted."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import blacking_out, desk, masking_words, originals
from bot.workflow import NotAllowed
from panel import forms, stored
from panel.access import audience, house
from panel.routes import NUMBER, pages
from storage import originals as kept

GUARDS = (originals.COORDINATOR, originals.CUSTODIAN)
SHOWN_AGAIN = "Kata tampil lagi bagi semua pembaca laporan."
LARGEST_ID = 2**63 - 1


@pages.get("/originals")
@audience(*GUARDS)
def originals_of() -> ResponseReturnValue:
    """What is closed in a report: how many photos and texts, never what they hold."""
    return _page(forms.tidy(request.args.get("number", "")))


@pages.post("/files/<int:file_id>/original")
@audience(*GUARDS)
def original(file_id: int) -> ResponseReturnValue:
    """The original of a closed photo, on this one answer only."""
    try:
        opened = blacking_out.open_original(house(), g.reader, _known(file_id), _reason())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(request.form.get("number", ""), str(refused)), 409
    return stored.answer_with(opened.data, opened.media_type, file_id, opened.path)


@pages.post("/files/<int:file_id>/restore")
@audience(originals.COORDINATOR)
def restore_file(file_id: int) -> ResponseReturnValue:
    """Show the original to all readers again."""
    try:
        number = blacking_out.restore(house(), g.reader, _known(file_id), _reason())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(request.form.get("number", ""), str(refused)), 409
    flash("Berkas asli tampil lagi bagi semua pembaca laporan.")
    return redirect(url_for("panel.ticket", number=number))


@pages.post("/tickets/<number>/masked")
@audience(*GUARDS)
def masked(number: str) -> ResponseReturnValue:
    """The words that were masked, on this one page only."""
    try:
        words = masking_words.open_words(house(), g.reader, number, _reason())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(number, str(refused)), 409
    return render_template("panel/masked.html", number=number, words=words)


@pages.post("/tickets/<number>/unmask")
@audience(originals.COORDINATOR)
def unmask(number: str) -> ResponseReturnValue:
    """Show the masked words to all readers again."""
    try:
        left = masking_words.restore(house(), g.reader, number, _reason())
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(number, str(refused)), 409
    flash(f"Kata tampil lagi, kecuali di {left} teks yang sudah berubah." if left else SHOWN_AGAIN)
    return redirect(url_for("panel.ticket", number=number))


def _page(number: str, why: str = "") -> str:
    found: dict[str, Any] = {"files": (), "masked": 0, "missing": ""}
    number = number if NUMBER.fullmatch(number) else ""
    with house().database.reading() as tx:
        try:
            family = [originals.to_open(tx, g.reader, number)] if number else []
        except desk.NotFound as missing:
            family, found["missing"] = [], str(missing)
        if family:
            ids = kept.family_ids(tx, family[0])
            found |= {"files": kept.blacked_out(tx, ids), "masked": kept.masked(tx, ids)}
    return render_template(
        "panel/originals.html",
        number=number,
        known=bool(family),
        why=why,
        may_restore=originals.COORDINATOR in g.reader.roles,
        longest=originals.LONGEST_REASON,
        **found,
    )


def _reason() -> str:
    return forms.tidy(request.form.get("reason", ""))


def _known(file_id: int) -> int:
    if file_id > LARGEST_ID:
        abort(404)
    return file_id
