"""Does what a turn decided, inside the turn's transaction, and words what is to be told."""

from collections.abc import Mapping
from typing import Any

from bot import contact, filing, reports
from bot.channel import Option, Say
from bot.questions import Turn
from bot.visit import Do, Visit
from bot.wording import Line

DO: Do = {**filing.DO, **reports.DO, **contact.DO}


def do(visit: Visit, turn: Turn) -> tuple[dict[str, Any], list[Say]]:
    """Do the deeds in order; returns the state to keep and what to say."""
    state = turn.state
    visit.ticket_id = visit.found.state.get("ticket") if visit.found.state.get("script") else None
    says: list[Say] = []
    for one in turn.does:
        lines = [one] if isinstance(one, Line) else DO[type(one)](visit, one)
        says += [_worded(visit, line) for line in lines]
    if state.get("script") and visit.ticket_id:
        state = {**state, "ticket": visit.ticket_id}
    return state, says


def _worded(visit: Visit, line: Line) -> Say:
    def in_words(key: str, values: Mapping[str, Any]) -> str:
        return visit.house.wording.line(Line(key, values), visit.language, visit.context)

    words = in_words(line.key, {"city": visit.house.city.name, **line.values})
    options = tuple(Option(id_, in_words(label, {})) for id_, label in line.options)
    return Say(words, options, asks_location=line.asks_location)
