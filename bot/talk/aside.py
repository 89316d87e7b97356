"""A question beside the report: one step, answered or let go, while the running script waits.

What can be asked so is listed in bot/talk/beside.py; each topic has its own file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.answers import Heard, Mind, Missed, Options, Pick
from bot.talk.fresh import Known
from bot.talk.questions import State, Turn, slot_options, sorry
from bot.understanding import Understood
from bot.wording import Line

Data = Mapping[str, Any]  # what the question is about, plain JSON; "misses" counts what was not understood


@dataclass(frozen=True, slots=True)
class Moment:
    """One message, and all that a turn may look at. `state` is without the aside that is being answered."""

    state: State
    heard: Heard
    told: Understood
    known: Known
    mind: Mind


@dataclass(frozen=True, slots=True)
class Aside:
    """A question beside the report.

    `question` words it from its data (also for ULANG and after a change of language); `hear` gives the turn
    that a message makes of it, or None when the message is no answer: then the question is let go and the
    message is taken as if it had never been asked.
    """

    name: str
    question: Callable[[Data, Mind], Line]
    hear: Callable[[Data, Moment], Turn | None]

    def asked(self, state: State, mind: Mind, **data: Any) -> Turn:
        """The turn that asks it; `data` is plain JSON."""
        return Turn({**state, "aside": {"name": self.name, **data}}, (self.question(data, mind),))

    def missed(self, data: Data, moment: Moment) -> Turn:
        """Not understood: sorry, and the question again; each time in other words."""
        misses = int(data.get("misses", 0)) + 1
        again = self.asked(moment.state, moment.mind, **{**_own(data), "misses": misses})
        return replace(again, does=(Line(sorry(misses)), *again.does))


def _own(data: Data) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("name", "misses")}


def choice_of(name: str, options: Options) -> tuple[tuple[str, str], ...]:
    """The options as a `Line` takes them."""
    return slot_options(name, options)


def picked(name: str, options: Options, moment: Moment) -> str:
    """The id of the option that a message means, by button, number or words; empty when none."""
    value = Pick(options).read(name, moment.heard, {}, moment.mind)
    return "" if isinstance(value, Missed) else str(value)
