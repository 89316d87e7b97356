"""What a WhatsApp citizen taps: Twilio sends buttons and lists only from a content object, made once."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from twilio.rest.content.v1.content import ContentList

from bot.channel import Option
from handlers.twilio_api import TwilioApi

BUTTONS = 3
BUTTON_LABEL = 20
OPTION_ID = 200
BODY = 1024
"""Most buttons inside a session (where no approval is needed); longest label, id and text, in characters.

Source: https://www.twilio.com/docs/content/twilio-quick-reply
"""
ROWS = 10
ROW_LABEL = 24
"""Most rows of a list and the longest label of one. A list is for an open session only and needs no approval.

Source: https://www.twilio.com/docs/content/twiliolist-picker
"""
LIST_BUTTON = "Pilih / Choose"
"""What opens a list, in every language; at most 20 characters.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-list-messages
"""
LINES = 8
"""Most lines with words in one question: every arrangement of lines is a content object of its own."""
MOST_SETS = 100
"""Most sets of buttons with content objects of their own; further ones are shown as a list.

A list has its labels in variables, so that one object serves all labels: names of places make none.
Source: https://www.twilio.com/docs/content/using-variables-with-content-api
"""

PREFIX = "kentongan_"
LIST_PREFIX = f"{PREFIX}list_"
REST_SECONDS = 300
CONTENT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Drawing:
    """A question as a content object shows it: its `name` tells it apart, `types` is what Twilio keeps.

    `variables` are filled in for one message; only their names are kept at Twilio.
    """

    name: str
    types: dict[str, Any]
    variables: dict[str, str]


def drawings(text: str, options: Sequence[Option]) -> list[Drawing]:
    """The ways in which this question can be tapped, best first; none: it must be numbered lines."""
    lines = _lines(text)
    if lines is None or not options or not _all_differ(options):
        return []
    found = []
    if len(options) <= BUTTONS and _all_fit(options, BUTTON_LABEL):
        found.append(_buttons(*lines, options))
    if len(options) <= ROWS and _all_fit(options, ROW_LABEL):
        found.append(_list(*lines, options))
    return found


def _lines(text: str) -> tuple[str, dict[str, str]] | None:
    """The text with a placeholder for each line, and the lines; None when it cannot stand above options.

    A variable may hold no line break, no tab and no run of more than four blanks, so each line is a variable.

    Source: https://www.twilio.com/docs/api/errors/21656
    """
    lines: list[str] = []
    variables: dict[str, str] = {}
    for line in text.strip().splitlines():
        words = re.sub(r"\t| {5,}", " ", line).strip()
        if words:
            variables[str(len(variables) + 1)] = words
        lines.append(f"{{{{{len(variables)}}}}}" if words else "")
    if not 1 <= len(variables) <= LINES or len(text) > BODY:
        return None
    return "\n".join(lines), variables


def _all_differ(options: Sequence[Option]) -> bool:
    labels = {option.label.strip() for option in options}
    return len(labels) == len(options) == len({option.id for option in options})


def _all_fit(options: Sequence[Option], longest: int) -> bool:
    labels = [option.label.strip() for option in options]
    return all(0 < len(label) <= longest and _is_line(label) for label in labels) and all(
        0 < len(option.id) <= OPTION_ID and _is_line(option.id) for option in options
    )


def _is_line(value: str) -> bool:
    """Whether a variable can hold it."""
    return len(value.splitlines()) == 1 and not re.search(r"\t| {5,}", value)


def _buttons(body: str, variables: dict[str, str], options: Sequence[Option]) -> Drawing:
    actions = [{"type": "QUICK_REPLY", "title": option.label.strip(), "id": option.id} for option in options]
    types = {"twilio/quick-reply": {"body": body, "actions": actions}}
    return Drawing(_name(PREFIX, body, options), types, variables)


def _list(body: str, variables: dict[str, str], options: Sequence[Option]) -> Drawing:
    """A list whose rows are variables; below each stands its number, which may be typed as well."""
    filled, items = dict(variables), []
    for number, option in enumerate(options, 1):
        filled |= {f"label{number}": option.label.strip(), f"id{number}": option.id}
        row = {"item": f"{{{{label{number}}}}}", "id": f"{{{{id{number}}}}}", "description": f"No. {number}"}
        items.append(row)
    types = {"twilio/list-picker": {"body": body, "button": LIST_BUTTON, "items": items}}
    return Drawing(_name(LIST_PREFIX, body, len(options)), types, filled)


def _name(prefix: str, body: str, shown: Sequence[Option] | int) -> str:
    rows = shown if isinstance(shown, int) else [[option.id, option.label.strip()] for option in shown]
    return prefix + hashlib.sha256(json.dumps([body, rows]).encode()).hexdigest()[:32]


class Contents:
    """The content objects of this account that we made, found again by their names after a restart."""

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._sids: dict[str, str] = {}
        self._listed = False
        self._rest_until = 0.0
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def sid(self, drawing: Drawing) -> str | None:
        """The ContentSid of a drawing, made when there is none.

        Returns:
            None when there are too many sets of buttons already, or when the Content API cannot be used now:
            the question goes out in another way. The API is left alone for five minutes then, so that no
            other citizen waits for it.
        """
        if drawing.name in self._sids:
            return self._sids[drawing.name]
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if drawing.name in self._sids:
                return self._sids[drawing.name]
            if time.monotonic() < self._rest_until:
                return None
            try:
                async with asyncio.timeout(CONTENT_SECONDS):
                    return await self._find_or_make(drawing)
            except Exception:  # buttons are a comfort; nothing about them may keep a question back
                self._rest_until = time.monotonic() + REST_SECONDS
                return None

    def forget(self) -> None:
        """Look the names up again: Twilio refused one, so somebody may have deleted it."""
        self._sids.clear()
        self._listed = False

    async def _find_or_make(self, drawing: Drawing) -> str | None:
        contents = self._api.client().content.v1.contents
        if not self._listed:
            for content in await contents.list_async(page_size=100):
                if (content.friendly_name or "").startswith(PREFIX):
                    self._sids.setdefault(content.friendly_name, str(content.sid))
            self._listed = True
        if drawing.name not in self._sids:
            if not drawing.name.startswith(LIST_PREFIX) and self._sets() >= MOST_SETS:
                return None
            made = await contents.create_async(_request(drawing))
            if not made.sid:
                raise ValueError("Twilio's answer has no ContentSid")
            self._sids[drawing.name] = str(made.sid)
        return self._sids[drawing.name]

    def _sets(self) -> int:
        return sum(not name.startswith(LIST_PREFIX) for name in self._sids)


def _request(drawing: Drawing) -> ContentList.ContentCreateRequest:
    # Samples: no citizen's words are kept. Each differs from the others, as the ids of a list must.
    samples = {name: f"Contoh {name}" for name in drawing.variables}
    return ContentList.ContentCreateRequest(
        {
            "friendly_name": drawing.name,
            "language": "id",
            "variables": samples,
            "types": drawing.types,
        }
    )
