"""Where a report is that staff type in: the place they typed, or what the story names. Pure."""

from typing import Any

from bot.answers import Heard, Mind, Place
from bot.talk.filling import PLACE_SCORE, place_of
from bot.understanding import Understood


def read(typed: str, told: Understood, mind: Mind) -> dict[str, Any]:
    """The place as the answer to "where": name, code (empty when unknown); empty when nobody said it."""
    if typed:
        found = Place().read("place", Heard(typed), {}, mind)
        # Staff may write what a chat would take for small talk: it stays as they wrote it.
        return {**found, "name": found["name"] or typed} if isinstance(found, dict) else _words(typed)
    if told.places and told.places[0].score >= PLACE_SCORE:
        return place_of(told.places[0])
    return {}


def _words(typed: str) -> dict[str, Any]:
    return {"name": typed, "code": ""}
