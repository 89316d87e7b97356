"""Which category a text is about, by a table of words with weights that was trained from real complaints.

The table and the words a city lists for its categories count together: a city's own words still win,
and a category the table has never seen works through the city's words alone. Made by bot/reading/learning.py.
"""

import gzip
import logging
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt
from pathlib import Path

from bot.cities.city import Category
from bot.reading.signs import KINDS, kind_of, signs_of
from bot.reading.spelling import plain_words
from bot.reading.topics import Hit, Ranker, Topics

SHIPPED = Path(__file__).with_name("words.tsv.gz")
# A table a city trained from its own reports lies under this name in DATA_DIR.
OWN = "words.tsv.gz"
FORMAT = "kentongan-words-1"
# Weights are written as whole numbers of this step; a finer one changed no figure.
STEP = 0.1
# Margins to probabilities: the factor that gave the likeliest probabilities on texts not trained with.
SHARPNESS = 4.0
# How far below the border a category lies of which no sign was seen: what training aims at.
NO_SIGN = -1.0
# What the city's own words add to a category of which the table knows nothing.
OWN_WORDS = 0.5
# So few words that are no better sign than this were about nothing ("mohon informasi"); in a longer text a
# weak first guess is still worth asking about.
FEW_WORDS = 5
LEAST = 0.2

_MASK = re.compile(r"\[[A-Z]+\]")

Weights = Sequence[float]
log = logging.getLogger(__name__)


class BadTable(ValueError):
    """A file is no word table; the message says which file and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was learnt.

    Attributes:
        categories: Category codes; all weights stand in this order.
        bias: What each category gets before any word is read.
        lexicon: By category of the city's word list, what finding its words adds to each category.
        rareness: By word or pair of words: 1 for what stands in every text, up to about 9.
        weights: By word or pair of words: what it adds to each category.
    """

    categories: tuple[str, ...]
    bias: Weights
    lexicon: Mapping[str, Weights]
    rareness: Mapping[str, float]
    weights: Mapping[str, Weights]

    def margins(self, signs: Iterable[str], listed: Mapping[str, float]) -> list[float]:
        """Return for each category how far a text is on its side of the border: 1 sure, -1 surely not.

        Args:
            signs: What `signs` found in the text; unknown ones count nothing.
            listed: What `listed_signs` found in it.
        """
        margins = list(self.bias)
        for known, length in self.measured(signs):
            sums = map(sum, zip(*(self.weights[sign] for sign in known), strict=True))
            margins = [m + s / length for m, s in zip(margins, sums, strict=True)]
        for category, value in listed.items():
            if category in self.lexicon:
                margins = [m + value * w for m, w in zip(margins, self.lexicon[category], strict=True)]
        return margins

    def measured(self, signs: Iterable[str]) -> list[tuple[list[str], float]]:
        """Return the known signs by kind, each with what the sum of their weights is divided by.

        So a long text is no surer than a short one, and no kind outweighs the others.
        """
        groups: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for sign in signs:
            if sign in self.weights:
                groups[kind_of(sign)].append(sign)
        return [(known, self._length(kind, known)) for kind, known in groups.items() if known]

    def _length(self, kind: str, known: Iterable[str]) -> float:
        least, share = KINDS[kind]
        squares = sum((count * self.rareness[sign]) ** 2 for sign, count in Counter(known).items())
        return max(least, sqrt(squares)) / share


class WordRanker:
    """Ranks the categories of one city by a table and the city's own words; serves many threads."""

    def __init__(self, table: Table, topics: Topics, categories: Collection[str]) -> None:
        """Prepare for a city.

        Args:
            table: What was learnt.
            topics: The city's own words.
            categories: The city's category codes; others are never named.
        """
        self._table = table
        self._topics = topics
        self._known = [(i, code) for i, code in enumerate(table.categories) if code in categories]
        self._new = frozenset(categories) - frozenset(table.categories)

    @property
    def words(self) -> frozenset[str]:
        """Ordinary words of citizens' reports, without their endings; no names are among them."""
        return frozenset(sign for sign in self._table.weights if not kind_of(sign) and " " not in sign)

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return up to three category codes with probabilities, best first.

        Empty when no word of the text is known, or when the known ones point nowhere ("selamat pagi").
        """
        words = plain_words(_MASK.sub(" ", text))
        found = signs_of(words)
        listed = listed_signs(self._topics.hits(words))
        # Pieces alone are found in any text.
        if not listed and not any(sign in self._table.weights for sign in found if not kind_of(sign)):
            return ()
        margins = self._table.margins(found, listed)
        mine = {code: margins[i] for i, code in self._known}
        mine |= {code: NO_SIGN + OWN_WORDS * listed.get(code, 0.0) for code in self._new}
        best = _probabilities(mine)
        return best if best and (len(words) > FEW_WORDS or best[0][1] >= LEAST) else ()


def ranker_for(topics: Topics, categories: Iterable[Category], folder: Path | None = None) -> Ranker:
    """Return the best ranker there is: by the city's own table, the shipped one, or the city's words alone.

    Args:
        topics: The city's own words.
        categories: The city's categories.
        folder: DATA_DIR; None when only the shipped table may be used.
    """
    codes = frozenset(category.code for category in categories)
    for file in ([folder / OWN] if folder else []) + [SHIPPED]:
        if file.exists():
            try:
                return WordRanker(read_table(file), topics, codes)
            except BadTable as fault:
                # A broken table must not stop the intake of reports.
                log.warning("%s", fault)
    return topics


def listed_signs(hits: Iterable[Hit]) -> dict[str, float]:
    """Return by category how much of what the city lists for it was found; more of the same adds less."""
    sums: dict[str, float] = defaultdict(float)
    for hit in hits:
        sums[hit.category] += hit.weight
    return {category: log1p(weight) for category, weight in sums.items()}


def _probabilities(margins: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    if not margins:
        return ()
    top = max(margins.values())
    shares = {code: exp(SHARPNESS * (margin - top)) for code, margin in margins.items()}
    whole = sum(shares.values())
    best = sorted(shares.items(), key=lambda item: -item[1])[:3]
    return tuple((code, round(share / whole, 4)) for code, share in best)


def write_table(table: Table, file: Path) -> None:
    """Write a table in one move; the same table always gives the same bytes.

    Lines are parted by tabs: a name, its rareness, then one whole number of STEP per category, empty for 0.
    """
    lines = ["\t".join([FORMAT, "", *table.categories]), _line("=bias", 0, table.bias)]
    lines += [_line(f"={code}", 0, table.lexicon[code]) for code in sorted(table.lexicon)]
    lines += [_line(sign, table.rareness[sign], table.weights[sign]) for sign in sorted(table.weights)]
    packed = gzip.compress("\n".join([*lines, ""]).encode(), compresslevel=9, mtime=0)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    fresh.write_bytes(packed)
    fresh.replace(file)


def read_table(file: Path) -> Table:
    """Return the table in a file; raises BadTable when it is none."""
    try:
        lines = gzip.decompress(file.read_bytes()).decode().splitlines()
        return _table([line.split("\t") for line in lines])
    except (OSError, EOFError, ValueError, IndexError, KeyError) as fault:
        raise BadTable(f"{file} is no word table: {fault}") from None


def _table(rows: Sequence[Sequence[str]]) -> Table:
    if rows[0][0] != FORMAT:
        raise ValueError(f"it does not begin with {FORMAT}")
    numbers = _Numbers()
    weights: dict[str, tuple[float, ...]] = {}
    for name, _, *cells in rows[1:]:
        if len(cells) != len(rows[0]) - 2:
            raise ValueError(f"the line of {name} has {len(cells)} weights")
        weights[name] = tuple(map(numbers.__getitem__, cells))
    rareness = {row[0]: float(row[1]) for row in rows[1:] if row[0][0] != "="}
    bias = weights.pop("=bias")
    lexicon = {name[1:]: weights.pop(name) for name in list(weights) if name[0] == "="}
    return Table(tuple(rows[0][2:]), bias, lexicon, rareness, weights)


class _Numbers(dict[str, float]):
    """Weights by how they are written: one object per number, else the table needs three times the memory."""

    def __missing__(self, cell: str) -> float:
        self[cell] = int(cell) * STEP if cell else 0.0
        return self[cell]


def _line(name: str, rareness: float, weights: Weights) -> str:
    steps = (round(weight / STEP) for weight in weights)
    return "\t".join([name, f"{rareness:.1f}" if rareness else "", *(str(s) if s else "" for s in steps)])
