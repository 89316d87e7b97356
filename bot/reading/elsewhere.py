"""Finds places all over the country in a text: "jalan rusak di Kecamatan Kandangan Kediri".

There are 83,762 villages, many of them named like ordinary words, so a name alone is not believed: a word for
its level must stand before it, or a name around it must agree ("Kandangan, Kediri").
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.cities.city import within
from bot.reading.gazetteer import CITY, DISTRICT, PROVINCE, VILLAGE, Gazetteer
from bot.reading.place_words import AREA_CUES, BESIDE_NAME, LEVEL_CUES, NEVER, ORDINARY, STREET_CUES
from bot.reading.places import LONGEST_NAME, MOST, is_street, segments

CUES = {
    "ds": VILLAGE,
    **{word: VILLAGE if level == "kelurahan" else DISTRICT for word, level in LEVEL_CUES.items()},
    **dict.fromkeys("kabupaten kab kabupten kota kodya kotamadya kotamadia pemkot pemkab".split(), CITY),
    **dict.fromkeys("provinsi prov propinsi prop".split(), PROVINCE),
}
# As official names write it.
KINDS = {"kab": "kabupaten", "kabupten": "kabupaten"}
KINDS |= dict.fromkeys(("kodya", "kotamadya", "kotamadia"), "kota")
# The word before the name of a city that says that something is there.
AT = frozenset("di d ning nang neng ing ndek in at daerah wilayah wil kawasan".split())
# Between the names of one place stand at most so many words: "Kandangan, Kab. Kediri".
NEAR = 3
# Nobody's report names more; a text made of village names alone must not be slow.
MOST_MENTIONS = 40
SHORTEST = 4  # letters of a name without a word for its level
# By what a name is believed: a region around it named too, and its own word for its level.
BOTH, AGREED, CUED, AREA, OTHER_LEVEL, AROUND = 0.97, 0.9, 0.75, 0.6, 0.57, 0.55


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place somewhere in the country that a text names; `agreed`: two names in the text say so."""

    code: str
    score: float
    agreed: bool


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name in the text, from word `start` up to but without `end`; `cue` is the level said before it."""

    name: str
    start: int
    end: int
    codes: tuple[str, ...]
    cue: int | None
    before: str
    ordinary: bool

    @property
    def in_area(self) -> bool:
        """Whether the word before it says that it is a place."""
        return self.before in AREA_CUES or self.before in BESIDE_NAME

    def is_near(self, other: "_Mention") -> bool:
        gap = max(self.start, other.start) - min(self.end, other.end)
        return 0 <= gap <= NEAR


def find(
    text: str, names: Gazetteer, area: str = "", home: str = "", ordinary: Collection[str] = ()
) -> list[Elsewhere]:
    """Return the places a text names, best first, at most five; empty when it names none for certain.

    Args:
        text: What the citizen wrote.
        names: All regions.
        area: Code the places must lie in; empty for the whole country.
        home: Code of the city whose service this is: its bare name means the city, not the regency around it.
        ordinary: Words that are no names by themselves.
    """
    words = [KINDS.get(word, word) for word in segments(text)[0]]
    mentions = list(islice(_mentions(words, names, home, ordinary), MOST_MENTIONS))
    found: dict[str, Elsewhere] = {}
    for mention in mentions:
        for one in _believed(mention, mentions):
            if within(one.code, area) and one.score > (found[one.code].score if one.code in found else 0):
                found[one.code] = one
    return sorted(found.values(), key=_order)[:MOST]


def _order(one: Elsewhere) -> tuple[float, int, str]:
    return (-one.score, -one.code.count("."), one.code)


def _mentions(
    words: Sequence[str], names: Gazetteer, home: str, ordinary: Collection[str]
) -> Iterator[_Mention]:
    start = 0
    while start < len(words):
        mention = _longest(words, start, names, home, ordinary)
        if mention and not is_street(words, start):
            yield mention
        start = mention.end if mention else start + 1


def _longest(
    words: Sequence[str], start: int, names: Gazetteer, home: str, ordinary: Collection[str]
) -> _Mention | None:
    """Return the longest name that begins here."""
    before = words[start - 1] if start else ""
    cue = CUES.get(before)
    for length in range(min(LONGEST_NAME, len(words) - start), 0, -1):
        name = "".join(words[start : start + length])
        codes = _codes(name, names, cue, before)
        if not codes or (length == 1 and _is_no_name(name, cue)):
            continue
        own = CITY if words[start] in ("kabupaten", "kota") and length > 1 else cue
        if own is None and home in codes:
            codes = (home,)
        is_word = name in ORDINARY or (length == 1 and name in ordinary)
        return _Mention(name, start, start + length, codes, own, before, is_word)
    return None


def _codes(name: str, names: Gazetteer, cue: int | None, before: str) -> tuple[str, ...]:
    codes = tuple(names.named(name))
    if cue == CITY and before in ("kabupaten", "kota"):
        # "Kabupaten Kediri" is no village, and not the city of Kediri.
        return tuple(code for code in codes if code in names.named(before + name))
    return codes


def _is_no_name(name: str, cue: int | None) -> bool:
    """Return whether a word is not even looked at as a name."""
    known = name in CUES or name in AREA_CUES or name in BESIDE_NAME or name in STREET_CUES
    return known or name.isdigit() or name in NEVER or (cue is None and len(name) < SHORTEST)


def _believed(mention: _Mention, mentions: Sequence[_Mention]) -> list[Elsewhere]:
    """Return the places one name stands for, as far as the text says which."""
    # A name said twice does not agree with itself.
    near = [
        one
        for one in mentions
        if mention.is_near(one) and (mention.name != one.name or mention.cue != one.cue)
    ]
    agreed = {code: votes for code in mention.codes if (votes := _votes(mention, code, near))}
    if agreed:
        most = max(agreed.values())
        return [
            Elsewhere(code, round(_worth(mention, code) + 0.002 * votes, 3), True)
            for code, votes in agreed.items()
            if votes == most
        ]
    return _alone(mention)


def _worth(mention: _Mention, code: str) -> float:
    if code.count(".") <= CITY:
        return AROUND
    if mention.cue is None:
        # The wider place first where one name is both.
        return AGREED - 0.02 * (code.count(".") == VILLAGE)
    # The narrowest that was named comes first.
    return BOTH + 0.008 * (code.count(".") - DISTRICT) if mention.cue == code.count(".") else OTHER_LEVEL


def _votes(mention: _Mention, code: str, near: Sequence[_Mention]) -> int:
    """Return how many names around say that this one means that region; one said with its level says more."""
    return sum(
        max((_agree(mention, code, other, that) for that in other.codes if code[:2] == that[:2]), default=0)
        for other in near
    )


def _agree(mention: _Mention, code: str, other: _Mention, that: str) -> int:
    """Return how much it says that two names are two levels of one place; 0 when they are not."""
    if code == that or not (within(code, that) or within(that, code)):
        return 0
    inner, outer = (mention, other) if within(code, that) else (other, mention)
    deep, wide = (code, that) if within(code, that) else (that, code)
    if not (_may_hold(outer, wide) and _may_lie(inner, outer)):
        return 0
    # A province holds many places of every name.
    holds = wide.count(".") > PROVINCE or inner.cue is not None or deep.count(".") == CITY
    return holds * (2 if other.cue == that.count(".") else 1)


def _may_hold(outer: _Mention, wide: str) -> bool:
    level = wide.count(".")
    return outer.cue == level if outer.ordinary or outer.cue is not None else level != VILLAGE


def _may_lie(inner: _Mention, outer: _Mention) -> bool:
    if inner.cue is not None:
        return True
    together = inner.end == outer.start or (outer.cue is not None and inner.end + 1 == outer.start)
    return not inner.ordinary and (inner.in_area or together)


def _alone(mention: _Mention) -> list[Elsewhere]:
    """Return what a name means that nothing around it explains: only what its own words say."""
    if mention.ordinary or (mention.cue is None and mention.before not in AT):
        return []
    level = CITY if mention.cue is None else mention.cue
    fitting = [code for code in mention.codes if code.count(".") == level]
    # One of six villages of that name would be a guess.
    if len(fitting) > MOST:
        return []
    score = AREA if mention.cue is None else CUED
    return [Elsewhere(code, round(score - 0.02 * len(fitting), 3), False) for code in fitting]
