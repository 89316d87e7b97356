"""Runs the scripts: a pure step over plain JSON. What was heard goes in; what to tell and to do comes out.

fresh.py has what a message means while no question is open, filling.py how answers fill the slots, beside.py
what is talked about beside a report.
"""

from dataclasses import replace
from typing import Any

from bot import languages
from bot.answers import Heard, Mind, Missed, Pick, pinned
from bot.script import HUMAN, PLACE_BY_SMS, REPORT, SCRIPTS, Ask, forget
from bot.talk import discretion, information, pauses, reactions, taken, wordless
from bot.talk.aside import Moment
from bot.talk.beside import ASIDES, FIRST
from bot.talk.commands import command
from bot.talk.correcting import corrected, to_change
from bot.talk.deeds import DropDraft, KeepDraft, LeaveDraft, SetLanguage
from bot.talk.filling import fill, filled, more_words, without_script
from bot.talk.fresh import FEW_WORDS, SMALL_TALK, Known, about, add, begin, says_nothing, says_so
from bot.talk.questions import CHOICE_OVER, State, Turn, ask_next, missed
from bot.talk.whereabouts import A_NAME, more_by_sms, no_answer, tells_story
from bot.understanding import Understood
from bot.wording import Line


def turn(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """One message in a conversation.

    The order: the choice of a language, commands, then an emergency's number, then the open question about
    an old draft, then the running script, then what a fresh message means. Never raises for anything a
    citizen can send.
    """
    spoken = reactions.in_words(state, heard, known)
    if spoken is None:
        silent = Turn(dict(state), ())
        return taken.kept(state, silent) if known.taken else silent
    heard, told = spoken, mind.read(spoken.text)
    reached = (
        _in_language(state, heard, told, known, mind)
        or discretion.said(state, heard, known, mind)
        or _thought(state, heard, told, known, mind)
    )
    reached = discretion.noted(state, heard, known, reached)
    if known.taken:
        return taken.kept(state, reached)
    offer = () if "at" in state or known.sms else _offer(heard, mind)
    done = {**reached.state, "at": known.now.isoformat()}  # so that a long silence is noticed
    return Turn(done, (*reached.does, *offer))


def _thought(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    """The turn of a message that is not about the language."""
    state = {slot: value for slot, value in state.items() if slot != "choosing"}
    heard = replace(heard, further=wordless.is_further(state, heard, known.now))
    state = wordless.remembered(state, heard, known.now)
    for_officer = known.taken and taken.is_for_officer(heard, told)
    if told.intent == "repeat" and not for_officer:
        return _repeated(state, mind)
    if not for_officer and (answered := information.answer(Moment(state, heard, told, known, mind))):
        return answered
    has_report = known.report is not None
    if not for_officer and (done := command(state, heard, told, has_report=has_report)):
        return Turn(*done)
    does: tuple[Line, ...] = ()
    if told.emergency and not (state.get("script") and state.get("warned") == told.emergency):
        does, state = (_emergency(told, mind),), {**state, "warned": told.emergency}
    if for_officer:
        reached = taken.quiet(state, heard, told)
    else:
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
    if known.taken:
        return Turn(dict(state), does)
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


def _emergency(told: Understood, mind: Mind) -> Line:
    label, number = mind.emergency_number(told.emergency)
    return Line("Danger? Call {number} now ({label}). It is free.", {"label": label, "number": number})


def open_question(state: State, mind: Mind) -> tuple[Line, ...]:
    """The question that is open, to be asked again; empty when none is."""
    is_open = state.get("aside") or state.get("resuming") or state.get("script")
    return tuple(one for one in _repeated(state, mind).does if isinstance(one, Line)) if is_open else ()


def _repeated(state: State, mind: Mind) -> Turn:
    """ULANG: the open question again."""
    if (data := state.get("aside")) and (aside := ASIDES.get(data["name"])):
        return Turn(dict(state), (aside.question(data, mind),))
    if state.get("resuming"):
        return Turn(dict(state), (pauses.question(state),))
    return ask_next(state, mind) if state.get("script") else Turn(dict(state), (Line(SMALL_TALK["affirm"]),))


def _reply(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    if elsewhere := _not_for_draft(state, heard, told, known, mind):
        return elsewhere
    if state.get("resuming"):
        return _resumed(state, heard, known, mind)
    if not state.get("script"):
        return _fresh(state, heard, told, known, mind)
    stale = pauses.is_stale(state, known)
    if stale and state["script"] == REPORT.name:
        return pauses.ask_to_resume(state, heard)
    beside = state["script"] in (PLACE_BY_SMS.name, HUMAN.name) and says_so(heard, told)
    if stale or beside or _is_taken_up(state, known):
        return _anew(state, heard, known, mind)
    return _go_on(Moment(state, heard, told, known, mind))


def _not_for_draft(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn | None:
    """A message that nobody can use, or that answers one about a filed report while a draft is open."""
    if wordless.is_unusable(heard):
        return wordless.unusable(state, heard, open_question(state, mind))
    if not (known.quoted and known.report and state.get("script")) or heard.choice:
        return None
    reached = about(known, known.report, state, heard, told, mind)
    return replace(reached, does=(*reached.does, *open_question(state, mind)))


def _is_taken_up(state: State, known: Known) -> bool:
    """Whether an office speaks of the filed report meanwhile: its question is younger than the script's."""
    if known.report is None or state["script"] not in (HUMAN.name, PLACE_BY_SMS.name):
        return False
    speaks = state["script"] == HUMAN.name or known.report.status in ("waiting", "answered")
    return speaks and known.report.id == state.get("ticket")


def _anew(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """Leave the draft as it is and take the message as a fresh one."""
    reached = _fresh(without_script(state), heard, mind.read(heard.text), known, mind)
    return replace(reached, does=(LeaveDraft(), *reached.does))


# --- an old draft -------------------------------------------------------------------------------------------
def _resumed(state: State, heard: Heard, known: Known, mind: Mind) -> Turn:
    """The answer to "go on?": the message that woke the draft is not lost, whichever way it goes."""
    picked = Pick(pauses.offered(state)).read("resume", heard, {}, mind)
    kept = Heard(**state["resuming"])
    fresh = {slot: value for slot, value in state.items() if slot not in ("resuming", "reminder", "at")}
    if picked == "cancel":
        return Turn(without_script(fresh), (DropDraft(),))
    if state.get("reminder") and says_so(heard, mind.read(heard.text)):
        return _anew(fresh, heard, known, mind)
    if picked == "new":
        return _anew(fresh, kept, known, mind)
    woken = _woken(fresh, kept, mind)
    if picked == "yes":
        return woken
    reached = _go_on(Moment(woken.state, heard, mind.read(heard.text), known, mind))
    return replace(reached, does=(KeepDraft(woken.state["answers"]), *reached.does))


def _woken(state: State, kept: Heard, mind: Mind) -> Turn:
    """The draft with what woke it: a place, or words that are more than a greeting; and its next question."""
    if wordless.is_kept(kept):
        return wordless.joins(state, kept, mind)
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
    if wordless.is_kept(heard):
        return wordless.joins(state, heard, mind)
    if heard.choice:
        return _pressed(moment)
    return _at_place(state, heard, mind) or _said(state, heard, told, mind)


def _said(state: State, heard: Heard, told: Understood, mind: Mind) -> Turn:
    """Words: the answer to the open question, or more of the story."""
    ask = SCRIPTS[state["script"]].next(state["answers"])
    if state["script"] == PLACE_BY_SMS.name and (heard.words > A_NAME or told.emergency):
        return more_by_sms(state, heard, told, mind)
    sends = state["script"] == REPORT.name and wordless.says_send(heard, mind)
    if ask and ask.slot in ("story", "place") and sends:
        answers = wordless.sent_as_it_is(state["answers"])
        return filled({**state, "answers": answers}, mind) if answers else missed(state, ask, mind)
    if ask and (beside := _no_answer(state, ask, heard, told, mind)):
        return beside
    if ask is None or ask.slot == "story" or tells_story(state, ask, heard, told):
        return fill(state, heard, mind)
    return _answer(state, ask, heard, told, mind)


def _no_answer(state: State, ask: Ask, heard: Heard, told: Understood, mind: Mind) -> Turn | None:
    """The turn of words that do not answer the open question; None: they may."""
    if ask.slot == "story":
        return missed(state, ask, mind) if says_nothing(heard, told) else None
    if heard.kind in wordless.FILES or told.emergency:
        return more_words(state, heard, mind)
    return no_answer(state, ask, heard, told, mind) if ask.slot == "place" else None


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


def _answer(state: State, ask: Ask, heard: Heard, told: Understood, mind: Mind) -> Turn:
    """What was heard as an answer to one question."""
    if asked := to_change(state, ask, heard, mind):
        return asked
    value = ask.answer.read(ask.slot, heard, state["answers"], mind)
    if not isinstance(value, Missed):
        return filled({**state, "answers": {**state["answers"], ask.slot: value}, "misses": 0}, mind)
    if better := corrected(state, ask, heard, told, mind):
        return better
    if isinstance(ask.answer, Pick) and heard.words > FEW_WORDS:
        return more_words(state, heard, mind)
    return missed(state, ask, mind)


def _corrected(state: State, heard: Heard, mind: Mind) -> Turn:
    """An edited message corrects the draft's story; an edit of anything else changes nothing."""
    if heard.reference != state.get("reference") or not heard.text:
        return Turn(dict(state), ())
    named = ("place",) if mind.places_in(heard.text) else ()
    return fill({**state, "answers": forget(state["answers"], "send", *named)}, heard, mind)
