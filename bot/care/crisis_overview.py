"""The reports of an emergency for whoever sends help: by street, those with trapped people first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, literal, or_, select

from bot.care import crises
from bot.care.crisis_answers import DEPTHS, OWN
from bot.cities.city import City
from bot.house import House
from bot.reading.spelling import raw_words
from bot.reading.streets import street_in
from storage.models import office, ticket
from storage.queries import Reader, in_scope

MOST = 500  # reports on the page; who has more looks at the streets first
UNKNOWN = "Tempat belum jelas"
ORDER = ("deep", "waist", "knee", "none")  # of depths, the worst first
_STREET = frozenset("jalan jln jl gang gg street st jalanan".split())


@dataclass(frozen=True, slots=True)
class Spot:
    """One report, without a word of its citizen's."""

    number: str
    status: str
    category: str
    filed_at: datetime
    depth: str
    trapped: bool


@dataclass(frozen=True, slots=True)
class Street:
    """The reports of one street, or of one kelurahan where no street is named; newest first."""

    name: str
    village: str
    spots: Sequence[Spot]

    @property
    def trapped(self) -> int:
        """In how many of its reports somebody is trapped."""
        return sum(one.trapped for one in self.spots)

    @property
    def depth(self) -> str:
        """The deepest water that was reported; empty when nobody said."""
        said = {one.depth for one in self.spots}
        return next((depth for depth in ORDER if depth in said), "")


def by_street(tx: Connection, house: House, by: Reader, crisis: RowMapping) -> list[Street]:
    """The streets of an emergency within a reader's scope: trapped people first, then the most reports.

    Drafts that were begun there since are among them: help does not wait for a read-back.
    """
    found: dict[tuple[str, str], list[Spot]] = {}
    names: dict[tuple[str, str], tuple[str, str]] = {}
    rows = _each_once(_rows(tx, house.city, by, crisis))
    said = crises.answers_of(tx, [_whole(row) for row in rows])
    for row in rows:
        street, village = _where(house, row)
        key = (" ".join(raw_words(street)), village)
        names.setdefault(key, (street, village))
        found.setdefault(key, []).append(_spot(row, said.get(_whole(row), {})))
    streets = [Street(*names[key], tuple(spots)) for key, spots in found.items()]
    return sorted(streets, key=lambda one: (-one.trapped, -len(one.spots), one.name))


def _rows(tx: Connection, city: City, by: Reader, crisis: RowMapping) -> Sequence[RowMapping]:
    code, area = crisis["place_code"], ticket.c.place_code
    below = or_(area == code, area.startswith(f"{code}."), area.startswith(f"{code}/"))
    inside = or_(literal(code == city.code), below)
    begun = (
        (ticket.c.status == "draft")
        & (ticket.c.created_at >= crisis["started_at"])
        & ticket.c.category.in_(city.emergency_categories)
        & inside
    )
    query = (
        select(ticket)
        .outerjoin(office, office.c.id == ticket.c.office_id)
        .where(in_scope(by), or_(ticket.c.crisis_id == crisis["id"], begun), ticket.c.status != "merged")
        .order_by(func.coalesce(ticket.c.filed_at, ticket.c.created_at).desc(), ticket.c.id.desc())
        .limit(MOST)
    )
    return tx.execute(query).mappings().all()


def _each_once(rows: Sequence[RowMapping]) -> list[RowMapping]:
    """A report in parts is one report: itself for who sees it, else the part that he sees."""
    wholes = {row["id"] for row in rows if row["parent_id"] is None}
    parts = {row["parent_id"]: row["id"] for row in rows if row["parent_id"] not in (None, *wholes)}
    return [row for row in rows if row["id"] in wholes or parts.get(row["parent_id"]) == row["id"]]


def _whole(row: RowMapping) -> int:
    """Whose citizen said how deep it is, and who is trapped."""
    return int(row["parent_id"] or row["id"])


def _where(house: House, row: Mapping[Any, Any]) -> tuple[str, str]:
    """Street and kelurahan of a report: the street of its place, else of its story."""
    village = house.city.village_of(row["place_code"])
    is_plain = house.understanding.is_plain
    street = street_in(f"di {row['place']}", is_plain) or street_in(row["text"], is_plain)
    name = village.name if village else ""
    return _named(street) or name or UNKNOWN, name


def _named(street: str) -> str:
    """One spelling for "jln pemuda no 4" and "Jl. Pemuda": the house is no part of the street."""
    words = [word for word in raw_words(street) if word not in _STREET]
    kept = words[: next((place for place, word in enumerate(words) if word in ("no", "nomor")), len(words))]
    return f"Jalan {' '.join(kept).title()}" if kept else ""


def _spot(row: RowMapping, said: Mapping[str, str]) -> Spot:
    filed = row["filed_at"] or row["created_at"]
    trapped, depth = said.get("trapped") == "yes", said.get("depth", "")
    known = depth if depth in ("", *DEPTHS) else OWN
    return Spot(row["number"], row["status"], row["category"], filed, known, trapped)
