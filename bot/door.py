"""What comes in, made fit to be kept: normalised, personal numbers masked, cut. The only way in for texts."""

from dataclasses import dataclass, replace

from bot.channel import Inbound, MediaReference
from bot.delivery.long_texts import cut
from bot.normalise import normalise
from bot.reading.masking import mask


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event as the conversation and the tables may see it.

    `hidden` are the personal numbers that were masked, one a line; `whole` is the masked text when it was
    too long for a message. Both are empty nearly always.
    """

    inbound: Inbound
    hidden: str = ""
    whole: str = ""


def admit(inbound: Inbound) -> Admitted:
    """The event without what no database can hold and nobody should read, wherever a channel left it."""
    masked = mask(normalise(inbound.text))
    text, whole = cut(masked.text)
    media = tuple(
        MediaReference(normalise(one.reference), normalise(one.media_type), mask(normalise(one.name)).text)
        for one in inbound.media
    )
    fit = replace(
        inbound,
        text=text,
        choice=normalise(inbound.choice),
        name=normalise(inbound.name),
        group=normalise(inbound.group),
        reference=normalise(inbound.reference),
        quoted=normalise(inbound.quoted),
        media=media,
    )
    return Admitted(fit, "\n".join(masked.hidden), whole)
