"""Finds the places of the loaded city in what a citizen wrote: kelurahan, kecamatan and landmarks.

A name counts the more, the more the words before it say that it is a place. Names behind "jalan" are streets,
and streets are named after places all over the city.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.cities.city import Place
from bot.matching import closest
from bot.reading.place_words import (
    AREA_CUES,
    BESIDE_NAME,
    LEVEL_CUES,
    NEVER,
    ORDINARY,
    SHORT_FORMS,
    STREET_CUES,
    STREET_FILLERS,
)
from bot.reading.spelling import READ_CHARACTERS, raw_words

LONGEST_NAME = 5
MOST = 5
# What a name is worth by the word before it.
AT_LEVEL, ALONE, IN_AREA, BARE, OTHER_LEVEL, STREET = 0.97, 0.9, 0.88, 0.8, 0.6, 0.35
# Likeness a misspelt name must reach behind "kel"/"kec", and behind "di" and the like.
LEAST_AT_LEVEL, LEAST_IN_AREA = 0.82, 0.88
SHORTEST_MISSPELT = 5
_CUES = AREA_CUES | BESIDE_NAME | STREET_CUES | LEVEL_CUES.keys()
_DIVIDERS = re.compile(r"[,;\n()]")


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place the text may name; `score` runs from 0 to 1; `elsewhere`: it lies outside the loaded city."""

    code: str
    name: str
    level: str
    score: float
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A name in the text, from word `start` up to but without `end`."""

    place: Place
    start: int
    end: int
    score: float


class Places:
    """Reads place names; one instance per city, used by many threads."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_name: dict[str, list[Place]] = defaultdict(list)
        # The city as a whole is no answer to "where": it would end the question too early.
        for place in (p for p in places if p.level != "city"):
            for name in {_joined(name) for name in (place.name, *place.aliases)} - {""}:
                self._by_name[name].append(place)
        self._names = _names_by_level(self._by_name)

    def find(self, text: str) -> list[PlaceGuess]:
        """Return the places a text names, best first, at most five; empty when it names none."""
        words, edges = segments(text)
        found = _best_of_each(_standing_alone(self._all(words), edges))
        own = {f.place.code: f.score for f in found}
        # Of two kelurahan inside the kecamatan that was named, the one that was said to be one.
        ranked = sorted(_weighed(found), key=lambda f: (-f.score, -own[f.place.code]))
        return [
            PlaceGuess(f.place.code, f.place.name, f.place.level, round(f.score, 3)) for f in ranked[:MOST]
        ]

    def starts_name(self, words: Sequence[str]) -> bool:
        """Return whether the first words are a name of more than one word."""
        plain = [SHORT_FORMS.get(word, word) for word in words[:LONGEST_NAME]]
        return any("".join(plain[:length]) in self._by_name for length in range(2, len(plain) + 1))

    def _all(self, words: Sequence[str]) -> list[_Found]:
        found: list[_Found] = []
        start = 0
        while start < len(words):
            here = self._exact(words, start) or self._misspelt(words, start)
            found += here
            start = max((f.end for f in here), default=start + 1)
        return found

    def _exact(self, words: Sequence[str], start: int) -> list[_Found]:
        """Return the longest name that begins here, at every level it exists."""
        for length in range(min(LONGEST_NAME, len(words) - start), 0, -1):
            places = self._by_name.get("".join(words[start : start + length]), ())
            if places:
                end = start + length
                scored = [_Found(p, start, end, _worth(words, start, end, p)) for p in places]
                return [f for f in scored if f.score > 0]
        return []

    def _misspelt(self, words: Sequence[str], start: int) -> list[_Found]:
        """Return what a misspelt name behind a place word may stand for."""
        before = words[start - 1] if start else ""
        level = LEVEL_CUES.get(before, "")
        if words[start] in _CUES or not (level or before in AREA_CUES):
            return []
        least = LEAST_AT_LEVEL if level else LEAST_IN_AREA
        tries = [
            (likeness, name, length)
            for length in range(1, min(3, len(words) - start) + 1)
            for name, likeness in self._near("".join(words[start : start + length]), level, least)
        ]
        if not tries:
            return []
        likeness, name, length = max(tries)
        end = start + length
        return [_Found(p, start, end, _worth(words, start, end, p) * likeness) for p in self._by_name[name]]

    def _near(self, typed: str, level: str, least: float) -> list[tuple[str, float]]:
        if len(typed) < SHORTEST_MISSPELT or typed in NEVER:
            return []
        return closest(typed, self._names[level], least)[:1]


def segments(text: str) -> tuple[list[str], set[int]]:
    """Return the words of a text and where commas and lines divide it, as positions between words."""
    words: list[str] = []
    edges = {0}
    for segment in _DIVIDERS.split(text[:READ_CHARACTERS]):
        words += [SHORT_FORMS.get(word, word) for word in raw_words(segment)]
        edges.add(len(words))
    return words, edges


def _standing_alone(found: Sequence[_Found], edges: set[int]) -> list[_Found]:
    """Return the names, those between two commas raised: addresses are written so."""
    return [
        replace(f, score=max(f.score, ALONE))
        if len(edges) > 2 and {f.start, f.end} <= edges and f.score > STREET
        else f
        for f in found
    ]


def _joined(name: str) -> str:
    return "".join(SHORT_FORMS.get(word, word) for word in raw_words(name))


def _names_by_level(by_name: Mapping[str, Sequence[Place]]) -> dict[str, tuple[str, ...]]:
    levels = ("", "kecamatan", "kelurahan")
    return {
        level: tuple(n for n, ps in by_name.items() if not level or any(p.level == level for p in ps))
        for level in levels
    }


def _worth(words: Sequence[str], start: int, end: int, place: Place) -> float:
    """Return the score of a name by what stands around it; 0 when it is an ordinary word here."""
    before = words[start - 1] if start else ""
    level = LEVEL_CUES.get(before, "")
    name = "".join(words[start:end])
    following = words[end] if end < len(words) else ""
    if level:
        return AT_LEVEL if place.level == level else OTHER_LEVEL
    if name + following in NEVER:
        return 0.0
    if is_street(words, start):
        return STREET
    said_as_place = before in AREA_CUES or before in BESIDE_NAME or before.isdigit() or len(words) <= 2
    if name in ORDINARY or len(name) < 4:
        return BARE if said_as_place else 0.0
    return IN_AREA if said_as_place else BARE


def is_street(words: Sequence[str], start: int) -> bool:
    """Return whether the name that begins here stands behind a word for a street."""
    before = start - 1
    while before >= 0 and words[before] in STREET_FILLERS:
        before -= 1
    return before >= 0 and words[before] in STREET_CUES


def _best_of_each(found: Iterable[_Found]) -> list[_Found]:
    best: dict[str, _Found] = {}
    for f in found:
        if f.place.code not in best or f.score > best[f.place.code].score:
            best[f.place.code] = f
    return list(best.values())


def _weighed(found: Sequence[_Found]) -> list[_Found]:
    """Return the names with scores that agree with each other: the kelurahan inside the kecamatan named."""
    districts = [f for f in found if f.place.level == "kecamatan" and f.score > STREET]
    weighed = []
    for f in found:
        if f.place.level == "kecamatan":
            # The wider place first where one name is both, unless "kel" stood before it.
            weighed.append(replace(f, score=f.score + 0.01))
            continue
        apart = [d for d in districts if d.start != f.start]
        inside = [d for d in apart if f.place.code.startswith((d.place.code + ".", d.place.code + "/"))]
        if inside and f.score > STREET:
            weighed.append(replace(f, score=min(1.0, max(f.score, inside[0].score) + 0.03)))
        else:
            weighed.append(replace(f, score=f.score - 0.15) if apart and not inside else f)
    return _without_streets(weighed)


def _without_streets(found: Sequence[_Found]) -> list[_Found]:
    """Return the names without those of streets, unless there are only streets."""
    real = [f for f in found if f.score > STREET + 0.01]
    return real or list(found)
