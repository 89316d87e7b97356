"""Trains the word table from texts with their categories; the texts themselves go nowhere.

`python -m bot.reading.learning CSV OUT` makes the shipped table, `--evaluate CSV` says how well the method
does on texts it was not trained with. `learn` adapts a table to a city's own reports.

Method: one linear border per category (a support vector machine with squared hinge loss), found one text
at a time by dual coordinate descent. It needs no learning rate, and starting from a table instead of from
nothing keeps what the table knows unless the new texts say otherwise.
Source: Hsieh et al., A dual coordinate descent method for large-scale linear SVM (2008),
https://doi.org/10.1145/1390156.1390208; starting from another table: Yang et al., Cross-domain video concept
detection using adaptive SVMs (2007), https://doi.org/10.1145/1291233.1291276
"""

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import exp, log
from pathlib import Path
from random import Random

from bot.cities.city import Category, City, read_city
from bot.reading.copies import groups
from bot.reading.gazetteer import gazetteer
from bot.reading.measuring import report
from bot.reading.name_words import GIVEN, name_words, without_handles
from bot.reading.signs import FIRST, KINDS, PIECE, kind_of, signs_of, stem
from bot.reading.spelling import plain_words
from bot.reading.topics import Topics
from bot.words import NO_SIGN, Table, WordRanker, listed_signs, write_table

# A word must stand in so many different texts, near-copies counting once; a category must have as many.
LEAST_TEXTS = 5
# A piece of a word in more: there are many of them, and none may give away a name.
LEAST_TEXTS_OF_PIECE = 8
# What a text on the wrong side of a border costs: more believes single texts, less believes none.
COST = 0.2
# Finding listed words gives numbers larger than a word's share of a text: brought to the same size.
LISTED_SCALE = 0.2
# What finding a category's listed words adds to it before anything is learnt.
LISTED_START = 0.25
PASSES = 12
NOTHING = Table((), (), {}, {}, {})
CITY = Path(__file__).parents[2] / "city" / "semarang"

Row = tuple[str, str]
Column = list[float]


def learn(
    rows: Iterable[Row], base: Table, categories: Iterable[Category], places: Collection[str] = ()
) -> Table:
    """Return a table that follows these texts, and where they say nothing the base table.

    The same rows in the same order always give the same table.

    Args:
        rows: Text and category code, as officers corrected it.
        base: What was known before; NOTHING to train from these texts alone.
        categories: The city's categories, whose listed words count too and are never taken for names.
        places: Lower-case words of place names, which are kept out of the table.
    """
    listed = tuple(categories)
    kept = _enough([(text, category) for text, category in rows if text.strip() and category], base)
    found = _read([text for text, _ in kept], _listed_words(listed), places)
    growing = _Growing(base, sorted({category for _, category in kept}), listed)
    growing.add_words(_rareness(found, groups([text for text, _ in kept]), _texts_behind(base)))
    topics = Topics(listed)
    lessons = [
        _Lesson(growing, signs, listed_signs(topics.hits(plain_words(text))), category)
        for signs, (text, category) in zip(found, kept, strict=True)
    ]
    order = Random(0)  # noqa: S311 - only an order of texts, and the same every time
    for _ in range(PASSES):
        order.shuffle(lessons)
        for lesson in lessons:
            lesson.take()
    return growing.table()


class _Growing:
    """A table while it is being trained; lessons change its columns in place."""

    def __init__(self, base: Table, taught: Iterable[str], listed: Sequence[Category]) -> None:
        new = [code for code in taught if code not in base.categories]
        self.categories = (*base.categories, *new)
        # A city corrects what it corrects: a hundred reports about trees must not make trees likelier
        # where no tree is named. So what was known of how frequent categories are stays.
        self.free = 0.0 if base.categories else 1.0
        self.bias = [*base.bias, *(NO_SIGN for _ in new)]
        self.rareness = dict(base.rareness)
        nothing = [0.0] * len(new)
        self.weights = {sign: [*weights, *nothing] for sign, weights in base.weights.items()}
        self.lexicon = {code: [*weights, *nothing] for code, weights in base.lexicon.items()}
        for category in listed:
            if category.code not in self.lexicon:
                own = [LISTED_START * (code == category.code) for code in self.categories]
                self.lexicon[category.code] = own

    def add_words(self, rareness: Mapping[str, float]) -> None:
        """Make room for words the base table does not know."""
        for sign, rare in rareness.items():
            if sign not in self.weights:
                self.rareness[sign] = rare
                self.weights[sign] = [0.0] * len(self.categories)

    def table(self) -> Table:
        return Table(self.categories, self.bias, self.lexicon, self.rareness, self.weights)


class _Lesson:
    """One text with its category, and how hard it pulls at each border so far."""

    def __init__(
        self, growing: _Growing, signs: Sequence[str], listed: Mapping[str, float], category: str
    ) -> None:
        measured = growing.table().measured(signs)
        self._kinds = [([growing.weights[sign] for sign in known], length) for known, length in measured]
        self._columns = [column for columns, _ in self._kinds for column in columns]
        self._shares = [growing.rareness[sign] ** 2 / length for known, length in measured for sign in known]
        self._listed = [(growing.lexicon[code], value) for code, value in listed.items()]
        self._bias = growing.bias
        self._free = growing.free
        self._sides = [1.0 if code == category else -1.0 for code in growing.categories]
        self._pulls = [0.0] * len(self._sides)
        kinds = sum(KINDS[kind_of(known[0])][1] ** 2 for known, _ in measured)
        size = self._free + kinds + sum((LISTED_SCALE * value) ** 2 for value in listed.values())
        self._reach = size + 1 / (2 * COST)

    def take(self) -> None:
        """Move every border just so far that this text is content with it."""
        moves: list[tuple[int, float]] = []
        for index, (margin, side, pull) in enumerate(
            zip(self._margins(), self._sides, self._pulls, strict=True)
        ):
            lack = side * margin - 1 + pull / (2 * COST)
            # Content already, as most texts are with most borders.
            if pull or lack < 0:
                self._pulls[index] = max(0.0, pull - lack / self._reach)
                moves.append((index, side * (self._pulls[index] - pull)))
        self._move(moves)

    def _margins(self) -> Column:
        margins = self._bias
        for columns, length in self._kinds:
            sums = map(sum, zip(*columns, strict=True))
            margins = [margin + total / length for margin, total in zip(margins, sums, strict=True)]
        for column, value in self._listed:
            margins = [margin + value * weight for margin, weight in zip(margins, column, strict=True)]
        return margins

    def _move(self, moves: Sequence[tuple[int, float]]) -> None:
        for index, move in moves:
            self._bias[index] += move * self._free
            for column, share in zip(self._columns, self._shares, strict=True):
                column[index] += move * share
            for column, value in self._listed:
                column[index] += move * value * LISTED_SCALE**2


def place_parts(names: Iterable[str]) -> frozenset[str]:
    """Return the lower-case words that place names are made of."""
    parts = [plain_words(name) for name in names]
    # "Buah Batu" is often written as one word.
    return frozenset(word for words in parts for word in (*words, "".join(words)))


def place_words(city: City) -> frozenset[str]:
    """Return the words of all place names: those of a city, and of every region of the country."""
    return place_parts(place.name for place in city.places.values()) | gazetteer().words


def _enough(rows: Sequence[Row], base: Table) -> list[Row]:
    counts = Counter(category for _, category in rows)
    return [
        (text, category)
        for text, category in rows
        if category in base.categories or counts[category] >= LEAST_TEXTS
    ]


def _listed_words(categories: Iterable[Category]) -> frozenset[str]:
    return frozenset(word for one in categories for words in one.words for word in plain_words(words))


def _read(texts: Sequence[str], kept: Collection[str], places: Collection[str]) -> list[list[str]]:
    """Return the signs of each text; a name parts its neighbours and leaves no trace."""
    names = name_words(texts, places, kept)
    return [
        # The stem too: "disurabaya" is a name as well.
        signs_of("" if {word, stem(word)} & names else word for word in plain_words(without_handles(text)))
        for text in texts
    ]


def _texts_behind(base: Table) -> float:
    """Return about how many texts a table was trained from: its rarest words stood in LEAST_TEXTS of them."""
    rarest = max(base.rareness.values(), default=0.0)
    return (1 + LEAST_TEXTS) * exp(rarest - 1) if rarest else 0.0


def _rareness(found: Sequence[Sequence[str]], numbers: Sequence[int], before: float) -> dict[str, float]:
    """Return how rare each sign is, of those that stand in enough different texts.

    Args:
        found: The signs of each text.
        numbers: The group of near-copies each text belongs to.
        before: How many texts were read earlier, where these signs stood too seldom to be kept.
    """
    homes: dict[str, set[int]] = defaultdict(set)
    for signs, number in zip(found, numbers, strict=True):
        for sign in signs:
            homes[sign].add(number)
    count = 1 + before + len(set(numbers))
    return {
        sign: round(1 + log(count / (1 + len(inside))), 1)
        for sign, inside in sorted(homes.items())
        if len(inside) >= (LEAST_TEXTS_OF_PIECE if kind_of(sign) == PIECE else LEAST_TEXTS)
        and not GIVEN.intersection(sign.strip(FIRST + PIECE + "^$").split())
    }


def read_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file that have a text and a category; `source` is kept when there is one."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["text"].strip() and row["category"]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train a table from a CSV file with the columns text and category, or measure the method on it."""
    parser = argparse.ArgumentParser(prog="python -m bot.reading.learning", description=main.__doc__)
    parser.add_argument("csv", type=Path, help="columns text, category and, to measure, source")
    parser.add_argument("out", type=Path, nargs="?", help="where the table goes, such as bot/words.tsv.gz")
    parser.add_argument("--city", type=Path, default=CITY, help="whose categories and places to use")
    parser.add_argument("--evaluate", action="store_true", help="five-fold cross-validation, writes nothing")
    chosen = parser.parse_args(arguments)
    city, rows = read_city(chosen.city), read_rows(chosen.csv)
    places = place_words(city)

    def train(pairs: Iterable[Row]) -> WordRanker:
        table = learn(pairs, NOTHING, city.categories.values(), places)
        return WordRanker(table, Topics(city.categories.values()), city.categories)

    if chosen.evaluate:
        sys.stdout.write(report(rows, train))
    elif chosen.out:
        pairs = [(row["text"], row["category"]) for row in rows]
        table = learn(pairs, NOTHING, city.categories.values(), places)
        write_table(table, chosen.out)
        sys.stdout.write(f"{chosen.out}: {len(table.weights)} words and pairs of words.\n")
    else:
        parser.error("OUT is needed unless --evaluate is given")


if __name__ == "__main__":
    main()
