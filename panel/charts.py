"""Drawings of figures as plain numbers for a template: the table beside a drawing says the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panel import language
from storage import queries

WIDTH, HEIGHT = 640, 160  # of a line's drawing; a bar's is 100 wide
MOST_POINTS = 240


@dataclass(frozen=True, slots=True)
class Lines:
    """Points of polylines by name, in the drawing's own units, and its highest value."""

    points: dict[str, str]
    top: int


def share(value: float, of: float) -> float:
    """A bar's length, 0 to 100."""
    return round(100 * value / of, 1) if of else 0.0


def lines(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Lines:
    """One line a name over the rows from left to right."""
    shown = rows[-MOST_POINTS:]
    top = max((int(row[name]) for row in shown for name in names), default=0)
    step = WIDTH / max(1, len(shown) - 1)
    return Lines(
        {
            name: " ".join(
                f"{at * step:.1f},{HEIGHT - share(row[name], top) * HEIGHT / 100:.1f}"
                for at, row in enumerate(shown)
            )
            for name in names
        },
        top,
    )


def number(value: Any) -> str:
    """A number as the reader writes it, with one decimal if it has any; a dash for none."""
    if value is None:
        return "-"
    whole = f"{float(value):,.1f}".removesuffix(".0")
    return whole if language.current() == "en" else whole.translate(str.maketrans(",.", ".,"))


def counted(counts: Mapping[str, int], queue: str) -> str:
    """How many a queue holds; "10.000+" where finished reports were not counted to the end."""
    if queue in queries.OF_FINISHED and counts["finished"] > queries.MOST_COUNTED:
        return f"{number(counts[queue] - 1)}+"
    return str(counts[queue])


def percent(value: int, of: int) -> str:
    """A share in whole percent; a dash when there is nothing to share."""
    return f"{round(100 * value / of)} %" if of else "-"
