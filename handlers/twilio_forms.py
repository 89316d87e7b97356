"""What the forms of Twilio's webhooks have in common, whether a message came by WhatsApp or by SMS. Pure."""

import re
from collections.abc import Mapping

from bot.channel import Receipt, ReceiptState, WebhookRequest
from handlers.twilio_errors import from_code

WEBHOOK = "/webhooks/twilio"
STATUS = "/webhooks/twilio/status"
STATES: dict[str, ReceiptState] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
}
"""Twilio's words for what a citizen or an officer would notice; queued, sending and the like say nothing yet.

Source: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
"""


def fields_of(request: WebhookRequest) -> dict[str, str]:
    """The form as names and values; NUL is left out because a database cannot hold it."""
    return {name: value.replace("\x00", "") for name, value in request.form}


def is_receipt(request: WebhookRequest, fields: Mapping[str, str]) -> bool:
    """Whether the form tells what became of a message of ours."""
    return request.path == STATUS or "MessageStatus" in fields


def provider_id_of(fields: Mapping[str, str]) -> str:
    """Twilio's id of the message under any of its names; empty when it has none."""
    return fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid") or ""


def receipt(fields: Mapping[str, str], request: WebhookRequest, channel: str) -> list[Receipt]:
    """What became of a message of ours, or nothing when the status is not worth telling.

    Args:
        fields: the form of Twilio's webhook.
        request: its query carries our id of the message.
        channel: the name of the channel that the message went out by.

    Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
    """
    state = STATES.get(fields.get("MessageStatus", "").lower())
    provider_id, message_id = provider_id_of(fields), _message_id(request)
    if state is None or not (provider_id or message_id):
        return []
    error = from_code(_code(fields.get("ErrorCode", ""))) if state == "failed" else None
    return [Receipt(channel, state, message_id, provider_id, error)]


def _message_id(request: WebhookRequest) -> int | None:
    given = dict(request.arguments).get("message", "")
    return int(given) if re.fullmatch(r"[0-9]{1,18}", given, re.ASCII) else None


def _code(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value, re.ASCII) else None
