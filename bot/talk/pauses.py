"""A draft that was silent for long: "we were speaking about ... go on?", with what woke it kept. Pure."""

from datetime import datetime, timedelta

from bot.answers import Heard, Options
from bot.script import REMINDED, RESUME, SCRIPTS
from bot.talk.fresh import Known
from bot.talk.questions import TOLD_BY_FILES, State, Turn, slot_options
from bot.wording import Line, shorten


def is_stale(state: State, known: Known) -> bool:
    """Whether nothing was said for so long that the citizen may have forgotten the question."""
    if "at" not in state:
        return False
    silence = abs(known.now - datetime.fromisoformat(state["at"]))
    return silence >= timedelta(hours=SCRIPTS[state["script"]].idle_hours)


def ask_to_resume(state: State, heard: Heard) -> Turn:
    """Ask, and keep what was said: it is not lost, whichever way it goes."""
    kept = {"text": heard.text, "kind": heard.kind, "latitude": heard.latitude, "longitude": heard.longitude}
    return Turn({**state, "resuming": kept}, (question(state),))


def question(state: State) -> Line:
    """Whether to go on with the draft."""
    answers = state["answers"]
    story: str | Line = shorten(answers.get("story") or "-", 40)
    if answers.get("files") and not answers.get("story"):
        story = Line(TOLD_BY_FILES)
    options = slot_options("resume", offered(state))
    return Line("We were speaking about: {story}. Go on?", {"story": story}, options)


def offered(state: State) -> Options:
    """What may be answered: after a reminder nothing new was said that could be another report."""
    return REMINDED if state.get("reminder") else RESUME
