"""Events that the product could not handle, for administrators: listed without content, tried again."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot import inbound
from panel.access import audience, house
from panel.shown import CHANNELS, Chip
from storage import administering, audit

SHOWN = 100
MOST_TRIES = 1_000  # by hand as often as somebody likes
LARGEST_ID = 2**63 - 1
STATES = {
    "failed": Chip("dicoba lagi sendiri", "clock", "warn"),
    "quarantined": Chip("disisihkan", "alert", "bad"),
}

pages = Blueprint("quarantine", __name__, url_prefix="/panel/admin/events")


@pages.get("")
@audience("administrator")
def listed() -> str:
    """What waits for somebody to mend the cause."""
    with house().database.reading() as tx:
        rows, counts = administering.set_aside(tx, SHOWN), administering.aside_counts(tx)
    return render_template("panel/quarantine.html", rows=rows, counts=counts, states=STATES, names=CHANNELS)


@pages.post("/<int:event_id>/retry")
@audience("administrator")
def retry(event_id: int) -> ResponseReturnValue:
    """Try one again."""
    running = house()
    if event_id > LARGEST_ID:
        abort(404)
    with running.database.transaction() as tx:
        if not administering.is_aside(tx, event_id):
            abort(404)
        audit.note(tx, g.reader.staff_id, "event_retried", running.clock.now(), event=event_id)
    done = inbound.replay(running, event_id, most=MOST_TRIES)
    flash("Pesan diproses." if done else "Masih gagal; sebabnya ada di log server.")
    return redirect(url_for("quarantine.listed"))
