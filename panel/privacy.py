"""The page of requests to be forgotten: what waits and until when, carry out, refuse."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.people import requests
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house, in_panel
from panel.shown import Chip

HANDLERS = ("administrator", "coordinator", "custodian")
STATES = {
    "open": Chip("menunggu", "clock", "warn"),
    "done": Chip("dilaksanakan", "check", "good"),
    "refused": Chip("ditolak", "cross", "off"),
}
HOUR = 3600
LARGEST_ID = 2**63 - 1

pages = Blueprint("privacy", __name__, url_prefix="/panel")


@pages.get("/privacy")
@audience(*HANDLERS)
def queue() -> str:
    """The queue, the most urgent first."""
    return _page()


@pages.post("/privacy/<int:request_id>/do")
@audience(*HANDLERS)
def carry_out(request_id: int) -> ResponseReturnValue:
    """Delete the person's data."""
    try:
        requests.carry_out(house(), g.reader, _known(request_id))
    except requests.NoRequest:
        abort(404)
    flash("Data pelapor dihapus. Alamatnya hilang setelah pesan terakhir terkirim, paling lama 24 jam.")
    return redirect(url_for("privacy.queue"))


@pages.post("/privacy/<int:request_id>/refuse")
@audience(*HANDLERS)
def refuse(request_id: int) -> ResponseReturnValue:
    """Refuse, with a reason that the citizen reads."""
    note = forms.tidy(request.form.get("note", ""))
    try:
        requests.refuse(house(), g.reader, _known(request_id), note)
    except requests.NoRequest:
        abort(404)
    except NotAllowed as refused:
        return _page(request_id, str(refused), note), 409
    flash("Permintaan ditolak; alasannya dikirim ke pelapor.")
    return redirect(url_for("privacy.queue"))


def _known(request_id: int) -> int:
    if request_id > LARGEST_ID:
        abort(404)
    return request_id


def _page(refused: int = 0, why: str = "", typed: str = "") -> str:
    now = house().clock.now()
    with house().database.reading() as tx:
        rows = requests.listed(tx)
    return render_template(
        "panel/privacy.html",
        rows=rows,
        chip_of=lambda row: _chip(row, now),
        refused=refused,
        why=why,
        typed=typed,
        longest=requests.LONGEST_REASON,
    )


def _chip(row: Any, now: Any) -> Chip:
    """The state of a request; of an open one the hours that are left."""
    if row["state"] != "open":
        return STATES[row["state"]]
    seconds = (row["due_at"] - now).total_seconds()
    if seconds < 0:
        return Chip(f"lewat {int(-seconds // HOUR)} jam", "alert", "bad")
    hours = int(seconds // HOUR)
    return Chip(f"sisa {hours} jam", "clock", "warn" if hours < 24 else "calm")


@pages.app_context_processor
def waiting() -> dict[str, Any]:
    """What the menu counts; asked only by a page whose reader may open the queue."""
    return {"data_requests": _waiting} if in_panel() else {}


def _waiting() -> requests.Waiting:
    with house().database.reading() as tx:
        return requests.waiting(tx, house().clock.now())
