"""What Twilio's WhatsApp webhooks say: messages of citizens, and what became of ours."""

import json
import math
import re
from collections.abc import Mapping

from bot.channel import (
    Inbound,
    InboundKind,
    MediaReference,
    Receipt,
    Unreadable,
    WebhookRequest,
)
from handlers import twilio_forms
from handlers.twilio_forms import provider_id_of

PREFIX = "whatsapp:"


def message(fields: Mapping[str, str], channel: str, account: str) -> list[Inbound]:
    """The citizen's message, or nothing when it came by SMS.

    Args:
        fields: the form of Twilio's webhook.
        channel: the channel's name.
        account: our number, for a form that does not name it.

    Raises:
        Unreadable: it has no sender or no id.

    Source: https://www.twilio.com/docs/messaging/guides/webhook-request
    """
    address = fields.get("From", "")
    provider_id = provider_id_of(fields)
    if not address.startswith(PREFIX):
        return []
    if address == PREFIX or not provider_id:
        raise Unreadable("message without a sender or an id")
    media, place = _media(fields), _place(fields)
    choice = fields.get("ButtonPayload") or fields.get("ListId") or ""
    text = _text(fields)
    inbound = Inbound(
        channel=channel,
        account=fields.get("To") or account,
        provider_id=provider_id,
        address=address,
        kind=_kind(choice, place, media, text),
        text=text,
        choice=choice,
        media=media,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        name=fields.get("ProfileName", ""),
        reference=provider_id,
        also=_also(fields, address),
        raw=json.dumps(fields, ensure_ascii=False),
    )
    return [inbound]


def receipt(fields: Mapping[str, str], request: WebhookRequest, channel: str) -> list[Receipt]:
    """What became of a message of ours, or nothing when the status is not worth telling or not WhatsApp's."""
    ours = any(fields.get(end, "").startswith(PREFIX) for end in ("From", "To"))
    return twilio_forms.receipt(fields, request, channel) if ours else []


def _text(fields: Mapping[str, str]) -> str:
    """What the citizen sees as his own words: a button's label, a caption, a place's name."""
    said = fields.get("ButtonText") or fields.get("ListTitle") or fields.get("Body") or ""
    place = ", ".join(fields[name] for name in ("Label", "Address") if fields.get(name))
    return said or place


def _kind(
    choice: str, place: tuple[float, float] | None, media: tuple[MediaReference, ...], text: str
) -> InboundKind:
    if choice:
        return "choice"
    if place:
        return "location"
    if media:
        return "photo" if any(m.media_type.startswith("image/") for m in media) else "other"
    return "text" if text else "other"


def _media(fields: Mapping[str, str]) -> tuple[MediaReference, ...]:
    """Every file by its own field: NumMedia may be missing or wrong."""
    found = [re.fullmatch(r"MediaUrl([0-9]{1,2})", name, re.ASCII) for name in fields]
    numbers = sorted({match[1] for match in found if match and fields[match[0]]}, key=int)
    return tuple(
        MediaReference(fields[f"MediaUrl{n}"], fields.get(f"MediaContentType{n}", "").lower())
        for n in numbers
    )


def _place(fields: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(fields["Latitude"]), float(fields["Longitude"])
    except (KeyError, ValueError):
        return None
    inside = math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if inside else None


def _also(fields: Mapping[str, str], address: str) -> tuple[str, ...]:
    """Further addresses: people may hide their number behind an id like `whatsapp:ID.123`, or show both.

    Source: https://www.twilio.com/docs/whatsapp
    """
    known = [fields.get("ExternalUserId", ""), fields.get("WaId", "")]
    if re.fullmatch(r"[0-9]{6,15}", known[1], re.ASCII):
        known[1] = f"+{known[1]}"
    else:
        known.pop()
    others = [PREFIX + other.removeprefix(PREFIX) for other in known if other.removeprefix(PREFIX)]
    return tuple(dict.fromkeys(other for other in others if other != address))
