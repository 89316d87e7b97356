"""Templates of replies: those that fit a report, with its own words put in; an unknown variable stops."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date
from sqlalchemy import Connection, RowMapping

from bot.cities.city import City
from bot.house import House
from bot.workflow import NotAllowed
from storage import replies
from storage.queries import Reader

STARTERS = Path(__file__).with_name("reply_templates.csv")
VARIABLE = re.compile(r"\{([^{}\n]{1,40})\}")
CALLED = re.compile(r"(?:^|(?<=\s))::([\w-]{1,40})")
VARIABLES = ("nomor", "instansi", "batas", "tempat", "kategori", "petugas", "kota")


@dataclass(frozen=True, slots=True)
class Template:
    """A template for one report: what is typed for it, and its text with the report's own words."""

    code: str
    text: str


def values(city: City, by: Reader, row: RowMapping, now: datetime) -> dict[str, str]:
    """What the variables of a template stand for in a report; empty where it has none.

    A date that has passed promises nothing any more: it is none.
    """
    due: datetime | None = row["due_at"]
    on = due and due >= now and format_date(due.astimezone(city.timezone).date(), "d MMMM yyyy", locale="id")
    return {
        "nomor": row["number"],
        "instansi": row["office_name"] or city.name,
        "batas": on or "",
        "tempat": row["place"],
        "kategori": city.categories[row["category"]].name if row["category"] in city.categories else "",
        "petugas": by.name,
        "kota": city.name,
    }


def offered(tx: Connection, house: House, by: Reader, row: RowMapping) -> list[Template]:
    """The templates that fit a report, filled in; what a report lacks stays as it is written."""
    replies.begin(tx, starters(), house.clock.now())
    known = {name: value for name, value in values(house.city, by, row, house.clock.now()).items() if value}
    return [
        Template(one["code"], VARIABLE.sub(lambda found: known.get(found[1], found[0]), one["text"]))
        for one in replies.templates(tx, row["category"], row["status"])
    ]


def worded(tx: Connection, house: House, by: Reader, row: RowMapping, words: str) -> str:
    """What was typed, with templates called by "::" and variables put in; raises NotAllowed."""

    def called(found: re.Match[str]) -> str:
        one = replies.template(tx, found[1].lower())
        return found[0] if one is None else str(one["text"])

    if CALLED.search(words):
        replies.begin(tx, starters(), house.clock.now())
    return filled(CALLED.sub(called, words), values(house.city, by, row, house.clock.now()))


def filled(words: str, known: Mapping[str, str]) -> str:
    """Words with the variables put in.

    Raises:
        NotAllowed: a variable is not known, or this report has nothing for it; the text names it.
    """
    for name in VARIABLE.findall(words):
        if name not in known:
            usable = ", ".join(f"{{{one}}}" for one in VARIABLES)
            raise NotAllowed(f"{{{name}}} tidak dikenal. Yang dapat dipakai: {usable}.")
        if not known[name]:
            raise NotAllowed(f"{{{name}}} kosong atau sudah lewat di laporan ini: ganti dengan kata Anda.")
    return VARIABLE.sub(lambda found: known[found[1]], words)


def starters() -> list[dict[str, Any]]:
    """The templates that a new house begins with."""
    with STARTERS.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))
