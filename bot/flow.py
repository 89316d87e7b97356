"""Runs the scripts: a pure step over plain JSON. What was heard goes in; what to tell and to do comes out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Answers, Heard, Mind, Missed, Pick, pinned
from bot.commands import command
from bot.deeds import AddTo, Deed, DropDraft, File, KeepDraft, SetPlace
from bot.places import PlaceGuess
from bot.questions import State, Turn, ask_next, missed, slot_options
from bot.script import (
    OTHER_CATEGORY,
    PLACE_BY_SMS,
    REPORT,
    REPORT_BY_SMS,
    RESUME,
    SCRIPTS,
    Ask,
    Script,
    forget,
)
from bot.understanding import Understood
from bot.wording import Line, shorten

FEW_WORDS = 4  # up to here a text at a multiple choice is a try to choose; above it adds to the story
A_NAME = 6  # a longer text is not just the name of a place
PLACE_SCORE = 0.75  # a place read out of a story must be this sure; it is read back before filing
CLEAR_LEAD = 1.5  # the best category is taken without asking when it is so many times likelier than the next


@dataclass(frozen=True, slots=True)
class Report:
    """A filed report of this chat that is still open."""

    id: int
    number: str
    status: str
    has_place: bool
    category: str


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for one turn: the time, whether the channel is SMS, and the newest open report of this chat."""

    now: datetime
    sms: bool = False
    report: Report | None = None


def turn(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """One message in a conversation.

    The order: commands, then the open question about an old draft, then an emergency's number, then the
    running script, then what a fresh message means. Never raises for anything a citizen can send.
    """
    told = mind.read(heard.text)
    if told.intent == "repeat" and state.get("script"):
        return _stamped(ask_next(state, mind), known)
    if done := command(state, heard, told):
        return _stamped(Turn(*done), known)
    if state.get("resuming"):
        return _resumed(state, heard, known, mind)
    if _is_stale(state, known):
        return _ask_to_resume(state, heard, known)
    does = [_emergency(told, mind)] if told.emergency and state.get("warned") != told.emergency else []
    state = {**state, "warned": told.emergency} if does else state
    runs = bool(state.get("script"))
    reached = _go_on(state, heard, mind) if runs else _begin(state, heard, told, known, mind)
    return _stamped(replace(reached, does=(*does, *reached.does)), known)


def _stamped(done: Turn, known: Known) -> Turn:
    """The state with the time of this turn, so that a long silence is noticed."""
    return replace(done, state={**done.state, "at": known.now.isoformat()})


def _emergency(told: Understood, mind: Mind) -> Line:
    label, number = mind.emergency_number(told.emergency)
    return Line("Danger? Call {number} now ({label}). It is free.", {"label": label, "number": number})


# --- an old draft -------------------------------------------------------------------------------------------
def _is_stale(state: State, known: Known) -> bool:
    script = SCRIPTS.get(state.get("script", ""))
    if script is None or "at" not in state:
        return False
    silence = known.now - datetime.fromisoformat(state["at"])
    return silence >= timedelta(hours=script.idle_hours) or silence < -timedelta(hours=script.idle_hours)


def _ask_to_resume(state: State, heard: Heard, known: Known) -> Turn:
    story = shorten(state["answers"].get("story", "-"), 40)
    line = Line("We were speaking about: {story}. Go on?", {"story": story}, slot_options("resume", RESUME))
    kept = {"text": heard.text, "latitude": heard.latitude, "longitude": heard.longitude}
    return _stamped(Turn({**state, "resuming": kept}, (line,)), known)


def _resumed(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """The answer to "go on?": the message that woke the draft is not lost, whichever way it goes."""
    picked = Pick(RESUME).read("resume", heard, {}, mind)
    kept = Heard(**state["resuming"])
    fresh = {slot: value for slot, value in state.items() if slot not in ("resuming", "at")}
    if picked == "new":
        return turn({}, kept, known, mind)
    if picked == "yes" and kept.words <= FEW_WORDS:
        return _stamped(ask_next(fresh, mind), known)
    return turn(fresh, kept if picked == "yes" else heard, known, mind)


# --- a fresh message ----------------------------------------------------------------------------------------
def _begin(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    if heard.choice:
        return Turn(dict(state), (Line("That choice is over. Just write what you want to tell."),))
    if known.report and not _is_another(known.report, heard, told):
        return _add(state, heard, told, known.report, mind)
    if heard.kind in ("photo", "other", "location") and not heard.text:
        return _begin_without_words(state, heard, known, mind)
    if told.intent in SMALL_TALK and not _opens_draft(heard, told):
        return Turn(dict(state), (Line(SMALL_TALK[told.intent]),))
    script = REPORT_BY_SMS if known.sms else REPORT
    opened = {**state, "script": script.name, "answers": {}}
    if _only_announces(heard, told):
        return ask_next(opened, mind)
    return _fill(opened, heard, mind)


SMALL_TALK = {
    "greeting": "Welcome to {city}'s reports. Write your complaint and its place in one message.",
    "thanks": "You are welcome. Write at any time if something is wrong in {city}.",
    "affirm": "Nothing is open at the moment. Write your complaint and its place in one message.",
    "deny": "All right. Write at any time if something is wrong in {city}.",
    "other": "Sorry, I did not understand. Write your complaint and its place, or BANTUAN.",
}


def _opens_draft(heard: Heard, told: Understood) -> bool:
    """Whether a message is a report of its own: told as one, and about something."""
    return told.intent == "new_complaint" and bool(heard.text)


def _is_another(report: Report, heard: Heard, told: Understood) -> bool:
    """Whether a message is a new report and not a word more on the open one.

    It is when it says so ("lapor ..."), names its own place, or is about another service. What answers an
    officer's question never is.
    """
    if report.status == "waiting" or not _opens_draft(heard, told):
        return False
    elsewhere = bool(told.categories and told.places)
    other = bool(told.categories) and told.categories[0][0] != report.category
    return elsewhere or other or heard.text.casefold().startswith(SAYS_SO)


SAYS_SO = ("lapor", "laporan baru", "aduan", "mau lapor", "report")


def _only_announces(heard: Heard, told: Understood) -> bool:
    """Whether a message says that a report is coming, without the report: "mau lapor"."""
    return heard.words <= 3 and not told.categories and not told.places and not told.emergency


def _begin_without_words(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    answers: dict[str, Any] = {}
    if heard.latitude is not None and heard.longitude is not None:
        answers["place"] = pinned(heard.latitude, heard.longitude, mind)
    thanks = Line({"photo": PHOTO_KEPT, "other": OTHER_KEPT}.get(heard.kind, "Your location is noted."))
    script = REPORT_BY_SMS if known.sms else REPORT
    asked = ask_next({**state, "script": script.name, "answers": answers, "group": heard.group}, mind)
    return replace(asked, does=(KeepDraft(answers), thanks, *asked.does))


PHOTO_KEPT = "Your photo is kept."
OTHER_KEPT = "This kind of message is kept for the officer, but I cannot read it. Please add a few words."


def _add(state: State, heard: Heard, told: Understood, report: Report, mind: Mind) -> Turn:
    if told.intent == "thanks" and heard.words <= FEW_WORDS and report.status != "waiting":
        return Turn(dict(state), (Line(SMALL_TALK["thanks"]),))
    if told.intent == "greeting" and heard.words <= FEW_WORDS and report.status != "waiting":
        return Turn(dict(state), (Line(SMALL_TALK["greeting"]),))
    if heard.group and heard.group == state.get("group"):
        return Turn(dict(state), (AddTo(report.id, heard.text, quiet=True),))
    does: list[Line | Deed] = []
    if heard.latitude is not None and heard.longitude is not None and not report.has_place:
        does.append(SetPlace(report.id, pinned(heard.latitude, heard.longitude, mind)))
    else:
        does.append(AddTo(report.id, heard.text))
    return Turn({**state, "group": heard.group}, tuple(does))


# --- the running script -------------------------------------------------------------------------------------
def _go_on(state: State, heard: Heard, mind: Mind) -> Turn:
    if heard.kind == "edit":
        return _corrected(state, heard, mind)
    if heard.kind in ("photo", "other") and not heard.text:
        return _kept(state, heard, mind)
    if heard.latitude is not None and heard.longitude is not None:
        place = pinned(heard.latitude, heard.longitude, mind)
        return _filled({**state, "answers": {**state["answers"], "place": place}}, mind)
    if state["script"] == PLACE_BY_SMS.name and heard.words > A_NAME:
        return _more_by_sms(state, heard, mind)
    ask = SCRIPTS[state["script"]].next(state["answers"])
    tells = ask is None or ask.slot == "story"
    return _fill(state, heard, mind) if tells or ask is None else _answer(state, ask, heard, mind)


def _more_by_sms(state: State, heard: Heard, mind: Mind) -> Turn:
    """Several SMS in a row are one report: a long second one adds to it, and may name the place."""
    does: tuple[Deed, ...] = (AddTo(state["ticket"], heard.text),)
    if found := mind.places_in(heard.text):
        does = (
            AddTo(state["ticket"], heard.text, quiet=True),
            SetPlace(state["ticket"], _place_of(found[0])),
        )
    return Turn(_without_script(state), does)


def _place_of(guess: PlaceGuess) -> dict[str, Any]:
    return {"name": guess.name, "code": guess.code}


def _answer(state: State, ask: Ask, heard: Heard, mind: Mind) -> Turn:
    """What was heard as an answer to one question."""
    value = ask.answer.read(ask.slot, heard, state["answers"], mind)
    if not isinstance(value, Missed):
        return _filled({**state, "answers": {**state["answers"], ask.slot: value}, "misses": 0}, mind)
    if isinstance(ask.answer, Pick) and heard.words > FEW_WORDS:
        return _more_words(state, heard, mind)
    return missed(state, ask, mind)


def _fill(state: State, heard: Heard, mind: Mind) -> Turn:
    """The first words of a report: fill every slot that they answer, ask only for what is missing."""
    told = mind.read(heard.text)
    answers = dict(state["answers"])
    if isinstance(STORY_ASK.answer.read("story", heard, answers, mind), Missed):
        return missed(state, STORY_ASK, mind)
    answers |= {"story": heard.text, "kind": told.kind, **_category(told)}
    if told.places and told.places[0].score >= PLACE_SCORE and "place" not in answers:
        answers["place"] = _place_of(told.places[0])
    return _filled({**state, "answers": answers, "misses": 0, "reference": heard.reference}, mind)


STORY_ASK = REPORT.steps[0]


def _category(told: Understood) -> dict[str, Any]:
    """The likeliest categories, and the first one as the answer if it is clear; none is "something else"."""
    scores = told.categories
    candidates = {"candidates": [code for code, _ in scores[:3]]}
    if not scores or (len(scores) > 1 and scores[0][1] < CLEAR_LEAD * scores[1][1]):
        return candidates if scores else {**candidates, "category": OTHER_CATEGORY[0]}
    return {**candidates, "category": scores[0][0]}


def _more_words(state: State, heard: Heard, mind: Mind) -> Turn:
    """A longer text where a choice was asked adds to the story, and the question comes again."""
    answers = state["answers"]
    more = {**answers, "story": "\n".join(filter(None, [answers.get("story", ""), heard.text]))}
    if not answers.get("place", {}).get("code") and (found := mind.places_in(heard.text)):
        more["place"] = _place_of(found[0])
    return _filled({**state, "answers": more}, mind)


def _corrected(state: State, heard: Heard, mind: Mind) -> Turn:
    """An edited message corrects the draft's story; an edit of anything else changes nothing."""
    if heard.reference != state.get("reference") or not heard.text:
        return Turn(dict(state), ())
    return _fill({**state, "answers": forget(state["answers"], "place", "send")}, heard, mind)


def _kept(state: State, heard: Heard, mind: Mind) -> Turn:
    """A photo in the middle of a report belongs to it; an album is answered once."""
    if heard.group and heard.group == state.get("group"):
        return Turn(dict(state), (KeepDraft(state["answers"]),))
    asked = ask_next({**state, "group": heard.group}, mind)
    kept = Line(PHOTO_KEPT if heard.kind == "photo" else OTHER_KEPT)
    return replace(asked, does=(KeepDraft(state["answers"]), kept, *asked.does))


def _filled(state: State, mind: Mind) -> Turn:
    """After an answer: act on the read-back's choice, ask the next question, or finish."""
    answers = state["answers"]
    if answers.get("send") == "cancel":
        return Turn(_without_script(state), (DropDraft(),))
    if slot := answers.get("change"):
        return ask_next({**state, "answers": forget(answers, "send", "change", slot)}, mind)
    script = SCRIPTS[state["script"]]
    if script.next(answers):
        asked = ask_next(state, mind)
        return replace(asked, does=(KeepDraft(answers), *asked.does))
    return _finish(state, script, answers)


def _finish(state: State, script: Script, answers: Answers) -> Turn:
    rest = _without_script(state)
    if script.finish == "set_place":
        return Turn(rest, (SetPlace(state["ticket"], answers["place"]),))
    asks_place = script is REPORT_BY_SMS and not answers.get("place")
    if asks_place:
        rest |= {"script": PLACE_BY_SMS.name, "answers": {}}
    anonymous = answers.get("send") == "anonymous"
    return Turn(rest, (KeepDraft(answers), File(anonymous=anonymous, asks_place=asks_place)))


def _without_script(state: State) -> dict[str, Any]:
    return {slot: state[slot] for slot in ("group",) if slot in state}
