"""SMS by Twilio passes the contract of every channel; sending, receipts, settings, one address for two."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from twilio.request_validator import HMAC_SHA256

from bot.channel import (
    Acknowledgement,
    Inbound,
    OptedOut,
    Payload,
    Receipt,
    Rejected,
    SendError,
    Throttled,
    WebhookRequest,
)
from bot.settings import BadSettings, Settings
from handlers.gsm7 import septets
from handlers.sms import Sms, from_settings
from handlers.twilio_api import TwilioApi
from handlers.twilio_forms import STATUS, WEBHOOK
from handlers.twilio_sms import TwilioSms
from handlers.whatsapp import WhatsApp
from tests.contract import Case, ContractSuite, Exchange, Failure, Sent
from tests.twilio_rules import Form
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer, webhook

BASE = "https://lapor.example.go.id"
OURS = "+14155550100"
CITIZEN = "+6281234567890"
MO = {
    "MessageSid": "SM" + "a" * 32,
    "SmsSid": "SM" + "a" * 32,
    "SmsMessageSid": "SM" + "a" * 32,
    "AccountSid": SID,
    "From": CITIZEN,
    "To": OURS,
    "Body": "Jalan “berlubang” di depan pasar",
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsStatus": "received",
    "ApiVersion": "2010-04-01",
    "FromCountry": "ID",
}
HEARD = Inbound(
    channel="sms", account=OURS, provider_id="SM" + "a" * 32, address=CITIZEN, text=str(MO["Body"])
)
DLR = {
    "MessageSid": "SM" + "d" * 32,
    "SmsSid": "SM" + "d" * 32,
    "AccountSid": SID,
    "From": OURS,
    "To": CITIZEN,
    "MessageStatus": "delivered",
    "SmsStatus": "delivered",
}


def mo(form: Form, algorithm: str = "HMAC_SHA1", key: str = AUTH_TOKEN) -> WebhookRequest:
    return webhook(BASE, WEBHOOK, form, key, algorithm=algorithm)


def dlr(query: str = "message=17", **fields: str) -> WebhookRequest:
    return webhook(BASE, STATUS, {**DLR, **fields}, AUTH_TOKEN, query)


def sms_at(url: str, number: str = OURS) -> Sms:
    return Sms(TwilioSms(TwilioApi(SID, AUTH_TOKEN, url, seconds=0.5), number, BASE), number)


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        running.senders = {SENDER, OURS}
        yield running


@pytest.fixture
async def sms(server: TwilioServer) -> AsyncIterator[Sms]:
    made = sms_at(server.url)
    yield made
    await made.close()


class StandIn:
    """The local Twilio in the words of the contract."""

    ANSWERS: ClassVar[dict[str, dict[str, Any]]] = {
        "throttled": {"status": 429, "code": 20429},
        "server_error": {"status": 503, "code": 20503},
        "bad_address": {"status": 400, "code": 21211},
        "blocked": {"status": 400, "code": 21610},
        "unauthorised": {"status": 401, "code": 20003},
        "silent": {"how": "timeout"},
        "dropped": {"how": "drop"},
    }

    def __init__(self, server: TwilioServer) -> None:
        self.server = server

    @property
    def sent(self) -> Sequence[Sent]:
        return [Sent(message.to, message.text) for message in self.server.sent]

    def accept(self) -> None:
        self.server.accept()

    def fail(self, kind: Failure) -> None:
        if kind == "refused":
            self.server.stop_listening()
        else:
            self.server.fail_always(**self.ANSWERS[kind])


class TestContract(ContractSuite):
    @pytest.fixture
    def case(self, server: TwilioServer) -> Case:
        genuine = mo(MO)
        other = {**MO, "MessageSid": "SM" + "b" * 32}
        failed = Receipt("sms", "failed", 17, DLR["MessageSid"], Rejected())
        return Case(
            channel=sms_at(server.url),
            provider=StandIn(server),
            address=CITIZEN,
            genuine={
                "text": Exchange(genuine, (HEARD,)),
                "sha256": Exchange(mo(other, HMAC_SHA256), (replace(HEARD, provider_id="SM" + "b" * 32),)),
                "empty": Exchange(
                    mo({**MO, "MessageSid": "SM" + "c" * 32, "Body": ""}),
                    (replace(HEARD, provider_id="SM" + "c" * 32, text="", kind="other"),),
                ),
                "delivered": Exchange(dlr(), (Receipt("sms", "delivered", 17, DLR["MessageSid"]),)),
                "sent": Exchange(dlr(MessageStatus="sent"), (Receipt("sms", "sent", 17, DLR["MessageSid"]),)),
                "undelivered": Exchange(dlr(MessageStatus="undelivered", ErrorCode="30003"), (failed,)),
            },
            forged={
                "no signature": replace(genuine, headers={}),
                "another token": mo(MO, key="another-token"),
                "changed body": replace(genuine, body=genuine.body.replace(b"pasar", b"Pasar")),
                "two senders": replace(genuine, body=genuine.body + b"&From=%2B628111"),
                "another account": mo({**MO, "AccountSid": "AC" + "9" * 32}),
                "changed query": replace(dlr(), query="message=18"),
                "empty": WebhookRequest("POST", WEBHOOK, "", {}, b""),
            },
            junk={
                "no sender": mo({**MO, "From": ""}),
                "no id": mo({"AccountSid": SID, "From": CITIZEN, "Body": "halo"}),
                "a name for a sender": mo({**MO, "From": "TELKOMSEL"}),
                "by WhatsApp": mo({**MO, "From": f"whatsapp:{CITIZEN}", "To": SENDER}),
                "status of WhatsApp": dlr(From=SENDER, To=f"whatsapp:{CITIZEN}"),
                "nothing worth telling": dlr(MessageStatus="queued"),
                "new status": dlr(MessageStatus="teleported"),
            },
            signed=self._signed,
            measure=septets,
            acknowledgement=Acknowledgement(204),
            form=MO,
        )

    @staticmethod
    def _signed(body: bytes) -> WebhookRequest:
        bare = WebhookRequest("POST", WEBHOOK, "", {}, body + b"&AccountSid=" + SID.encode())
        return replace(bare, headers=mo(bare.form).headers)


# sending


async def test_twilio_gets_one_receiver_our_number_and_where_to_report(
    server: TwilioServer, sms: Sms
) -> None:
    sid = await sms.send("0812 3456 7890", Payload("Halo “Bu”"), 7)
    (sent,) = server.sent
    assert sid == sent.sid
    assert sent.form == {
        "To": CITIZEN,
        "From": OURS,
        "Body": 'Halo "Bu"',
        "SmartEncoded": "false",
        "StatusCallback": f"{BASE}{STATUS}?message=7",
    }


async def test_a_short_code_can_be_our_number(server: TwilioServer) -> None:
    server.senders = {"1708"}
    sms = sms_at(server.url, "1708")
    await sms.send(CITIZEN, Payload("Halo"), 7)
    await sms.close()
    assert server.sent[0].form["From"] == "1708"


@pytest.mark.parametrize("address", ["1708", "TELKOMSEL", "whatsapp:+6281234567890", ""])
async def test_what_is_no_number_is_never_handed_over(server: TwilioServer, sms: Sms, address: str) -> None:
    with pytest.raises(Rejected):
        await sms.send(address, Payload("Halo"), 7)
    assert server.requests == []


async def test_who_sent_stop_is_opted_out(server: TwilioServer, sms: Sms) -> None:
    server.opted_out = {CITIZEN}
    with pytest.raises(OptedOut):
        await sms.send(CITIZEN, Payload("Halo"), 7)


# receipts


@pytest.mark.parametrize(
    ("code", "kind", "word"),
    [
        ("30001", Throttled, "kecepatan"),
        ("30003", Rejected, "tidak terjangkau"),
        ("30004", OptedOut, "memblokir"),
        ("30005", Rejected, "tidak dikenal"),
        ("30006", Rejected, "tidak dapat menerima"),
        ("30007", Rejected, "disaring"),
        ("30008", Rejected, "30008"),
    ],
)
def test_an_officer_reads_why_it_did_not_arrive(
    sms: Sms, code: str, kind: type[SendError], word: str
) -> None:
    (receipt,) = sms.read(dlr(MessageStatus="undelivered", ErrorCode=code))
    assert isinstance(receipt, Receipt)
    assert isinstance(receipt.error, kind) and word in receipt.error.sentence


def test_a_word_that_opts_out_arrives_as_words(sms: Sms) -> None:
    (event,) = sms.read(mo({**MO, "Body": "STOP", "OptOutType": "STOP"}))
    assert isinstance(event, Inbound) and (event.kind, event.text) == ("text", "STOP")


# one address for WhatsApp and SMS


def test_each_of_the_two_channels_reads_what_is_its_own(sms: Sms) -> None:
    whatsapp = WhatsApp(TwilioApi(SID, AUTH_TOKEN), SENDER, BASE)
    requests = [
        mo(MO),
        mo({**MO, "From": f"whatsapp:{CITIZEN}", "To": SENDER}),
        dlr(),
        dlr(From=SENDER, To=f"whatsapp:{CITIZEN}"),
    ]
    for request in requests:
        whatsapp.verify(request)
        sms.verify(request)
    read = [[event.channel for channel in (whatsapp, sms) for event in channel.read(r)] for r in requests]
    assert read == [["sms"], ["whatsapp"], ["sms"], ["whatsapp"]]


# settings

FULL = {
    "sms_gateway": "twilio",
    "twilio_account_sid": SID,
    "twilio_auth_token": AUTH_TOKEN,
    "twilio_sms_from": OURS,
    "public_url": BASE,
}


def settings(**given: str) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [OURS, "1708", "12345"])
def test_full_settings_make_the_channel_and_no_whatsapp(number: str) -> None:
    chosen = settings(**{**FULL, "twilio_sms_from": number})
    sms = from_settings(chosen)
    assert sms is not None and (sms.name, sms.account) == ("sms", number)
    sms.verify(mo(MO))
    assert AUTH_TOKEN in sms.secrets
    assert WhatsApp.from_settings(chosen) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("twilio_account_sid", ""),
        ("twilio_account_sid", "salah"),
        ("twilio_auth_token", ""),
        ("twilio_sms_from", ""),
        ("twilio_sms_from", SENDER),
        ("twilio_sms_from", "081234567890"),
        ("twilio_sms_from", "LAPOR"),
    ],
)
def test_half_filled_settings_name_what_is_wrong(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name.upper()):
        from_settings(settings(**{**FULL, name: value}))
    if name == "twilio_sms_from":  # what lacks for SMS is not blamed on WhatsApp
        assert WhatsApp.from_settings(settings(**{**FULL, name: value})) is None
