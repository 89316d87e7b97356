"""How alike two pieces of writing are. The only file that knows rapidfuzz.

Whole strings are compared, never windows of them: a score that forgives everything around the match
(WRatio, partial_ratio) finds "ok" in "rokok".
"""

from collections.abc import Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA


def slips(typed: str, meant: str, most: int) -> int:
    """Return how many typing slips lie between two words, `most` + 1 when there are more.

    A slip is a letter too many, too few, a wrong one, or two neighbours exchanged.

    Args:
        typed: What the citizen wrote.
        meant: What it may stand for.
        most: The highest count of interest.
    """
    return OSA.distance(typed, meant, score_cutoff=most)


def nearest_slip(typed: str, choices: Sequence[str], most: int) -> str:
    """Return the choice with the fewest typing slips, empty when all have more than `most`."""
    found = process.extractOne(typed, choices, scorer=OSA.distance, score_cutoff=most)
    return found[0] if found else ""


def all_slips(typed: str, choices: Sequence[str], most: int) -> list[str]:
    """Return the choices that are at most so many typing slips away."""
    found = process.extract(typed, choices, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [choice for choice, _, _ in found]


def likeness(one: str, other: str) -> float:
    """Return how alike two strings are, 0 to 1."""
    return fuzz.ratio(one, other) / 100


def likeness_of_words(one: str, other: str) -> float:
    """Return how alike two texts are when the order of their words does not count, 0 to 1."""
    return fuzz.token_sort_ratio(one, other) / 100


def shared_words(one: str, other: str) -> float:
    """Return how alike two texts are when words that only one of them has count little, 0 to 1."""
    return fuzz.token_set_ratio(one, other) / 100


def closest(typed: str, choices: Sequence[str], least: float) -> list[tuple[str, float]]:
    """Return the choices most like what was typed, best first, at most two.

    Args:
        typed: What the citizen wrote.
        choices: What it may stand for.
        least: Likeness (0 to 1) below which a choice is left out.
    """
    found = process.extract(typed, choices, scorer=fuzz.ratio, limit=2, score_cutoff=least * 100)
    return [(choice, score / 100) for choice, score, _ in found]
