"""Text as it is kept: normalised once, at the door, the same for all channels."""

import re
import unicodedata

LONGEST = 20_000  # characters of one message that are kept as text
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]|[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]"
)


def normalise(text: str) -> str:
    """The text without control characters, lone surrogates and direction tricks; NFC; plain digits.

    Newline and tab stay. What PostgreSQL cannot store (NUL) is gone. The provider's own words are kept apart.
    """
    cleaned = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = unicodedata.normalize("NFC", cleaned)
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain)
    return digits.strip()[:LONGEST]
