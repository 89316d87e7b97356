"""The page "Laporan baru": a report typed in for somebody, one or many in a row at an event."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from bot.care import gatherings, proofs, proving, typed_receipts, typing_in
from bot.care.typed import MOST_EXTERNAL, ORIGINS, Filed, Proposed, TakenOver, Typed
from bot.cities.city import City
from bot.workflow import NotAllowed
from panel import alike, forms
from panel.access import audience, house, in_panel
from panel.shown import STATES, Chip
from panel.spots import tiles
from storage import queries, typed_in

TYPISTS = ("administrator", "coordinator", "officer")
LONGEST_STORY = 4000  # letters of the field; more is kept as a file, as from a chat
SHOWN_FOR = timedelta(hours=12)
LARGEST_ID = 2**63 - 1
AT_EVENT = "meeting"

pages = Blueprint("typing_in", __name__, url_prefix="/panel/type-in")


@pages.get("")
@audience(*TYPISTS)
def form() -> str:
    """The form; after a report, what became of it beside an empty one."""
    return _page(done=request.args.get("done", ""))


@pages.post("")
@audience(*TYPISTS)
def save() -> ResponseReturnValue:
    """File the report, or show first what it would be filed as."""
    typed = _read()
    try:
        if request.form.get("do") == "propose":
            return _page(typed, proposed=typing_in.propose(house(), typed))
        filed = typing_in.type_in(house(), g.reader, typed)
    except TakenOver as taken:
        return _page(typed, why=str(taken), other=taken.number), 409
    except NotAllowed as refused:
        return _page(typed, why=str(refused)), 409
    flash(_told(filed))
    return redirect(url_for("typing_in.form", done=filed.number))


@pages.post("/event")
@audience(*TYPISTS)
def begin() -> ResponseReturnValue:
    """Begin an event."""
    name, place = (" ".join(forms.tidy(request.form.get(one, "")).split()) for one in ("name", "where"))
    try:
        gatherings.begin(house(), g.reader, name, place)
    except NotAllowed as refused:
        return _page(why=str(refused)), 409
    return redirect(url_for("typing_in.form"))


@pages.post("/event/<int:event_id>/end")
@audience(*TYPISTS)
def end(event_id: int) -> ResponseReturnValue:
    """End one's own event."""
    if event_id > LARGEST_ID or not gatherings.end(house(), g.reader, event_id):
        abort(404)
    return redirect(url_for("typing_in.event", event_id=event_id))


@pages.get("/event/<int:event_id>")
@audience(*TYPISTS)
def event(event_id: int) -> str:
    """What an event brought; for who typed there, and for who sees all offices."""
    if event_id > LARGEST_ID:
        abort(404)
    with house().database.reading() as tx:
        row = typed_in.one_gathering(tx, event_id)
        if row is None or not (row["staff_id"] == g.reader.staff_id or g.reader.sees_all):
            abort(404)
        reports = typed_in.of_gathering(tx, event_id)
        seen = _seen(tx, reports)
    names = {code: one.name for code, one in house().city.categories.items()}
    return render_template(
        "panel/gathering.html",
        event=row,
        reports=reports,
        seen=seen,
        receipt_of=_receipt,
        by_category=Counter(names.get(one["category"], "Lainnya") for one in reports).most_common(),
        by_office=Counter(one["office_name"] or "belum ada instansi" for one in reports).most_common(),
        receipts=sum(one["receipt"] is not None for one in reports),
    )


def _read() -> Typed:
    """The form as it was sent; what it does not have is empty."""
    given = {name: forms.tidy(request.form.get(name, "")) for name in TEXTS}
    gathering = request.form.get("gathering", 0, int)
    chosen = [one for one in request.files.getlist("photos") if one.filename]
    return Typed(
        **{name: " ".join(one.split()) if name != "story" else one for name, one in given.items()},
        consent=request.form.get("consent") == "yes",
        anonymous=request.form.get("anonymous") == "yes",
        confidential=request.form.get("confidential") == "yes",
        gathering_id=gathering if 0 < gathering <= LARGEST_ID else None,
        photos=[one.stream.read(proving.LARGEST_BYTES + 1) for one in chosen[: proofs.MOST + 1]],
    )


TEXTS = ("token", "story", "origin", "place", "point", "category", "kind", "phone", "way", "external_number")


def _told(filed: Filed) -> str:
    said = "sudah tersimpan sebelumnya" if filed.repeated else "tersimpan"
    if filed.receipt:
        return f"Laporan {filed.number} {said}. {filed.receipt}"
    return f"Laporan {filed.number} {said}."


def _page(
    typed: Typed | None = None,
    *,
    done: str = "",
    why: str = "",
    other: str = "",
    proposed: Proposed | None = None,
) -> str:
    running = house()
    since = running.clock.now() - SHOWN_FOR
    with running.database.reading() as tx:
        gathering = typed_in.open_gathering(tx, g.reader.staff_id)
        begun = gathering["started_at"] if gathering else since
        last = typed_in.last_of(tx, g.reader.staff_id, gathering["id"] if gathering else None, begun)
        alike_now = _alike(tx, done) if any(one["number"] == done for one in last) else ()
        seen = _seen(tx, last)
        ended = () if gathering else typed_in.ended_gatherings(tx, g.reader.staff_id)
    return render_template(
        "panel/type_in.html",
        typed=typed or _fresh(gathering, last),
        token=typed.token if typed and typed.token else secrets.token_hex(16),
        gathering=gathering,
        ended=ended,
        last=last,
        seen=seen,
        done=done,
        alike_now=alike_now,
        why=why,
        other=other,
        proposed=proposed,
        origins=ORIGINS,
        ways=typed_receipts.offered(running),
        villages=villages(running.city),
        tiles=tiles(running),
        receipt_of=_receipt,
        most_photos=proofs.MOST,
        longest=LONGEST_STORY,
        most_external=MOST_EXTERNAL,
    )


def _fresh(gathering: RowMapping | None, last: Sequence[RowMapping]) -> Typed:
    """An empty form; at an event place and origin stay as they were."""
    if gathering is None:
        return Typed("", "", "walk_in")
    before = last[0] if last else None
    place = before["place"] if before else gathering["place"]
    return Typed("", "", before["origin"] if before else AT_EVENT, place=place)


def _seen(tx: Connection, rows: Sequence[RowMapping]) -> set[str]:
    """Which of the reports the reader may open: what he typed may be another office's."""
    return {one["number"] for one in rows if queries.one_ticket(tx, g.reader, one["number"])}


def _alike(tx: Connection, number: str) -> Sequence[alike.Similar]:
    row = queries.one_ticket(tx, g.reader, number)
    return alike.similar(tx, house(), g.reader, row) if row else ()


def _receipt(row: RowMapping) -> Chip:
    """What became of the receipt."""
    if row["receipt"] is None:
        return Chip("tanpa tanda terima", "person", "off")
    state = STATES[row["receipt"]]
    return Chip(f"tanda terima {state.text}", state.icon, state.tone)


def villages(city: City) -> Sequence[str]:
    """The names of the city's kelurahan, to choose from while typing."""
    return sorted({place.name for place in city.places.values() if place.level == "kelurahan"})


def origin_chip(row: Mapping[Any, Any]) -> Chip | None:
    """How a typed-in report came; None for one from a chat."""
    name = ORIGINS.get(row["origin"])
    return Chip(name, "pencil", "off") if name else None


@pages.app_context_processor
def offered() -> dict[str, Any]:
    """What other pages say of typed-in reports."""
    return {"origin_chip": origin_chip, "origin_names": ORIGINS} if in_panel() else {}
