"""The page by which one of the staff links the own phone for the daily digest, and lets it go again."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.people import staff_chats
from panel.access import audience, house
from panel.staff import ROLES

pages = Blueprint("own_digest", __name__, url_prefix="/panel/digest")


@pages.get("")
@audience(*ROLES)
def page() -> str:
    """Where the digest goes now."""
    return _page()


@pages.post("/code")
@audience(*ROLES)
def code() -> str:
    """A new code, shown once."""
    return _page(staff_chats.draw_code(house(), g.reader.staff_id))


@pages.post("/unlink")
@audience(*ROLES)
def unlink() -> ResponseReturnValue:
    """Let the phone go."""
    staff_chats.unlink(house(), g.reader.staff_id)
    flash("Ponsel dilepas. Ringkasan harian tidak dikirim lagi.")
    return redirect(url_for("own_digest.page"))


def _page(drawn: str = "") -> str:
    with house().database.reading() as tx:
        linked = staff_chats.linked(tx, g.reader.staff_id)
    minutes = int(staff_chats.VALID.total_seconds() // 60)
    return render_template("panel/digest.html", linked=linked, code=drawn, minutes=minutes)
