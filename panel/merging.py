"""On a ticket's page: join duplicates with it or it with another, take that back, and who wrote what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping, select

from bot.care import desk, rights, unmerging
from bot.workflow import DESK, NotAllowed
from panel import shown
from panel.access import audience, house, in_panel
from panel.routes import IN_LANE, NUMBER, Refused, ticket_page
from storage import merged
from storage.models import ticket

MOST = 20  # reports that one click may join
FORM = "merge"

pages = Blueprint("merging", __name__, url_prefix="/panel")


@pages.post("/tickets/<number>/merge")
@audience(*IN_LANE)
def merge(number: str) -> ResponseReturnValue:
    """Join the ticked reports with this one; or this one with the report whose button was pressed."""
    into = request.form.get("into", "")
    if into:
        return _done(number, [number], into, f"Laporan digabung dengan {into}.")
    ticked = [one for one in request.form.getlist("duplicate") if NUMBER.fullmatch(one)][:MOST]
    if not ticked:
        return _refused(number, "Centang dulu laporan yang sama.")
    return _done(number, ticked, number, f"{len(ticked)} laporan digabung ke laporan ini.")


@pages.post("/tickets/<number>/unmerge")
@audience(*IN_LANE)
def unmerge(number: str) -> ResponseReturnValue:
    """Take a merger back that is younger than a day."""
    try:
        unmerging.unmerge(house(), g.reader, _known(number))
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _refused(number, str(refused))
    flash("Penggabungan dibatalkan; pelapor diberi tahu.")
    return redirect(url_for("panel.ticket", number=number))


def _done(number: str, those: Sequence[str], into: str, done: str) -> ResponseReturnValue:
    """Join one after the other; the first that is refused says why, those before it stay joined."""
    if not NUMBER.fullmatch(into):
        return _refused(number, f"Laporan {into[:12]} tidak dapat menjadi tujuan penggabungan.")
    try:
        for one in those:
            desk.move(house(), g.reader, _known(one), "merged", {"into": into})
    except desk.NotFound:
        abort(404)
    except NotAllowed as refused:
        return _refused(number, str(refused))
    flash(done)
    return redirect(url_for("panel.ticket", number=number))


def _refused(number: str, why: str) -> ResponseReturnValue:
    return ticket_page(_known(number), Refused(FORM, why)), 409


def _known(number: str) -> str:
    if not NUMBER.fullmatch(number):
        abort(404)
    return number


@dataclass(frozen=True, slots=True)
class Joining:
    """What a ticket has to do with others: those joined with it, or the one that it was joined with."""

    joined: Sequence[RowMapping]
    into: str
    may_undo: bool


def joining(row: Mapping[Any, Any]) -> Joining:
    """What the page of a ticket shows of mergers."""
    with house().database.reading() as tx:
        into = tx.scalar(select(ticket.c.number).where(ticket.c.id == row["merged_into_id"]))
        line = merged.last_join(tx, row["id"]) if row["status"] == "merged" else None
        young = unmerging.may_be_undone(line, house().clock.now()) and not row["closed_how"]
        may = young and bool(rights.actors(g.reader, row) & DESK)
        return Joining(merged.joined_with(tx, row["id"]), into or "", may)


def writer(row: Mapping[Any, Any], about: RowMapping) -> str:
    """Who wrote a message; of several reporters which one, never a name."""
    if row["direction"] == "in" and row["conversation_id"] != about["conversation_id"]:
        if place := _reporters(about).get(row["conversation_id"]):
            return f"Pelapor {place}"
    return shown.author(row, about)


def _reporters(about: RowMapping) -> dict[int, int]:
    """Looked up once a request."""
    known: dict[int, dict[int, int]] = g.setdefault("reporters", {})
    if about["id"] not in known:
        with house().database.reading() as tx:
            known[about["id"]] = merged.reporters(tx, about)
    return known[about["id"]]


@pages.app_context_processor
def words() -> dict[str, Any]:
    """What the templates of a ticket's page ask."""
    return {"joining": joining, "writer": writer} if in_panel() else {}
