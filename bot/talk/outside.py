"""A report about another city: the citizen is told so, and the report is kept for the coordinator."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.talk.deeds import File
from bot.talk.questions import Turn
from bot.wording import Line, shorten

OUTSIDE = "{place} is outside {city}. We keep your report; our coordinator looks who can help."
LONGEST_PLACE = 40


def untold(place: Mapping[str, Any] | None) -> bool:
    """Whether a place lies elsewhere and the citizen has not been told so."""
    return place is not None and place.get("elsewhere") == "untold"


def as_told(place: Mapping[str, Any]) -> dict[str, Any]:
    """The same place once it has been told."""
    return {**place, "elsewhere": "told"}


def tell(turn: Turn, place: Mapping[str, Any]) -> Turn:
    """The turn with the sentence; behind a receipt, whose number comes first."""
    line = Line(OUTSIDE, {"place": shorten(place["name"], LONGEST_PLACE)})
    files = any(isinstance(deed, File) for deed in turn.does)
    return replace(turn, does=(*turn.does, line) if files else (line, *turn.does))
