"""Words that work in every state: BATAL, BANTUAN, STATUS, MENU, PETUGAS, STOP, BALAS, TUTUP, IKUT, DATA SAYA.

SAMBUNG is in linking.py, BAHASA is in languages.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.answers import Heard
from bot.script import HUMAN, SCRIPTS
from bot.talk import linking, privacy
from bot.talk.crisis_question import QUESTIONS
from bot.talk.deeds import AskToClose, CallHuman, Deed, DropDraft, OnReport, OptOut, ShowStatus
from bot.talk.solved import takes_back
from bot.understanding import Understood
from bot.wording import Line

HELP = (
    "Write your complaint and its place in one message; you get a number.\n"
    "STATUS: how your report stands. BATAL: stop. PETUGAS: speak with an officer.\n"
    "BAHASA: another language. DATA SAYA: what we hold about you."
)
LET_GO = "All right, nothing was changed. Your filed reports go on."
NO_PLACE = "All right. Your report stays filed without a place."

Done = tuple[dict[str, Any], tuple[Line | Deed, ...]]
State = Mapping[str, Any]


def command(state: State, heard: Heard, told: Understood, *, has_report: bool) -> Done | None:
    """The new state and what to do when the whole message is a command, None when it is none.

    Inside a longer text these words are ordinary ones: `told.intent` is a command's only when the whole line
    says so. `has_report` says whether the chat has a report that an officer can answer.
    """
    if heard.kind != "text" or heard.choice:
        return None
    if done := _on_report(state, heard, told):
        return done
    if told.intent == "human" and not has_report and not state.get("script"):
        return {**_without_aside(state), "script": HUMAN.name, "answers": {}}, (CallHuman(),)
    if not told.is_command and _is_answer(state, told):
        return None
    if told.intent in ("link", "unlink"):
        return linking.asked(state, heard.text) if told.intent == "link" else linking.parted(state)
    act = COMMANDS.get(told.intent)
    return act(state, told) if act else None


ON_REPORT = ("add", "follow", "unfollow")


def _on_report(state: State, heard: Heard, told: Understood) -> Done | None:
    """What is done with one report: TUTUP also as "cabut laporan saya", then it is the latest open one."""
    if told.intent == "close":
        return dict(state), (AskToClose(told.ticket),)
    if not state.get("script") and takes_back(heard.text):
        return _without_aside(state), (AskToClose(),)
    if told.intent in ON_REPORT:
        words = heard.text.partition(told.ticket)[2].strip(" .,:;\n")
        return dict(state), (OnReport(told.intent, told.ticket, words),)
    return None


def _is_answer(state: State, told: Understood) -> bool:
    """Whether words that sound like a command answer what was asked."""
    if told.intent == "cancel":
        return privacy.is_asked(state)  # "ya, hapus" takes nothing back there
    unknown = _asked(state) == "place" or (state.get("aside") or {}).get("name") in QUESTIONS
    return told.intent == "help" and unknown  # "I do not know": where it is, how deep the water is


def _asked(state: State) -> str:
    script = SCRIPTS.get(state.get("script", ""))
    ask = script.next(state["answers"]) if script else None
    return ask.slot if ask else ""


def _without_aside(state: State) -> dict[str, Any]:
    return {slot: value for slot, value in state.items() if slot != "aside"}


def _cancel(state: State, told: Understood) -> Done:
    """BATAL asks nothing and says what was kept; with a question beside the report both are over."""
    aside = state.get("aside")
    if aside and not aside.get("draft") and not state.get("script"):
        return _without_aside(state), (Line(LET_GO),)
    if not state.get("script"):
        return dict(state), (Line("Nothing was open, nothing was changed. Your filed reports go on."),)
    if state["script"] == "place_by_sms":
        return {}, (Line(NO_PLACE),)
    return {}, (DropDraft(),)


def _status(state: State, told: Understood) -> Done:
    return dict(state), (ShowStatus(told.ticket, told.pin),)


def _human(state: State, told: Understood) -> Done:
    return dict(state), (CallHuman(),)


def _messages(state: State, told: Understood) -> Done:
    return dict(state), (OptOut(stop=told.intent == "stop"),)


def _help(state: State, told: Understood) -> Done:
    return dict(state), (Line(HELP),)


def _my_data(state: State, told: Understood) -> Done:
    return privacy.my_data(state)


def _forget_me(state: State, told: Understood) -> Done:
    return privacy.forget_me(state)


COMMANDS: Mapping[str, Callable[[State, Understood], Done]] = {
    "cancel": _cancel,
    "check_status": _status,
    "human": _human,
    "stop": _messages,
    "start": _messages,
    "help": _help,
    "menu": _help,
    "my_data": _my_data,
    "forget_me": _forget_me,
}
