"""The tables of a city's folder as values, each with the line it stands on."""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cities.clocks import NATIONAL_PRESET, TIERS, Clocks, presets, read_clocks
from bot.cities.files import Reader, Row
from bot.cities.hours import WEEK, read_hours
from bot.cities.parts import (
    EMERGENCY_KINDS,
    LEVELS,
    NATIONAL,
    OFFICE_KINDS,
    OMBUDSMAN,
    Category,
    Emergency,
    Fault,
    KnownAnswer,
    Office,
    Place,
    Route,
)
from bot.cities.wording_checks import languages
from bot.hours import GOVERNMENT_HOURS, Week

CITY_KEYS = (
    "name",
    "code",
    "timezone",
    "workdays",
    "sms_codes",
    "coordinator_office",
    "promise_days",
)
# What a city may leave out: which preset its clocks begin with, its working hours, and whom a citizen may
# turn to when the city does not answer at all.
CRISIS = "emergency_categories"
OPTIONAL_KEYS = ("clocks", "work_hours", "ombudsman", CRISIS)
# What a city in an emergency hears of first, unless its city.csv names other categories.
IN_EMERGENCY = ("drainase_banjir", "keamanan_darurat", "pohon_taman")
ALL_KEYS = CITY_KEYS + OPTIONAL_KEYS
LONGEST_CONTACT = 45  # characters of whom to turn to, within a sentence that must fit one SMS
REGION = re.compile(r"\d{2}\.\d{2}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value and the line it was read from."""

    line: int
    value: T


@dataclass(frozen=True, slots=True)
class Head:
    """What city.csv says, with the line of each key for the checks against other files."""

    name: str
    code: str
    timezone: ZoneInfo
    workdays: frozenset[int]
    sms_codes: tuple[str, ...]
    coordinator: Found[str]
    promise_days: int
    preset: str
    hours: Week
    ombudsman: str
    emergency_categories: tuple[str, ...]
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table of one folder and the faults seen while reading it."""

    head: Head | None
    offices: list[Found[Office]]
    categories: list[Found[Category]]
    places: list[Found[Place]]
    routing: list[Found[Route]]
    clocks: Clocks
    own_days: dict[date, bool]
    emergencies: list[Found[Emergency]]
    answers: list[Found[KnownAnswer]]
    faults: list[Fault]


def read_tables(folder: Path) -> Tables:
    """Return all tables of a folder; what could not be read is missing and named in the faults."""
    reader = Reader(folder)
    reader.wording()
    head = _head(reader)
    return Tables(
        head=head,
        offices=_offices(reader),
        categories=_categories(reader),
        places=_places(reader),
        routing=_routing(reader),
        clocks=read_clocks(reader, head.preset if head else NATIONAL_PRESET),
        own_days=_own_days(reader),
        emergencies=_emergencies(reader),
        answers=_answers(reader),
        faults=reader.faults,
    )


def _once(rows: Iterable[Row], *columns: str) -> list[Row]:
    """Return the rows whose key is new, and fault the others."""
    first: dict[Hashable, Row] = {}
    for row in rows:
        cells = [row.cells[column] for column in columns]
        # "dpu" beside "DPU" is a slip of the finger, not a second office.
        key = tuple(cell.casefold() for cell in cells)
        if key in first:
            row.fault(f"{' '.join(filter(None, cells))} stands already in line {first[key].line}.")
        first.setdefault(key, row)
    return list(first.values())


def _head(reader: Reader) -> Head | None:
    table = _once(reader.rows("city.csv", ("key", "value")), "key")
    rows = {row.cells["key"]: row for row in table}
    for key, row in rows.items():
        if key not in ALL_KEYS:
            row.fault(f"{key!r} is no setting of a city; there are {', '.join(ALL_KEYS)}.")
    missing = [key for key in CITY_KEYS if key not in rows]
    if missing:
        # A file that could not be read at all has said so itself.
        if table:
            reader.fault("city.csv", 0, f"The file lacks {', '.join(missing)}.")
        return None
    return Head(
        name=rows["name"].text("value"),
        code=_region(rows["code"]),
        timezone=_zone(rows["timezone"]),
        workdays=_workdays(rows["workdays"]),
        sms_codes=rows["sms_codes"].words("value", required=True),
        coordinator=Found(rows["coordinator_office"].line, rows["coordinator_office"].text("value")),
        promise_days=rows["promise_days"].whole("value"),
        preset=rows["clocks"].choice("value", presets()) if "clocks" in rows else NATIONAL_PRESET,
        hours=read_hours(rows["work_hours"]) if "work_hours" in rows else GOVERNMENT_HOURS,
        ombudsman=_ombudsman(rows["ombudsman"]) if "ombudsman" in rows else OMBUDSMAN,
        emergency_categories=rows[CRISIS].words("value") if CRISIS in rows else IN_EMERGENCY,
        lines={key: row.line for key, row in rows.items()},
    )


def _ombudsman(row: Row) -> str:
    told = row.answer("value")
    if len(told) > LONGEST_CONTACT:
        row.fault(f"ombudsman is {len(told)} characters long, at most {LONGEST_CONTACT} fit an SMS.")
    return told


def _region(row: Row) -> str:
    code = row.text("value")
    if code and not REGION.fullmatch(code):
        row.fault(f"code is {code!r}; it must be the Kemendagri code of a city or regency, like 33.74.")
    return code


def _zone(row: Row) -> ZoneInfo:
    try:
        return ZoneInfo(row.cells["value"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        row.fault(
            f"{row.cells['value']!r} is no time zone; Indonesia's are Asia/Jakarta, Makassar, Jayapura."
        )
        return ZoneInfo("UTC")


def _workdays(row: Row) -> frozenset[int]:
    named = row.text("value").lower().split()
    for day in named:
        if day not in WEEK:
            row.fault(f"{day!r} is no day of the week; they are {' '.join(WEEK)}.")
    return frozenset(WEEK.index(day) for day in named if day in WEEK)


def _offices(reader: Reader) -> list[Found[Office]]:
    columns = ("code", "parent", "name", "short_name", "kind", "place_code")
    return [
        Found(
            row.line,
            Office(
                code=row.code("code"),
                parent=row.cells["parent"],
                name=row.text("name"),
                short_name=row.label("short_name"),
                kind=row.choice("kind", OFFICE_KINDS),
                place_code=row.cells["place_code"],
            ),
        )
        for row in _once(reader.rows("offices.csv", columns), "code")
    ]


def _categories(reader: Reader) -> list[Found[Category]]:
    return [
        Found(
            row.line,
            Category(
                code=row.code("code"),
                name=row.label("name"),
                national=row.choice("national", NATIONAL),
                words=row.words("words", required=True),
                tier=row.choice("tier", ("", *TIERS)) if "tier" in row.cells else "",
                proof="proof" in row.cells and row.choice("proof", ("", "yes", "no")) == "yes",
            ),
        )
        for row in _once(reader.rows("categories.csv", ("code", "name", "national", "words")), "code")
    ]


def _places(reader: Reader) -> list[Found[Place]]:
    columns = ("code", "name", "level", "latitude", "longitude", "aliases")
    return [Found(row.line, _place(row)) for row in _once(reader.rows("places.csv", columns), "code")]


def _place(row: Row) -> Place:
    place = Place(
        code=row.text("code"),
        name=row.text("name"),
        level=row.choice("level", LEVELS),
        latitude=row.degrees("latitude", 90),
        longitude=row.degrees("longitude", 180),
        aliases=row.words("aliases"),
    )
    if bool(row.cells["latitude"]) != bool(row.cells["longitude"]):
        row.fault("Only one of latitude and longitude is filled.")
    elif place.level == "kelurahan" and not row.cells["latitude"]:
        row.fault(f"Kelurahan {place.name} has no centre point.")
    return place


def _routing(reader: Reader) -> list[Found[Route]]:
    rows = _once(reader.rows("routing.csv", ("category", "place", "office")), "category", "place")
    return [
        Found(row.line, Route(row.text("category"), row.cells["place"], row.text("office"))) for row in rows
    ]


def _own_days(reader: Reader) -> dict[date, bool]:
    rows = _once(reader.rows("calendar.csv", ("date", "name", "working")), "date")
    for row in rows:
        row.text("name")
    return {row.day("date"): row.choice("working", ("yes", "no")) == "yes" for row in rows}


def _emergencies(reader: Reader) -> list[Found[Emergency]]:
    rows = _once(reader.rows("numbers.csv", ("kind", "number", "label", "words")), "kind")
    found = [
        Found(
            row.line,
            Emergency(
                kind=row.choice("kind", EMERGENCY_KINDS),
                number=row.dialled("number"),
                label=row.text("label"),
                words=row.words("words", required=True),
            ),
        )
        for row in rows
    ]
    missing = set(EMERGENCY_KINDS) - {each.value.kind for each in found}
    if rows and missing:
        reader.fault("numbers.csv", 0, f"There is no number for {', '.join(sorted(missing))}.")
    return found


def _answers(reader: Reader) -> list[Found[KnownAnswer]]:
    rows = _once(reader.rows("answers.csv", ("question", "answer", "words")), "question")
    for column in rows[0].cells if rows else ():
        if column.startswith("answer_") and column.removeprefix("answer_") not in languages():
            spoken = ", ".join(f"answer_{language}" for language in languages())
            reader.fault("answers.csv", 1, f"{column} is in no language of the product; there are {spoken}.")
    return [
        Found(
            row.line,
            KnownAnswer(
                row.text("question"), row.answer("answer"), row.words("words", required=True), _others(row)
            ),
        )
        for row in rows
    ]


def _others(row: Row) -> tuple[tuple[str, str], ...]:
    """The answer in further languages: the columns answer_en, answer_jv, ... that the file may have."""
    return tuple(
        (column.removeprefix("answer_"), row.answer(column))
        for column, cell in row.cells.items()
        if column.startswith("answer_") and cell
    )
