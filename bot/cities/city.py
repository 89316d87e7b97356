"""A city as its folder describes it: offices, categories, places, who handles what, clocks, numbers, answers.

Data only: no database, no Flask. `read_city` gives a city without faults or raises them all at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cities.checks import disagreements
from bot.cities.clocks import Clocks
from bot.cities.outlines import Outline, code_at, read_outlines
from bot.cities.parts import Category, CityFaults, Emergency, Fault, KnownAnswer, Office, Place, Route
from bot.cities.tables import Head, Tables, read_tables
from bot.cities.wording_checks import wording_faults
from bot.deadlines import Calendar

__all__ = [
    "Category",
    "City",
    "CityFaults",
    "Emergency",
    "Fault",
    "KnownAnswer",
    "Office",
    "Place",
    "Route",
    "check_city",
    "read_city",
]

EARTH_RADIUS_KM = 6371.0
# Beyond this a pin is outside the city or the centre is of no help; the largest kelurahan of a city
# reaches about 3 km from its centre.
NEAREST_KM = 5.0


@dataclass(frozen=True, slots=True)
class City:
    """The local government whose folder is loaded.

    Attributes:
        folder: Where it was read from.
        name: Official name, as citizens are told it.
        code: Kemendagri code, like "33.74".
        timezone: The zone its days are counted in.
        sms_codes: Words that may stand before an SMS as region code, in lower case.
        coordinator: Code of the office that takes what no rule places.
        promise_days: Working days the city promises the citizen.
        offices: By office code.
        categories: By category code, in the order of the file.
        places: By place code.
        routing: Who handles what; see `route`.
        clocks: How long each stage may take, by kind and tier.
        calendar: The days its offices work.
        emergencies: Dangers with the number to call.
        answers: Questions answered once and for all.
        ombudsman: Whom a citizen may turn to when nobody answers; the national one if the folder names none.
        emergency_categories: What is asked about first, and has the emergency clocks, in an area's emergency.
        outlines: Where each kelurahan ends; empty when the city supplies no outlines.geojson.
    """

    folder: Path
    name: str
    code: str
    timezone: ZoneInfo
    sms_codes: tuple[str, ...]
    coordinator: str
    promise_days: int
    offices: Mapping[str, Office]
    categories: Mapping[str, Category]
    places: Mapping[str, Place]
    routing: tuple[Route, ...]
    clocks: Clocks
    calendar: Calendar
    emergencies: tuple[Emergency, ...]
    answers: tuple[KnownAnswer, ...]
    ombudsman: str = ""
    emergency_categories: tuple[str, ...] = ()
    outlines: tuple[Outline, ...] = ()

    def route(self, category: str, place_code: str) -> str:
        """Return the code of the office that handles this category in this place.

        The most specific place wins; what no rule places goes to the coordinator, and so does what lies
        outside the city.

        Args:
            category: Category code; empty or unknown goes to the coordinator.
            place_code: Kemendagri or landmark code; empty when the place is not known.
        """
        if place_code and not within(place_code, self.code):
            return self.coordinator
        fitting = [r for r in self.routing if r.category == category and within(place_code, r.place)]
        office = max(fitting, key=lambda r: len(r.place)).office if fitting else self.coordinator
        return self._office_of_place(office[1:], place_code) if office.startswith("@") else office

    def _office_of_place(self, level: str, place_code: str) -> str:
        # A report that names only its kecamatan is nearer to its camat than to the coordinator.
        for kind in ("kelurahan", "kecamatan") if level == "kelurahan" else (level,):
            for office in self.offices.values():
                # Only an office of that kind: a school may stand in the same kelurahan.
                if office.kind == kind and office.place_code and within(place_code, office.place_code):
                    return office.code
        return self.coordinator

    def district_of(self, place_code: str) -> Place | None:
        """Return the kecamatan a place lies in (itself, if it is one), None when unknown."""
        return next((p for p in self._around(place_code) if p.level == "kecamatan"), None)

    def village_of(self, place_code: str) -> Place | None:
        """Return the kelurahan a place lies in (itself, if it is one), None when unknown."""
        return next((p for p in self._around(place_code) if p.level == "kelurahan"), None)

    def _around(self, place_code: str) -> list[Place]:
        parts = place_code.partition("/")[0].split(".")
        codes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        return [self.places[code] for code in codes if code in self.places]

    def village_at(self, latitude: float, longitude: float) -> Place | None:
        """Return the kelurahan a point lies in, None outside the city.

        By the city's outlines; without them the kelurahan whose centre is nearest.

        Args:
            latitude: Degrees WGS 84.
            longitude: Degrees WGS 84.
        """
        if not self.outlines:
            return self.nearest(latitude, longitude)
        return self.places.get(code_at(self.outlines, latitude, longitude))

    def nearest(self, latitude: float, longitude: float) -> Place | None:
        """Return the kelurahan whose centre is nearest, None when none is within 5 km.

        A guess for the citizen to confirm: near a border the neighbour's centre may be the nearer one.

        Args:
            latitude: Degrees WGS 84.
            longitude: Degrees WGS 84.
        """
        measured = [
            (kilometres(latitude, longitude, place.latitude, place.longitude), place.code)
            for place in self.places.values()
            if place.level == "kelurahan" and place.latitude is not None and place.longitude is not None
        ]
        distance, code = min(measured, default=(NEAREST_KM + 1, ""))
        return self.places[code] if distance <= NEAREST_KM else None


def within(place_code: str, area: str) -> bool:
    """Return whether a place lies in an area, both by code; the empty area holds every place."""
    return not area or place_code == area or place_code.startswith((area + ".", area + "/"))


def kilometres(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    """Return the distance over ground (haversine)."""
    north, east = radians(latitude2 - latitude1) / 2, radians(longitude2 - longitude1) / 2
    bulge = sin(north) ** 2 + cos(radians(latitude1)) * cos(radians(latitude2)) * sin(east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(bulge))


def read_city(folder: Path) -> City:
    """Return the city a folder describes.

    Raises:
        CityFaults: Something is wrong in the folder; it carries every fault.
    """
    tables, outlines, faults = _tables(folder)
    if faults or tables.head is None:
        raise CityFaults(folder, tuple(faults))
    return _city(folder, tables, tables.head, outlines)


def check_city(folder: Path) -> list[Fault]:
    """Return every fault of a city's folder with file, line and sentence; empty when it is sound."""
    return _tables(folder)[2]


def _tables(folder: Path) -> tuple[Tables, tuple[Outline, ...], list[Fault]]:
    tables = read_tables(folder)
    villages = {one.value.code: one.value.name for one in tables.places if one.value.level == "kelurahan"}
    outlines, faults = read_outlines(folder, villages)
    faults += [*tables.faults, *disagreements(tables), *wording_faults(folder)]
    return tables, outlines, sorted(faults, key=lambda f: (f.file, f.line))


def _city(folder: Path, tables: Tables, head: Head, outlines: tuple[Outline, ...]) -> City:
    return City(
        folder=folder,
        name=head.name,
        code=head.code,
        timezone=head.timezone,
        sms_codes=head.sms_codes,
        coordinator=head.coordinator.value,
        promise_days=head.promise_days,
        offices={found.value.code: found.value for found in tables.offices},
        categories={found.value.code: found.value for found in tables.categories},
        places={found.value.code: found.value for found in tables.places},
        routing=tuple(found.value for found in tables.routing),
        clocks=tables.clocks,
        calendar=Calendar(head.workdays, tables.own_days, head.hours),
        emergencies=tuple(found.value for found in tables.emergencies),
        answers=tuple(found.value for found in tables.answers),
        ombudsman=head.ombudsman,
        emergency_categories=head.emergency_categories,
        outlines=outlines,
    )
