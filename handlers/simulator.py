"""Three phones on a page instead of three providers: they draw what the real channels draw."""

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.channel import (
    Acknowledgement,
    Attachment,
    Channel,
    Forgery,
    Inbound,
    Limits,
    MediaReference,
    Payload,
    Receipt,
    Rejected,
    Say,
    Unreadable,
    WebhookRequest,
)
from bot.delivery.media import OTHERS, PHOTOS, kind_of
from bot.outbound import channel_key
from bot.settings import Settings
from handlers import sms_text, telegram_text, whatsapp_text
from handlers.twilio_content import BUTTON_LABEL, BUTTONS, ROW_LABEL, ROWS
from handlers.twilio_media import MEDIA_BYTES

CHANNEL = "simulator"
FILE_BYTES = 5_000_000
REFERENCE = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Look:
    """How one real channel draws, and what it can carry."""

    limits: Limits
    draw: Callable[[Say], Sequence[Payload]]


LOOKS: Mapping[str, Look] = {
    "whatsapp": Look(
        Limits(
            text=whatsapp_text.TEXT,
            options=BUTTONS,
            label=BUTTON_LABEL,
            rows=ROWS,
            row_label=ROW_LABEL,
            # Source: https://www.twilio.com/docs/whatsapp/key-concepts
            session_hours=24,
            media_bytes=MEDIA_BYTES,
            photos=True,
        ),
        whatsapp_text.parts,
    ),
    "telegram": Look(telegram_text.LIMITS, lambda say: telegram_text.draw(say, telegram_text.LIMITS)),
    "sms": Look(sms_text.LIMITS, sms_text.draw),
}


class Phone:
    """The channel "simulator" in the look of one real channel, which is its account."""

    name = CHANNEL
    secrets: Sequence[str] = ()
    receipts = False

    def __init__(self, look: str, folder: Path) -> None:
        """Be one phone.

        Args:
            look: "whatsapp", "telegram" or "sms".
            folder: Where files lie that were uploaded on the page; made at the first one.
        """
        self.account = look
        self.limits = LOOKS[look].limits
        self._folder = folder

    def verify(self, request: WebhookRequest) -> None:
        """Refuse: the page has routes of its own, nothing calls a webhook. Raises Forgery."""
        raise Forgery("the simulator has no webhook")

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        """Refuse: see `verify`. Raises Unreadable."""
        raise Unreadable("the simulator has no webhook")

    def render(self, say: Say) -> Sequence[Payload]:
        """Exactly what the real channel would send; raises Rejected where that would. Pure."""
        return LOOKS[self.account].draw(say)

    def knock(self, language: str) -> Payload | None:
        """None: a session never ends here."""
        return None

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        """Nothing leaves this machine: the page reads the message's row. Returns an id at once."""
        return provider_id_of(message_id)

    async def fetch(self, reference: str) -> Attachment:
        """A file that was uploaded on the page; raises Rejected when there is none of that name."""
        return await asyncio.to_thread(self.file, reference)

    async def settle(self, inbound: Inbound) -> None:
        """Nothing: the page waits for no word on a pressed button."""

    async def probe(self) -> str:
        """One sentence on this phone."""
        return f"Simulator {self.account} siap; pesannya tidak keluar dari komputer ini."

    def acknowledge(self) -> Acknowledgement:
        """An empty 200; nobody asks for it."""
        return Acknowledgement()

    async def close(self) -> None:
        """Nothing to let go of."""

    def keep_file(self, data: bytes) -> MediaReference:
        """Keep an uploaded photo, voice message, video or PDF; returns what `fetch` takes, with its kind.

        Raises:
            Rejected: The bytes are nothing of that kind or too many; its sentence is for the page.
        """
        if len(data) > FILE_BYTES:
            raise Rejected("file too large", sentence="Berkas lebih besar dari 5 MB.")
        media_type = kind_of(data)
        if media_type not in PHOTOS and media_type not in OTHERS:
            raise Rejected("no such kind", sentence="Berkas ini bukan foto, suara, video, atau PDF.")
        reference = secrets.token_hex(16)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / reference).write_bytes(data)
        return MediaReference(reference, media_type)

    def file(self, reference: str) -> Attachment:
        """An uploaded file; raises Rejected when there is none of that name."""
        # Only a name that `keep_file` can have given: never a path.
        if not REFERENCE.fullmatch(reference):
            raise Rejected("not a reference of ours")
        try:
            data = (self._folder / reference).read_bytes()
        except FileNotFoundError:
            raise Rejected("no such file") from None
        return Attachment(data, kind_of(data))


def provider_id_of(message_id: int) -> str:
    """The id that a message of ours has on the phones, as a provider would give it."""
    return f"sim:{message_id}"


def phones(settings: Settings) -> dict[str, Channel]:
    """The three phones by the names under which the house holds them; none unless only we can reach it."""
    if not settings.is_local:
        return {}
    folder = settings.data_dir / "simulator"
    return {channel_key(CHANNEL, look): Phone(look, folder) for look in LOOKS}
