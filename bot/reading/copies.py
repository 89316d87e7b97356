"""Which texts are near-copies of each other, so that one text sent again and again counts once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from zlib import crc32

from bot.reading.spelling import plain_words

# A text is known by the smallest fingerprints of its pieces of this many letters (bottom-k sketch).
# Source: Broder, On the resemblance and containment of documents (1997),
# https://doi.org/10.1109/SEQUEN.1997.666900
PIECE, FINGERPRINTS = 8, 32
# Share of common fingerprints from which two texts are near-copies.
ALIKE = 0.4
# A fingerprint in more texts than this is a phrase everybody uses.
MOST_TEXTS = 300


def groups(texts: Sequence[str]) -> list[int]:
    """Return a group number for each text; near-copies, and near-copies of those, share one."""
    sketches = [_sketch(" ".join(plain_words(text))) for text in texts]
    parents = list(range(len(texts)))
    holders: dict[int, list[int]] = defaultdict(list)
    for index, sketch in enumerate(sketches):
        shared = Counter(other for print_ in sketch for other in holders[print_][:MOST_TEXTS])
        for other, count in shared.items():
            if count >= ALIKE * max(len(sketch), len(sketches[other])):
                parents[_root(parents, index)] = _root(parents, other)
        for print_ in sketch:
            holders[print_].append(index)
    return [_root(parents, index) for index in range(len(texts))]


def _sketch(text: str) -> list[int]:
    pieces = {text[start : start + PIECE] for start in range(max(1, len(text) - PIECE + 1))}
    return sorted(crc32(piece.encode()) for piece in pieces)[:FINGERPRINTS]


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
