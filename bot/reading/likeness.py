"""How likely two reports are about the same thing: words, address, district and days between them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.matching import likeness_of_words, shared_words
from bot.reading.spelling import plain_words

# Other district: another street of the same name. Other kelurahan: perhaps across the border.
OTHER_DISTRICT, OTHER_VILLAGE, OTHER_CATEGORY = 0.3, 0.75, 0.7
# Without an address only the words speak, and short ones ("lampu mati") say little.
WITHOUT_ADDRESS = 0.8
DAYS_FRESH, DAYS_STALE = 45, 365
STALE = 0.8
COMMON_IN_ADDRESSES = frozenset(
    "jalan gang nomor rt rw kota indonesia kelurahan kecamatan blok raya depan dekat di".split()
)


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report; `place` is district/village by name or a Kemendagri code."""

    text: str
    address: str = ""
    place: str = ""
    day: date | None = None
    category: str = ""


def likeness_of_reports(one: Report, other: Report) -> float:
    """Return how likely two reports are about the same thing, 0 to 1, the same in both directions."""
    words = _texts(one.text, other.text)
    address = _addresses(one.address, other.address)
    score = words * WITHOUT_ADDRESS if address is None else words * (0.35 + 0.65 * address)
    gates = _place_gate(one.place, other.place) * _day_gate(one.day, other.day)
    if one.category and other.category and one.category != other.category:
        gates *= OTHER_CATEGORY
    return round(score * gates, 4)


def _texts(one: str, other: str) -> float:
    first, second = _plain(one), _plain(other)
    if not first or not second:
        return 0.0
    return 0.7 * likeness_of_words(first, second) + 0.3 * shared_words(first, second)


@lru_cache(maxsize=512)  # one report is compared with many
def _plain(text: str) -> str:
    return " ".join(plain_words(text))


def _addresses(one: str, other: str) -> float | None:
    first, second = _naming(one), _naming(other)
    if not first or not second:
        return None
    return max(likeness_of_words(first, second), 0.9 * shared_words(first, second))


@lru_cache(maxsize=512)
def _naming(address: str) -> str:
    """Return the words of an address that tell it from others."""
    return " ".join(word for word in plain_words(address) if word not in COMMON_IN_ADDRESSES)


def _place_gate(one: str, other: str) -> float:
    first, second = _levels(one), _levels(other)
    if not first or not second:
        return 1.0
    if first[0] != second[0]:
        return OTHER_DISTRICT
    return OTHER_VILLAGE if first[1:] and second[1:] and first[1] != second[1] else 1.0


def _levels(place: str) -> list[str]:
    """Return district and village: from "Tugu/Jerakah", or from the code "33.74.16.1001"."""
    plain = place.strip().casefold()
    if plain.replace(".", "").isdigit() and plain.count(".") >= 2:
        parts = plain.split(".")
        return [".".join(parts[:3]), *parts[3:4]]
    return [part.strip() for part in plain.split("/") if part.strip()]


def _day_gate(one: date | None, other: date | None) -> float:
    if one is None or other is None:
        return 1.0
    days = abs((one - other).days)
    stale = min(max(days - DAYS_FRESH, 0) / (DAYS_STALE - DAYS_FRESH), 1.0)
    return 1.0 - stale * (1.0 - STALE)
