"""The pages of emergencies: switch an area on and off, its reports by street; the banner and the signs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from bot.care import crises, crisis_answers, crisis_overview, crisis_switch, desk
from bot.workflow import NotAllowed
from panel import forms
from panel.access import audience, house, in_panel
from panel.routes import READERS
from panel.shown import Chip
from storage.casework import crisis

DESK = ("administrator", "coordinator")
LARGEST_ID = 2**63 - 1

pages = Blueprint("crisis", __name__, url_prefix="/panel/emergency")


@pages.get("")
@audience(*DESK)
def overview() -> str:
    """What is on, and the form to switch an area on."""
    return _page()


@pages.post("/on")
@audience(*DESK)
def on() -> ResponseReturnValue:
    """Begin the emergency of an area."""
    code, words = request.form.get("place", ""), forms.tidy(request.form.get("notice", ""))

    def switch() -> str:
        taken = crisis_switch.switch_on(house(), g.reader, code, words)
        return f"Mode darurat menyala; {taken} laporan sehari terakhir ikut."

    return _done(switch, code, words)


@pages.post("/off")
@audience(*DESK)
def off() -> ResponseReturnValue:
    """End the emergency of an area."""
    code, words = request.form.get("place", ""), forms.tidy(request.form.get("notice", ""))

    def switch() -> str:
        crisis_switch.switch_off(house(), g.reader, code, words)
        return "Mode darurat dimatikan."

    return _done(switch)


@pages.get("/<int:crisis_id>")
@audience(*READERS)
def streets(crisis_id: int) -> str:
    """The reports of one emergency by street; no word of a citizen's is on it."""
    if crisis_id > LARGEST_ID:
        abort(404)
    with house().database.reading() as tx:
        row = tx.execute(crisis.select().where(crisis.c.id == crisis_id)).mappings().one_or_none()
        if row is None:
            abort(404)
        found = crisis_overview.by_street(tx, house(), g.reader, row)
    return render_template("panel/crisis.html", crisis=row, streets=found, depths=crisis_answers.DEPTHS)


def _done(switch: Callable[[], str], code: str = "", words: str = "") -> ResponseReturnValue:
    try:
        flash(switch())
    except (desk.NotFound, NotAllowed) as refused:
        return _page(str(refused), code, words), 409
    return redirect(url_for("crisis.overview"))


def _page(why: str = "", code: str = "", words: str = "") -> str:
    city = house().city
    return render_template(
        "panel/crises.html",
        areas=[(city.code, city.name), *_areas()],
        why=why,
        typed={"place": code, "notice": words},
        longest=crisis_switch.LONGEST_NOTICE,
        about=[city.categories[one].name for one in city.emergency_categories if one in city.categories],
    )


def _areas() -> list[tuple[str, str]]:
    """Each kecamatan with its kelurahan below it."""
    places = sorted(house().city.places.values(), key=lambda place: place.code)
    wanted = [place for place in places if place.level in crisis_switch.LEVELS]
    return [(one.code, f"{crisis_switch.LEVELS[one.level]} {one.name}") for one in wanted]


def emergencies() -> Sequence[RowMapping]:
    """What is on now, for the banner; nothing for who is not logged in."""
    if not g.get("reader"):
        return ()
    with house().database.reading() as tx:
        return crisis_switch.open_now(tx)


def signs(row: Mapping[Any, Any]) -> list[Chip]:
    """Signs of a report of an emergency: trapped people first, then how deep the water is."""
    with house().database.reading() as tx:
        said = crises.answers(tx, row["id"])
    trapped, depth = said.get("trapped", ""), crisis_answers.in_words({"depth": said.get("depth", "")})
    found = [
        ("mode darurat" if row["crisis_id"] else "", "warn"),
        (crisis_answers.TRAPPED.get(trapped, ""), "bad" if trapped == "yes" else "off"),
        (depth, "warn"),
    ]
    return [Chip(words, "alert", tone) for words, tone in found if words]


@pages.app_context_processor
def words() -> dict[str, Any]:
    """What the templates ask."""
    return {"emergencies": emergencies, "crisis_signs": signs} if in_panel() else {}
