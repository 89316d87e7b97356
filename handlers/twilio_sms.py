"""Twilio as the carrier of SMS: signed webhooks in, REST out. Proof: tests/test_twilio_sms.py."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from bot.channel import Acknowledgement, Receipt, Rejected, Unreadable, WebhookRequest
from bot.delivery.listing import Listed
from bot.settings import BadSettings, Settings
from handlers import twilio_forms, twilio_list
from handlers.gsm7 import transliterate
from handlers.phones import e164
from handlers.sms_gateways import CHANNEL, Heard
from handlers.twilio_api import TwilioApi, check_account_sid, check_signature

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}", re.ASCII)
"""A telephone number or a short code. Source: https://www.twilio.com/docs/glossary/what-is-a-short-code"""


class TwilioSms:
    """Our number for SMS at Twilio (see handlers.sms_gateways.Gateway)."""

    receipts = True

    def __init__(self, api: TwilioApi, number: str, base_url: str, webhook_key: str = "") -> None:
        """Speak for one number.

        Args:
            api: the account that owns it.
            number: a plus and digits, or a short code.
            base_url: where Twilio reaches us, without a slash at the end.
            webhook_key: secret of the account's shared key for webhooks; empty when it has none.
        """
        self.number = number
        self.secrets: Sequence[str] = [secret for secret in (*api.secrets, webhook_key) if secret]
        self._api, self._base_url, self._webhook_key = api, base_url, webhook_key

    def verify(self, request: WebhookRequest) -> None:
        """Return when Twilio made this request for our account; raises Forgery otherwise."""
        check_signature(
            request, self._base_url, self._api.account_sid, self._api.auth_token, self._webhook_key
        )

    def read_mo(self, request: WebhookRequest) -> Sequence[Heard]:
        """The SMS in the form; nothing for receipts and for what came by WhatsApp; raises Unreadable.

        Source: https://www.twilio.com/docs/messaging/guides/webhook-request
        """
        fields = twilio_forms.fields_of(request)
        sender, provider_id = fields.get("From", ""), twilio_forms.provider_id_of(fields)
        if twilio_forms.is_receipt(request, fields) or ":" in sender:
            return ()
        if not sender or not provider_id:
            raise Unreadable("SMS without a sender or an id")
        raw = json.dumps(fields, ensure_ascii=False)
        return (Heard(provider_id, sender, fields.get("Body", ""), None, raw),)

    def listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what citizens sent us in between, the newest first; raises a SendError."""
        return twilio_list.listed(self._api, self.number, since, until)

    def of_list(self, one: Listed) -> Heard:
        """An SMS of the list."""
        raw = json.dumps(dict(one.fields), ensure_ascii=False)
        return Heard(one.provider_id, one.fields["From"], one.fields["Body"], one.at, raw)

    def read_dlr(self, request: WebhookRequest) -> Sequence[Receipt]:
        """What became of an SMS of ours; nothing for messages and for what went out by WhatsApp."""
        fields = twilio_forms.fields_of(request)
        elsewhere = any(":" in fields.get(end, "") for end in ("From", "To"))
        if elsewhere or not twilio_forms.is_receipt(request, fields):
            return ()
        return twilio_forms.receipt(fields, request, CHANNEL)

    async def send(self, to: str, text: str, message_id: int) -> str:
        """Hand an SMS over; returns the MessageSid; raises a SendError.

        SmartEncoded is off: what an SMS can say in GSM-7 was decided when it was drawn and counted.

        Source: https://www.twilio.com/docs/messaging/api/message-resource
        """
        number = e164(to)
        if number is None:
            raise Rejected("not a telephone number", sentence="Nomor tujuan tidak sah.")
        return await self._api.create_message(
            {
                "to": number,
                "from_": self.number,
                "body": transliterate(text),
                "smart_encoded": "false",
                "status_callback": f"{self._base_url}{twilio_forms.STATUS}?message={message_id}",
            }
        )

    async def probe(self) -> str:
        """One sentence on the account at Twilio; raises a SendError that says why not."""
        status = await self._api.account_status()
        return f"Twilio account is {status}; our number for SMS is {self.number}."

    def acknowledge(self) -> Acknowledgement:
        """Empty: a text in the answer would go out as a reply.

        Source: https://www.twilio.com/docs/messaging/twiml
        """
        return Acknowledgement(204)

    async def close(self) -> None:
        """Let go of the connections of the running event loop."""
        await self._api.close()


def from_settings(settings: Settings) -> TwilioSms:
    """The gateway that SMS_GATEWAY=twilio asks for; raises BadSettings when it is half filled."""
    given = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid.strip(),
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.strip(),
        "TWILIO_SMS_FROM": settings.twilio_sms_from.strip(),
    }
    sid, token, number = _checked(given)
    api = TwilioApi(sid, token, settings.twilio_api_url)
    return TwilioSms(api, number, settings.base_url, settings.twilio_webhook_key)


def _checked(given: Mapping[str, str]) -> tuple[str, str, str]:
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise BadSettings(f"SMS_GATEWAY is twilio, so {' and '.join(missing)} must be set too.")
    sid, token, number = given.values()
    check_account_sid(sid)
    if not NUMBER.fullmatch(number):
        raise BadSettings("TWILIO_SMS_FROM must be + and the digits of our number, or a short code.")
    return sid, token, number
