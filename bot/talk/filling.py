"""Fills the slots of the running script: from first words, from more words, and what follows an answer."""

from dataclasses import replace
from typing import Any

from bot.answers import Answers, Heard, Mind, Missed, named_place
from bot.normalise import LONGEST
from bot.reading.places import PlaceGuess
from bot.reading.streets import street_in
from bot.script import (
    OTHER_CATEGORY,
    PLACE_BY_SMS,
    READ_BACK,
    REPORT,
    REPORT_BY_SMS,
    SCRIPTS,
    Script,
    forget,
    needs_place,
)
from bot.talk import crisis_question, outside, secrecy
from bot.talk.commands import NO_PLACE
from bot.talk.deeds import DropDraft, File, FollowTwin, KeepDraft, SetPlace
from bot.talk.questions import State, Turn, ask_next, missed
from bot.talk.twin_question import chosen
from bot.understanding import Understood
from bot.wording import Line

PLACE_SCORE = 0.75  # a place read out of a story must be this sure; it is read back before filing
# Below this a category is a guess: it is asked for, and a text is not said to be about it. Measured, not
# chosen: see docs/language.md.
CLEAR_SCORE = 0.6
STORY_ASK = REPORT.steps[0]


def fill(state: State, heard: Heard, mind: Mind) -> Turn:
    """The first words of a report: fill every slot that they answer, ask only for what is missing."""
    told = mind.read(heard.text)
    answers = dict(state["answers"])
    if isinstance(STORY_ASK.answer.read("story", heard, answers, mind), Missed):
        return missed(state, STORY_ASK, mind)
    answers |= {"story": heard.text, "kind": told.kind, **_category(told, mind)}
    answers |= secrecy.proposed(answers, heard.text, told)
    if told.places and told.places[0].score >= PLACE_SCORE and "place" not in answers:
        answers["place"] = place_of(told.places[0])
    elif "place" not in answers and (street := street_in(heard.text, mind.is_plain)):
        answers["place"] = {"name": street, "code": ""}
    return filled({**state, "answers": answers, "misses": 0, "reference": heard.reference}, mind)


def _category(told: Understood, mind: Mind) -> dict[str, Any]:
    """The likeliest categories, and the first one as the answer if it is clear; none is "something else".

    Suspected corruption goes to who looks into it, whatever service it is about, and a fire to who helps.
    """
    if code := mind.category_of(told.sensitive) or mind.category_of(told.emergency):
        return {"candidates": [code], "category": code}
    scores = told.categories
    candidates = {"candidates": [code for code, _ in scores[:3]]}
    if not scores:
        return {**candidates, "category": OTHER_CATEGORY[0]}
    return {**candidates, "category": topic_of(told)} if topic_of(told) else candidates


def topic_of(told: Understood) -> str:
    """The category that a text is surely about, empty when it may be about anything."""
    return told.categories[0][0] if told.categories and told.categories[0][1] >= CLEAR_SCORE else ""


def more_words(state: State, heard: Heard, mind: Mind) -> Turn:
    """A text beside the question adds to the story, and the question comes again."""
    if "story" not in state["answers"]:
        return fill(state, heard, mind)
    answers = state["answers"]
    story = "\n".join(filter(None, [answers["story"], heard.text]))[:LONGEST]
    more = {**answers, "story": story, **secrecy.proposed(answers, heard.text, mind.read(heard.text))}
    if "category" not in answers:
        more |= _category(mind.read(story), mind)
    if not answers.get("place", {}).get("code") and (found := mind.places_in(heard.text)):
        more["place"] = place_of(found[0])
    return filled({**state, "answers": more}, mind)


def place_of(guess: PlaceGuess) -> dict[str, Any]:
    """A place that a text named, as the answer to "where"."""
    return named_place(guess, guess.name)


def filled(state: State, mind: Mind) -> Turn:
    """After an answer: act on the read-back's choice, ask the next question, or finish."""
    place = state["answers"].get("place")
    if not outside.untold(place):
        return _filled(state, mind)
    told = {**state, "answers": {**state["answers"], "place": outside.as_told(place)}}
    return outside.tell(_filled(told, mind), place)


def _filled(state: State, mind: Mind) -> Turn:
    answers = state["answers"]
    if answers.get("send") == "cancel":
        return Turn(without_script(state), (DropDraft(),))
    if slot := answers.get("change"):
        if slot == "privacy":
            return _seen_by(state, mind)
        told_by_files = ("files",) if slot == "story" else ()  # now it is to be told in words
        where = {"has_place": True} if slot == "place" else {}
        left = {**forget(answers, "send", "change", slot, *told_by_files), **where}
        return ask_next({**state, "answers": left}, mind)
    if twin := chosen(answers):
        return Turn(without_script(state), (KeepDraft(answers), FollowTwin(twin["id"])))
    return crisis_question.ask(state, answers, mind) or _next(state, answers, mind)


def _next(state: State, answers: Answers, mind: Mind) -> Turn:
    """The next question of the script, or its end."""
    script = SCRIPTS[state["script"]]
    answers = _looked_around(script, answers, mind)
    if script.next(answers):
        asked = ask_next({**state, "answers": answers}, mind)
        return replace(asked, does=(KeepDraft(answers), *asked.does))
    return _finish(state, script, answers)


def _seen_by(state: State, mind: Mind) -> Turn:
    """Who may see the report: asked, or answered and read back."""
    if "privacy" not in state["answers"]:
        return ask_next(state, mind)
    return _filled({**state, "answers": forget(secrecy.chosen(state["answers"]), "send", "change")}, mind)


def _looked_around(script: Script, answers: Answers, mind: Mind) -> Answers:
    """The answers with the reports of others that may be about the same, once all is known; once a report."""
    ask = script.next(answers)
    if ask is None or ask.question != READ_BACK or "twins" in answers:
        return answers
    return {**answers, "twins": list(mind.alike(answers))}


def _finish(state: State, script: Script, answers: Answers) -> Turn:
    rest = without_script(state)
    if script.finish == "set_place":
        known = bool(answers["place"]["name"])
        return Turn(rest, (SetPlace(state["ticket"], answers["place"]) if known else Line(NO_PLACE),))
    asks_place = script is REPORT_BY_SMS and not answers.get("place") and needs_place(answers)
    if asks_place:
        rest |= {"script": PLACE_BY_SMS.name, "answers": {}}
    if "category" not in answers:  # nobody is asked on SMS: the likeliest one is the proposal
        answers = {**answers, "category": next(iter(answers.get("candidates") or OTHER_CATEGORY))}
    files = File(
        anonymous=secrecy.is_nameless(answers),
        asks_place=asks_place,
        confidential=secrecy.is_confidential(answers),
    )
    return Turn(rest, (KeepDraft(answers), files))


def without_script(state: State) -> dict[str, Any]:
    """The state when no question is open: only what tells further photos of an album."""
    return {slot: state[slot] for slot in ("group", "photo_at", "recorded_at") if slot in state}
