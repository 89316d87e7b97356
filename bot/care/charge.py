"""Who has a report in hand, as its citizen is told: one office, several, or another government's system.

An office of kind external (the province, a ministry, the electricity company) keeps its own dates: while a
report is there the citizen is told none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from bot.cities.city import City
from bot.wording import Line, day
from bot.workflow import Status

EXTERNAL = "external"  # the kind of an office outside the city
AWAY = frozenset({"forwarded", "in_progress"})  # with an external office: theirs to answer
NO_DATE = "none yet"
BOTH = "{first} and {last}"
MANY = "{count} offices"
NOW_WITH = "Your report is now with {office}. We pass their answer on here."
NOW_WITH_NUMBER = "Your report is now with {office}, their number {external}. We pass their answer on here."
STANDS = "{number}: {status} at {office}. Target: {due}."
STANDS_AWAY = "{number}: with {office}. We pass their answer on here."
STANDS_AWAY_NUMBER = "{number}: with {office}, their number {external}. We pass their answer on here."
WORKED_ON_THERE = "{office} is working on your report. We pass their answer on here."
RETURNED_AGAIN = "{office} is not in charge either. The city's coordinator decides by {day}."


@dataclass(frozen=True, slots=True)
class Charge:
    """The offices at work on a report by their short names, and whether it is outside the city."""

    offices: tuple[str, ...]
    external: bool = False

    @property
    def coordinated(self) -> bool:
        """Whether no office of the city has it alone, so that what goes up goes to the coordinator."""
        return self.external or len(self.offices) > 1


# One round trip, for it is asked at every receipt. Parts that were taken off count no more.
_CHARGE = text(
    """select o.short_name, o.kind,
              array(select part_office.short_name from ticket part
                    join office part_office on part_office.id = part.office_id
                    where part.parent_id = :ticket and part.status <> 'rejected'
                    order by part.id) as parts
       from (select 1) one left join office o on o.id = :office"""
)
_NAMED = text(
    """select short_name from office where code = any(:codes)
       order by array_position(cast(:codes as text[]), code)"""
)


def of(tx: Connection, row: Mapping[Any, Any]) -> Charge:
    """Who has a report in hand now."""
    found = tx.execute(_CHARGE, {"ticket": row["id"], "office": row["office_id"]}).one()
    if found.parts:
        return Charge(tuple(found.parts))
    return Charge(tuple(filter(None, [found.short_name])), found.kind == EXTERNAL)


def after(tx: Connection, row: RowMapping, given: Mapping[str, Any]) -> Charge:
    """Who has a report in hand by the move that just happened, whose parts may not be there yet."""
    if given.get("speaker"):  # one of several offices, whose word this is
        return Charge((given["speaker"],))
    if given.get("offices"):
        return Charge(tuple(tx.scalars(_NAMED, {"codes": list(given["offices"])})))
    if row["status"] == "forwarded":
        return of(tx, {"id": 0, "office_id": row["office_id"]})
    return of(tx, row)


def named(charge: Charge, city: City, context: str) -> str | Line:
    """The offices in a sentence. By SMS two are named while they take no more room than one may."""
    if not charge.offices:
        return city.name
    *before, last = charge.offices
    if not before:
        return last
    room = max(len(office.short_name or office.name) for office in city.offices.values())
    if context == "sms" and len(", ".join(charge.offices)) + 6 > room:
        return Line(MANY, {"count": str(len(charge.offices))})
    return Line(BOTH, {"first": ", ".join(before), "last": last})


def due(row: Mapping[Any, Any], charge: Charge, language: str, city: City) -> str | Line:
    """The date that a citizen is told; outside the city there is none."""
    if is_away(row, charge):
        return Line(NO_DATE)
    return day(row["due_at"], language, city.timezone) if row["due_at"] else "-"


def is_away(row: Mapping[Any, Any], charge: Charge) -> bool:
    """Whether a report is with another government, which sets its own dates."""
    return charge.external and row["status"] in AWAY and row["paused_at"] is not None


def status_line(values: Mapping[str, Any]) -> Line:
    """Where a report stands; `values` are those of `bot.visit.facts`."""
    if not values["away"]:
        return Line(STANDS, values)
    return Line(STANDS_AWAY_NUMBER if values["external"] else STANDS_AWAY, values)


def push(row: Mapping[Any, Any], reached: Status, charge: Charge, values: Mapping[str, Any]) -> Line:
    """What the reporter is told of a move: the sentence of the table, or the one that fits better."""
    if is_away(row, charge):
        here = NOW_WITH_NUMBER if row["external_number"] else NOW_WITH
        key = here if reached.name == "forwarded" else WORKED_ON_THERE
        return Line(key, {**values, "external": row["external_number"]})
    if reached.name == "returned" and row["return_count"] > 1 and values.get("day"):
        return Line(RETURNED_AGAIN, values)
    return Line(reached.push, values)


def by_day(moment: datetime | None, language: str, city: City) -> str:
    """A stage's date in words; empty when there is none."""
    return day(moment, language, city.timezone) if moment else ""


def codes_of(given: Mapping[str, Any]) -> Sequence[str]:
    """The codes of the offices that a move names, each once, in order."""
    named_codes = given.get("offices") or [given.get("office") or ""]
    return list(dict.fromkeys(filter(None, named_codes)))
