"""A pin's kelurahan by the outlines that a city supplies."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cities.city import check_city, read_city
from bot.cities.outlines import FILE, code_at, read_outlines
from bot.talk.mind import CityMind
from tests.house import SEMARANG
from tests.talking import UNDERSTANDING, WORDING

BIG, SMALL, ISLANDS = "99.01.01.1001", "99.01.01.1002", "99.01.01.1003"
NAMES = {BIG: "Besar", SMALL: "Kecil", ISLANDS: "Pulau"}
Ring = list[list[float]]


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


# Besar surrounds Kecil like a frame; Pulau is two islands, one of which has a lake.
INVENTED = [
    feature(BIG, "Polygon", [box(110.0, -7.0, 110.1, -6.9), box(110.02, -6.98, 110.05, -6.95)]),
    feature(SMALL, "Polygon", [box(110.02, -6.98, 110.05, -6.95)]),
    feature(
        ISLANDS,
        "MultiPolygon",
        [
            [box(110.2, -7.0, 110.21, -6.99)],
            [box(110.3, -7.0, 110.4, -6.9), box(110.34, -6.96, 110.36, -6.94)],
        ],
    ),
]


def written(folder: Path, features: Any) -> Path:
    (folder / FILE).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return folder


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (-6.91, 110.01, BIG),
        (-6.96, 110.03, SMALL),  # in Besar's hole
        (-6.995, 110.205, ISLANDS),
        (-6.92, 110.31, ISLANDS),
        (-6.95, 110.35, ""),  # in the lake
        (-6.95, 110.25, ""),  # between the islands
        (-8.0, 110.05, ""),
    ],
)
def test_a_point_lies_in_the_outline_around_it(
    tmp_path: Path, latitude: float, longitude: float, code: str
) -> None:
    outlines, faults = read_outlines(written(tmp_path, INVENTED), NAMES)
    assert faults == []
    assert code_at(outlines, latitude, longitude) == code


def test_without_a_file_there_are_neither_outlines_nor_faults(tmp_path: Path) -> None:
    assert read_outlines(tmp_path, NAMES) == ((), [])


def damaged(change: Callable[[list[Any]], Any]) -> list[Any]:
    features = json.loads(json.dumps(INVENTED))
    change(features)
    return features  # type: ignore[no-any-return]


FAULTS = [
    (damaged(lambda f: f[1]["properties"].update(code="1")), "Feature 2: its code '1' is no kelurahan"),
    (damaged(lambda f: f[1]["properties"].update(code=BIG)), f"Feature 2: {BIG} has an outline already"),
    (damaged(lambda f: f[2]["geometry"].update(type="Point")), "Feature 3: 99.01.01.1003 is no Polygon"),
    (
        damaged(lambda f: f[2]["geometry"].update(coordinates=7)),
        f"Feature 3: {ISLANDS} has no coordinates",
    ),
    (damaged(lambda f: f[0]["geometry"]["coordinates"][0].pop()), "Feature 1: 99.01.01.1001 has a ring"),
    (damaged(lambda f: f[0]["geometry"]["coordinates"][0].append("x")), "corner that is no pair of numbers"),
    (damaged(lambda f: f[0]["geometry"].update(coordinates=[box(-6, 110, -7, 111)])), "outside the earth"),
    (damaged(lambda f: f.insert(0, None)), "Feature 1: it is no object"),
    (damaged(lambda f: f.pop()), "There is no outline of 99.01.01.1003 Pulau."),
    ("all", "no GeoJSON FeatureCollection"),
]


@pytest.mark.parametrize(("features", "sentence"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_each_fault_is_named_with_its_feature(tmp_path: Path, features: Any, sentence: str) -> None:
    faults = read_outlines(written(tmp_path, features), NAMES)[1]
    assert any(sentence in fault.sentence and fault.file == FILE for fault in faults), faults


def test_city_check_names_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    folder = shutil.copytree(SEMARANG, tmp_path / "semarang")
    (folder / FILE).write_text("{")
    assert any(f.file == FILE and "no JSON" in f.sentence for f in check_city(folder))


def split_between(folder: Path) -> tuple[str, str, float, float]:
    """Give the city striped outlines, and a point in one stripe that is nearer the other's centre."""
    places = [place for place in read_city(SEMARANG).places.values() if place.level == "kelurahan"]
    one, other = places[0], places[1]
    assert one.longitude and other.longitude and one.latitude and other.latitude
    # `one` reaches almost to the centre of `other`; the rest of the city lies far away in the sea.
    border = other.longitude - 0.1 * (other.longitude - one.longitude)
    west, east = (one, other) if one.longitude < other.longitude else (other, one)
    stripes = [
        feature(west.code, "Polygon", [box(110.0, -7.2, border, -6.8)]),
        feature(east.code, "Polygon", [box(border, -7.2, 110.9, -6.8)]),
    ]
    stripes += [
        feature(place.code, "Polygon", [box(100 + n / 100, -3.0, 100.005 + n / 100, -2.9)])
        for n, place in enumerate(places[2:])
    ]
    written(folder, stripes)
    return one.code, other.code, other.latitude, border - 0.05 * (other.longitude - one.longitude)


def test_near_a_border_the_outline_is_right_where_the_nearest_centre_is_wrong(tmp_path: Path) -> None:
    folder = shutil.copytree(SEMARANG, tmp_path / "semarang")
    inside, nearer, latitude, longitude = split_between(folder)
    city = read_city(folder)
    by_centre, by_outline = city.nearest(latitude, longitude), city.village_at(latitude, longitude)
    assert by_centre and by_outline
    assert (by_centre.code, by_outline.code) == (nearer, inside)


def test_a_pin_outside_all_outlines_has_no_kelurahan_and_keeps_its_figures(tmp_path: Path) -> None:
    folder = shutil.copytree(SEMARANG, tmp_path / "semarang")
    split_between(folder)
    mind = CityMind(read_city(folder), UNDERSTANDING, WORDING, "id", "")
    assert mind.place_near(-6.5, 110.4) is None
    assert mind.place_near(-7.0, 110.1) is not None
