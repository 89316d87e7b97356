"""Reply buttons of WhatsApp: Twilio sends them only from a content object, made once per set of buttons."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from twilio.rest.content.v1.content import ContentList

from bot.channel import Option
from handlers.twilio_api import TwilioApi

BUTTONS = 3
BUTTON_LABEL = 20
BUTTON_ID = 200
BODY = 1024
"""Most buttons inside a session (where no approval is needed); longest label, id and text, in characters.

Source: https://www.twilio.com/docs/content/twilio-quick-reply
"""
LINES = 8
"""Most lines with words in one question: every arrangement of lines is a content object of its own."""

PREFIX = "kentongan_"
REST_SECONDS = 300
CONTENT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Drawing:
    """A text as a content object draws it: `body` has a placeholder for each line, `variables` the lines."""

    body: str
    variables: dict[str, str]


def draw(text: str) -> Drawing | None:
    """The text line by line, or None when it cannot be the text above buttons.

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
    return Drawing("\n".join(lines), variables)


def can_be_buttons(text: str, options: Sequence[Option]) -> bool:
    """Whether this question can be asked with reply buttons."""
    labels = [option.label.strip() for option in options]
    return (
        1 <= len(options) <= BUTTONS
        and all(0 < len(label) <= BUTTON_LABEL and len(label.splitlines()) == 1 for label in labels)
        and all(0 < len(option.id) <= BUTTON_ID for option in options)
        and len(set(labels)) == len(labels) == len({option.id for option in options})
        and draw(text) is not None
    )


class QuickReplies:
    """The content objects of this account that we made, found again by their names after a restart."""

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._sids: dict[str, str] = {}
        self._listed = False
        self._rest_until = 0.0
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def sid(self, drawing: Drawing, options: Sequence[Option]) -> str | None:
        """The ContentSid for these buttons, made when there is none.

        Returns:
            None when the Content API cannot be used now: the question goes out as numbered lines. It is left
            alone for five minutes then, so that no other citizen waits for it.
        """
        name = _name(drawing, options)
        if name in self._sids:
            return self._sids[name]
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if name in self._sids:
                return self._sids[name]
            if time.monotonic() < self._rest_until:
                return None
            try:
                async with asyncio.timeout(CONTENT_SECONDS):
                    return await self._find_or_make(name, drawing, options)
            except Exception:  # buttons are a comfort; nothing about them may keep a question back
                self._rest_until = time.monotonic() + REST_SECONDS
                return None

    def forget(self) -> None:
        """Look the names up again: Twilio refused one, so somebody may have deleted it."""
        self._sids.clear()
        self._listed = False

    async def _find_or_make(self, name: str, drawing: Drawing, options: Sequence[Option]) -> str:
        contents = self._api.client().content.v1.contents
        if not self._listed:
            for content in await contents.list_async(page_size=100):
                if (content.friendly_name or "").startswith(PREFIX):
                    self._sids.setdefault(content.friendly_name, str(content.sid))
            self._listed = True
        if name not in self._sids:
            made = await contents.create_async(_request(name, drawing, options))
            if not made.sid:
                raise ValueError("Twilio's answer has no ContentSid")
            self._sids[name] = str(made.sid)
        return self._sids[name]


def _name(drawing: Drawing, options: Sequence[Option]) -> str:
    shape = json.dumps([drawing.body, [[option.id, option.label.strip()] for option in options]])
    return PREFIX + hashlib.sha256(shape.encode()).hexdigest()[:32]


def _request(name: str, drawing: Drawing, options: Sequence[Option]) -> ContentList.ContentCreateRequest:
    actions = [{"type": "QUICK_REPLY", "title": option.label.strip(), "id": option.id} for option in options]
    return ContentList.ContentCreateRequest(
        {
            "friendly_name": name,
            "language": "id",
            "variables": dict.fromkeys(
                drawing.variables, "Pertanyaan"
            ),  # samples: no citizen's words are kept
            "types": {"twilio/quick-reply": {"body": drawing.body, "actions": actions}},
        }
    )
