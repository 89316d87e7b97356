"""What staff meant by what they typed: places of the city are known, misspelt words are put right."""

import re
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.matching import nearest_slip
from storage import search
from storage.search import Query

SHORTEST = 4  # letters of a word that may be misspelt
LONG = 6  # from so many letters on two slips may be one word
MOST_CORRECTED = 3
_PHONE = re.compile(r"(?:\+|00)?(?:62|0)8[0-9]{7,12}")


@dataclass(frozen=True, slots=True)
class Meant:
    """A search as it is carried out, and in what words, when these are not what was typed."""

    query: Query
    instead: str = ""


def is_phone(typed: str) -> bool:
    """Whether this is an Indonesian mobile number: somebody's, and not for an address."""
    return bool(_PHONE.fullmatch(re.sub(r"[\s().-]", "", typed)))


def meant(tx: Connection, typed: str) -> Meant:
    """What is looked for: a place of the city by its area, an unknown word as the nearest known one.

    Words that occur nowhere, and are near to none that does, may be the beginning of one.
    """
    read = search.read(typed)
    if read.is_number or not read.words:
        return Meant(read)
    query = _with_place(tx, read)
    found = _put_right(tx, query.words)
    if not found:
        return Meant(_beginnings(tx, query))
    words = tuple(found.get(word, word) for word in query.words)
    shown = " ".join(found.get(word, word) for word in read.words)
    again = _with_place(tx, replace(query, words=words)) if not query.areas else replace(query, words=words)
    return Meant(_beginnings(tx, again), shown)


def _with_place(tx: Connection, query: Query) -> Query:
    named = search.places_named(tx, query.words)
    if not named:
        return query
    name = named[0][1]
    rest = tuple(word for word in query.words if word not in name)
    areas = tuple(code for code, words in named if words == name)
    return replace(query, words=rest, areas=areas, area_words=name)


def _put_right(tx: Connection, words: tuple[str, ...]) -> dict[str, str]:
    """The nearest known word for each that occurs nowhere."""
    doubtful = [word for word in words if len(word) >= SHORTEST and word.isascii() and word.isalpha()]
    known = search.known_words(tx, doubtful)
    strange = [word for word in doubtful if word not in known and not search.occurs(tx, word)]
    found = {}
    for word in strange[:MOST_CORRECTED]:
        slips = 2 if len(word) >= LONG else 1
        if near := nearest_slip(word, search.near_words(tx, word, slips), slips):
            found[word] = near
    return found


def _beginnings(tx: Connection, query: Query) -> Query:
    """The query with what is known of its words: which are none, and whether all are common."""
    plain = [word for word in query.words if word.isascii() and word.isalpha() and len(word) >= SHORTEST]
    known = search.known_words(tx, plain)
    parts = frozenset(word for word in plain if word not in known and not search.occurs(tx, word))
    common = not query.areas and bool(plain) and all(known.get(word) for word in plain)
    return replace(query, beginnings=parts, common=common)
