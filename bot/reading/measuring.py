"""How well the word table does on texts it was not trained with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median
from time import perf_counter

from bot.reading.copies import groups
from bot.reading.topics import Ranker

Trainer = Callable[[Sequence[tuple[str, str]]], Ranker]

FOLDS = 5
# Borders between the classes of the reliability table: how many times likelier the first is than the second.
LEADS = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
SCORES = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SURE_SCORES, SURE_LEADS = (0.0, 0.4, 0.5, 0.6), (1.0, 1.5, 2.0, 3.0, 5.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """One text of a fold: where it came from, what is right, what was ranked, seconds it took."""

    source: str
    category: str
    ranked: tuple[tuple[str, float], ...]
    seconds: float

    def within(self, most: int) -> bool:
        """Return whether the right category is among the first `most`."""
        return self.category in [code for code, _ in self.ranked[:most]]


def report(rows: Sequence[Mapping[str, str]], train: Trainer) -> str:
    """Return figures of a cross-validation as text, near-copies always in the same fold.

    Args:
        rows: text, category and source of each report.
        train: Makes a ranker from texts with their categories.
    """
    folds = folds_of([row["text"] for row in rows])
    guesses = [guess for fold in range(FOLDS) for guess in _fold(rows, folds, fold, train)]
    lines = ["source   texts  top-1  top-3  macro"]
    for source in sorted({guess.source for guess in guesses}):
        lines.append(f"{source or '-':8} {_figures([g for g in guesses if g.source == source])}")
    lines += ["", f"median {median(guess.seconds for guess in guesses) * 1000:.2f} ms a text", ""]
    lines += ["first so many times likelier than the second: texts, right"]
    lines += _reliability(guesses, LEADS, _lead)
    lines += ["", "probability of the first: texts, right"]
    lines += _reliability(guesses, SCORES, lambda guess: guess.ranked[0][1])
    lines += ["", "only those at least so likely and so clear: taken, right"]
    lines += _taken(guesses)
    return "\n".join([*lines, ""])


def folds_of(texts: Sequence[str]) -> list[int]:
    """Return a fold, 0 to 4, for each text; near-copies share one, and folds are about equally large."""
    numbers = groups(texts)
    sizes = [0] * FOLDS
    chosen: dict[int, int] = {}
    for group, count in Counter(numbers).most_common():
        chosen[group] = sizes.index(min(sizes))
        sizes[chosen[group]] += count
    return [chosen[group] for group in numbers]


def _fold(rows: Sequence[Mapping[str, str]], folds: Sequence[int], fold: int, train: Trainer) -> list[Guess]:
    ranker = train([(r["text"], r["category"]) for r, n in zip(rows, folds, strict=True) if n != fold])
    return [_guess(row, ranker) for row, number in zip(rows, folds, strict=True) if number == fold]


def _guess(row: Mapping[str, str], ranker: Ranker) -> Guess:
    start = perf_counter()
    ranked = ranker.rank(row["text"])
    return Guess(row.get("source", ""), row["category"], ranked, perf_counter() - start)


def _figures(guesses: Sequence[Guess]) -> str:
    shares: dict[str, list[bool]] = defaultdict(list)
    for guess in guesses:
        shares[guess.category].append(guess.within(1))
    macro = sum(_share(hits) for hits in shares.values()) / len(shares)
    first, three = _share(g.within(1) for g in guesses), _share(g.within(3) for g in guesses)
    return f"{len(guesses):5}  {first:.3f}  {three:.3f}  {macro:.3f}"


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / max(1, len(counted))


def _lead(guess: Guess) -> float:
    first, second = guess.ranked[0][1], guess.ranked[1][1] if len(guess.ranked) > 1 else 0.0
    return first / max(second, 0.0001)


def _reliability(
    guesses: Sequence[Guess], borders: Sequence[float], measure: Callable[[Guess], float]
) -> list[str]:
    lines = []
    for low, high in pairwise([*borders, inf]):
        inside = [guess for guess in guesses if guess.ranked and low <= measure(guess) < high]
        lines.append(f"{low:5.2f} to {high:5.2f}  {len(inside):5}  {_share(g.within(1) for g in inside):.3f}")
    return lines


def _taken(guesses: Sequence[Guess]) -> list[str]:
    lines = []
    for score in SURE_SCORES:
        for lead in SURE_LEADS:
            sure = [g for g in guesses if g.ranked and g.ranked[0][1] >= score and _lead(g) >= lead]
            share = len(sure) / max(1, len(guesses))
            lines.append(
                f"{score:.2f} and {lead:4.1f} times  {share:.3f}  {_share(g.within(1) for g in sure):.3f}"
            )
    return lines
