"""What one text of a citizen means: intent, kind, categories, places, emergency.

Pure: no database, no network; the same text always means the same.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from bot.cities.city import City
from bot.matching import slips
from bot.reading.command_words import read_command, read_pin
from bot.reading.emergencies import Emergencies
from bot.reading.intents import SERVICE_WORDS, read_intent, read_kind
from bot.reading.locating import Locator
from bot.reading.masking import without_signs
from bot.reading.phrases import OUTSIDE
from bot.reading.picking import Picked, pick
from bot.reading.places import PlaceGuess
from bot.reading.sensitive import smell
from bot.reading.spelling import CHAT, clean, plain_words, raw_words
from bot.reading.topics import Ranker, Topics
from bot.words import WordRanker, ranker_for

__all__ = ["OUTSIDE", "Picked", "PlaceGuess", "Understanding", "Understood", "strip_region_code"]

# Six to nine digits that stand alone; nine is the longest report number.
_TICKET = re.compile(r"(?<![\d.,+-])\d{6,9}(?![\d]|[.,]\d)")
_MONEY = re.compile(r"(?:rp|idr|telp|tlp|hp|wa|nik|pos)[\s.:]*$")
# Codes shorter than this are too near to ordinary words to forgive a slip.
_CODE_FOR_SLIPS = 6
MOST_REMEMBERED = 32  # texts: about those that all threads of a process work on


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
        pin: Four digits behind a report number; empty when none.
        sensitive: corruption or violence when it smells of that; empty when of neither.
    """

    intent: str
    ticket: str
    kind: str
    categories: tuple[tuple[str, float], ...]
    places: tuple[PlaceGuess, ...]
    emergency: str
    is_command: bool
    pin: str = ""
    sensitive: str = ""


class Understanding:
    """Reads texts of the citizens of one city; one instance serves many threads."""

    def __init__(self, city: City, ranker: Ranker | None = None, folder: Path | None = None) -> None:
        """Keep what is needed to read the tables of a city, which happens when the first text comes.

        Args:
            city: The loaded city.
            ranker: Ranks categories; the shipped word table with the city's own words if none is given.
            folder: DATA_DIR, where a word table taught by the city's own reports may lie.
        """
        self._city, self._given, self._folder = city, ranker, folder
        # One turn asks several times what its text means.
        self._meant = lru_cache(maxsize=MOST_REMEMBERED)(self._read)

    def prepare(self) -> None:
        """Read the tables now: who serves citizens does not let the first of them wait."""
        self.read("report")
        self.is_plain("report")

    @cached_property
    def _topics(self) -> Topics:
        return Topics(self._city.categories.values())

    @cached_property
    def _ranker(self) -> Ranker:
        return self._given or ranker_for(self._topics, self._city.categories.values(), self._folder)

    @cached_property
    def _words(self) -> Collection[str]:
        return self._ranker.words if isinstance(self._ranker, WordRanker) else ()

    @cached_property
    def _locator(self) -> Locator:
        return Locator(self._city, self._words)

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        phrases = (phrase for one in self._city.categories.values() for phrase in one.words)
        listed = {word for phrase in phrases for word in plain_words(phrase)}
        return frozenset(self._words) | frozenset(CHAT.values()) | listed

    @cached_property
    def _emergencies(self) -> Emergencies:
        return Emergencies(self._city.emergencies)

    def read(self, text: str) -> Understood:
        """Return what a text means; any text is understood as something, none raises."""
        return self._meant(text)

    def _read(self, text: str) -> Understood:
        text = without_signs(text)
        ticket = _ticket(text)
        command = read_command(text, ticket)
        emergency = self._emergencies.find(text)
        if command and not emergency:
            return Understood(command, ticket, "complaint", (), (), "", True, read_pin(text, ticket))
        story = strip_region_code(text, self._city)
        words = plain_words(story)
        intent = "new_complaint" if emergency else read_intent(words, self._has_topic(words), ticket)
        return Understood(
            intent=intent,
            ticket=ticket,
            kind=read_kind(words, "?" in text) if intent == "new_complaint" else "complaint",
            categories=self.categories(story),
            places=tuple(self._locator.sure(text)),
            emergency=emergency,
            is_command=False,
            sensitive=smell(story),
        )

    def categories(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return up to three category codes a text may be about with scores 0 to 1, best first."""
        return self._ranker.rank(strip_region_code(text, self._city))

    def offices(self, text: str) -> list[str]:
        """Return the names of the offices that handle what a text may be about, the likeliest first."""
        place = next((guess.code for guess in self._locator.sure(text)), "")
        codes = [self._city.route(category, place) for category, _ in self.categories(text)]
        return [self._city.offices[code].name for code in dict.fromkeys(codes)]

    def places(self, text: str, context: str = "") -> list[PlaceGuess]:
        """Return the places a text names, best first; empty when it names none.

        Args:
            text: What the citizen wrote.
            context: Kemendagri code the place must lie in; empty: the loaded city first, then the country.
        """
        return self._locator.find(text, context)

    def sure_places(self, text: str) -> list[PlaceGuess]:
        """Return the places a text is about, of the city first; those elsewhere only when it says so."""
        return self._locator.sure(text)

    def is_plain(self, text: str) -> bool:
        """Return whether all words of a text are ordinary ones, so that none can be the name of a place."""
        words = plain_words(without_signs(text))
        return bool(words) and all(word in self._ordinary or word.isdigit() for word in words)

    def pick(self, text: str, options: Sequence[tuple[str, str]]) -> Picked:
        """Return which of the options, (id, label) each in numbered order, a citizen means."""
        return pick(text, options)

    def _has_topic(self, words: Sequence[str]) -> bool:
        """Return whether the words name something a category is about, beyond words of the service itself."""
        return any(not SERVICE_WORDS.issuperset(hit.phrase) for hit in self._topics.hits(words))


def strip_region_code(text: str, city: City) -> str:
    """Return the text without the region code of 1708 in front ("TANGKAB jalan rusak"), misspelt or not.

    Nothing is taken away when nothing would be left, or when the code begins the name of a place
    ("Semarang Barat").
    """
    first, _, rest = text.strip().partition(" ")
    code = "".join(raw_words(first))
    if not code or not raw_words(rest) or not _is_code(code, city.sms_codes):
        return text
    return text if _begins_place(code, rest, city) else rest.lstrip(" :,.-#")


def _is_code(word: str, codes: Sequence[str]) -> bool:
    return word in codes or any(
        len(code) >= _CODE_FOR_SLIPS and word[0] == code[0] and slips(word, code, 1) <= 1 for code in codes
    )


def _begins_place(code: str, rest: str, city: City) -> bool:
    second = f"{code} {raw_words(rest)[0]}"
    return any(
        f"{name.casefold()} ".startswith(f"{second} ")
        for place in city.places.values()
        if place.level != "city"
        for name in (place.name, *place.aliases)
    )


def _ticket(text: str) -> str:
    plain = clean(text)
    for found in _TICKET.finditer(plain):
        if found.group().isascii() and not _MONEY.search(plain[: found.start()][-12:]):
            return found.group()
    return ""
