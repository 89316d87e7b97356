"""Closing parts of a report: the page on which a photo is blacked out, and the form that masks words."""

from dataclasses import dataclass

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from bot.care import blacking_out, desk, masking_words, rights
from bot.delivery.blackening import MOST_BOXES, Box, read_box, size_of
from bot.delivery.media import Refused
from bot.workflow import NotAllowed
from panel import forms, stored
from panel.access import audience, house
from panel.routes import IN_LANE, pages, ticket_page
from panel.routes import Refused as RefusedForm
from storage import queries

LARGEST_ID = 2**63 - 1
SIDES = ("left", "top", "width", "height")
UNREADABLE = "Isi empat angka dari 0 sampai 100 untuk setiap bagian; lebar dan tinggi lebih dari 0."


@dataclass(frozen=True, slots=True)
class _Typed:
    """A row of the form as it was typed."""

    left: str = ""
    top: str = ""
    width: str = ""
    height: str = ""

    @property
    def empty(self) -> bool:
        return not (self.left or self.top or self.width or self.height)


@pages.get("/files/<int:file_id>/redact")
@audience(*IN_LANE)
def redact_form(file_id: int) -> ResponseReturnValue:
    """A photo with the fields that say which parts of it are closed."""
    return _form(file_id)


@pages.post("/files/<int:file_id>/redact")
@audience(*IN_LANE)
def redact(file_id: int) -> ResponseReturnValue:
    """Close the parts for everybody."""
    typed = [_Typed(*row) for row in zip(*(request.form.getlist(name)[:50] for name in SIDES), strict=False)]
    typed = [row for row in typed if not row.empty]
    try:
        number = blacking_out.black_out(house(), g.reader, _known(file_id), _boxes(typed))
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _form(file_id, str(refused), typed)
    flash("Bagian foto ditutup untuk semua pembaca. Foto asli disimpan terpisah dan tersandi.")
    return redirect(url_for("panel.ticket", number=number))


def _boxes(typed: list[_Typed]) -> list[Box]:
    """The parts that were typed; none when one of them is no part of a photo."""
    try:
        return [read_box(row.left, row.top, row.width, row.height) for row in typed]
    except ValueError:
        return []


def _form(file_id: int, why: str = "", typed: list[_Typed] | None = None) -> ResponseReturnValue:
    with house().database.reading() as tx:
        try:
            row, number = blacking_out.photo_of(tx, g.reader, _known(file_id))
        except desk.NotFound:
            abort(404)
        about = queries.one_ticket(tx, g.reader, number)
    if about is None or not rights.actors(g.reader, about):
        flash("Anda hanya dapat membaca laporan ini.")
        return redirect(url_for("panel.ticket", number=number))
    size = _size(row)
    page = render_template(
        "panel/redact.html",
        file=row,
        number=number,
        size=size,
        why=UNREADABLE if why and typed and not _boxes(typed) else why,
        typed=typed or [_Typed()],
        most=MOST_BOXES,
    )
    return (page, 409) if why else page


def _size(row: RowMapping) -> tuple[int, int] | None:
    """Width and height of the photo; None when it cannot be opened any more."""
    try:
        return size_of(stored.open_file(house(), row["path"]))
    except (FileNotFoundError, Refused):
        return None


def _known(file_id: int) -> int:
    if file_id > LARGEST_ID:
        abort(404)
    return file_id


@pages.post("/tickets/<number>/mask")
@audience(*IN_LANE)
def mask(number: str) -> ResponseReturnValue:
    """Mask words of a report for everybody."""
    typed = forms.tidy(request.form.get("words", ""))
    try:
        times = masking_words.mask(house(), g.reader, number, typed)
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return ticket_page(number, RefusedForm("mask", str(refused), {"words": typed})), 409
    flash(f"Ditutup di {times} tempat. Kata aslinya disimpan terpisah dan tersandi.")
    return redirect(url_for("panel.ticket", number=number))
