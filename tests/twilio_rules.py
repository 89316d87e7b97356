"""Twilio's own rules for what it takes, and how it signs: the strict part of the stand-in.

Source: https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors,
https://www.twilio.com/docs/content/using-variables-with-content-api and the SDK's request_validator.
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
PARAMETERS |= {"SmartEncoded", "MediaUrl"}
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
    if "MediaUrl" in form:
        media = urlsplit(form["MediaUrl"])
        local = (media.hostname or "localhost") in {"localhost", "127.0.0.1", "::1"}
        require(media.scheme in {"http", "https"} and not local, 21620)
    callback = urlsplit(form.get("StatusCallback", "http://x"))
    host = callback.hostname or ""
    require(callback.scheme in {"http", "https"} and host and "_" not in host, 21609)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def fill(content: Mapping[str, Any], variables: str) -> dict[str, Any]:
    """The parts of a content object with its variables; refuses those that Twilio refuses."""
    try:
        given = json.loads(variables or "{}")
    except ValueError:
        raise Refusal(400, 21656) from None
    require(isinstance(given, dict) and len(given) <= 100, 21656)
    for value in given.values():
        require(isinstance(value, str) and value.strip(), 21656)
        require(len(value) <= 1600 and not re.search(r"[\n\r\t]| {5,}", value), 21656)
    ((kind, parts),) = content["types"].items()
    filled: dict[str, Any] = _filled(parts, {**content["variables"], **given})
    require(0 < units(filled["body"]) <= 1024, 21656)
    CHECKS[kind](filled, 21656)
    return filled


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    """Every text in it with its variables."""
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, values) for inner in part]
    return re.sub(r"\{\{(\w+)\}\}", lambda match: str(values.get(match[1], "")), part)


def check_content(content: Any) -> None:
    """Refuse a content object that is not a quick reply or a list for use inside a session."""
    require(isinstance(content, dict), 20001)
    require(len(content.get("types", {})) == 1 and set(content["types"]) <= set(CHECKS), 20001)
    require(re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", content.get("language") or ""), 20001)
    require(0 < len(content.get("friendly_name") or "") <= 512, 20001)
    samples = content.get("variables") or {}
    ((kind, parts),) = content["types"].items()
    needed = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(parts)))
    require(needed == set(samples) and all(samples.values()) and len(needed) <= 100, 20001)
    require(all(len(name) <= 16 for name in needed), 20001)
    require(parts.get("body") and len(parts["body"]) <= 1024, 20001)
    CHECKS[kind](_filled(parts, samples), 20001)


def _check_quick_reply(parts: Mapping[str, Any], code: int) -> None:
    """Source: https://www.twilio.com/docs/content/twilio-quick-reply"""
    require(set(parts) == {"body", "actions"}, code)
    actions = parts["actions"] or []
    require(1 <= len(actions) <= 3, code)
    for action in actions:
        require(set(action) == {"type", "title", "id"} and action["type"] == "QUICK_REPLY", code)
        require(0 < len(action["title"].strip()) <= 20 and 0 < len(action["id"]) <= 200, code)
    require(len({action["title"] for action in actions}) == len(actions), code)


def _check_list(parts: Mapping[str, Any], code: int) -> None:
    """Source: https://www.twilio.com/docs/content/twiliolist-picker; what is unique and the button's length:
    https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-list-messages
    """
    require(set(parts) == {"body", "button", "items"}, code)
    require(0 < len((parts["button"] or "").strip()) <= 20, code)
    items = parts["items"] or []
    require(1 <= len(items) <= 10, code)
    for item in items:
        require(set(item) == {"item", "id", "description"}, code)
        for name, longest in (("item", 24), ("id", 200), ("description", 72)):
            require(item[name] and 0 < len(item[name].strip()) <= longest, code)
    require(len({item["id"] for item in items}) == len(items), code)


CHECKS = {"twilio/quick-reply": _check_quick_reply, "twilio/list-picker": _check_list}


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
