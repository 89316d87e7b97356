"""Whether the offices of a city make one tree, and each area has one office of its own."""

from collections.abc import Iterator

from bot.cities.parts import Fault, Office
from bot.cities.tables import Found, Tables

FILE = "offices.csv"
# Offices that a report finds by its place: their place_code is of the same level as they are.
BY_PLACE = ("kecamatan", "kelurahan")
# Who may stand at the top: the city itself, and who does not belong to it.
AT_THE_TOP = ("city", "external")
# A province has five (city, dinas, UPT, school, class); the path of codes must fit an index.
DEEPEST = 12


def office_faults(tables: Tables) -> Iterator[Fault]:
    """Give what is wrong with the tree of offices and with where they stand."""
    yield from _parents(tables.offices)
    yield from _tops(tables.offices)
    yield from _places(tables)
    yield from _areas(tables)
    yield from _coordinator(tables)


def _parents(offices: list[Found[Office]]) -> Iterator[Fault]:
    parents = {found.value.code: found.value.parent for found in offices}
    for found in offices:
        office = found.value
        if office.parent and office.parent not in parents:
            sentence = f"{office.code} stands under {office.parent}, which is no office."
            yield Fault(FILE, found.line, sentence)
            continue
        above = _above(office.code, parents)
        if office.code in above:
            sentence = f"{office.code} stands under itself: the tree has a circle."
            yield Fault(FILE, found.line, sentence)
        elif len(above) > DEEPEST:
            sentence = f"{office.code} stands {len(above)} offices below the top, at most {DEEPEST} fit."
            yield Fault(FILE, found.line, sentence)


def _above(code: str, parents: dict[str, str]) -> list[str]:
    """Return who stands above an office, the nearest first, each once; itself when it is in a circle."""
    found: dict[str, None] = {}
    above = parents.get(code, "")
    while above and above not in found:
        found[above] = None
        above = parents.get(above, "")
    return list(found)


def _tops(offices: list[Found[Office]]) -> Iterator[Fault]:
    """Find offices of the city that nobody is above of: the head of no office would see their reports."""
    external = {found.value.code for found in offices if found.value.kind == "external"}
    cities = [found for found in offices if found.value.kind == "city"]
    for found in offices:
        office = found.value
        if not office.parent and office.kind not in AT_THE_TOP:
            sentence = f"{office.code} stands under no office; only the city and external ones do."
            yield Fault(FILE, found.line, sentence)
        elif office.parent in external and office.kind != "external":
            sentence = f"{office.code} stands under {office.parent}, which is external: not of this city."
            yield Fault(FILE, found.line, sentence)
    for found in cities[1:]:
        first = cities[0]
        sentence = (
            f"{found.value.code} is a second city; the first is {first.value.code} in line {first.line}."
        )
        yield Fault(FILE, found.line, sentence)


def _places(tables: Tables) -> Iterator[Fault]:
    levels = {found.value.code: found.value.level for found in tables.places}
    for found in tables.offices:
        office = found.value
        if office.place_code and office.place_code not in levels:
            yield Fault(FILE, found.line, f"place_code {office.place_code} is no place of places.csv.")
        elif office.kind in BY_PLACE and levels.get(office.place_code) != office.kind:
            sentence = f"{office.code} is a {office.kind}; its place_code must be that of its {office.kind}."
            yield Fault(FILE, found.line, sentence)


def _areas(tables: Tables) -> Iterator[Fault]:
    """Find areas that two offices claim, and kelurahan that stand under another kecamatan's office."""
    offices = {found.value.code: found.value for found in tables.offices}
    first: dict[tuple[str, str], Found[Office]] = {}
    for found in tables.offices:
        office = found.value
        if office.kind not in BY_PLACE or not office.place_code:
            continue
        other = first.setdefault((office.kind, office.place_code), found)
        if other is not found:
            claimed = f"{office.place_code} is the {office.kind} of {other.value.code} in line {other.line}"
            yield Fault(FILE, found.line, f"{claimed} already; {office.code} cannot have it too.")
        above = offices.get(office.parent)
        if above and above.kind == "kecamatan" and not office.place_code.startswith(above.place_code + "."):
            sentence = f"{office.code} stands under {above.code}, but {office.place_code} lies elsewhere."
            yield Fault(FILE, found.line, sentence)


def _coordinator(tables: Tables) -> Iterator[Fault]:
    """Find a coordinator that cannot take what no rule places."""
    if not tables.head or not tables.offices:
        return
    head = tables.head.coordinator
    kinds = {found.value.code: found.value.kind for found in tables.offices}
    if head.value not in kinds:
        yield Fault("city.csv", head.line, f"coordinator_office {head.value} is no office of offices.csv.")
    elif kinds[head.value] == "external":
        yield Fault("city.csv", head.line, f"coordinator_office {head.value} is external: not of this city.")
