"""SMS to and from 1708. sms_gateways.py or twilio_sms.py carries, sms_text.py draws, this file reads."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from bot.channel import (
    Acknowledgement,
    Attachment,
    Inbound,
    Payload,
    Receipt,
    Rejected,
    Say,
    WebhookRequest,
)
from bot.delivery.listing import Listed
from bot.settings import BadSettings, Settings
from handlers import sms_text, twilio_sms
from handlers.gsm7 import measure
from handlers.phones import e164
from handlers.sms_gateways import CHANNEL, Gateway, Heard, Kannel

__all__ = ["Sms", "from_settings", "measure"]


class Sms:
    """The channel "sms". Citizens' addresses are E.164 with a plus."""

    name = CHANNEL
    limits = sms_text.LIMITS

    def __init__(self, gateway: Gateway, account: str) -> None:
        """`account` is our number as handsets see it."""
        self.account = account
        self.secrets: Sequence[str] = gateway.secrets
        self.receipts = gateway.receipts
        self._gateway = gateway

    def verify(self, request: WebhookRequest) -> None:
        """Return when the gateway made this request; raises Forgery otherwise."""
        self._gateway.verify(request)

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        """SMS and delivery reports; raises Unreadable. Senders that nobody can answer bring nothing."""
        heard = [self._inbound(sms) for sms in self._gateway.read_mo(request)]
        return [*filter(None, heard), *self._gateway.read_dlr(request)]

    def render(self, say: Say) -> Sequence[Payload]:
        """One SMS, or several that are counted, "(1/3) ..."; choices are numbers to type."""
        return sms_text.draw(say)

    def knock(self, language: str) -> Payload | None:
        """None: a session never ends here."""
        return None

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        """Hand an SMS over; returns the provider's id; raises a SendError."""
        return await self._gateway.send(address, payload.text, message_id)

    async def fetch(self, reference: str) -> Attachment:
        """SMS has no files: raises Rejected."""
        raise Rejected("SMS carries no files", sentence="SMS tidak dapat membawa berkas.")

    async def settle(self, inbound: Inbound) -> None:
        """SMS has no buttons that wait for an answer."""

    async def probe(self) -> str:
        """One sentence on the account as the gateway sees it now; raises a SendError that says why not."""
        return await self._gateway.probe()

    def acknowledge(self) -> Acknowledgement:
        """What the webhook answers when all is safe."""
        return self._gateway.acknowledge()

    async def close(self) -> None:
        """Let go of connections."""
        await self._gateway.close()

    def _inbound(self, sms: Heard) -> Inbound | None:
        address = e164(sms.sender)
        if address is None:
            return None
        return Inbound(
            channel=self.name,
            account=self.account,
            provider_id=sms.provider_id,
            address=address,
            kind="text" if sms.text.strip() else "other",
            text=sms.text,
            sent_at=sms.sent_at,
            raw=sms.raw,
        )


class ListedSms(Sms):
    """SMS by Twilio, which does not try a webhook again but tells what it took (bot.delivery.listing)."""

    def __init__(self, carrier: twilio_sms.TwilioSms) -> None:
        """Speak for the carrier's number."""
        super().__init__(carrier, carrier.number)
        self._carrier = carrier

    def listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what citizens sent us in between, the newest first; raises a SendError."""
        return self._carrier.listed(since, until)

    async def of_list(self, one: Listed) -> Sequence[Inbound]:
        """An SMS of the list; nothing when nobody can answer its sender."""
        heard = self._inbound(self._carrier.of_list(one))
        return [heard] if heard and ":" not in one.fields["From"] else []


def from_settings(settings: Settings) -> Sms | None:
    """The channel, or None when nothing of it is set; raises BadSettings when it is half set."""
    if settings.sms_gateway == "twilio":
        return ListedSms(twilio_sms.from_settings(settings))
    needed = {
        "KANNEL_SENDSMS_URL": settings.kannel_sendsms_url,
        "KANNEL_USERNAME": settings.kannel_username,
        "KANNEL_PASSWORD": settings.kannel_password,
        "KANNEL_CALLBACK_SECRET": settings.kannel_callback_secret,
    }
    missing = [name for name, value in needed.items() if not value]
    if len(missing) == len(needed):
        if settings.twilio_sms_from.strip():
            raise BadSettings("TWILIO_SMS_FROM is set, so SMS_GATEWAY must be twilio.")
        return None
    if missing:
        raise BadSettings(f"SMS by Kannel also needs {', '.join(missing)}.")
    return Sms(_kannel(settings), settings.sms_shortcode)


def _kannel(settings: Settings) -> Kannel:
    return Kannel(
        url=settings.kannel_sendsms_url,
        username=settings.kannel_username,
        password=settings.kannel_password,
        secret=settings.kannel_callback_secret,
        sender=settings.sms_shortcode,
        base_url=settings.base_url,
    )
