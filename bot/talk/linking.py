"""SAMBUNG: one person on several channels, by a code of six digits that is sent from the second one. Pure.

Two persons are never joined by guessing: not by the same number on SMS and WhatsApp, not by a name.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.reading.command_words import read_command
from bot.talk.deeds import GiveCode, LinkChat, PartChat

DIGITS = 6
VALID = timedelta(minutes=15)
MOST_TRIES, TRIES_IN = 5, timedelta(hours=1)  # wrong codes of one chat
TRIES = "link_tries"  # in the conversation's state: when its wrong codes were sent
SHORT = 60  # a longer text is no command

State = Mapping[str, Any]


def asked(state: State, words: str) -> tuple[dict[str, Any], tuple[GiveCode | LinkChat, ...]]:
    """The turn of SAMBUNG, which gives a code, and of SAMBUNG with a code, which joins this chat."""
    code = digits_in(words)
    return dict(state), (LinkChat(code) if code else GiveCode(),)


def parted(state: State) -> tuple[dict[str, Any], tuple[PartChat, ...]]:
    """The turn of SAMBUNG BATAL, which undoes a join for this chat."""
    return dict(state), (PartChat(),)


def may_part(words: str) -> bool:
    """Whether a text is SAMBUNG BATAL."""
    return len(words) <= SHORT and read_command(words, "") == "unlink"


def digits_in(words: str) -> str:
    """All digits of a text, as ASCII."""
    return "".join(str(int(one)) for one in re.findall(r"\d", words))


def may_hold_code(words: str) -> bool:
    """Whether a text is worth a closer look: short, with as many digits as a code has."""
    return len(words) <= SHORT and len(digits_in(words)) == DIGITS


def recent_tries(state: State, now: datetime) -> list[str]:
    """When wrong codes were sent from this chat within the last hour (ISO 8601)."""
    return [at for at in state.get(TRIES, ()) if abs(now - datetime.fromisoformat(at)) < TRIES_IN]
