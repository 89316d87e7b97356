"""What is talked about beside a report: the questions that may be open, and what takes a message first."""

from collections.abc import Callable, Mapping

from bot.aside import Aside, Moment
from bot.forgetting import FORGET_ME
from bot.questions import Turn

# Questions that may be open beside the running script, by name.
_ASIDES: tuple[Aside, ...] = (FORGET_ME,)
ASIDES: Mapping[str, Aside] = {aside.name: aside for aside in _ASIDES}
# Asked in order, while no question of a script is open or when an old button is pressed: the first that gives
# a turn takes the message; with none it begins a report, adds to one, or is small talk.
FIRST: tuple[Callable[[Moment], Turn | None], ...] = ()
