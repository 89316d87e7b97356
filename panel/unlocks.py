"""The pages of requests to see who filed a report: ask, agree or refuse as the second person, look."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import unlocking
from bot.care.desk import NotFound
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house, in_panel
from panel.shown import Chip
from storage import unlocks

CUSTODIAN = "custodian"
GUARDS = (CUSTODIAN, "coordinator")
LARGEST_ID = 2**63 - 1

pages = Blueprint("unlocks", __name__, url_prefix="/panel")


@pages.get("/unlocks")
@audience(*GUARDS)
def queue() -> str:
    """Requests: what waits for a second person first."""
    return _page()


@pages.post("/unlocks")
@audience(CUSTODIAN)
def ask() -> ResponseReturnValue:
    """Ask to see who filed a report."""
    number, reason = (forms.tidy(request.form.get(name, "")) for name in ("number", "reason"))
    try:
        unlocking.ask(house(), g.reader, number[:20], reason)
    except (NotFound, NotAllowed) as refused:
        return _page(why=str(refused), typed={"number": number, "reason": reason}), 409
    flash("Permintaan disimpan. Orang kedua memutuskannya dalam 3 hari.")
    return redirect(url_for("unlocks.queue"))


@pages.post("/unlocks/<int:unlock_id>/grant")
@audience(*GUARDS)
def grant(unlock_id: int) -> ResponseReturnValue:
    """Agree as the second person; the citizen is told."""
    return _decide(unlock_id, "Permintaan disetujui; pelapor diberi tahu.", granted=True)


@pages.post("/unlocks/<int:unlock_id>/refuse")
@audience(*GUARDS)
def refuse(unlock_id: int) -> ResponseReturnValue:
    """Refuse as the second person."""
    return _decide(unlock_id, "Permintaan ditolak.", granted=False)


@pages.post("/unlocks/<int:unlock_id>/look")
@audience(CUSTODIAN)
def look(unlock_id: int) -> ResponseReturnValue:
    """Who filed the report, on this one page; that it was opened is written down."""
    try:
        asked, identity = unlocking.look(house(), g.reader, _known(unlock_id))
    except NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(about=unlock_id, why=str(refused)), 409
    return render_template("panel/identity.html", unlocked=asked, identity=identity)


def _decide(unlock_id: int, done: str, *, granted: bool) -> ResponseReturnValue:
    note = forms.tidy(request.form.get("note", ""))
    try:
        unlocking.decide(house(), g.reader, _known(unlock_id), granted=granted, note=note)
    except NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(about=unlock_id, why=str(refused), typed={"note": note}), 409
    flash(done)
    return redirect(url_for("unlocks.queue"))


def _known(unlock_id: int) -> int:
    if unlock_id > LARGEST_ID:
        abort(404)
    return unlock_id


def _page(about: int = 0, why: str = "", typed: dict[str, str] | None = None) -> str:
    now = house().clock.now()
    with house().database.reading() as tx:
        rows = unlocking.listed(tx, g.reader)
    return render_template(
        "panel/unlocks.html",
        rows=rows,
        state_of=lambda row: _state(row, now),
        chip_of=lambda row: CHIPS[_state(row, now)],
        may_ask=CUSTODIAN in g.reader.roles,
        about=about,
        why=why,
        typed=typed or {},
        longest=unlocking.LONGEST_REASON,
    )


CHIPS = {
    "waits": Chip("menunggu orang kedua", "clock", "warn"),
    "expired": Chip("kedaluwarsa", "clock", "off"),
    "open": Chip("terbuka", "lock", "warn"),
    "over": Chip("berakhir", "check", "off"),
    "refused": Chip("ditolak", "cross", "off"),
}


def _state(row: Any, now: datetime) -> str:
    """What a request is now: a key of CHIPS."""
    if row["state"] == "asked":
        return "waits" if now < row["asked_at"] + unlocks.PATIENCE else "expired"
    if row["state"] == "granted":
        return "open" if now < row["expires_at"] else "over"
    return "refused"


@pages.app_context_processor
def waiting() -> dict[str, Any]:
    """What the menu counts; asked only by a page whose reader may open the queue."""
    return {"identity_requests": _waiting} if in_panel() else {}


def _waiting() -> int:
    with house().database.reading() as tx:
        in_lane = CUSTODIAN in g.reader.roles
        return unlocks.waiting(tx, house().clock.now(), in_lane=in_lane, but=g.reader.staff_id)
