"""What is made of the answers to the two questions of an emergency. Pure.

Nothing that is said holds a report up: words that are no choice are taken as they are, and a photo or a place
goes to the report while the questions are let go.
"""

from dataclasses import replace
from typing import Any

from bot.answers import Answers, Mind
from bot.normalise import LONGEST
from bot.talk.aside import Aside, Data, Moment, picked
from bot.talk.closing import GOES_ON
from bot.talk.crisis_question import (
    BY_SMS,
    DEPTH,
    DEPTHS,
    IN_DANGER,
    TRAPPED,
    TRAPPED_OPTIONS,
    depth_question,
    sms_question,
    then_trapped,
    trapped_question,
)
from bot.talk.deeds import AddTo, Deed, KeepDraft, NoteCrisis
from bot.talk.depths import depth_in, skips, trapped_in
from bot.talk.filling import filled
from bot.talk.fresh import FEW_WORDS, is_another
from bot.talk.questions import Turn
from bot.wording import Line, shorten

DANGER = "Danger? Call {number} now ({label}). It is free."
NOTED = "Thank you. The officers on duty see it at once with report {number}."
LONGEST_DEPTH = 60  # characters of one's own words about it
KNOWN_FROM_STORY = frozenset({"trapped", "drowning"})  # the danger says that somebody needs to be got out


def _depth(data: Data, moment: Moment) -> Turn | None:
    if not _answers(moment) or (moment.heard.choice and not picked(DEPTH, DEPTHS, moment)):
        return None
    answers = {**_with_words(moment), DEPTH: _depth_said(moment)}
    if moment.told.emergency in KNOWN_FROM_STORY or moment.state.get("warned") in KNOWN_FROM_STORY:
        return _noted(moment, {**answers, TRAPPED: "yes"})
    return then_trapped(Turn({}, ()), moment.state, answers, moment.mind)


def _answers(moment: Moment) -> bool:
    """Whether a message can be an answer: a button or words, while the report is still being written."""
    heard = moment.heard
    says = heard.choice or (heard.kind == "text" and heard.text)
    return bool(moment.state.get("script") and says)


def _depth_said(moment: Moment) -> str:
    text = moment.heard.text.strip()
    if moment.heard.choice or len(text) <= 2:
        return picked(DEPTH, DEPTHS, moment) or "skip"
    if measured := depth_in(text):
        return measured
    if skips(text):
        return "skip"
    return picked(DEPTH, DEPTHS, moment) or shorten(text, LONGEST_DEPTH)


def _with_words(moment: Moment) -> dict[str, Any]:
    """The answers; a longer text is more of the story too."""
    answers = dict(moment.state["answers"])
    if moment.heard.choice or moment.heard.words <= FEW_WORDS:
        return answers
    story = "\n".join(filter(None, [answers.get("story", ""), moment.heard.text]))[:LONGEST]
    return {**answers, "story": story}


def _trapped(data: Data, moment: Moment) -> Turn | None:
    said = picked(TRAPPED, TRAPPED_OPTIONS, moment)
    if not _answers(moment) or (moment.heard.choice and not said):
        return None
    if not moment.heard.choice and len(moment.heard.text.strip()) > 2:
        said = "skip" if skips(moment.heard.text) and said != "no" else trapped_in(moment.heard.text) or said
    return _noted(moment, {**_with_words(moment), TRAPPED: said or "skip"})


def _noted(moment: Moment, answers: Answers) -> Turn:
    """The answers are kept for staff at once, the number to call comes first, and the report goes on."""
    danger = (_danger(moment.mind),) if answers[TRAPPED] == "yes" and not moment.told.emergency else ()
    noted: tuple[Deed, ...] = (KeepDraft(answers), NoteCrisis(answers[DEPTH], answers[TRAPPED]))
    turn = filled({**moment.state, "answers": dict(answers)}, moment.mind)
    return replace(turn, does=(*danger, *noted, *turn.does))


def _danger(mind: Mind) -> Line:
    label, number = mind.emergency_number(IN_DANGER)
    return Line(DANGER, {"label": label, "number": number})


def _by_sms(data: Data, moment: Moment) -> Turn | None:
    """One SMS for both, about a report that is filed; anything else is heard as if nothing had been asked."""
    heard = moment.heard
    if heard.kind != "text" or not heard.text or is_another(moment.state, heard, moment.told, moment.known):
        return None
    if skips(heard.text):
        return Turn(dict(moment.state), (Line(GOES_ON, {"number": data["number"]}),))
    depth, trapped = depth_in(heard.text), trapped_in(heard.text)
    if not depth and not trapped:
        return None
    danger = (_danger(moment.mind),) if trapped == "yes" and not moment.told.emergency else ()
    kept = (AddTo(data["ticket"], heard.text, quiet=True), NoteCrisis(depth, trapped, data["ticket"]))
    return Turn(dict(moment.state), (*danger, *kept, Line(NOTED, {"number": data["number"]})))


ASK_DEPTH = Aside(DEPTH, depth_question, _depth)
ASK_TRAPPED = Aside(TRAPPED, trapped_question, _trapped)
ASK_BY_SMS = Aside(BY_SMS, sms_question, _by_sms)
