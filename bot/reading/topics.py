"""Which category a text is about, by the words the city lists for each category."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Protocol

from bot.cities.city import Category
from bot.matching import closest, nearest_slip
from bot.reading.spelling import plain_words

LONGEST_PHRASE = 4
# From this length one typing slip is forgiven; from the second on also other endings: pengangkutannya.
LETTERS_FOR_SLIPS, LETTERS_FOR_LIKENESS = 6, 8
LEAST_LIKENESS = 0.85
# Two words of one phrase say more than the same two words apart.
PHRASE_WEIGHT = (0.0, 1.0, 2.6, 3.8, 5.0)
MISSPELT_WEIGHT = 0.8
# These are named in passing in every other report ("warga kelurahan ..."): they win by clear words only.
CATCH_ALL = frozenset({"lainnya", "pemerintahan_wilayah"})
CATCH_ALL_WEIGHT = 0.6
# Citizens say what is wrong first: a word at the start counts twice, this many words later half of that more.
WORDS_TO_HALF = 8

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed phrase found in a text; `weight` is what it adds to a category."""

    phrase: Phrase
    category: str
    weight: float


class Ranker(Protocol):
    """Anything that ranks the categories a text may be about."""

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return up to three category codes with scores 0 to 1, best first; empty when none fits."""
        ...


class Topics:
    """Ranks categories by the words a city lists for them."""

    def __init__(self, categories: Iterable[Category]) -> None:
        listed: dict[Phrase, set[str]] = defaultdict(set)
        for category in categories:
            for words in category.words:
                phrase = tuple(plain_words(words)[:LONGEST_PHRASE])
                if phrase:
                    listed[phrase].add(category.code)
        self._weights = _weights(listed)
        self._firsts = frozenset(phrase[0] for phrase in listed if len(phrase) > 1)
        self._single = tuple(p[0] for p in listed if len(p) == 1 and len(p[0]) >= LETTERS_FOR_SLIPS)
        # A word inside a listed phrase is spelt as meant: it never counts as a slip for another word.
        self._known = frozenset(word for phrase in listed for word in phrase)
        self._meant = lru_cache(maxsize=20_000)(self._look_up)

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return up to three category codes with scores 0 to 1 (together at most 1), best first."""
        return ranked(self.hits(plain_words(text)))

    def hits(self, words: Sequence[str]) -> list[Hit]:
        """Return the listed phrases found in plain words; a word counts in its longest phrase only."""
        found: dict[tuple[Phrase, str], Hit] = {}
        taken: dict[str, set[int]] = defaultdict(set)
        for length in range(LONGEST_PHRASE, 0, -1):
            for start in range(len(words) - length + 1):
                if length > 1 and words[start] not in self._firsts:
                    continue
                phrase = tuple(words[start : start + length])
                early = 1 + 1 / (1 + start / WORDS_TO_HALF)
                for category, weight in self._of(phrase).items():
                    span = set(range(start, start + length))
                    if not span & taken[category]:
                        taken[category] |= span
                        found.setdefault((phrase, category), Hit(phrase, category, weight * early))
        return list(found.values())

    def _of(self, phrase: Phrase) -> Mapping[str, float]:
        exact = self._weights.get(phrase)
        if exact is not None:
            return exact
        return self._meant(phrase[0]) if len(phrase) == 1 else {}

    def _look_up(self, word: str) -> Mapping[str, float]:
        if len(word) < LETTERS_FOR_SLIPS or word in self._known:
            return {}
        meant = self._nearest(word)
        weights = self._weights[(meant,)] if meant[:1] == word[0] else {}
        return {category: weight * MISSPELT_WEIGHT for category, weight in weights.items()}

    def _nearest(self, word: str) -> str:
        if len(word) < LETTERS_FOR_LIKENESS:
            return nearest_slip(word, self._single, 1)
        near = closest(word, self._single, LEAST_LIKENESS)
        return near[0][0] if near else ""


def ranked(hits: Iterable[Hit]) -> tuple[tuple[str, float], ...]:
    """Return the three best categories of these hits with their share of all weight, best first."""
    sums: dict[str, float] = defaultdict(float)
    for hit in hits:
        sums[hit.category] += hit.weight
    # One faint word alone must not look certain.
    whole = sum(sums.values()) + 0.5
    best = sorted(sums.items(), key=lambda item: -item[1])[:3]
    return tuple((category, round(weight / whole, 4)) for category, weight in best)


def _weights(listed: Mapping[Phrase, set[str]]) -> dict[Phrase, dict[str, float]]:
    """Return what each phrase adds to each category: more the rarer it is among categories."""
    homes: dict[str, set[str]] = defaultdict(set)
    for phrase, codes in listed.items():
        for word in phrase:
            homes[word] |= codes
    count = len({code for codes in listed.values() for code in codes}) + 1
    weights: dict[Phrase, dict[str, float]] = {}
    worth = {
        code: CATCH_ALL_WEIGHT if code in CATCH_ALL else 1.0 for codes in listed.values() for code in codes
    }
    for phrase, codes in listed.items():
        # Rareness of its rarest word: "lampu merah" is as telling as "merah".
        rareness = max(log(count / len(homes[word])) for word in phrase) / log(count)
        weight = PHRASE_WEIGHT[len(phrase)] * rareness / len(codes)
        weights[phrase] = {code: weight * worth[code] for code in codes}
    return weights
