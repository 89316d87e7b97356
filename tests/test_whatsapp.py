"""WhatsApp by Twilio passes the contract of every channel; who signed a webhook; settings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import pytest
from twilio.request_validator import HMAC_SHA256

from bot.channel import (
    Acknowledgement,
    Forgery,
    Receipt,
    WebhookRequest,
)
from bot.settings import BadSettings, Settings
from handlers.twilio_api import TwilioApi
from handlers.twilio_forms import WEBHOOK
from handlers.whatsapp import WhatsApp
from handlers.whatsapp_text import units
from tests.contract import Case, ContractSuite, Exchange, Failure, Sent
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer, webhook
from tests.whatsapp_case import BASE, CITIZEN, DELIVERED, READ_TEXT, TEXT, channel_at, inbound, status


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
def offline() -> WhatsApp:
    """A channel for what needs no provider."""
    return channel_at("http://127.0.0.1:9")


class StandIn:
    """The local Twilio in the words of the contract."""

    FAILURES: ClassVar = {
        "throttled": (429, 20429),
        "server_error": (503, 20503),
        "bad_address": (400, 21211),
    }
    CUT: ClassVar = {"silent": "timeout", "dropped": "drop"}

    def __init__(self, server: TwilioServer) -> None:
        self.server = server

    @property
    def sent(self) -> Sequence[Sent]:
        return [
            Sent(m.to, m.text, tuple(label for _, label in m.buttons), m.form.get("MediaUrl", "").encode())
            for m in self.server.sent
        ]

    def accept(self) -> None:
        self.server.accept()

    def fail(self, kind: Failure) -> None:
        more = {**self.FAILURES, "blocked": (400, 21610), "unauthorised": (401, 20003)}
        if kind == "refused":
            self.server.stop_listening()
        elif kind in self.CUT:
            self.server.fail_always(how=self.CUT[kind])
        else:
            self.server.fail_always(*more[kind])


def forged() -> dict[str, WebhookRequest]:
    genuine = inbound(TEXT)
    sha256 = inbound(TEXT, HMAC_SHA256)
    unsigned = {k: v for k, v in genuine.headers.items() if k != "x-twilio-signature"}
    other_path = webhook(BASE, "/webhooks/other", TEXT, AUTH_TOKEN)
    host = {**webhook("https://evil.example", WEBHOOK, TEXT, AUTH_TOKEN).headers}
    proxied = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    unknown = {**genuine.headers, "x-twilio-webhooks-signature-settings": "key=k,algorithm=NONE"}
    return {
        "no signature": replace(genuine, headers=unsigned),
        "empty signature": replace(genuine, headers={**unsigned, "x-twilio-signature": ""}),
        "another token": inbound(TEXT, key="another-token"),
        "sha256 by another key": inbound(TEXT, HMAC_SHA256, "another-key"),
        "sha1 said to be sha256": replace(sha256, headers={**sha256.headers, **genuine.headers}),
        "sha256 said to be sha1": replace(genuine, headers=_only_signature(sha256)),
        "unknown algorithm": replace(genuine, headers=unknown),
        "changed body": replace(genuine, body=genuine.body.replace(b"pasar", b"Pasar")),
        "added field": replace(genuine, body=genuine.body + b"&ButtonPayload=yes"),
        "repeated field": replace(genuine, body=genuine.body + b"&AccountSid=" + SID.encode()),
        "one field cut in two": _cut_in_two(),
        "changed query": replace(genuine, query="message=1"),
        "another path": replace(other_path, path=WEBHOOK),
        "signed for another host": replace(genuine, headers={**host, **proxied}),
        "another account": inbound({**TEXT, "AccountSid": "AC" + "9" * 32}),
        "no account": inbound({k: v for k, v in TEXT.items() if k != "AccountSid"}),
        "empty": WebhookRequest("POST", WEBHOOK, "", {}, b""),
    }


def _only_signature(request: WebhookRequest) -> dict[str, str]:
    return {"x-twilio-signature": request.headers["x-twilio-signature"]}


def _cut_in_two() -> WebhookRequest:
    """Twilio's algorithm runs names and values together: "aBodyb" and "a", "b" have one signature."""
    whole = inbound({**TEXT, "Body": "aBodyb"})
    return replace(whole, body=whole.body.replace(b"Body=aBodyb", b"Body=a&Body=b"))


class TestContract(ContractSuite):
    @pytest.fixture
    def case(self, server: TwilioServer) -> Case:
        pressed = {**TEXT, "MessageSid": "SM" + "b" * 32, "Body": "Ya"}
        pressed |= {"ButtonPayload": "yes", "ButtonText": "Ya", "MessageType": "button"}
        choice = replace(READ_TEXT, provider_id="SM" + "b" * 32, reference="SM" + "b" * 32, text="Ya")
        row = {**TEXT, "MessageSid": "SM" + "f" * 32, "OriginalRepliedMessageSid": "SM" + "1" * 32}
        quoting = replace(
            READ_TEXT, provider_id=row["MessageSid"], reference=row["MessageSid"], quoted="SM" + "1" * 32
        )
        receipt = Receipt("whatsapp", "delivered", 17, "SM" + "d" * 32)
        return Case(
            channel=channel_at(server.url),
            provider=StandIn(server),
            address=CITIZEN,
            genuine={
                "text": Exchange(inbound(TEXT), (READ_TEXT,)),
                "sha256": Exchange(
                    inbound({**TEXT, "MessageSid": "SM" + "c" * 32}, HMAC_SHA256),
                    (replace(READ_TEXT, provider_id="SM" + "c" * 32, reference="SM" + "c" * 32),),
                ),
                "button": Exchange(inbound(pressed), (replace(choice, kind="choice", choice="yes"),)),
                "row of a list": Exchange(
                    inbound({**row, "ListId": "c3", "ListTitle": "Air bersih", "Body": "Air bersih"}),
                    (replace(quoting, kind="choice", choice="c3", text="Air bersih"),),
                ),
                "receipt": Exchange(status(DELIVERED), (receipt,)),
            },
            forged=forged(),
            junk={
                "no sender": inbound({"AccountSid": SID, "Body": "halo"}),
                "no id": inbound({"AccountSid": SID, "From": CITIZEN, "Body": "halo"}),
                "by SMS": inbound({**TEXT, "From": "+6281234567890", "To": "+6281170800001"}),
                "status of an SMS": status({**DELIVERED, "From": "+6281170800001", "To": "+62812345678"}),
                "nothing worth telling": status({**DELIVERED, "MessageStatus": "queued"}),
                "new status": status({**DELIVERED, "MessageStatus": "teleported"}),
            },
            signed=self._signed,
            measure=units,
            acknowledgement=Acknowledgement(204),
            form=TEXT,
            quoting=lambda sid: inbound({**row, "OriginalRepliedMessageSid": sid}),
        )

    @staticmethod
    def _signed(body: bytes) -> WebhookRequest:
        bare = WebhookRequest("POST", WEBHOOK, "", {}, body + b"&AccountSid=" + SID.encode())
        return replace(bare, headers=inbound(bare.form).headers)


# who signed it


def test_a_parameter_that_is_new_and_repeated_is_signed_like_any_other(offline: WhatsApp) -> None:
    form = [*TEXT.items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")]
    request = inbound(form)
    offline.verify(request)
    with pytest.raises(Forgery):
        offline.verify(replace(request, body=request.body + b"&Tag=c"))


def test_blanks_and_empty_fields_count(offline: WhatsApp) -> None:
    offline.verify(inbound({**TEXT, "Body": "  halo \n", "Label": ""}))


def test_the_status_url_is_signed_with_our_id(offline: WhatsApp) -> None:
    request = status(DELIVERED, "message=17")
    offline.verify(request)
    with pytest.raises(Forgery):
        offline.verify(replace(request, query="message=18"))


def test_a_shared_key_signs_instead_of_the_token() -> None:
    channel = WhatsApp(TwilioApi(SID, AUTH_TOKEN), SENDER, BASE, webhook_key="shared-secret")
    channel.verify(inbound(TEXT, HMAC_SHA256, "shared-secret"))
    channel.verify(inbound(TEXT))
    with pytest.raises(Forgery):
        channel.verify(inbound(TEXT, HMAC_SHA256, AUTH_TOKEN))


# settings


def settings(**given: str) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


FULL = {
    "twilio_account_sid": SID,
    "twilio_auth_token": AUTH_TOKEN,
    "twilio_whatsapp_from": SENDER,
    "public_url": BASE,
}


def test_without_settings_there_is_no_whatsapp() -> None:
    assert WhatsApp.from_settings(settings()) is None
    sms_only = {**FULL, "twilio_whatsapp_from": "", "twilio_sms_from": "+14155550100"}
    assert WhatsApp.from_settings(settings(**sms_only)) is None


@pytest.mark.parametrize("number", [SENDER, SENDER.removeprefix("whatsapp:")])
def test_full_settings_make_the_channel(number: str) -> None:
    channel = WhatsApp.from_settings(settings(**{**FULL, "twilio_whatsapp_from": number}))
    assert channel is not None and channel.account == SENDER
    channel.verify(inbound(TEXT))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("twilio_account_sid", ""),
        ("twilio_account_sid", "salah"),
        ("twilio_account_sid", "AC" + "g" * 32),
        ("twilio_auth_token", ""),
        ("twilio_whatsapp_from", ""),
        ("twilio_whatsapp_from", "salah"),
        ("twilio_whatsapp_from", "081234567890"),
    ],
)
def test_half_filled_settings_name_what_is_wrong(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name.upper()):
        WhatsApp.from_settings(settings(**{**FULL, name: value}))


def test_official_addresses_are_twilio_s() -> None:
    assert TwilioApi(SID, AUTH_TOKEN).content_url == "https://content.twilio.com"
    assert TwilioApi(SID, AUTH_TOKEN, "http://127.0.0.1:5").content_url == "http://127.0.0.1:5"
