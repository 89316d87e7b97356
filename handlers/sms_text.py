"""Draws a Say as SMS: GSM-7 where it can be, counted parts, choices as numbers to type. Pure."""

from collections.abc import Sequence

from bot.channel import Limits, Option, Payload, Say
from handlers.gsm7 import ONE_PART, counted, transliterate

LIMITS = Limits(
    # Source for 160: https://www.3gpp.org/ftp/Specs/html-info/23040.htm, 140 octets of user data.
    text=ONE_PART,
    options=0,
    media_bytes=0,
    resend_seconds=120,
    files_at_once=True,
    context="sms",
)
FEW = 3  # options that stand on one line; more stand below each other


def draw(say: Say) -> Sequence[Payload]:
    """One SMS, or several that are counted, "(1/3) ..."; choices are numbers to type."""
    between = " " if len(say.options) <= FEW else "\n"
    texts = counted(transliterate(say.text), [transliterate(line) for line in _menu(say.options)], between)
    return [Payload(text) for text in texts]


def _menu(options: Sequence[Option]) -> list[str]:
    """Choices with the number to type: their place, except that an option with the id 0 is 0."""
    return [
        f"{0 if option.id == '0' else place} {option.label}" for place, option in enumerate(options, start=1)
    ]
