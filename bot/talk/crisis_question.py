"""The two questions while an area is in an emergency, and when they are asked. Pure.

What is made of the answers stands in crisis_answer.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.answers import Answers, Mind, Options
from bot.script import REPORT
from bot.talk.deeds import KeepDraft
from bot.talk.questions import State, Turn, slot_options
from bot.wording import Line

DEPTH, TRAPPED, BY_SMS = "depth", "trapped", "crisis_sms"  # names of the asides
QUESTIONS = frozenset({DEPTH, TRAPPED, BY_SMS})
HOW_DEEP = "An emergency is on in this area. How deep is the water, or how bad is it?"
ANYBODY_TRAPPED = "Is anybody trapped or hurt there?"
BOTH_BY_SMS = "Emergency mode. How deep is the water? Is anybody trapped? Example: 50 cm, no"
DEPTHS: Options = (
    ("knee", "Below the knee"),
    ("waist", "Up to the waist"),
    ("deep", "Above the waist"),
    ("none", "No flood"),
    ("skip", "Skip"),
)
TRAPPED_OPTIONS: Options = (("yes", "Yes"), ("no", "No"), ("skip", "Skip"))
IN_DANGER = "trapped"  # the kind of danger whose number is told


def depth_question(data: Mapping[str, Any], mind: Mind) -> Line:
    """How deep the water is."""
    return Line(HOW_DEEP, {}, slot_options(DEPTH, DEPTHS))


def trapped_question(data: Mapping[str, Any], mind: Mind) -> Line:
    """Whether people are trapped."""
    return Line(ANYBODY_TRAPPED, {}, slot_options(TRAPPED, TRAPPED_OPTIONS))


def sms_question(data: Mapping[str, Any], mind: Mind) -> Line:
    """Both in one SMS, after the report was filed."""
    return Line(BOTH_BY_SMS)


def ask(state: State, answers: Answers, mind: Mind) -> Turn | None:
    """The turn that asks before anything else; None: no emergency there, or it was asked before.

    A report that the citizen is sending already is never held up.
    """
    if state["script"] != REPORT.name or DEPTH in answers or "send" in answers:
        return None
    if not mind.in_emergency(answers):
        return None
    asked = {**state, "answers": dict(answers), "misses": 0, "aside": {"name": DEPTH}}
    return Turn(asked, (KeepDraft(answers), depth_question({}, mind)))


def then_trapped(turn: Turn, state: State, answers: Answers, mind: Mind) -> Turn:
    """The turn goes on with the second question."""
    asked = {**state, "answers": dict(answers), "misses": 0, "aside": {"name": TRAPPED}}
    return replace(turn, state=asked, does=(*turn.does, KeepDraft(answers), trapped_question({}, mind)))
