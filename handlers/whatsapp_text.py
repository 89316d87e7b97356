"""Draws a Say for WhatsApp: parts that Twilio takes, choices to tap or as numbered lines. Pure."""

from collections.abc import Sequence

from bot.channel import Option, Payload, Say
from handlers.twilio_content import drawings

TEXT = 1600
"""Longest text of one message, in UTF-16 units, which never count less than characters.

Source: https://www.twilio.com/docs/api/errors/21617
"""


def parts(say: Say) -> list[Payload]:
    """The messages that tell it; the choices are on the last one."""
    text = say.text.encode("utf-8", "replace").decode("utf-8")  # half an emoji cannot be sent
    if say.photo:
        return [Payload(text, photo=say.photo)]
    if drawings(text, say.options):
        return [Payload(text, say.options)]
    return [Payload(part) for part in numbered(text, say.options)]


def numbered(text: str, options: Sequence[Option]) -> list[str]:
    """The text in parts, the last with its choices as lines, each with the number to type."""
    lines = "\n".join(f"{number} {option.label}" for number, option in enumerate(options, 1))
    found = split(text)
    if found and lines and units(found[-1]) + units(lines) + 2 <= TEXT:
        return [*found[:-1], f"{found[-1]}\n\n{lines}"]
    return found + split(lines)


def split(text: str) -> list[str]:
    """The text in parts of at most TEXT units, cut between lines, else between words, else anywhere."""
    found = []
    while units(text) > TEXT:
        head = text.encode("utf-16-le")[: TEXT * 2].decode("utf-16-le", "ignore")  # never half an emoji
        cut = head.rfind("\n")
        if cut < len(head) // 2:  # a first line and a long paragraph: no tiny first part
            cut = head.rfind(" ")
        if cut < len(head) // 2:
            cut = len(head)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [part for part in (*found, text) if part.strip()]


def units(text: str) -> int:
    """Length as Twilio may count it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2
