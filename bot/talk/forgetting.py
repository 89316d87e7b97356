"""The answer to HAPUS DATA: one step beside whatever else is being talked about."""

from dataclasses import replace

from bot.talk.aside import Aside, Data, Moment, picked
from bot.talk.deeds import AskToForget, Deed
from bot.talk.fresh import FEW_WORDS
from bot.talk.privacy import NAME, NOT_FORGOTTEN, SURE, question
from bot.talk.questions import Turn, ask_next
from bot.wording import Line


def _hear(data: Data, moment: Moment) -> Turn | None:
    """Only a clear yes deletes anything; a longer text or a photo was never an answer."""
    heard = moment.heard
    if not heard.choice and (heard.kind != "text" or heard.words > FEW_WORDS):
        return None
    answer = picked(NAME, SURE, moment) or _said(moment)
    if answer:
        return _then(moment, AskToForget() if answer == "yes" else Line(NOT_FORGOTTEN))
    return None if heard.choice else FORGET_ME.missed(data, moment)


def _said(moment: Moment) -> str:
    intents = {"affirm": "yes", "deny": "no", "cancel": "no"}  # "nggak jadi" is a no
    return intents.get("" if moment.heard.choice else moment.told.intent, "")


def _then(moment: Moment, does: Line | Deed) -> Turn:
    """Do it, and come back to the question that was open before."""
    if not moment.state.get("script"):
        return Turn(dict(moment.state), (does,))
    asked = ask_next(moment.state, moment.mind)
    return replace(asked, does=(does, *asked.does))


FORGET_ME = Aside(NAME, question, _hear)
