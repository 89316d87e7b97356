"""The kelurahan around a point, by the outlines in a city's outlines.geojson.

The file is optional: a FeatureCollection of polygons or multipolygons, longitude before latitude in degrees
WGS 84, each with the property `code` of a kelurahan of places.csv.
Source: https://datatracker.ietf.org/doc/html/rfc7946
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.cities.parts import Fault

FILE = "outlines.geojson"
# Corners of a ring, the last of which is the first again.
FEWEST_CORNERS = 4

Point = tuple[float, float]  # longitude, latitude
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]  # the outer ring, then holes


@dataclass(frozen=True, slots=True)
class Outline:
    """The area of one kelurahan."""

    code: str
    polygons: tuple[Polygon, ...]
    west: float
    south: float
    east: float
    north: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Return whether a point lies in it; in a hole it does not."""
        if not (self.west <= longitude <= self.east and self.south <= latitude <= self.north):
            return False
        return any(_inside(polygon, longitude, latitude) for polygon in self.polygons)


def code_at(outlines: Sequence[Outline], latitude: float, longitude: float) -> str:
    """Return the code of the outline a point lies in, empty when it lies in none; degrees WGS 84."""
    return next((outline.code for outline in outlines if outline.holds(latitude, longitude)), "")


def read_outlines(folder: Path, names: Mapping[str, str]) -> tuple[tuple[Outline, ...], list[Fault]]:
    """Return the outlines of a city's folder and what is wrong with the file; both empty without a file.

    Args:
        folder: The city's folder.
        names: The kelurahan of its places.csv by code, each of which needs an outline.
    """
    file = folder / FILE
    if not file.exists():
        return (), []
    faults: list[Fault] = []
    found: dict[str, Outline] = {}
    for number, feature in _features(file, faults):
        try:
            outline = _outline(feature, names)
            if outline.code in found:
                raise _Unusable(f"{outline.code} has an outline already")
            found[outline.code] = outline
        except _Unusable as fault:
            faults.append(Fault(FILE, 0, f"Feature {number}: {fault}."))
    missing = [f"{code} {name}" for code, name in names.items() if code not in found]
    if missing and not faults:
        faults.append(Fault(FILE, 0, f"There is no outline of {', '.join(missing)}."))
    return tuple(found.values()), faults


class _Unusable(Exception):
    """A feature cannot be used; the message says why."""


def _features(file: Path, faults: list[Fault]) -> Iterator[tuple[int, Any]]:
    """Yield the features, numbered from 1 as they stand in the file."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        faults.append(Fault(FILE, 0, f"The file is no JSON: {error}."))
        return
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        faults.append(Fault(FILE, 0, "The file is no GeoJSON FeatureCollection."))
        return
    yield from enumerate(features, start=1)


def _outline(feature: Any, names: Mapping[str, str]) -> Outline:
    if not isinstance(feature, dict):
        raise _Unusable("it is no object")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str) or code not in names:
        raise _Unusable(f"its code {code!r} is no kelurahan of places.csv")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise _Unusable(f"{code} is no Polygon and no MultiPolygon")
    kind = geometry["type"]
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        raise _Unusable(f"{code} has no coordinates")
    polygons = tuple(_polygon(one, code) for one in ([coordinates] if kind == "Polygon" else coordinates))
    corners = [corner for polygon in polygons for corner in polygon[0]]
    longitudes, latitudes = zip(*corners, strict=True)
    return Outline(code, polygons, min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def _polygon(rings: Any, code: str) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise _Unusable(f"{code} has a polygon without a ring")
    return tuple(_ring(ring, code) for ring in rings)


def _ring(corners: Any, code: str) -> Ring:
    try:
        ring = tuple((float(corner[0]), float(corner[1])) for corner in corners)
    except (TypeError, ValueError, LookupError):
        raise _Unusable(f"{code} has a corner that is no pair of numbers") from None
    if len(ring) < FEWEST_CORNERS or ring[0] != ring[-1]:
        raise _Unusable(f"{code} has a ring that is not closed, or of fewer than {FEWEST_CORNERS} corners")
    if not all(abs(longitude) <= 180 and abs(latitude) <= 90 for longitude, latitude in ring):
        raise _Unusable(f"{code} has a corner outside the earth; longitude comes before latitude, in degrees")
    return ring


def _inside(polygon: Polygon, x: float, y: float) -> bool:
    """Return whether a ray from the point crosses the rings an odd number of times: holes count twice."""
    crossings = sum(_crosses(start, end, x, y) for ring in polygon for start, end in pairwise(ring))
    return crossings % 2 == 1


def _crosses(start: Point, end: Point, x: float, y: float) -> bool:
    """Return whether an edge lies across the ray that runs east from the point."""
    (x1, y1), (x2, y2) = start, end
    return (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1)
