"""Words that work in every state: BATAL, BANTUAN, STATUS, MENU, ULANG, PETUGAS, BAHASA, STOP."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.answers import Heard
from bot.deeds import CallHuman, Deed, DropDraft, OptOut, ShowStatus
from bot.understanding import Understood
from bot.wording import Line

HELP = (
    "Write your complaint and its place in one message; you get a number.\n"
    "STATUS: how your report stands. BATAL: stop. PETUGAS: speak with an officer."
)


Done = tuple[dict[str, Any], tuple[Line | Deed, ...]]
State = Mapping[str, Any]


def command(state: State, heard: Heard, told: Understood) -> Done | None:
    """The new state and what to do when the whole message is a command, None when it is none.

    Inside a longer text these words are ordinary ones: `told.intent` is a command's only when the whole line
    says so.
    """
    act = COMMANDS.get(told.intent)
    return act(state, told) if act and heard.kind == "text" and not heard.choice else None


def _cancel(state: State, told: Understood) -> Done:
    """BATAL asks nothing and says what was kept."""
    if not state.get("script"):
        return dict(state), (Line("Nothing was open, nothing was changed. Your filed reports go on."),)
    if state["script"] == "place_by_sms":
        return {}, (Line("All right. Your report stays filed without a place."),)
    return {}, (DropDraft(),)


def _status(state: State, told: Understood) -> Done:
    return dict(state), (ShowStatus(told.ticket),)


def _human(state: State, told: Understood) -> Done:
    return dict(state), (CallHuman(),)


def _messages(state: State, told: Understood) -> Done:
    return dict(state), (OptOut(stop=told.intent == "stop"),)


def _language(state: State, told: Understood) -> Done:
    return dict(state), (Line("At the moment I speak Indonesian only."),)


def _help(state: State, told: Understood) -> Done:
    return dict(state), (Line(HELP),)


COMMANDS: Mapping[str, Callable[[State, Understood], Done]] = {
    "cancel": _cancel,
    "check_status": _status,
    "human": _human,
    "stop": _messages,
    "start": _messages,
    "language": _language,
    "help": _help,
    "menu": _help,
}
