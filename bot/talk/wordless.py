"""Messages without words: what is kept of them, what they answer, and what nobody can use.

A voice message, a video or a letter tells the story to a person: nothing more has to be typed then. Photos
alone are asked about once; who just says "send" sends them as they are.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Answers, Heard, Mind, pinned
from bot.script import OTHER_CATEGORY, SCRIPTS, SEND, Script
from bot.talk.deeds import KeepDraft
from bot.talk.questions import State, Turn, ask_next
from bot.wording import Line

PHOTO_KEPT = "Your photo is kept."
RECORDING_KEPT = "This is kept. An officer will hear it or look at it."
PLACE_KEPT = "Your location is noted."
UNUSABLE = "This kind of message cannot be used here. Please write, or send a photo or a voice message."
NO_NUMBER = "No telephone number is needed: we answer you here."
FILES: Mapping[str, str] = {
    "photo": "photo_at",
    "recording": "recorded_at",
}  # and when the last of a kind came
SAME_ALBUM = timedelta(seconds=60)  # files without words so soon after each other belong together
UNKNOWN_PLACE: Mapping[str, Any] = {"name": "", "code": ""}


def is_kept(heard: Heard) -> bool:
    """Whether it is a file without a word: a photo, a voice message, a video, a letter."""
    return heard.kind in FILES and not heard.text


def remembered(state: State, heard: Heard, now: datetime) -> dict[str, Any]:
    """The state with what tells further files of an album."""
    if heard.kind not in FILES:
        return dict(state)
    return {**state, "group": heard.group, FILES[heard.kind]: now.isoformat()}


def is_further(state: State, heard: Heard, now: datetime) -> bool:
    """Whether this is another file of several that were answered; WhatsApp does not say what is an album.

    A voice message after photos is not: it may tell what they show.
    """
    if not is_kept(heard):
        return False
    if heard.group or (heard.kind == "photo" and state.get("group")):
        return heard.group == state.get("group")
    came = [state[at] for kind, at in FILES.items() if at in state and heard.kind in ("photo", kind)]
    return any(abs(now - datetime.fromisoformat(at)) < SAME_ALBUM for at in came)


def is_unusable(heard: Heard) -> bool:
    """Whether it is something that is neither words nor a file: a sticker, somebody's number."""
    return heard.kind in ("contact", "other") and not heard.text


def unusable(state: State, heard: Heard, question: tuple[Line, ...]) -> Turn:
    """Nothing is kept of it and nothing begins; an open question comes again."""
    return Turn(dict(state), (Line(NO_NUMBER if heard.kind == "contact" else UNUSABLE), *question))


def begins(state: State, heard: Heard, script: Script, mind: Mind) -> Turn:
    """A file or a position begins a report."""
    answers: dict[str, Any] = {}
    if heard.latitude is not None and heard.longitude is not None:
        answers["place"] = pinned(heard.latitude, heard.longitude, mind)
    elif is_kept(heard):
        answers["files"] = heard.kind
    return _kept({**state, "script": script.name, "answers": answers}, heard, mind)


def joins(state: State, heard: Heard, mind: Mind) -> Turn:
    """A file in the middle of a report belongs to it; an album, or voice after voice, is answered once.

    Who answers "where is it?" by voice has answered: an officer will hear the place.
    """
    answers = dict(state["answers"])
    ask = SCRIPTS[state["script"]].next(answers)
    told_before = answers.get("files") == "recording"
    if heard.kind == "recording" and told_before and not heard.further and ask and ask.slot == "place":
        answers["place"] = dict(UNKNOWN_PLACE)
    if heard.kind == "recording" or "files" not in answers:
        answers["files"] = heard.kind
    joined = {**state, "answers": answers}
    if heard.further:
        return Turn(joined, (KeepDraft(answers),))
    return _kept(joined, heard, mind)


def _kept(state: State, heard: Heard, mind: Mind) -> Turn:
    asked = ask_next(state, mind)
    thanks = {"photo": PHOTO_KEPT, "recording": RECORDING_KEPT}.get(heard.kind, PLACE_KEPT)
    return replace(asked, does=(KeepDraft(state["answers"]), Line(thanks), *asked.does))


def says_send(heard: Heard, mind: Mind) -> bool:
    """Whether somebody says "send" before all is answered, in any language."""
    labels = {mind.label(SEND[0][1], language).casefold() for language in mind.languages}
    return not heard.choice and heard.text.casefold().strip(" .!") in labels


def sent_as_it_is(answers: Answers) -> dict[str, Any] | None:
    """The answers of a report that is sent with what it has; None when it has nothing.

    A story goes on to its read-back without a place. Files alone are filed: there is nothing to read back.
    """
    if "story" in answers:
        return {"place": dict(UNKNOWN_PLACE), **answers}
    if "files" not in answers:
        return None
    unknown = {"place": dict(UNKNOWN_PLACE), "kind": "complaint", "category": OTHER_CATEGORY[0]}
    return {"story": "", **unknown, **answers, "send": "send"}
