"""The street that a story names: no list knows them all, so how it is written must do. Pure."""

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from bot.reading.place_words import STREET_CUES, STREET_FILLERS
from bot.reading.spelling import raw_words

# The word before "jl": without it "jalan" may be what the trouble is about.
_BEFORE = frozenset(
    """di d ing ning nang neng sepanjang spnjng sekitar daerah depan dpn ngarep pinggir ujung dekat dkt deket
dina ti at on in along near""".split()
)
_NAMES = STREET_CUES - {"road"}
_MOST_WORDS = 5
_ENDS = re.compile(r"[,;:!?()\n]|\.$")  # behind a word: the name ends here
_NUMBERED = re.compile(r"(?:no|nomor|km)|[ivx]{1,4}|\d+\w?", re.IGNORECASE)


def street_in(text: str, is_plain: Callable[[str], bool]) -> str:
    """The street that a text says it is in, as written: "got mampet di jl mugas dalam"; empty when none.

    Args:
        text: A story.
        is_plain: Whether a word is an ordinary one, no name.
    """
    words = text.split()
    for place in range(1, len(words) - 1):
        if _bare(words[place]) in _NAMES and _bare(words[place - 1]) in _BEFORE:
            name = [*_name(words[place + 1 :], is_plain)]
            if name and not is_plain(name[0]):
                return " ".join([words[place], *name]).rstrip(" .,;:!?()")
    return ""


def is_street(text: str, is_plain: Callable[[str], bool]) -> bool:
    """Whether a text is the name of a street and nothing else: "jl gajah raya"."""
    return street_in(f"di {text}", is_plain) == text.strip(" .,;:!?()")


def _name(words: list[str], is_plain: Callable[[str], bool]) -> Iterator[str]:
    belongs = takewhile(
        lambda word: _bare(word) in STREET_FILLERS or _NUMBERED.fullmatch(_bare(word)) or not is_plain(word),
        words[:_MOST_WORDS],
    )
    for word in belongs:
        yield word
        if _ENDS.search(word):
            return


def _bare(word: str) -> str:
    return "".join(raw_words(word))
