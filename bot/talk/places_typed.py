"""Where a report is that staff type in: the place they typed, or what the story names. Pure."""

from typing import Any

from bot.answers import Heard, Mind, Place, pinned
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


def at_point(typed: str, place: dict[str, Any], mind: Mind) -> dict[str, Any]:
    """The place with a point on the map, which says where nobody did; as it is without a point.

    Args:
        typed: latitude and longitude in degrees WGS 84, "-6.98371, 110.41869"; empty for none.
        place: what was typed or named.
        mind: what the city knows.

    Raises:
        ValueError: no two figures, or outside the city.
    """
    if not typed:
        return place
    latitude, longitude = (float(one) for one in typed.replace(",", " ").split())
    if mind.place_near(latitude, longitude) is None:
        raise ValueError("outside the city")
    return {**pinned(latitude, longitude, mind), **{name: one for name, one in place.items() if one}}


def _words(typed: str) -> dict[str, Any]:
    return {"name": typed, "code": ""}
