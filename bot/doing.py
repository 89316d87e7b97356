"""Does what a turn decided, inside the turn's transaction, and words what is to be told."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.care import closed, contact, crises, filing, following, reports, takeover
from bot.channel import Option, Say
from bot.delivery import flooding
from bot.people import hiding, linked, my_data, requests
from bot.people.pairs import ALSO
from bot.people.secret import sealed
from bot.talk.deeds import (
    AskToForget,
    Deed,
    GiveCode,
    LeaveDraft,
    LinkChat,
    OnReport,
    PartChat,
    ShowMyData,
    ShowStatus,
)
from bot.talk.linking import TRIES
from bot.talk.pin_question import OPENED
from bot.talk.questions import Turn
from bot.visit import Do, Visit
from bot.wording import Line

DO: Do = {
    **filing.DO,
    **crises.DO,
    **linked.DO,
    **reports.DO,
    **closed.DO,
    **following.DO,
    **contact.DO,
    **my_data.DO,
    **requests.DO,
    **takeover.DO,
    **hiding.DO,
}

# What is asked about one's other reports and channels is no part of the report that is being written: its
# officers would learn that an anonymous one is the same citizen's.
PRIVATE = (ShowStatus, ShowMyData, AskToForget, GiveCode, LinkChat, PartChat)

# What a conversation's state keeps whatever is talked about.
LASTING = (ALSO, TRIES, OPENED, crises.TOLD, flooding.SLOT)


def do(visit: Visit, turn: Turn) -> tuple[dict[str, Any], list[Say]]:
    """Do the deeds in order; returns the state to keep and what to say."""
    state = turn.state
    visit.ticket_id = visit.found.state.get("ticket") if visit.found.state.get("script") else None
    draft = visit.ticket_id
    last, says = visit.found.state.get("last", ""), []
    for one in turn.does:
        for line in [one] if isinstance(one, Line) else DO[type(one)](visit, one):
            says.append(_not_twice(visit, line, last))
            last = mark(says[-1])
    goes_on = draft and state.get("script") == visit.found.state.get("script")
    if goes_on and not any(isinstance(one, LeaveDraft) for one in turn.does):
        running = draft  # what was done to another report meanwhile does not make it this draft
    else:
        running = visit.ticket_id
    if state.get("script") and running and not visit.found.taken_at:
        state = {**state, "ticket": running}
    kept = {slot: value for slot, value in visit.found.state.items() if slot in LASTING}
    state = {**kept, **state, **visit.keeps}
    if state.get("hidden") and visit.ticket_id:
        state = {**state, "hidden": {"ticket": visit.ticket_id, **state["hidden"]}}
    if visit.ticket_id == draft and _is_private(visit, turn):
        visit.ticket_id = None
    return {**state, "last": last} if last else state, says


def _is_private(visit: Visit, turn: Turn) -> bool:
    """Whether staff are not to read this turn with the report that is being written."""
    asks_again = all((one.get("aside") or {}).get("name") == "pin" for one in (visit.found.state, turn.state))
    return asks_again or any(isinstance(one, PRIVATE) or _is_follow(one) for one in turn.does)


def _is_follow(one: Line | Deed) -> bool:
    return isinstance(one, OnReport) and one.act in ("follow", "unfollow")


# --- never the same message twice in a row ------------------------------------------------------------------
AGAIN = "Once more: {words}"
TOO = "This is added to report {number} too."
SECOND = {filing.ADDED: TOO}  # what is said the second time


def _not_twice(visit: Visit, line: Line, last: str) -> Say:
    """What a line says, in other words when the message before said exactly that."""
    say = worded(visit, line)
    if mark(say) != last:
        return say
    if line.key in SECOND:
        return worded(visit, replace(line, key=SECOND[line.key]))
    words = visit.house.wording.line(Line(AGAIN, {"words": say.text}), visit.language, visit.context)
    again = replace(say, text=words)
    channel = visit.house.channels.get(visit.found.chat.key)
    # An SMS may be full: then it comes again as it was rather than in two parts.
    return again if channel is None or len(channel.render(again)) == len(channel.render(say)) else say


def mark(say: Say) -> str:
    """A short mark of what is said, for the next message to be compared with."""
    return hashlib.sha256(say.text.encode("utf-8", "replace")).hexdigest()[:8]


def worded(visit: Visit, line: Line) -> Say:
    """What a line says to the citizen of a visit, its secret sealed."""

    def in_words(key: str, values: Mapping[str, Any]) -> str:
        return visit.house.wording.line(Line(key, values), visit.language, visit.context)

    words = in_words(line.key, {"city": visit.house.city.name, **line.values})
    options = tuple(Option(id_, in_words(label, {})) for id_, label in line.options)
    hidden = sealed(line, visit.house.database.keys)
    return Say(words, options, asks_location=line.asks_location, sealed=hidden)
