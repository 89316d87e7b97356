"""How well intents and places are understood, by a CSV file of texts with what is right.

    python -m bot.reading.evaluating intent CSV                   columns text, intent and, if given, ticket
    python -m bot.reading.evaluating place CSV --context 35.78       columns text, kecamatan, kelurahan

Categories: `python -m bot.reading.learning --evaluate CSV`.
"""

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bot.cities.city import read_city
from bot.reading.gazetteer import gazetteer, joined
from bot.reading.learning import CITY
from bot.understanding import OUTSIDE, Understanding

Row = Mapping[str, str]


def intents(rows: Sequence[Row], understanding: Understanding) -> str:
    """Return the share of texts whose intent, and report number where one is given, is understood."""
    all_, right, seconds = Counter[str](), Counter[str](), []
    for row in rows:
        start = perf_counter()
        told = understanding.read(row["text"])
        seconds.append(perf_counter() - start)
        ticket = row.get("ticket") or told.ticket
        all_[row["intent"]] += 1
        right[row["intent"]] += (OUTSIDE[told.intent], told.ticket) == (row["intent"], ticket)
    lines = [f"{intent:15} {right[intent]:4} of {count:4}" for intent, count in sorted(all_.items())]
    return "\n".join([*lines, f"{'all':15} {right.total():4} of {all_.total():4}", "", _times(seconds), ""])


def places(rows: Sequence[Row], understanding: Understanding, context: str) -> str:
    """Return how often the place is found where the text names it, and none where it names none.

    Args:
        rows: text, and the kecamatan and kelurahan it is about.
        understanding: Reads the texts.
        context: Code of the city the rows are from.
    """
    known = gazetteer().places_within(context)
    names = {joined(place.name) for place in known}
    codes = {(place.level, joined(place.name)): place.code for place in known}
    counts, seconds = Counter[str](), []
    for row in rows:
        start = perf_counter()
        found = [guess.code for guess in understanding.places(row["text"], context)]
        seconds.append(perf_counter() - start)
        counts.update(_judged(row, found, names, codes))
    lines = [
        _share("kelurahan named: it comes first", counts["first"], counts["named"]),
        _share("kelurahan named: it is among the codes", counts["among"], counts["named"]),
        _share("kelurahan named: its kecamatan or a place in it is", counts["around"], counts["named"]),
        _share("kecamatan named: it is among the codes", counts["district"], counts["district named"]),
        _share("no name of the city in the text: no code", counts["none"], counts["nothing"]),
    ]
    return "\n".join([*lines, "", _times(seconds), ""])


def _judged(
    row: Row, found: Sequence[str], names: set[str], codes: Mapping[tuple[str, str], str]
) -> dict[str, int]:
    """Return what one row adds to the counts; rows whose kecamatan has no code under its name add nothing."""
    district = codes.get(("kecamatan", joined(row["kecamatan"])))
    village = codes.get(("kelurahan", joined(row["kelurahan"])))
    if not district or not village or not village.startswith(district):
        return {}
    named, district_named = (_says(row["text"], row[level]) for level in ("kelurahan", "kecamatan"))
    whole = joined(row["text"])
    nothing = not any(name in whole for name in names)
    return {
        "named": named,
        "first": named and found[:1] == [village],
        "among": named and village in found,
        "around": named and any(code.startswith(district) for code in found),
        "district named": district_named,
        "district": district_named and district in found,
        "nothing": nothing,
        "none": nothing and not found,
    }


def _says(text: str, name: str) -> bool:
    """Return whether a name stands in a text as words of its own."""
    spaced = r"\s*".join(map(re.escape, name.split()))
    return re.search(rf"\b{spaced}\b", text, re.IGNORECASE) is not None


def _share(what: str, part: int, whole: int) -> str:
    return f"{what:52} {part / max(1, whole):.3f} of {whole}"


def _times(seconds: Sequence[float]) -> str:
    late = quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]
    return f"median {median(seconds) * 1000:.2f} ms a text, 99 % within {late * 1000:.2f} ms"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure how well intents or places are understood."""
    parser = argparse.ArgumentParser(prog="python -m bot.reading.evaluating", description=main.__doc__)
    parser.add_argument("task", choices=("intent", "place"))
    parser.add_argument("csv", type=Path)
    parser.add_argument("--context", default="", help="code of the city the rows are from")
    parser.add_argument("--source", default="", help="only rows with this in their column source")
    parser.add_argument("--city", type=Path, default=CITY, help="the loaded city")
    chosen = parser.parse_args(arguments)
    with chosen.csv.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if chosen.source in ("", row.get("source", ""))]
    understanding = Understanding(read_city(chosen.city))
    # What is read when it is first needed is read now: it would count as the time of one text.
    understanding.read("jalan")
    understanding.places("jalan", chosen.context)
    if chosen.task == "intent":
        sys.stdout.write(intents(rows, understanding))
    else:
        sys.stdout.write(places(rows, understanding, chosen.context))


if __name__ == "__main__":
    main()
