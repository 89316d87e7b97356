"""Whether the places of a city hang together: codes, levels, centre points."""

import re
from collections.abc import Iterator
from math import hypot
from statistics import median

from bot.cities.parts import Fault, Place
from bot.cities.tables import Found, Tables

FILE = "places.csv"
# How the codes of the Ministry of Home Affairs are built; a landmark's is ours.
# Source: Kepmendagri 300.2.2-2138/2025, as in https://github.com/cahyadsn/wilayah
FORMS = {
    "city": (re.compile(r"\d{2}\.\d{2}"), "33.74"),
    "kecamatan": (re.compile(r"\d{2}\.\d{2}\.\d{2}"), "33.74.01"),
    "kelurahan": (re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}"), "33.74.01.1001"),
    "landmark": (re.compile(r"\d{2}\.\d{2}(\.\d{2}(\.\d{4})?)?/l\d+"), "33.74.01.1001/l1"),
}
# The box around the country, with some room; its longitudes are never latitudes.
# Source: https://sonora.id/read/423737049/memahami-letak-astronomis-indonesia-pengaruh-dan-keuntungannya
SOUTH, NORTH, WEST, EAST = -11.5, 6.5, 94.5, 141.5
# The widest regency reaches about half as far from its middle (Merauke, about 400 km across).
FARTHEST_KM = 400.0
KM_A_DEGREE = 111.0


def place_faults(tables: Tables) -> Iterator[Fault]:
    """Give what is wrong with the places of a city."""
    yield from _codes(tables.places)
    yield from _city(tables)
    yield from _around(tables.places)
    yield from _points(tables.places)


def _codes(places: list[Found[Place]]) -> Iterator[Fault]:
    for found in places:
        place = found.value
        form, example = FORMS.get(place.level, (None, ""))
        if form and place.code and not form.fullmatch(place.code):
            sentence = f"{place.code} is no code of a {place.level}; it must look like {example}, as text."
            yield Fault(FILE, found.line, sentence)


def _city(tables: Tables) -> Iterator[Fault]:
    """Find places of another city: every report from there would go to the coordinator."""
    if not tables.head or not tables.places:
        return
    code = tables.head.code
    cities = [found for found in tables.places if found.value.level == "city"]
    if code not in {found.value.code for found in cities}:
        yield Fault(FILE, 0, f"No row of level city has the code {code} of city.csv.")
    for found in cities:
        if found.value.code != code:
            yield Fault(FILE, found.line, f"{found.value.code} is another city; city.csv says {code}.")


def _around(places: list[Found[Place]]) -> Iterator[Fault]:
    """Find places that hang in the air: routing and offices climb from a place to the one around it."""
    known = {found.value.code for found in places}
    for found in places:
        place = found.value
        around = place.code.rpartition("/" if place.level == "landmark" else ".")[0]
        if place.level != "city" and around not in known:
            sentence = f"{place.code} {place.name} lies in no other place of the file."
            yield Fault(FILE, found.line, sentence)


def _points(places: list[Found[Place]]) -> Iterator[Fault]:
    """Find points that cannot be: outside the country, far from all others, or those of another place."""
    points = [
        (found, found.value.latitude, found.value.longitude)
        for found in places
        if found.value.latitude is not None and found.value.longitude is not None
    ]
    if not points:
        return
    middle = median(point[1] for point in points), median(point[2] for point in points)
    centres: dict[tuple[float, float], Found[Place]] = {}
    for found, latitude, longitude in points:
        where = f"{found.value.code} {found.value.name}"
        away = hypot(latitude - middle[0], longitude - middle[1]) * KM_A_DEGREE
        if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
            sentence = f"{where} lies outside Indonesia: {latitude}, {longitude}."
            yield Fault(FILE, found.line, sentence)
        elif away > FARTHEST_KM:
            yield Fault(FILE, found.line, f"{where} lies {away:.0f} km from the middle of the others.")
        if found.value.level == "kelurahan":
            other = centres.setdefault((latitude, longitude), found)
            if other is not found:
                sentence = f"{where} has the centre point of {other.value.name} in line {other.line}."
                yield Fault(FILE, found.line, sentence)
