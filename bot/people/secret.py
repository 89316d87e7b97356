"""What the citizen alone may read in a message: it is blank in every row, and filled in when it goes out.

A `Secret` among a line's values is worded as `BLANK`; `Say.sealed` carries it as ciphertext into the payload.
So staff's pages, exports, backups and logs hold no PIN and no code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot import numbers
from bot.channel import Payload, Say
from bot.reading.command_words import read_command
from bot.talk import linking
from bot.wording import Line
from storage.keys import Keys

BLANK = "****"
SEALED = "sealed"  # in Payload.extra: ciphertext of what the blank stands for


@dataclass(frozen=True, slots=True)
class Secret:
    """A value for a line that is shown as `BLANK` wherever it is printed."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        """The blank."""
        return BLANK


def sealed(line: Line, keys: Keys) -> str:
    """What `Say.sealed` is for a line: ciphertext of its secret, empty when it has none."""
    found = next((value for value in line.values.values() if isinstance(value, Secret)), None)
    return keys.seal(found.value).decode() if found else ""


def hidden(payload: Payload, say: Say) -> Payload:
    """The payload as it is stored: with the ciphertext of what its blank stands for."""
    if not say.sealed or BLANK not in payload.text:
        return payload
    return replace(payload, extra={**payload.extra, SEALED: say.sealed})


def revealed(payload: Payload, keys: Keys) -> Payload:
    """The payload as the citizen gets it; raises BadKeys when it was sealed with other keys."""
    if SEALED not in payload.extra:
        return payload
    extra = {name: value for name, value in payload.extra.items() if name != SEALED}
    words = payload.text.replace(BLANK, keys.open(str(payload.extra[SEALED]).encode()))
    return replace(payload, text=words, extra=extra)


_BEHIND_NUMBER = re.compile(r"(?<!\d)(\d{9})(\W+(?:pin\W*)?)\d{4}(?!\d)", re.IGNORECASE | re.ASCII)
_A_TRY = re.compile(r"(?<!\d)\d(?:[ .-]?\d){2,5}(?!\d)")


def unreadable(words: str, state: Mapping[str, Any]) -> str:
    """A citizen's words as they are stored: a PIN behind a report number or asked for, and a code, are blank.

    Args:
        words: what was written.
        state: the conversation's state before this message.
    """
    if (state.get("aside") or {}).get("name") == "pin":
        words = _A_TRY.sub(BLANK, words)
    if linking.may_hold_code(words) and read_command(words, "") == "link":
        return re.sub(r"\d", "*", words)  # it may be good still
    return _BEHIND_NUMBER.sub(_blanked, words)


def understood(words: str, state: Mapping[str, Any], intent: str) -> str:
    """A citizen's words as the conversation hears them: with a PIN only where a PIN is looked at.

    Args:
        words: what was written.
        state: the conversation's state before this message.
        intent: what they mean.
    """
    looks = intent == "check_status" or (state.get("aside") or {}).get("name") == "pin"
    return words if looks else _BEHIND_NUMBER.sub(_blanked, words)


def _blanked(found: re.Match[str]) -> str:
    return found[1] + found[2] + BLANK if numbers.is_number(found[1]) else found[0]
