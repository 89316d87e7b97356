"""Whether the tables of a city's folder agree with each other."""

from collections.abc import Iterator

from bot.cities.parts import Fault
from bot.cities.tables import Tables

# An office that is found by the place of the report instead of by its code.
OFFICES_BY_PLACE = ("@kelurahan", "@kecamatan")


def disagreements(tables: Tables) -> list[Fault]:
    """Return what one table says that another does not know."""
    return [
        *_parents(tables),
        *_office_places(tables),
        *_coordinator(tables),
        *_place_codes(tables),
        *_routing(tables),
    ]


def _parents(tables: Tables) -> Iterator[Fault]:
    parents = {found.value.code: found.value.parent for found in tables.offices}
    for found in tables.offices:
        office = found.value
        if office.parent and office.parent not in parents:
            yield Fault(
                "offices.csv", found.line, f"{office.code} stands under {office.parent}, which is no office."
            )
        elif _circles(office.code, parents):
            yield Fault(
                "offices.csv", found.line, f"{office.code} stands under itself: the tree has a circle."
            )


def _circles(code: str, parents: dict[str, str]) -> bool:
    """Return whether walking up from an office comes back to it."""
    above, seen = parents.get(code, ""), set[str]()
    while above and above != code and above not in seen:
        seen.add(above)
        above = parents.get(above, "")
    return above == code


def _office_places(tables: Tables) -> Iterator[Fault]:
    known = {found.value.code for found in tables.places}
    for found in tables.offices:
        code = found.value.place_code
        if code and code not in known:
            yield Fault("offices.csv", found.line, f"place_code {code} is no place of places.csv.")


def _coordinator(tables: Tables) -> Iterator[Fault]:
    codes = {found.value.code for found in tables.offices}
    if tables.head and tables.offices and tables.head.coordinator.value not in codes:
        head = tables.head.coordinator
        yield Fault("city.csv", head.line, f"coordinator_office {head.value} is no office of offices.csv.")


def _place_codes(tables: Tables) -> Iterator[Fault]:
    """Find places that hang in the air: routing and offices climb from a place to the one around it."""
    known = {found.value.code for found in tables.places}
    for found in tables.places:
        place = found.value
        around = place.code.rpartition("/" if place.level == "landmark" else ".")[0]
        if place.level != "city" and around not in known:
            yield Fault(
                "places.csv", found.line, f"{place.code} {place.name} lies in no other place of the file."
            )


def _routing(tables: Tables) -> Iterator[Fault]:
    categories = {found.value.code for found in tables.categories}
    offices = {found.value.code for found in tables.offices} | set(OFFICES_BY_PLACE)
    places = {found.value.code for found in tables.places} | {""}
    for found in tables.routing:
        route = found.value
        for what, code, known in (
            ("category", route.category, categories),
            ("place", route.place, places),
            ("office", route.office, offices),
        ):
            if code not in known:
                yield Fault("routing.csv", found.line, f"{what} {code} is not known.")
    everywhere = {found.value.category for found in tables.routing if not found.value.place}
    for category in tables.categories:
        if category.value.code not in everywhere:
            sentence = f"{category.value.code} has no row with an empty place, for everywhere else."
            yield Fault("routing.csv", 0, sentence)
