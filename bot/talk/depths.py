"""How deep the water is and whether anybody is trapped, read from a citizen's own words. Pure."""

import re
from collections.abc import Sequence

from bot.reading.spelling import raw_words

KNEE_CM, WAIST_CM = 45, 100  # up to here it is said to reach the knee, the waist
_METRES = re.compile(r"(\d+(?:[.,]\d+)?)\s*(cm|centi\w*|senti\w*|m|mtr|meter\w*|metre\w*)\b", re.IGNORECASE)
_BODY = (
    (
        "deep",
        "dada dodo leher gulu beuheung tikoro kepala sirah hulu atap plafon jendela chest neck head roof",
    ),
    (
        "waist",
        "pinggang bangkekan cangkeng paha pupu pingping perut weteng beuteung udel waist thigh hip belly",
    ),
    ("knee", "lutut dengkul dhengkul tuur betis bitis kaki sikil suku tumit ankle knee shin"),
    ("none", "surut asat saat kering garing"),
)
_DEPTH_OF = {word: depth for depth, words in _BODY for word in words.split()}
_TRAPPED = frozenset(
    """terjebak kejebak kajebak terkurung kekurung kakurung terkepung kepung tertimpa ketimpa katindih
tertimbun kurungan trapped stuck stranded injured luka terluka pingsan hanyut keli palid""".split()
)
_NO = frozenset(
    "tidak tdk gak ga nggak ngga enggak tak ora mboten boten teu henteu belum dereng no none not".split()
)
_YES = frozenset("ya iya ada wonten aya yes enya nggih inggih muhun onok ono".split())
_SKIP = frozenset("lewati lewat skip liwati langkungan tahu ngertos terang".split())
_REACH = 3  # so many words before it a "no" still belongs to "trapped"


def depth_in(text: str) -> str:
    """Return knee, waist, deep or none; empty when a text says nothing about it."""
    if found := _METRES.search(text):
        size = float(found[1].replace(",", "."))
        centimetres = size * (100 if found[2][0].casefold() == "m" else 1)
        return "knee" if centimetres <= KNEE_CM else "waist" if centimetres <= WAIST_CM else "deep"
    named = [_DEPTH_OF[word] for word in raw_words(text) if word in _DEPTH_OF]
    return next((depth for depth, _ in _BODY if depth in named), "")


def trapped_in(text: str) -> str:
    """Return yes or no; empty when a text says neither. In doubt it is yes: better help too often."""
    words = raw_words(text)
    places = [place for place, word in enumerate(words) if word in _TRAPPED]
    if places:
        denied = all(_NO & set(words[max(0, place - _REACH) : place]) for place in places)
        return "no" if denied else "yes"
    return _short_answer(words)


def _short_answer(words: Sequence[str]) -> str:
    """The last two words answer the second half of the question: "50 cm, tidak"."""
    last = set(words[-2:])
    if last & _NO:
        return "no"
    return "yes" if last & _YES else ""


def skips(text: str) -> bool:
    """Whether somebody does not want to answer, or does not know."""
    words = set(raw_words(text))
    return bool(words) and words <= _SKIP | _NO
