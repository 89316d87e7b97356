"""Twilio's own rules for what it takes, and how it signs: the strict part of the stand-in.

Source: https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors,
https://www.twilio.com/docs/content/twilio-quick-reply and the SDK's request_validator.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from multidict import MultiDict
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from bot.channel import WebhookRequest

PARAMETERS = {"To", "From", "Body", "MessagingServiceSid", "ContentSid", "ContentVariables", "StatusCallback"}
PARAMETERS |= {"SmartEncoded"}
WHATSAPP = re.compile(r"whatsapp:(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
Form = Mapping[str, str] | Sequence[tuple[str, str]]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.status = status
        self.code = code


def require(holds: object, code: int, status: int = 400) -> None:
    """Refuse the request unless it holds."""
    if not holds:
        raise Refusal(status, code)


def check_message(form: Mapping[str, str], senders: Collection[str], opted_out: Collection[str]) -> None:
    """Refuse a message as Twilio would."""
    require(set(form) <= PARAMETERS, 20001)
    to, sender = form.get("To", ""), form.get("From", "")
    require(to, 21604)
    require(sender, 21603)
    require(WHATSAPP.fullmatch(to) or PHONE.fullmatch(to), 21211)
    require(to.startswith("whatsapp:") == sender.startswith("whatsapp:"), 21910)
    require(sender in senders, 63007 if sender.startswith("whatsapp:") else 21606)
    require(to not in opted_out, 21610)
    require("Body" in form or "ContentSid" in form, 21619)
    require(form.get("SmartEncoded", "false") in {"true", "false"}, 20001)
    if "ContentSid" not in form:
        require(form["Body"].strip(), 21602)
        require(units(form["Body"]) <= 1600, 21617)
    callback = urlsplit(form.get("StatusCallback", "http://x"))
    host = callback.hostname or ""
    require(callback.scheme in {"http", "https"} and host and "_" not in host, 21609)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def fill(content: Mapping[str, Any], variables: str) -> str:
    """The text of a quick reply with its variables; refuses those that Twilio refuses."""
    try:
        given = json.loads(variables or "{}")
    except ValueError:
        raise Refusal(400, 21656) from None
    require(isinstance(given, dict), 21656)
    for value in given.values():
        require(isinstance(value, str) and value.strip(), 21656)
        require(not re.search(r"[\n\r\t]| {5,}", value), 21656)
    values = {**content["variables"], **given}
    body = content["types"]["twilio/quick-reply"]["body"]
    text = re.sub(r"\{\{(\w+)\}\}", lambda match: str(values.get(match[1], "")), body)
    require(0 < units(text) <= 1024, 21656)
    return text


def check_content(content: Any) -> None:
    """Refuse a content object that is not a quick reply for use inside a session."""
    require(isinstance(content, dict), 20001)
    reply = content.get("types", {}).get("twilio/quick-reply")
    require(isinstance(reply, dict) and set(content["types"]) == {"twilio/quick-reply"}, 20001)
    require(re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", content.get("language") or ""), 20001)
    require(reply.get("body") and len(reply["body"]) <= 1024, 20001)
    needed = set(re.findall(r"\{\{(\w+)\}\}", reply["body"]))
    samples = content.get("variables") or {}
    require(needed == set(samples) and all(samples.values()), 20001)
    actions = reply.get("actions") or []
    require(1 <= len(actions) <= 3, 20001)
    for action in actions:
        require(set(action) == {"type", "title", "id"} and action["type"] == "QUICK_REPLY", 20001)
        require(0 < len(action["title"]) <= 20 and 0 < len(action["id"]) <= 200, 20001)
    require(len({action["title"] for action in actions}) == len(actions), 20001)


def sign(url: str, form: Form, token: str, algorithm: str = HMAC_SHA1) -> dict[str, str]:
    """The headers that Twilio's signature of this POST is in, with lower-case names."""
    signature = RequestValidator(token).compute_signature(url, MultiDict(form), algorithm)
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
    if algorithm == HMAC_SHA256:
        shared = "key=webhooks_sharedkey_01jz0000000000000000000000,algorithm=HMAC_SHA256"
        headers["x-twilio-webhooks-signature-settings"] = shared
    return headers


def webhook(
    base_url: str, path: str, form: Form, token: str, query: str = "", algorithm: str = HMAC_SHA1
) -> WebhookRequest:
    """A genuine POST of Twilio's as the product gets it."""
    url = f"{base_url}{path}" + (f"?{query}" if query else "")
    body = urlencode(form).encode()
    return WebhookRequest("POST", path, query, sign(url, form, token, algorithm), body)
