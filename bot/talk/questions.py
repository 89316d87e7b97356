"""How questions are put: the next one, the read-back, and what is said when an answer was not understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answers import Answers, Mind, Pick
from bot.script import READ_BACK, READ_BACKS, SCRIPTS, Ask
from bot.talk.deeds import Deed
from bot.talk.secrecy import who_sees
from bot.talk.twin_question import TWIN, twin_values
from bot.wording import Line, shorten

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes out: the new state, and lines and deeds in the order they happen."""

    state: dict[str, Any]
    does: tuple[Line | Deed, ...]


def ask_next(state: State, mind: Mind) -> Turn:
    """The next question of the running script."""
    ask = SCRIPTS[state["script"]].next(state["answers"])
    return Turn({**state, "misses": 0}, (question(ask, state["answers"], mind),) if ask else ())


def question(ask: Ask, answers: Answers, mind: Mind) -> Line:
    """A question with its choices; the read-back shows what is about to be filed."""
    options = (
        slot_options(ask.slot, ask.answer.offered(answers, mind)) if isinstance(ask.answer, Pick) else ()
    )
    values = _VALUES[ask.question](answers, mind) if ask.question in _VALUES else {}
    key = READ_BACKS.get(answers.get("kind", ""), READ_BACK) if ask.question == READ_BACK else ask.question
    return Line(key, values, options, asks_location=ask.slot == "place")


def _summary(answers: Answers, mind: Mind) -> dict[str, Any]:
    place = answers.get("place") or {}
    category = answers.get("category", "")
    return {
        "story": shorten(answers["story"], 300) if answers.get("story") else Line(TOLD_BY_FILES),
        "place": shorten(place.get("name") or "-", 80),
        "office": mind.office_for(category, place.get("code", "")),
        "who": who_sees(answers),
    }


_VALUES = {READ_BACK: _summary, TWIN: twin_values}


def slot_options(slot: str, options: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Options whose ids name their question: a button pressed later is not taken for another answer."""
    return tuple((f"{slot}={id_}", label) for id_, label in options)


def missed(state: State, ask: Ask, mind: Mind) -> Turn:
    """Not understood: the first time the question again, then the choices, then a person; then in turns."""
    misses = int(state.get("misses", 0)) + 1
    asked = question(ask, state["answers"], mind)
    return Turn({**state, "misses": misses}, (Line(sorry(misses)), asked))


def sorry(misses: int) -> str:
    """What is said before a question that comes again: never the same twice in a row."""
    return MISSES[0 if misses == 1 else 1 + misses % 2]


TOLD_BY_FILES = "your photo, voice message or file"  # what the read-back says of a story without words
CHOICE_OVER = "That choice is over. Just write what you want to tell."
MISSES = (
    "Sorry, I did not understand that.",
    "Please answer with a few words, or with the number of a choice.",
    "If this does not work, write PETUGAS and an officer will answer you here.",
)
