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
    choice, label = _pressed(fields)
    text = label or _text(fields)
    kind = _kind(fields, choice, place, media, text)
    if kind == "reaction" and not text:
        return []  # it was taken back
    inbound = Inbound(
        channel=channel,
        account=fields.get("To") or account,
        provider_id=provider_id,
        address=address,
        kind=kind,
        text=text,
        choice=choice,
        media=media if kind in ("photo", "recording") else (),
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        name=fields.get("ProfileName", ""),
        reference=provider_id,
        # Source: https://www.twilio.com/docs/whatsapp/api#inbound-replies (a message of the last seven days)
        quoted=fields.get("OriginalRepliedMessageSid", ""),
        also=_also(fields, address),
        raw=json.dumps(fields, ensure_ascii=False),
    )
    return [inbound]


def receipt(fields: Mapping[str, str], request: WebhookRequest, channel: str) -> list[Receipt]:
    """What became of a message of ours, or nothing when the status is not worth telling or not WhatsApp's."""
    ours = any(fields.get(end, "").startswith(PREFIX) for end in ("From", "To"))
    return twilio_forms.receipt(fields, request, channel) if ours else []


def _pressed(fields: Mapping[str, str]) -> tuple[str, str]:
    """Id and label of the option that was tapped, two empty texts when none was.

    How a row of a list comes back is not on a page of Twilio's: it is reported as ListId and ListTitle. All
    forms are taken; where none is there, the row's label is the Body, and the conversation finds it by that.

    Source: https://www.twilio.com/docs/messaging/guides/webhook-request (ButtonPayload, ButtonText)
    """
    for id_, label in (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle")):
        if fields.get(id_):
            return fields[id_], fields.get(label) or fields.get("Body", "")
    return _interactive(fields.get("InteractiveData", ""))


def _interactive(words: str) -> tuple[str, str]:
    """The tapped option in Meta's own form: {"list_reply": {"id": ..., "title": ...}}.

    Source: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages/interactive
    """
    try:
        found = json.loads(words)
        reply = found.get("list_reply") or found.get("button_reply") or {}
        id_, title = reply.get("id"), reply.get("title")
    except (ValueError, AttributeError, RecursionError):
        return "", ""
    if not (isinstance(id_, str) and id_):
        return "", ""
    return _clean(id_), _clean(title) if isinstance(title, str) else ""


def _clean(text: str) -> str:
    """The text as UTF-8 and a database can hold it: JSON's escapes can smuggle in what neither can."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _text(fields: Mapping[str, str]) -> str:
    """What the citizen sees as his own words: a button's label, a caption, a place's name."""
    said = fields.get("ButtonText") or fields.get("ListTitle") or fields.get("Body") or ""
    place = ", ".join(fields[name] for name in ("Label", "Address") if fields.get(name))
    return said or place


VCARDS = ("text/vcard", "text/x-vcard", "text/directory")
"""Somebody's telephone number. Source: https://www.twilio.com/docs/messaging/guides/accepted-mime-types"""


def _kind(
    fields: Mapping[str, str],
    choice: str,
    place: tuple[float, float] | None,
    media: tuple[MediaReference, ...],
    text: str,
) -> InboundKind:
    named = NAMED.get(fields.get("MessageType", ""))
    if choice:
        return "choice"
    if place:
        return "location"
    if named or any(one.media_type.startswith(VCARDS) for one in media):
        return named or "contact"
    if media:
        return "photo" if any(one.media_type.startswith("image/") for one in media) else "recording"
    return "text" if text else "other"


NAMED: Mapping[str, InboundKind] = {"sticker": "other", "contacts": "contact", "reaction": "reaction"}
"""Kinds that only MessageType tells; a sticker is an image like any other otherwise. A reaction is not on
Twilio's list of kinds: should it come as a message of its own, its Body is the emoji."""


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
