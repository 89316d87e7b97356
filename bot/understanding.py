"""What one text of a citizen means: intent, kind, categories, places, emergency.

Pure: no database, no network; the same text always means the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.city import City
from bot.places import PlaceGuess

OUTSIDE = {
    "new_complaint": "new_complaint",
    "check_status": "check_status",
    "help": "help",
    "cancel": "cancel",
    "human": "human",
    "greeting": "greeting",
    "thanks": "thanks",
    "affirm": "affirm",
    "deny": "deny",
    "other": "other",
    "menu": "help",
    "repeat": "help",
    "language": "help",
    "stop": "cancel",
    "start": "greeting",
    "add": "check_status",
    "follow": "check_status",
    "close": "check_status",
}
_FIRST = {
    "batal": "cancel",
    "bantuan": "help",
    "status": "check_status",
    "cek": "check_status",
    "ulang": "repeat",
    "menu": "menu",
    "petugas": "human",
    "bahasa": "language",
    "stop": "stop",
    "berhenti": "stop",
    "start": "start",
    "balas": "add",
    "tutup": "close",
    "ikut": "follow",
}


@dataclass(frozen=True, slots=True)
class Picked:
    """The option a citizen means; `id` is empty when unsure, `near` then holds the closest two ids."""

    id: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """What one text means.

    Attributes:
        intent: One of OUTSIDE's keys.
        ticket: Digits of a report number as typed, even with a wrong check digit; empty when none.
        kind: complaint, aspiration or information.
        categories: Up to three category codes with scores 0 to 1, best first.
        places: Up to five, best first; empty when the text names none.
        emergency: Kind of danger, one of the city's; empty when none.
        is_command: The whole message is a command.
    """

    intent: str
    ticket: str
    kind: str
    categories: tuple[tuple[str, float], ...]
    places: tuple[PlaceGuess, ...]
    emergency: str
    is_command: bool


class Understanding:
    """Reads texts of the citizens of one city."""

    def __init__(self, city: City) -> None:
        self._city = city

    def read(self, text: str) -> Understood:
        """Return what a text means."""
        words = re.findall(r"\w+", text.casefold())
        number = re.search(r"(?<!\d)\d{6,9}(?!\d)", text)
        ticket = number.group() if number else ""
        first = _FIRST.get(words[0], "") if words else ""
        command = bool(first) and (len(words) <= 2 or words[1] == ticket)
        intent = first if command else "new_complaint" if words else "other"
        return Understood(intent, ticket, "complaint", (), tuple(self.places(text)), "", command)

    def places(self, text: str, context: str = "") -> list[PlaceGuess]:
        """Return the places a text names, best first; empty when the context is not in this city."""
        return []

    def pick(self, text: str, options: Sequence[tuple[str, str]]) -> Picked:
        """Return which of the numbered options, (id, label) each, a citizen means."""
        said = text.strip().casefold().rstrip(".")
        for place, (option, label) in enumerate(options, 1):
            if said in {str(place), option.casefold(), label.casefold()}:
                return Picked(option, ())
        return Picked("", tuple(option for option, _ in options[:2]))
