"""The question for the PIN of an anonymous report that is asked for from another phone. Pure.

It is asked for every number that is no report of this person and none that others may see, also for one that
nobody has: so it tells nobody which anonymous reports there are.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.answers import Mind
from bot.talk.aside import Aside, Data, Moment
from bot.talk.deeds import ShowStatus
from bot.talk.linking import digits_in
from bot.talk.questions import State, Turn
from bot.wording import Line

DIGITS = 4
A_TRY = 3  # a longer message is about something else
OPEN_FOR = timedelta(minutes=15)
OPENED = "opened"  # in the conversation's state: the number that a PIN opened, and until when

PIN_WANTED = "Report {number} can only be opened here with its PIN. Please send the 4 digits."
PIN_WRONG = "Report {number} does not open with this PIN. Please check the number and the PIN."


def _question(data: Data, mind: Mind) -> Line:
    return Line(PIN_WANTED, {"number": data["number"]})


def _hear(data: Data, moment: Moment) -> Turn | None:
    heard = moment.heard
    digits = digits_in(heard.text)
    if heard.kind != "text" or heard.choice or not digits or heard.words > A_TRY:
        return None
    if len(digits) == DIGITS:
        return Turn(dict(moment.state), (ShowStatus(data["number"], digits),))
    return PIN.missed(data, moment)


PIN = Aside("pin", _question, _hear)


def asked(number: str) -> dict[str, Any]:
    """What the conversation's state keeps while the PIN of this report is asked for."""
    return {"aside": {"name": PIN.name, "number": number}}


def opened(number: str, now: datetime) -> dict[str, Any]:
    """What the conversation's state keeps when a PIN opened a report: BALAS may follow for a while."""
    return {OPENED: {"number": number, "until": (now + OPEN_FOR).isoformat()}}


def is_open(state: State, number: str, now: datetime) -> bool:
    """Whether a PIN opened this report in this chat a short while ago."""
    kept = state.get(OPENED) or {}
    return kept.get("number") == number and now < datetime.fromisoformat(kept["until"])
