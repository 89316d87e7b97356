"""Takes words out of texts and puts them back: what a mark stands for is kept in order, elsewhere. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MARK = "████"  # the same for every word: its length tells nothing
LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with marks, and what each mark stands for, in order."""

    text: str
    words: tuple[str, ...] = ()


def phrases_of(typed: str) -> list[str]:
    """The phrases of a field, one a line; what has fewer than two letters or digits is none."""
    lines = (" ".join(line.split()) for line in typed.splitlines())
    wanted = [line for line in lines if sum(letter.isalnum() for letter in line) >= LEAST_LETTERS]
    return list(dict.fromkeys(wanted))


def finder(phrases: Sequence[str]) -> re.Pattern[str]:
    """What finds these phrases as whole words, in any case and however they are spaced; or a mark.

    Args:
        phrases: at least one, from `phrases_of`.
    """
    longest_first = sorted(phrases, key=len, reverse=True)
    spaced = (r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"{MARK}|(?<!\w)(?:{'|'.join(spaced)})(?!\w)", re.IGNORECASE)


def redact(text: str, wanted: re.Pattern[str], known: Sequence[str] = ()) -> Redacted:
    """The text with what is wanted replaced by marks.

    Args:
        text: with or without earlier marks.
        wanted: from `finder`.
        known: what the earlier marks stand for. A mark beyond them was written by somebody as it is.
    """
    before = iter(known)
    words: list[str] = []

    def take(found: re.Match[str]) -> str:
        words.append(next(before, MARK) if found.group() == MARK else found.group())
        return MARK

    return Redacted(wanted.sub(take, text), tuple(words))


def put_back(text: str, words: Sequence[str]) -> str | None:
    """The text with its words again; None when it was changed meanwhile and they fit no more."""
    pieces = text.split(MARK)
    if len(pieces) != len(words) + 1:
        return None
    return "".join(_woven(pieces, words))


def _woven(pieces: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    for piece, word in zip(pieces, words, strict=False):
        yield piece
        yield word
    yield pieces[-1]


class Masker:
    """Redacts the texts of a row one by one, each with what its earlier marks stand for."""

    def __init__(self, wanted: re.Pattern[str], known: Sequence[Sequence[str]]) -> None:
        self.words: list[list[str]] = []
        self._wanted, self._known = wanted, iter(known)

    def change(self, text: str) -> str:
        """The next text, with marks."""
        redacted = redact(text, self._wanted, next(self._known, ()))
        self.words.append(list(redacted.words))
        return redacted.text


class Restorer:
    """Puts the words of a row's texts back one by one; `failed` when one of them was changed meanwhile."""

    def __init__(self, known: Sequence[Sequence[str]]) -> None:
        self.failed = False
        self._known = iter(known)

    def change(self, text: str) -> str:
        """The next text, as it was; with its marks when that is not possible."""
        back = put_back(text, next(self._known, ()))
        self.failed = self.failed or back is None
        return text if back is None else back


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A row's texts, changed, in plain JSON of the same shape; what a payload only refers by stays."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [mapped(one, change) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _of_payload(name, one, change) for name, one in value.items()}


def _of_payload(name: str, value: Any, change: Callable[[str], str]) -> Any:
    """A part of a payload: a picture's address stays, and so do the ids of its buttons."""
    if name == "photo":
        return value
    if name == "options":
        return [[id_, change(label)] for id_, label in value]
    return mapped(value, change)
