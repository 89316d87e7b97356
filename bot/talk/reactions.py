"""A thumb put to a message of ours is a word: yes or no to what was just asked; to anything else, silence."""

from dataclasses import replace

from bot.answers import Heard, Pick
from bot.reading.spelling import raw_words
from bot.script import SCRIPTS
from bot.talk.fresh import Known
from bot.talk.questions import State

ANSWERS = ({"ya"}, {"ok"}, {"tidak"})  # what an emoji may say (see bot/reading/spelling.py)


def in_words(state: State, heard: Heard, known: Known) -> Heard | None:
    """A reaction as if it had been written; None when it answers nothing. Other messages as they are."""
    if heard.kind != "reaction":
        return heard
    says_yes_or_no = set(raw_words(heard.text)) in ANSWERS
    return replace(heard, kind="text") if says_yes_or_no and _waits(state, known) else None


def _waits(state: State, known: Known) -> bool:
    """Whether yes or no is an answer now."""
    if state.get("aside") or state.get("resuming"):
        return True
    if script := SCRIPTS.get(state.get("script", "")):
        ask = script.next(state["answers"])
        return ask is not None and isinstance(ask.answer, Pick)
    asked = known.report is not None and known.report.status in ("waiting", "answered")
    return asked and known.quoted
