"""What the proofs of WhatsApp share: genuine forms, and a channel at a local Twilio."""

from collections.abc import Sequence

from bot.channel import (
    Inbound,
    Option,
    Receipt,
    WebhookRequest,
)
from handlers.twilio_api import TwilioApi
from handlers.twilio_forms import STATUS, WEBHOOK
from handlers.whatsapp import WhatsApp
from tests.twilio_rules import Form
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, webhook

BASE = "https://lapor.example.go.id"
CITIZEN = "whatsapp:+6281234567890"
HIDDEN = "whatsapp:ID.4566546130240823"
YES_NO = (Option("yes", "Ya"), Option("no", "Tidak"))
TEXT = {
    "MessageSid": "SM" + "a" * 32,
    "SmsSid": "SM" + "a" * 32,
    "SmsMessageSid": "SM" + "a" * 32,
    "AccountSid": SID,
    "From": CITIZEN,
    "To": SENDER,
    "Body": "Jalan berlubang di depan pasar 😡",
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsStatus": "received",
    "ApiVersion": "2010-04-01",
    "ProfileName": "Siti",
    "WaId": "6281234567890",
    "MessageType": "text",
}
READ_TEXT = Inbound(
    channel="whatsapp",
    account=SENDER,
    provider_id="SM" + "a" * 32,
    address=CITIZEN,
    text="Jalan berlubang di depan pasar 😡",
    name="Siti",
    reference="SM" + "a" * 32,
)
DELIVERED = {
    "MessageSid": "SM" + "d" * 32,
    "AccountSid": SID,
    "From": SENDER,
    "To": CITIZEN,
    "MessageStatus": "delivered",
    "ChannelPrefix": "whatsapp",
}


def inbound(form: Form, algorithm: str = "HMAC_SHA1", key: str = AUTH_TOKEN) -> WebhookRequest:
    return webhook(BASE, WEBHOOK, form, key, algorithm=algorithm)


def status(form: Form, query: str = "message=17") -> WebhookRequest:
    return webhook(BASE, STATUS, form, AUTH_TOKEN, query)


def channel_at(url: str, seconds: float = 0.5, token: str = AUTH_TOKEN) -> WhatsApp:
    return WhatsApp(TwilioApi(SID, token, url, seconds=seconds), SENDER, BASE)


def read_one(channel: WhatsApp, **fields: str) -> Inbound:
    request = inbound({**TEXT, **fields})
    channel.verify(request)
    (event,) = channel.read(request)
    assert isinstance(event, Inbound)
    return event


def read_receipts(channel: WhatsApp, query: str = "message=17", **fields: str) -> Sequence[Inbound | Receipt]:
    request = status({**DELIVERED, **fields}, query)
    channel.verify(request)
    return channel.read(request)
