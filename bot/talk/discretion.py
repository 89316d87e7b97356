"""What a citizen says about secrecy in the middle of a conversation, and what he is told of it once.

Pure. RAHASIA makes a report confidential, SIMPAN keeps a masked number for the officer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Heard, Mind
from bot.reading.spelling import raw_words
from bot.script import REPORT, REPORT_BY_SMS, SCRIPTS
from bot.talk import secrecy
from bot.talk.deeds import AddTo, Conceal, Deed, File, KeepDraft, KeepNumbers, OnReport, Reopen
from bot.talk.filling import filled
from bot.talk.fresh import Known
from bot.talk.questions import State, Turn, ask_next
from bot.wording import Line

MASKED = "Personal numbers were masked. Does the officer need them? Write SIMPAN."
OPERATOR = "Only the operator of SMS, WhatsApp or Telegram still knows your number."
# The sealed numbers wait so long for an answer.
PATIENCE = timedelta(hours=24)
_KEEP = frozenset("simpan simpen simpanlah".split())
_AROUND = frozenset("ya nggih tolong saja nomor no nik nomornya please dong mohon".split())
_OF_A_REPORT = (KeepDraft, File, OnReport)
_LASTING = ("hidden", "operator")  # kept beside the script, over its end


def said(state: State, heard: Heard, known: Known, mind: Mind) -> Turn | None:
    """The turn of a message that is about secrecy alone; None for every other."""
    if heard.kind != "text" or heard.choice or known.taken:
        return None  # while an officer speaks here, he reads it
    if _is_keep(heard.text) and (hidden := _hidden(state, known)):
        return Turn({**state, "hidden": {}}, (KeepNumbers(hidden["sealed"], hidden.get("ticket")),))
    if not secrecy.asks_now(heard.text) or state.get("aside") or state.get("resuming"):
        return None
    if state.get("script") in (REPORT.name, REPORT_BY_SMS.name):
        open_now = SCRIPTS[state["script"]].next(state["answers"])
        at_choice = open_now is not None and open_now.slot == "privacy"  # there it is one of the options
        return None if at_choice else _concealed(state, mind)
    about = state.get("ticket") if state.get("script") else known.report and known.report.id
    return Turn(dict(state), (Conceal(about),)) if about else None


def _is_keep(text: str) -> bool:
    words = set(raw_words(text))
    return bool(words & _KEEP) and words <= _KEEP | _AROUND


def _concealed(state: State, mind: Mind) -> Turn:
    """The draft is confidential from here on; the open question comes again."""
    answers = {**state["answers"], "confidential": True, "chosen": True}
    told = {**state, "answers": answers}
    asked = filled(told, mind) if "story" in answers else ask_next(told, mind)
    question = SCRIPTS[state["script"]].next(answers)
    if question is None or question.slot == "send":
        return asked  # the read-back says who sees it
    return replace(asked, does=(Line(secrecy.WHO_CONFIDENTIAL), *asked.does))


def noted(state: State, heard: Heard, known: Known, reached: Turn) -> Turn:
    """The turn with what is told once: that numbers were masked, that an operator knows who writes.

    Args:
        state: before the turn.
        heard: the message.
        known: facts of the turn.
        reached: what the turn came to.
    """
    now = {**{slot: state[slot] for slot in _LASTING if slot in state}, **reached.state}
    if not _hidden(now, known):
        now.pop("hidden", None)
    turn = replace(reached, state=now)
    if _is_nameless(turn) and not now.get("operator"):
        turn = _with(replace(turn, state={**now, "operator": True}), (Line(OPERATOR),), known)
    return _masked(state, heard, known, turn) if heard.hidden else turn


def _is_nameless(turn: Turn) -> bool:
    files = any(isinstance(one, File) and one.anonymous for one in turn.does)
    return files or bool(turn.state.get("answers", {}).get("nameless"))


def _masked(state: State, heard: Heard, known: Known, turn: Turn) -> Turn:
    """Numbers were masked: kept at once where an officer asked, offered to be kept where nobody did."""
    about = _about(turn)
    if known.taken or (known.report and known.report.status == "waiting" and about == known.report.id):
        where = None if known.taken else about  # None: the report whose officer speaks here
        return replace(turn, does=(*turn.does, KeepNumbers(heard.hidden, where, quiet=known.taken)))
    if not (about or turn.state.get("script") or any(isinstance(one, _OF_A_REPORT) for one in turn.does)):
        return turn  # about no report: nothing is kept
    before = {} if _begins(state, turn, about) else _hidden(state, known)
    sealed = " ".join(filter(None, [before.get("sealed", ""), heard.hidden]))
    waits = {**before, "sealed": sealed, "at": known.now.isoformat(), **({"ticket": about} if about else {})}
    turn = replace(turn, state={**turn.state, "hidden": waits})
    return turn if before else _with(turn, (Line(MASKED),), known)


def _about(turn: Turn) -> int | None:
    """The filed report that the turn adds to."""
    return next((one.ticket_id for one in turn.does if isinstance(one, AddTo | Reopen)), None)


def _begins(state: State, turn: Turn, about: int | None) -> bool:
    """Whether the message belongs to another report than the numbers that wait."""
    begun = not state.get("script") and any(isinstance(one, KeepDraft) for one in turn.does)
    return begun or (about is not None and state.get("hidden", {}).get("ticket") != about)


def _hidden(state: State, known: Known) -> Mapping[str, Any]:
    """The sealed numbers that wait for an answer; empty when none do, or no longer."""
    hidden: Mapping[str, Any] = state.get("hidden") or {}
    fresh = hidden and abs(known.now - datetime.fromisoformat(hidden["at"])) < PATIENCE
    return hidden if fresh else {}


def _with(turn: Turn, lines: tuple[Line | Deed, ...], known: Known) -> Turn:
    """Lines before the question or receipt, which stays last; on SMS behind it, where the number is first."""
    place = len(turn.does) if known.sms else max(0, len(turn.does) - 1)
    return replace(turn, does=(*turn.does[:place], *lines, *turn.does[place:]))
