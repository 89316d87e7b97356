"""While an officer speaks in a chat: the bot keeps what is said for him and is quiet. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.answers import Heard
from bot.talk.deeds import KeepForOfficer
from bot.talk.questions import Turn
from bot.understanding import Understood
from bot.wording import Line

ALREADY_HERE = "An officer is here already and reads what you write."


def is_for_officer(heard: Heard, told: Understood) -> bool:
    """Whether the bot is quiet about a message: all but commands, which work in every state."""
    is_command = told.is_command and heard.kind == "text" and not heard.choice
    return not is_command or told.intent in ("human", "repeat")


def quiet(state: Mapping[str, Any], heard: Heard, told: Understood) -> Turn:
    """The turn of a message for the officer; PETUGAS is told that he is here."""
    if told.is_command and told.intent == "human":
        return Turn(dict(state), (Line(ALREADY_HERE),))
    return Turn(dict(state), (KeepForOfficer(heard.text, answers=True),))


def kept(state: Mapping[str, Any], reached: Turn) -> Turn:
    """A turn in a taken chat: seen by the officer, and the bot's own clock of silence stands still."""
    still = {slot: value for slot, value in reached.state.items() if slot != "at"}
    at = {"at": state["at"]} if "at" in state else {}
    seen = any(isinstance(one, KeepForOfficer) for one in reached.does)
    return Turn({**still, **at}, reached.does if seen else (*reached.does, KeepForOfficer()))
