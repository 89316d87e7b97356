"""WhatsApp by Twilio: signed webhooks in, REST out, reply buttons and lists where they can be had."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.channel import Acknowledgement, Attachment, Inbound, Limits, Payload, Receipt, Say, WebhookRequest
from bot.delivery.listing import Listed
from bot.settings import BadSettings, Settings, is_reachable
from handlers import twilio_list, twilio_media, whatsapp_inbound, whatsapp_text
from handlers.twilio_api import TwilioApi, check_account_sid, check_signature
from handlers.twilio_content import BUTTON_LABEL, BUTTONS, ROW_LABEL, ROWS, Contents, drawings
from handlers.twilio_errors import ContentRefused
from handlers.twilio_forms import STATUS, fields_of, is_receipt
from handlers.whatsapp_inbound import PREFIX

EXTRA_CONTENT = "content_sid"
EXTRA_VARIABLES = "content_variables"
KNOCK_TEXT = "[templat] Ada kabar tentang laporan Anda. Balas satu kata untuk membacanya."


class WhatsApp:
    """Our WhatsApp number at Twilio."""

    name = "whatsapp"
    receipts = True
    limits = Limits(
        text=whatsapp_text.TEXT,
        options=BUTTONS,
        label=BUTTON_LABEL,
        rows=ROWS,
        row_label=ROW_LABEL,
        # Source: https://www.twilio.com/docs/whatsapp/key-concepts
        session_hours=24,
        media_bytes=twilio_media.MEDIA_BYTES,
        photos=True,
    )

    def __init__(
        self,
        api: TwilioApi,
        number: str,
        base_url: str,
        webhook_key: str = "",
        templates: Mapping[str, str] | None = None,
    ) -> None:
        """Speak for one number.

        Args:
            api: the account that owns it.
            number: `whatsapp:+` and digits.
            base_url: where Twilio reaches us, without a slash at the end.
            webhook_key: secret of the account's shared key for webhooks; empty when it has none.
            templates: content ids of the approved "open to read" template by language.
        """
        self.account = number
        self.secrets: Sequence[str] = [secret for secret in (*api.secrets, webhook_key) if secret]
        self._api = api
        self._base_url = base_url
        if not is_reachable(base_url):  # Twilio fetches pictures from us
            self.limits = replace(type(self).limits, photos=False)
        self._webhook_key = webhook_key
        self._templates = dict(templates or {})
        self._contents = Contents(api)

    @classmethod
    def from_settings(cls, settings: Settings) -> "WhatsApp | None":
        """The channel, or None without settings for it; raises BadSettings when they are half filled."""
        given = {
            "TWILIO_ACCOUNT_SID": settings.twilio_account_sid.strip(),
            "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.strip(),
            "TWILIO_WHATSAPP_FROM": settings.twilio_whatsapp_from.strip(),
        }
        for_sms = settings.sms_gateway == "twilio" or bool(settings.twilio_sms_from.strip())
        if not any(given.values()) or (for_sms and not given["TWILIO_WHATSAPP_FROM"]):
            return None
        sid, token, number = _checked(given)
        api = TwilioApi(sid, token, settings.twilio_api_url)
        templates = _templates(settings.twilio_status_template_sid, settings.language_list[0])
        return cls(api, number, settings.base_url, settings.twilio_webhook_key, templates)

    def verify(self, request: WebhookRequest) -> None:
        """Return when Twilio made this request for our account; raises Forgery otherwise."""
        check_signature(
            request, self._base_url, self._api.account_sid, self._api.auth_token, self._webhook_key
        )

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        """The message or the receipt in the form; nothing for what is not WhatsApp's; raises Unreadable."""
        fields = fields_of(request)
        if is_receipt(request, fields):
            return whatsapp_inbound.receipt(fields, request, self.name)
        return whatsapp_inbound.message(fields, self.name, self.account)

    def listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what citizens sent us in between, the newest first; raises a SendError."""
        return twilio_list.listed(self._api, self.account, since, until)

    async def of_list(self, one: Listed) -> Sequence[Inbound]:
        """A message of the list; the sender's name and a place are not in it. Raises a SendError."""
        fields = await twilio_list.with_media(self._api, one)
        return whatsapp_inbound.message(fields, self.name, self.account)

    def render(self, say: Say) -> Sequence[Payload]:
        """The messages that tell it, in order; options stay options where they can be buttons. Pure."""
        return whatsapp_text.parts(say)

    def knock(self, language: str) -> Payload | None:
        """The approved template of TWILIO_STATUS_TEMPLATE_SID for a language, or the first one."""
        if not self._templates:
            return None
        sid = self._templates.get(language) or next(iter(self._templates.values()))
        return Payload(KNOCK_TEXT, extra={"opens": True, EXTRA_CONTENT: sid})

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        """Hand a message over.

        Args:
            address: `whatsapp:+` and digits, or `whatsapp:` and a business-scoped id.
            payload: what `render` made; or an approved template: `content_sid` (and `content_variables`,
                a mapping) in `extra`.
            message_id: ours; comes back in the receipt.

        Returns:
            The MessageSid.

        Raises:
            SendError: why it did not go out, or Unknown when it may have.
        """
        to = address if address.startswith(PREFIX) else PREFIX + address
        fields = {
            "to": to,
            "from_": self.account,
            "status_callback": f"{self._base_url}{STATUS}?message={message_id}",
        }
        if EXTRA_CONTENT in payload.extra:
            sid, variables = str(payload.extra[EXTRA_CONTENT]), payload.extra.get(EXTRA_VARIABLES, {})
            return await self._api.create_message({**fields, **_content(sid, variables)})
        if payload.photo:
            # Source: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
            return await self._api.create_message(
                {**fields, "body": payload.text, "media_url": [payload.photo.url]}
            )
        if payload.options:
            return await self._ask(fields, payload)
        return await self._api.create_message({**fields, "body": payload.text})

    async def _ask(self, fields: Mapping[str, str], payload: Payload) -> str:
        """With buttons or as a list; as numbered lines whenever Twilio does not give us these."""
        for drawing in drawings(payload.text, payload.options):
            sid = await self._contents.sid(drawing)
            if not sid:
                continue
            try:
                return await self._api.create_message({**fields, **_content(sid, drawing.variables)})
            except ContentRefused:
                self._contents.forget()
                break
        (body,) = whatsapp_text.numbered(payload.text, payload.options)
        return await self._api.create_message({**fields, "body": body})

    async def fetch(self, reference: str) -> Attachment:
        """A citizen's file, at most 16 MB, from Twilio only; raises a SendError."""
        return await twilio_media.download(self._api, reference)

    async def settle(self, inbound: Inbound) -> None:
        """Nothing: WhatsApp waits for no word on a pressed button."""

    async def probe(self) -> str:
        """One sentence on the account at Twilio; raises a SendError that says why not."""
        status = await self._api.account_status()
        return f"Twilio account is {status}; our number is {self.account.removeprefix(PREFIX)}."

    def acknowledge(self) -> Acknowledgement:
        """Empty: a text in the answer would go out as a reply.

        Source: https://www.twilio.com/docs/messaging/twiml
        """
        return Acknowledgement(204)

    async def close(self) -> None:
        """Let go of the connections of the running event loop."""
        await self._api.close()


def _content(sid: str, variables: Mapping[str, str]) -> dict[str, str]:
    fields = {"content_sid": sid}
    if variables:
        fields["content_variables"] = json.dumps(dict(variables), ensure_ascii=False)
    return fields


def _templates(setting: str, language: str) -> dict[str, str]:
    """Content ids by language, from one id or `lang=id,lang=id`; raises BadSettings."""
    pairs = [part.strip().rpartition("=") for part in setting.split(",") if part.strip()]
    found = {name or language: sid for name, _, sid in pairs}
    if not all(re.fullmatch(r"HX[0-9a-fA-F]{32}", sid) for sid in found.values()):
        raise BadSettings(
            "TWILIO_STATUS_TEMPLATE_SID must be HX and 32 hexadecimal digits, or lang=HX...,lang=HX..."
        )
    return found


def _checked(given: Mapping[str, str]) -> tuple[str, str, str]:
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise BadSettings(f"{' and '.join(missing)} must be set too, because WhatsApp is half filled in.")
    sid, token, number = given.values()
    check_account_sid(sid)
    number = number if number.startswith(PREFIX) else PREFIX + number
    if not re.fullmatch(r"whatsapp:\+[1-9][0-9]{6,14}", number):
        raise BadSettings("TWILIO_WHATSAPP_FROM must be whatsapp:+ and the digits of our number.")
    return sid, token, number
