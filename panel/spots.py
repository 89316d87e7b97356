"""Where a report is, as well as it is known, and what may be drawn beneath it.

Nothing is fetched from elsewhere unless TILE_URL is set: who serves the tiles learns where one looks. For a
report that is confidential, anonymous or in the supervised lane he never does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Response, after_this_request
from sqlalchemy import RowMapping

from bot.cities.city import City
from bot.house import House
from panel.access import POLICY

SECRET = ("supervised", "confidential", "anonymous")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in degrees WGS 84; `exact` when it is the citizen's own, else the centre of his kelurahan."""

    latitude: float
    longitude: float
    exact: bool
    village: str = ""  # the code of its kelurahan
    name: str = ""  # and its name


def spot(city: City, row: Mapping[Any, Any]) -> Spot | None:
    """Where a report is, as well as it is known; None when it is not."""
    village = city.village_of(row["place_code"])
    code, name = (village.code, village.name) if village else ("", "")
    if row["latitude"] is not None and row["longitude"] is not None:
        return Spot(row["latitude"], row["longitude"], True, code, name)
    return centre(city, row["place_code"])


def centre(city: City, place_code: str) -> Spot | None:
    """The centre of a report's kelurahan; None when nobody knows it."""
    village = city.village_of(place_code)
    if village is None or village.latitude is None or village.longitude is None:
        return None
    return Spot(village.latitude, village.longitude, False, village.code, village.name)


def is_secret(row: Mapping[Any, Any]) -> bool:
    """Whether nobody outside may learn where a report is."""
    return any(row[name] for name in SECRET)


def about(running: House, row: RowMapping) -> dict[str, Any]:
    """What a ticket's page shows: `map` with spot, tiles and whether it is secret; None without a place."""
    where = spot(running.city, row)
    if where is None:
        return {"map": None}
    secret = is_secret(row)
    return {"map": {"spot": where, "secret": secret, "tiles": "" if secret else tiles(running)}}


def tiles(running: House) -> str:
    """The address of map tiles, empty for none; this answer's policy lets the browser fetch them."""
    url = running.settings.tile_url
    if url:
        after_this_request(lambda answer: _let(answer, tile_host(url)))
    return url


def tile_host(url: str) -> str:
    """The origin of a tile address as a content security policy names it; {s} stands for any name."""
    parts = urlsplit(url.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}"


def _let(answer: Response, host: str) -> Response:
    answer.headers["Content-Security-Policy"] = POLICY.replace("img-src 'self'", f"img-src 'self' {host}")
    return answer
