"""The signs by which a text is told from others: stems, pairs of stems, first words, and pieces of words.

What is behind a table of words (bot/words.py), for training and reading alike.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

# A word said over and over says little more.
MOST_TIMES = 2
# People say what is wrong first: the first words count once more as such.
FIRST_WORDS = 12
FIRST, PIECE = "<", "~"
# Letters of a piece; the edges of a word count as letters. Forgives slips and endings that no table lists.
PIECE_LETTERS = 5
# For each kind of sign, by the mark it begins with: the length below which a text is not sure of itself, for
# one or two common words ("saya mau lapor") say nothing, however they lean; and how much the kind counts
# beside the others. Measured, see docs/language.md.
KINDS = {"": (6.0, 1.0), FIRST: (3.0, 0.5), PIECE: (8.0, 1.0)}

_PREFIXES = tuple("meng meny mem men peng peny pem pen ber ter di me pe ke se".split())
_SUFFIXES = tuple("kan an i".split())
_LEAST_STEM = 4


def signs_of(words: Iterable[str]) -> list[str]:
    """Return the signs of words in plain spelling, each at most twice; an empty word parts its neighbours.

    Pieces and first words begin with their mark; stems are single words, pairs have a space.
    """
    kept = [word for word in words if not word or _is_word(word)]
    stems = [stem(word) for word in kept]
    pairs = (f"{one} {two}" for one, two in pairwise(stems) if one and two)
    single = [one for one in stems if one]
    first = (FIRST + one for one in single[:FIRST_WORDS])
    pieces = (piece for word in kept if word for piece in _pieces(word))
    counts = Counter([*single, *pairs, *first, *pieces])
    return [sign for sign, count in counts.items() for _ in range(min(count, MOST_TIMES))]


def kind_of(sign: str) -> str:
    """Return the mark of a sign's kind, a key of KINDS."""
    return sign[0] if sign[0] in (FIRST, PIECE) else ""


def _is_word(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.isalpha()


def _pieces(word: str) -> list[str]:
    whole = f"^{word}$"
    return [
        PIECE + whole[start : start + PIECE_LETTERS]
        for start in range(max(1, len(whole) - PIECE_LETTERS + 1))
    ]


def stem(word: str) -> str:
    """Return a word without its usual prefix and suffix: "pengangkutan" and "diangkut" both give angkut.

    Rough on purpose: it need not be a word, it need only be the same for words of one root.
    """
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST_STEM:
            word = word.removeprefix(prefix)
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST_STEM:
            return word.removesuffix(suffix)
    return word
