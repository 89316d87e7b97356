"""Whether the tables of a city's folder agree with each other."""

from collections.abc import Iterator

from bot.cities.clock_checks import clock_faults
from bot.cities.office_checks import office_faults
from bot.cities.parts import Fault
from bot.cities.place_checks import place_faults
from bot.cities.tables import Tables
from bot.cities.word_checks import word_faults

# An office that is found by the place of the report instead of by its code.
OFFICES_BY_PLACE = ("@kelurahan", "@kecamatan")


def disagreements(tables: Tables) -> list[Fault]:
    """Return what one table says that another does not know."""
    return [
        *_empty(tables),
        *office_faults(tables),
        *place_faults(tables),
        *_routing(tables),
        *_in_emergency(tables),
        *clock_faults(tables),
        *word_faults(tables),
    ]


def _empty(tables: Tables) -> Iterator[Fault]:
    """Find tables of which only the header was saved."""
    blamed = {fault.file for fault in tables.faults}
    for file, rows in (
        ("offices.csv", tables.offices),
        ("categories.csv", tables.categories),
        ("places.csv", tables.places),
        ("routing.csv", tables.routing),
        ("numbers.csv", tables.emergencies),
    ):
        if not rows and file not in blamed:
            yield Fault(file, 0, "The file has a header and no rows.")


def _in_emergency(tables: Tables) -> Iterator[Fault]:
    known = {found.value.code for found in tables.categories}
    line = tables.head.lines.get("emergency_categories", 0) if tables.head else 0
    for code in tables.head.emergency_categories if tables.head and line else ():
        if code not in known:
            yield Fault("city.csv", line, f"emergency_categories: category {code} is not known.")


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
        if tables.offices and route.office in OFFICES_BY_PLACE:
            yield from _by_place(tables, found.line, route.office)
    everywhere = {found.value.category for found in tables.routing if not found.value.place}
    for category in tables.categories:
        if category.value.code not in everywhere:
            sentence = f"{category.value.code} has no row with an empty place, for everywhere else."
            yield Fault("routing.csv", 0, sentence)


def _by_place(tables: Tables, line: int, office: str) -> Iterator[Fault]:
    kind = office[1:]
    if kind not in {found.value.kind for found in tables.offices}:
        yield Fault("routing.csv", line, f"{office} finds nobody: offices.csv has no office of kind {kind}.")
