"""What is talked about beside a report: the questions that may be open, and what takes a message first."""

from collections.abc import Callable, Mapping

from bot.talk.after_closing import ABOUT_WHICH, after_closing
from bot.talk.aside import Aside, Moment
from bot.talk.closing import RATE, STILL, SURE, solved
from bot.talk.crisis_answer import ASK_BY_SMS, ASK_DEPTH, ASK_TRAPPED
from bot.talk.forgetting import FORGET_ME
from bot.talk.information import KNOWN_ANSWER, unknown_question
from bot.talk.joined import joined
from bot.talk.pin_question import PIN
from bot.talk.questions import Turn

# Questions that may be open beside the running script, by name.
_ASIDES: tuple[Aside, ...] = (
    PIN,
    FORGET_ME,
    RATE,
    STILL,
    SURE,
    ABOUT_WHICH,
    KNOWN_ANSWER,
    ASK_DEPTH,
    ASK_TRAPPED,
    ASK_BY_SMS,
)
ASIDES: Mapping[str, Aside] = {aside.name: aside for aside in _ASIDES}
# Asked in order, while no question of a script is open or when an old button is pressed: the first that gives
# a turn takes the message; with none it begins a report, adds to one, or is small talk.
FIRST: tuple[Callable[[Moment], Turn | None], ...] = (solved, joined, after_closing, unknown_question)
