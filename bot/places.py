"""Finds the places of the loaded city in what a citizen wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place the text may name; `score` runs from 0 to 1."""

    code: str
    name: str
    level: str
    score: float
