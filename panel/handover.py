"""The page for somebody who leaves: what he holds, who gets it, and whether the account ends."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, handover
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house
from panel.staff import ROLES
from storage import queries

COORDINATORS = ("administrator", "coordinator")
TO_OFFICE = "office:"  # before the code, where an office and not a person is chosen

pages = Blueprint("handover", __name__, url_prefix="/panel")


@pages.get("/handover")
@audience(*COORDINATORS)
def page() -> str:
    """Everybody with what he holds, and the form."""
    return _page(request.args.get("from", ""))


@pages.post("/handover")
@audience(*COORDINATORS)
def carry_out() -> ResponseReturnValue:
    """Move everything that somebody holds."""
    leaver, to = forms.tidy(request.form.get("from", "")), forms.tidy(request.form.get("to", ""))
    office = to.removeprefix(TO_OFFICE) if to.startswith(TO_OFFICE) else ""
    disable = request.form.get("disable") == "yes"
    try:
        done = handover.hand_over(
            house(), g.reader, leaver, to="" if office else to, office_code=office, disable=disable
        )
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _page(leaver, to, str(refused)), 409
    ended = " Akun dinonaktifkan." if done.disabled else ""
    flash(f"{done.tickets} laporan dan {done.chats} percakapan diserahterimakan.{ended}")
    return redirect(url_for("handover.page"))


def _page(leaver: str, to: str = "", why: str = "") -> str:
    with house().database.reading() as tx:
        people = handover.leavers(tx, g.reader)
        offices = queries.offices(tx)
    return render_template(
        "panel/handover.html",
        people=people,
        offices=offices,
        roles=ROLES,
        leaver=leaver,
        to=to,
        why=why,
        to_office=TO_OFFICE,
    )
