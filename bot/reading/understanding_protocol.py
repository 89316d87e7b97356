"""The JSON questions of `python app.py understand`: one object in, one object out.

The fields are part of the public interface; other programs hold on to them.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date

from bot.reading.likeness import Report, likeness_of_reports
from bot.understanding import OUTSIDE, Understanding

Request = Mapping[str, object]
Reply = dict[str, object]


def answer_request(understanding: Understanding, request: object) -> Reply:
    """Return the answer to one question; a question that makes no sense gets an `error` sentence.

    Args:
        understanding: Reads the texts of the loaded city.
        request: The decoded JSON line: `id`, `task` (category, intent, place, duplicate) and its fields.
    """
    if not isinstance(request, Mapping):
        return {"id": None, "error": "A request is a JSON object with id, task and text."}
    task = _TASKS.get(str(request.get("task")))
    if task is None:
        return _error(request, f"The task must be one of {', '.join(_TASKS)}.")
    try:
        return {"id": request.get("id"), **task(understanding, request)}
    except _Unclear as unclear:
        return _error(request, str(unclear))


def answer_line(understanding: Understanding, line: str) -> str:
    """Return the answer to one line of JSON as one line of JSON; broken JSON gets an `error` sentence."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return json.dumps({"id": None, "error": "This line is not valid JSON."})
    # Escaped output: a broken character in the id must not break the stream.
    return json.dumps(answer_request(understanding, request))


class _Unclear(Exception):
    """A field is missing or has the wrong form; the message says which."""


def _error(request: Request, sentence: str) -> Reply:
    return {"id": request.get("id"), "error": sentence}


def _text(request: Request, field: str, default: str | None = None) -> str:
    value = request.get(field, default)
    value = default if value is None else value
    if not isinstance(value, str):
        raise _Unclear(f"The field {field} must be a text.")
    return value


def _category(understanding: Understanding, request: Request) -> Reply:
    text = _text(request, "text")
    return {
        "category": [code for code, _ in understanding.categories(text)],
        "agency": understanding.offices(text),
    }


def _intent(understanding: Understanding, request: Request) -> Reply:
    told = understanding.read(_text(request, "text"))
    reply: Reply = {"intent": OUTSIDE[told.intent]}
    return {**reply, "ticket": told.ticket} if told.ticket else reply


def _place(understanding: Understanding, request: Request) -> Reply:
    found = understanding.places(_text(request, "text"), _text(request, "context", ""))
    # A landmark's own code is known in this city alone: outside it is the place it stands in.
    return {"place": list(dict.fromkeys(guess.code.partition("/")[0] for guess in found))}


def _duplicate(understanding: Understanding, request: Request) -> Reply:
    one, other = (_report(request, field) for field in ("a", "b"))
    return {"duplicate": likeness_of_reports(one, other)}


def _report(request: Request, field: str) -> Report:
    value = request.get(field)
    if not isinstance(value, Mapping):
        raise _Unclear(f"The field {field} must be an object with text, address, place, date and category.")
    day = _text(value, "date", "")
    try:
        when = date.fromisoformat(day[:10]) if day else None
    except ValueError:
        raise _Unclear(f"The date of {field} must look like 2026-01-31.") from None
    return Report(
        text=_text(value, "text", ""),
        address=_text(value, "address", ""),
        place=_text(value, "place", ""),
        day=when,
        category=_text(value, "category", ""),
    )


_TASKS: dict[str, Callable[[Understanding, Request], Reply]] = {
    "category": _category,
    "intent": _intent,
    "place": _place,
    "duplicate": _duplicate,
}
