"""Runs the scripts: a pure step over plain JSON. What was heard goes in; what to tell and to do comes out.

fresh.py has what a message means while no question is open, filling.py how answers fill the slots, beside.py
what is talked about beside a report.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot import languages
from bot.answers import Heard, Mind, Missed, Pick, pinned
from bot.aside import Moment
from bot.beside import ASIDES, FIRST
from bot.commands import command
from bot.deeds import KeepDraft, LeaveDraft, SetLanguage
from bot.filling import fill, filled, more_words, without_script
from bot.fresh import FEW_WORDS, OTHER_KEPT, PHOTO_KEPT, SMALL_TALK, Known, add, begin, says_so
from bot.questions import CHOICE_OVER, State, Turn, ask_next, missed, slot_options
from bot.script import HUMAN, PLACE_BY_SMS, REPORT, RESUME, SCRIPTS, Ask, forget
from bot.understanding import Understood
from bot.wording import Line, shorten

A_NAME = 6  # a longer text is not just the name of a place
SAME_ALBUM = timedelta(seconds=60)  # photos without words so soon after each other belong together


def turn(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """One message in a conversation.

    The order: the choice of a language, commands, then an emergency's number, then the open question about
    an old draft, then the running script, then what a fresh message means. Never raises for anything a
    citizen can send.
    """
    told = mind.read(heard.text)
    reached = _in_language(state, heard, told, known, mind) or _thought(state, heard, told, known, mind)
    offer = () if "at" in state or known.sms else _offer(heard, mind)
    done = {**reached.state, "at": known.now.isoformat()}  # so that a long silence is noticed
    return Turn(done, (*reached.does, *offer))


def _thought(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    """The turn of a message that is not about the language."""
    state = {slot: value for slot, value in state.items() if slot != "choosing"}
    heard = replace(heard, further=_is_further(state, heard, known))
    if heard.kind == "photo":
        state = {**state, "group": heard.group, "photo_at": known.now.isoformat()}
    if told.intent == "repeat":
        return _repeated(state, mind)
    if done := command(state, heard, told, has_report=known.report is not None):
        return Turn(*done)
    does: tuple[Line, ...] = ()
    if told.emergency and not (state.get("script") and state.get("warned") == told.emergency):
        does, state = (_emergency(told, mind),), {**state, "warned": told.emergency}
    reached = _beside(state, heard, told, known, mind) or _reply(
        _without_aside(state), heard, told, known, mind
    )
    return replace(reached, does=(*does, *reached.does))


# --- beside the report --------------------------------------------------------------------------------------
def _without_aside(state: State) -> dict[str, Any]:
    return {slot: value for slot, value in state.items() if slot != "aside"}


def _beside(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn | None:
    """The answer to a question beside the report; None: none is open, or this is no answer to it."""
    if not (data := state.get("aside")) or not (aside := ASIDES.get(data["name"])):
        return None
    return aside.hear(data, Moment(_without_aside(state), heard, told, known, mind))


def _first(moment: Moment) -> Turn | None:
    """What takes a message before it is read as a report."""
    return next((turn for take in FIRST if (turn := take(moment))), None)


def _fresh(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    """A message while no question is open."""
    return _first(Moment(state, heard, told, known, mind)) or begin(state, heard, told, known, mind)


# --- the language -------------------------------------------------------------------------------------------
def _in_language(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn | None:
    """BAHASA and what answers it; an open question comes again in the new language. None: something else."""
    again = told.intent == "repeat" and state.get("choosing")
    if code := languages.chosen(state, heard, mind):
        return _chosen(
            {slot: value for slot, value in state.items() if slot != "choosing"}, code, known, mind
        )
    if heard.kind != "text" or heard.choice or not (told.intent == "language" or again):
        return None
    return languages.ask(state, mind)


def _chosen(state: State, code: str, known: Known, mind: Mind) -> Turn:
    does = (SetLanguage(code), Line(languages.CHOSEN))
    if state.get("script") or state.get("aside"):
        asked = _repeated(state, mind)
        return replace(asked, does=(*does, *asked.does))
    welcome = SMALL_TALK["greeting"]
    return (
        Turn(dict(state), does) if known.report else Turn({**state, "said": welcome}, (*does, Line(welcome)))
    )


def _offer(heard: Heard, mind: Mind) -> tuple[Line, ...]:
    """A sentence for who begins in another language; it is never switched to by guess."""
    code = languages.guess(heard.text, mind.languages)
    return (Line(languages.OFFERS[code]),) if code and code != mind.language else ()


def _is_further(state: State, heard: Heard, known: Known) -> bool:
    """Whether this is another photo of an album that was answered; WhatsApp does not say what is an album."""
    if heard.kind != "photo" or heard.text or "photo_at" not in state:
        return False
    if heard.group or state.get("group"):
        return heard.group == state.get("group")
    return abs(known.now - datetime.fromisoformat(state["photo_at"])) < SAME_ALBUM


def _emergency(told: Understood, mind: Mind) -> Line:
    label, number = mind.emergency_number(told.emergency)
    return Line("Danger? Call {number} now ({label}). It is free.", {"label": label, "number": number})


def _repeated(state: State, mind: Mind) -> Turn:
    """ULANG: the open question again."""
    if (data := state.get("aside")) and (aside := ASIDES.get(data["name"])):
        return Turn(dict(state), (aside.question(data, mind),))
    if state.get("resuming"):
        return Turn(dict(state), (_resume_question(state),))
    return ask_next(state, mind) if state.get("script") else Turn(dict(state), (Line(SMALL_TALK["affirm"]),))


def _reply(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    if state.get("resuming"):
        return _resumed(state, heard, known, mind)
    if not state.get("script"):
        return _fresh(state, heard, told, known, mind)
    stale = _is_stale(state, known)
    if stale and state["script"] == REPORT.name:
        return _ask_to_resume(state, heard)
    beside = state["script"] in (PLACE_BY_SMS.name, HUMAN.name) and says_so(heard, told)
    taken_up = state["script"] == HUMAN.name and known.report and known.report.id == state["ticket"]
    if stale or beside or taken_up:
        return _anew(state, heard, known, mind)
    return _go_on(Moment(state, heard, told, known, mind))


def _anew(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """Leave the draft as it is and take the message as a fresh one."""
    reached = _fresh(without_script(state), heard, mind.read(heard.text), known, mind)
    return replace(reached, does=(LeaveDraft(), *reached.does))


# --- an old draft -------------------------------------------------------------------------------------------
def _is_stale(state: State, known: Known) -> bool:
    if "at" not in state:
        return False
    silence = abs(known.now - datetime.fromisoformat(state["at"]))
    return silence >= timedelta(hours=SCRIPTS[state["script"]].idle_hours)


def _ask_to_resume(state: State, heard: Heard) -> Turn:
    kept = {"text": heard.text, "kind": heard.kind, "latitude": heard.latitude, "longitude": heard.longitude}
    return Turn({**state, "resuming": kept}, (_resume_question(state),))


def _resume_question(state: State) -> Line:
    story = shorten(state["answers"].get("story", "-"), 40)
    return Line("We were speaking about: {story}. Go on?", {"story": story}, slot_options("resume", RESUME))


def _resumed(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """The answer to "go on?": the message that woke the draft is not lost, whichever way it goes."""
    picked = Pick(RESUME).read("resume", heard, {}, mind)
    kept = Heard(**state["resuming"])
    fresh = {slot: value for slot, value in state.items() if slot not in ("resuming", "at")}
    if picked == "new":
        return _anew(fresh, kept, known, mind)
    woken = _woken(fresh, kept, mind)
    if picked == "yes":
        return woken
    reached = _go_on(Moment(woken.state, heard, mind.read(heard.text), known, mind))
    return replace(reached, does=(KeepDraft(woken.state["answers"]), *reached.does))


def _woken(state: State, kept: Heard, mind: Mind) -> Turn:
    """The draft with what woke it: a place, or words that are more than a greeting; and its next question."""
    if kept.latitude is not None or kept.words > FEW_WORDS:
        return _at_place(state, kept, mind) or more_words(state, kept, mind)
    return ask_next(state, mind)


# --- the running script -------------------------------------------------------------------------------------
def _go_on(moment: Moment) -> Turn:
    state, heard, told, mind = moment.state, moment.heard, moment.told, moment.mind
    if state["script"] == HUMAN.name:
        return Turn(dict(state), add(state["ticket"], heard, told, mind))
    if heard.kind == "edit":
        return _corrected(state, heard, mind)
    if heard.kind in ("photo", "other") and not heard.text:
        return _kept(state, heard, mind)
    if heard.choice:
        return _pressed(moment)
    return _at_place(state, heard, mind) or _said(state, heard, told, mind)


def _said(state: State, heard: Heard, told: Understood, mind: Mind) -> Turn:
    """Words: the answer to the open question, or more of the story."""
    ask = SCRIPTS[state["script"]].next(state["answers"])
    if state["script"] == PLACE_BY_SMS.name and (heard.words > A_NAME or told.emergency):
        return Turn(without_script(state), add(state["ticket"], heard, told, mind, has_place=False))
    if ask is None or ask.slot == "story":
        return fill(state, heard, mind)
    if heard.kind == "photo" or told.emergency:
        return more_words(state, heard, mind)
    return _answer(state, ask, heard, mind)


def _at_place(state: State, heard: Heard, mind: Mind) -> Turn | None:
    """A shared position says where, whatever was asked."""
    if heard.latitude is None or heard.longitude is None:
        return None
    place = pinned(heard.latitude, heard.longitude, mind)
    return filled({**state, "answers": {**state["answers"], "place": place}}, mind)


def _pressed(moment: Moment) -> Turn:
    """A button: of the open question, of a report, or over; its label is never taken for an answer."""
    state, heard, mind = moment.state, moment.heard, moment.mind
    ask = SCRIPTS[state["script"]].next(state["answers"])
    if ask and isinstance(ask.answer, Pick):
        value = ask.answer.read(ask.slot, heard, state["answers"], mind)
        if not isinstance(value, Missed):
            return filled({**state, "answers": {**state["answers"], ask.slot: value}, "misses": 0}, mind)
    asked = ask_next(state, mind)
    return _first(moment) or replace(asked, does=(Line(CHOICE_OVER), *asked.does))


def _answer(state: State, ask: Ask, heard: Heard, mind: Mind) -> Turn:
    """What was heard as an answer to one question."""
    value = ask.answer.read(ask.slot, heard, state["answers"], mind)
    if not isinstance(value, Missed):
        return filled({**state, "answers": {**state["answers"], ask.slot: value}, "misses": 0}, mind)
    if isinstance(ask.answer, Pick) and heard.words > FEW_WORDS:
        return more_words(state, heard, mind)
    return missed(state, ask, mind)


def _corrected(state: State, heard: Heard, mind: Mind) -> Turn:
    """An edited message corrects the draft's story; an edit of anything else changes nothing."""
    if heard.reference != state.get("reference") or not heard.text:
        return Turn(dict(state), ())
    named = ("place",) if mind.places_in(heard.text) else ()
    return fill({**state, "answers": forget(state["answers"], "send", *named)}, heard, mind)


def _kept(state: State, heard: Heard, mind: Mind) -> Turn:
    """A photo in the middle of a report belongs to it; an album is answered once."""
    if heard.further:
        return Turn(dict(state), (KeepDraft(state["answers"]),))
    asked = ask_next(state, mind)
    kept = Line(PHOTO_KEPT if heard.kind == "photo" else OTHER_KEPT)
    return replace(asked, does=(KeepDraft(state["answers"]), kept, *asked.does))
