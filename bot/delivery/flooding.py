"""A chat that writes or reports without end is slowed down: all is kept, little of it is answered. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.talk.deeds import File, KeepDraft, OptOut
from bot.talk.questions import Turn
from bot.wording import Line

SLOT = "flood"  # of the conversation's state: no table grows with a flood
MOST_A_MINUTE = 40  # messages; an album has ten at most, and nobody types that fast
MOST_AN_HOUR = 15  # reports
MINUTE, HOUR = 60, 3600
SLOWER = (
    "You wrote very often just now. We keep everything you sent. Please wait a while before writing again."
)


def slowed(turn: Turn, state: Mapping[str, Any], now: datetime, *, urgent: bool) -> tuple[Turn, bool]:
    """What is to be done for a message, and whether it is only kept.

    Args:
        turn: what would be done for it.
        state: the conversation's state before it.
        now: when it came.
        urgent: somebody may be in danger: answered up to twice as often.

    Returns:
        The turn with the counts in its state; in a flood the state as it was, and one notice an hour.
    """
    flood = _counted(state.get(SLOT) or {}, int(now.timestamp()))
    makes = _makes_report(turn, state)
    most = MOST_A_MINUTE * 2 if urgent else MOST_A_MINUTE
    over = flood["messages"] > most or (makes and not urgent and flood["reports"] >= MOST_AN_HOUR)
    if not over or any(isinstance(one, OptOut) for one in turn.does):
        flood["reports"] += makes
        return Turn({**turn.state, SLOT: flood}, turn.does), False
    tell = not flood["told"]
    flood["told"] = 1
    return Turn({**state, SLOT: flood}, (Line(SLOWER),) if tell else ()), True


def _counted(flood: Mapping[str, int], now: int) -> dict[str, int]:
    """The counts with this message; a minute or an hour that is over, or lies ahead, begins anew."""
    minute, hour = flood.get("minute", 0), flood.get("hour", 0)
    same_minute, same_hour = 0 <= now - minute < MINUTE, 0 <= now - hour < HOUR
    return {
        "minute": minute if same_minute else now,
        "messages": flood.get("messages", 0) + 1 if same_minute else 1,
        "hour": hour if same_hour else now,
        "reports": flood.get("reports", 0) if same_hour else 0,
        "told": flood.get("told", 0) if same_hour else 0,
    }


def _makes_report(turn: Turn, state: Mapping[str, Any]) -> bool:
    writing = bool(state.get("script") and state.get("ticket"))
    return not writing and any(isinstance(one, KeepDraft | File) for one in turn.does)
