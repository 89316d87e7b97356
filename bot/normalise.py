"""Text as it is kept: normalised once, at the door (bot/door.py), the same for all channels."""

import re
import unicodedata

LONGEST = 20_000  # characters of one message that are kept as text; more is kept as a file
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\ud800-\udfff]|[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]"
)
# More marks than this on one letter are no writing, and sorting them by NFC takes quadratic time.
# Source: https://unicode.org/reports/tr15/#Stream_Safe_Text_Format (30 non-starters)
MOST_MARKS = 30


def normalise(text: str) -> str:
    """The text without control characters, lone surrogates and direction tricks; NFC; plain digits.

    Newline and tab stay. What PostgreSQL cannot store (NUL) is gone. Nothing is cut but floods of combining
    marks. The provider's own words are kept apart.
    """
    cleaned = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = cleaned if cleaned.isascii() else unicodedata.normalize("NFC", _without_floods(cleaned))
    digits = plain if plain.isascii() else "".join(map(_plain_digit, plain))
    return digits.strip()


def _plain_digit(letter: str) -> str:
    """0 to 9 for a digit of any script."""
    return str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter


def _without_floods(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)
