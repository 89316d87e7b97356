"""How long everything may take: the national limits, a preset on top, and the city's own rows on top of that.

A city may promise more than the law, never less: a looser limit is a fault of its folder.
Source: PermenPANRB 5/2025 for the national limits, which stand in city/presets/national.csv as data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.cities.files import Reader, Row
from bot.cities.parts import KINDS
from bot.deadlines import Limit

PRESETS = Path(__file__).parents[2] / "city" / "presets"
NATIONAL_PRESET = "national"
COLUMNS = ("kind", "tier", "stage", "days", "hours")
# verify: until it is passed on; follow_up: until the office begins; resolve: until it is answered, the date
# that the citizen is told; silence: until a report without a reply of its citizen is closed; return: until
# the coordinator has decided about a report that two offices sent back; late: how far behind any of these
# dates a report goes to the top, and its citizen is told whom else to turn to.
STAGES = ("verify", "follow_up", "resolve", "silence", "return", "late")
TIERS = ("light", "medium", "heavy")
# What else a row of clocks.csv may be about: reports in the supervised lane, and those of an emergency.
LANES = ("", *TIERS, "supervised", "emergency")
# Which national limit binds a tier: what is heavy needs an inspection.
BOUND = {"heavy": "supervised"}
MINUTES_A_DAY = 450  # 37.5 hours in five days: what a day counts when it is compared with hours

Key = tuple[str, str, str]  # kind, tier, stage


@dataclass(frozen=True, slots=True)
class Clocks:
    """All limits of a city; `rows` by kind, tier and stage, where an empty tier holds for every other."""

    rows: Mapping[Key, Limit]

    def limit(self, kind: str, tier: str, stage: str) -> Limit:
        """Return how long a stage may take for this kind and tier; the row of its tier wins."""
        return self.rows.get((kind, tier, stage)) or self.rows[kind, "", stage]

    def tiers(self, kind: str) -> list[str]:
        """Return the tiers that this city's clocks tell apart for a kind, from light to heavy."""
        return [tier for tier in TIERS if (kind, tier, "resolve") in self.rows]


def read_clocks(reader: Reader, preset: str) -> Clocks:
    """Return the clocks of a folder; its faults, looser limits among them, are noted in the reader."""
    national = _rows(Reader(PRESETS), f"{NATIONAL_PRESET}.csv")
    bounds = Clocks({key: limit for key, (limit, _) in national.items()})
    chosen = _rows(Reader(PRESETS), f"{preset}.csv") if preset in presets() else {}
    own = _rows(reader, "clocks.csv")
    for key, (limit, row) in own.items():
        if (key[0], "", key[2]) in bounds.rows:  # else it was said that there is no such kind or stage
            _compare(bounds, key, limit, row)
    return Clocks({key: limit for rows in (national, chosen, own) for key, (limit, _) in rows.items()})


def presets() -> list[str]:
    """Return the names of the presets that a city may choose in its city.csv."""
    return sorted(path.stem for path in PRESETS.glob("*.csv"))


def _rows(reader: Reader, file: str) -> dict[Key, tuple[Limit, Row]]:
    found: dict[Key, tuple[Limit, Row]] = {}
    for row in reader.rows(file, COLUMNS):
        key = (row.choice("kind", KINDS), row.choice("tier", LANES), row.choice("stage", STAGES))
        if key in found:
            row.fault(f"{' '.join(filter(None, key))} stands already in line {found[key][1].line}.")
        elif key[2] == "late" and not row.cells["days"]:
            row.fault("How late a report may be is given in working days.")
        elif (limit := _limit(row)) is not None:
            found[key] = limit, row
    return found


def _limit(row: Row) -> Limit | None:
    if bool(row.cells["days"]) == bool(row.cells["hours"]):
        row.fault("Fill either days or hours: working days, or hours of working time.")
        return None
    return Limit(days=row.whole("days")) if row.cells["days"] else Limit(hours=row.whole("hours"))


def _compare(bounds: Clocks, key: Key, limit: Limit, row: Row) -> None:
    """A silence is the citizen's time: it may be longer than the national one. All else may be shorter."""
    kind, tier, stage = key
    bound = bounds.limit(kind, BOUND.get(tier, tier), stage)
    shorter = minutes(limit) < minutes(bound)
    if stage == "silence" and shorter:
        row.fault(f"{kind} silence is shorter than the national {in_words(bound)}: it is the citizen's time.")
    elif stage != "silence" and minutes(limit) > minutes(bound):
        row.fault(f"{kind} {stage} is looser than the national {in_words(bound)}; it may only be stricter.")


def minutes(limit: Limit) -> int:
    """Return the working time of a limit, so that days and hours can be compared."""
    return limit.days * MINUTES_A_DAY or limit.hours * 60


def in_words(limit: Limit) -> str:
    """Return a limit for an English sentence: "7 working days"."""
    return f"{limit.days} working days" if limit.days else f"{limit.hours} working hours"
