"""Draws a Say as Telegram messages: plain text in parts that fit, buttons under the last one."""

import re
from collections.abc import Mapping, Sequence

from bot.channel import Limits, Option, Payload, Rejected, Say

LIMITS = Limits(text=4096, options=100, label=64, photos=True)
"""Text 4096 UTF-16 units: https://core.telegram.org/bots/api#sendmessage. 100 buttons under a message:
https://limits.tginfo.me/en (Telegram states none). A label has no stated limit; phones cut long ones."""

UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]")
CALLBACK_BYTES = 64
"""Longest callback_data. Source: https://core.telegram.org/bots/api#inlinekeyboardbutton"""


def units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units.

    Source: https://core.telegram.org/api/entities#entity-length
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def draw(say: Say, limits: Limits) -> Sequence[Payload]:
    """The messages that tell it; options or the location button go with the last one, a picture has neither.

    Raises:
        Rejected: There is nothing to say, or an option's id or label cannot be a button.
    """
    if say.photo:
        return (Payload(UNSENDABLE.sub("\ufffd", say.text), photo=say.photo),)
    as_buttons = len(say.options) <= limits.options
    options = say.options if as_buttons else ()
    for option in options:
        _refuse(option)
    parts = split(UNSENDABLE.sub("\ufffd", say.text if as_buttons else _numbered(say)), limits.text)
    if not parts:
        raise Rejected("nothing to say")
    extra: Mapping[str, bool] = {"asks_location": True} if say.asks_location and not options else {}
    return (*(Payload(part) for part in parts[:-1]), Payload(parts[-1], options, extra))


def _refuse(option: Option) -> None:
    if not 1 <= len(option.id.encode("utf-8", "surrogatepass")) <= CALLBACK_BYTES:
        raise Rejected("an option's id must have 1 to 64 bytes")
    if not option.label.strip():
        raise Rejected("an option's label is empty")


def _numbered(say: Say) -> str:
    lines = (f"{number}. {option.label}" for number, option in enumerate(say.options, 1))
    return "\n".join((say.text, *lines))


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` units, cut at a line's end, else at a blank, else anywhere.

    Blanks at a cut are dropped: Telegram trims them and refuses a message of nothing else.
    """
    parts = []
    rest = text.strip()
    while rest:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return parts


def _cut(text: str, limit: int) -> int:
    """How many characters of the text fit, ending at a good place in its second half."""
    fits = _fitting(text, limit)
    if fits == len(text):
        return fits
    for mark in ("\n", " "):
        # The character after the part may be the blank itself.
        place = text.rfind(mark, fits // 2, fits + 1)
        if place > 0:
            return place
    return fits


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text have at most `limit` units; a surrogate pair is never torn."""
    used = 0
    for index, character in enumerate(text[: limit + 1]):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            return index
    return min(len(text), limit)
