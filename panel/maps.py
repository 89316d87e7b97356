"""The map of a queue, and what maps are drawn on without tiles: outlines, or centres of kelurahan."""

from typing import Any

from flask import Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from bot.care import searching, typed
from panel import forms
from panel.access import audience, house
from panel.routes import READERS, pages
from panel.spots import Spot, centre, is_secret, spot, tiles
from storage import queries
from storage.figures import counted_as
from storage.models import ticket

MOST = 500  # reports on one map
COLUMNS = (
    "number status place place_code latitude longitude anonymous confidential supervised due_at"
).split()


@pages.get("/map/places.json")
@audience(*READERS)
def map_places() -> Response:
    """The city's outlines, or the centres of its kelurahan: what is drawn instead of tiles."""
    city = house().city
    outlines = [
        {"code": one.code, "rings": [[_turned(ring) for ring in polygon] for polygon in one.polygons]}
        for one in city.outlines
    ]
    centres = [
        [one.latitude, one.longitude, one.name]
        for one in city.places.values()
        if one.level == "kelurahan" and one.latitude is not None
    ]
    answer = jsonify(outlines=outlines, centres=centres)
    answer.headers["Cache-Control"] = "private, max-age=3600"  # open data, the same for everybody
    return answer


def _turned(ring: Any) -> list[list[float]]:
    """A ring as Leaflet takes it: latitude first."""
    return [[latitude, longitude] for longitude, latitude in ring]


@pages.get("/map")
@audience(*READERS)
def queue_map() -> ResponseReturnValue:
    """The reports of a queue or a search on a map, with the same filter in the address as the list.

    What is confidential or anonymous stands at the centre of its kelurahan, what is supervised nowhere.
    """
    now = house().clock.now().astimezone(house().city.timezone)
    queue = request.args.get("queue", "open")
    queue = queue if queue in queries.QUEUES else "open"
    search = forms.tidy(request.args.get("q", ""))[:200]
    search = "" if searching.is_phone(search) else search
    origin = typed.known_origin(request.args.get("origin", ""))
    with house().database.reading() as tx:
        query = searching.meant(tx, search).query if search else ""
        wanted = queries.selection(counted_as(g.reader), queue=queue, now=now, search=query, origin=origin)
        known = ticket.c.latitude.is_not(None) | (ticket.c.place_code != "")
        wanted = wanted.with_only_columns(*(ticket.c[name] for name in COLUMNS)).where(known)
        wanted = wanted.where(~ticket.c.supervised)
        if g.reader.sees_all:
            wanted = wanted.where(ticket.c.parent_id.is_(None))  # the whole stands for its parts
        newest = wanted.order_by(ticket.c.due_at.asc().nulls_last(), ticket.c.id.desc()).limit(MOST + 1)
        rows = tx.execute(newest).mappings().all()
    shown = [(row, _rounded(row)) for row in rows[:MOST]]
    return render_template(
        "panel/map.html",
        points=[(row, where) for row, where in shown if where],
        more=len(rows) > MOST,
        most=MOST,
        queue=queue,
        queues=queries.QUEUES,
        search=search,
        origin=origin,
        tiles=tiles(house()),
        late=lambda row: bool(row["due_at"] and row["due_at"] < now),
    )


def _rounded(row: RowMapping) -> Spot | None:
    return centre(house().city, row["place_code"]) if is_secret(row) else spot(house().city, row)
