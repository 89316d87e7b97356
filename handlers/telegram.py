"""Telegram: private chats with our bot, by polling or by webhook."""

import asyncio
import hmac
import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    WebhookInfo,
)
from telegram.error import TelegramError

from bot.channel import (
    Acknowledgement,
    Attachment,
    Forgery,
    Inbound,
    Misconfigured,
    Payload,
    Picture,
    Receipt,
    Rejected,
    Say,
    SendError,
    Unknown,
    WebhookRequest,
)
from bot.settings import BadSettings, Settings
from handlers import telegram_text
from handlers.telegram_api import DOWNLOAD_BYTES, StrictRequest, as_send_error, download, quiet_logs
from handlers.telegram_updates import ALLOWED_UPDATES, CHANNEL, read_update

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

WEBHOOK_PATH = "/webhooks/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
OFFICIAL_API = "https://api.telegram.org"
LOCATION_BUTTON = "📍 Kirim lokasi saya"
"""Label of the button that sends the position; a Say carries no label for it."""

TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{10,128}", re.ASCII)
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
"""Source: https://core.telegram.org/bots/api#setwebhook (secret_token)."""

LIMITS = replace(telegram_text.LIMITS, media_bytes=DOWNLOAD_BYTES)


def from_settings(settings: Settings) -> "Telegram | None":
    """The channel, or None when TELEGRAM_BOT_TOKEN is empty.

    Raises:
        BadSettings: The channel is half-filled; one sentence says what is missing.
    """
    token, secret = settings.telegram_bot_token, settings.telegram_webhook_secret
    webhook = settings.telegram_mode == "webhook"
    if not token:
        if secret:
            raise BadSettings("TELEGRAM_WEBHOOK_SECRET is set but TELEGRAM_BOT_TOKEN is empty.")
        return None
    if not TOKEN.fullmatch(token):
        raise BadSettings("TELEGRAM_BOT_TOKEN is not a token from BotFather (digits, a colon, letters).")
    if secret and not WEBHOOK_SECRET.fullmatch(secret):
        raise BadSettings("TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -.")
    if webhook and not secret:
        raise BadSettings("TELEGRAM_MODE is webhook, so TELEGRAM_WEBHOOK_SECRET must be set.")
    api_url = settings.telegram_api_url or OFFICIAL_API
    if webhook and api_url == OFFICIAL_API and not settings.base_url.startswith("https://"):
        raise BadSettings("TELEGRAM_MODE is webhook, so PUBLIC_URL must begin with https://.")
    return Telegram(token, api_url=api_url, secret=secret if webhook else "", base_url=settings.base_url)


class Telegram:
    """The Telegram channel of one bot (see bot.channel.Channel)."""

    name = CHANNEL
    limits = LIMITS
    receipts = False  # Telegram never says that a message was delivered or read

    def __init__(
        self,
        token: str,
        *,
        api_url: str = OFFICIAL_API,
        secret: str = "",
        base_url: str = "",
        timeout_seconds: float = 20.0,
    ) -> None:
        """Remember the account; nothing is asked of Telegram yet.

        Args:
            token: The bot's token, "<bot id>:<key>".
            api_url: Base URL of the Bot API, without a slash at the end.
            secret: What a webhook call must carry; "": polling mode, every webhook call is a forgery.
            base_url: Where Telegram would reach us; used to tell whether the webhook is ours.
            timeout_seconds: How long to wait for an answer.
        """
        self.account = token.partition(":")[0]
        self.secrets: Sequence[str] = tuple(filter(None, (token, secret)))
        self._token, self._secret, self._api_url, self._base_url = token, secret, api_url, base_url
        self._timeout = httpx.Timeout(timeout_seconds, connect=min(5.0, timeout_seconds))
        self._bots: WeakKeyDictionary[asyncio.AbstractEventLoop, Bot] = WeakKeyDictionary()
        quiet_logs()

    def verify(self, request: WebhookRequest) -> None:
        """Return when Telegram made this request; raises Forgery otherwise, and always in polling mode."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
        if not self._secret or not hmac.compare_digest(given, self._secret.encode()):
            raise Forgery("no webhook of ours, or another secret")

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        """The event in a webhook call, none for groups and what we do not follow; raises Unreadable."""
        return self.read_update(request.json())

    def read_update(self, update: object) -> Sequence[Inbound]:
        """The event in one update as `poll` or a webhook brings it; raises Unreadable."""
        return read_update(self.account, update)

    def render(self, say: Say) -> Sequence[Payload]:
        """The messages that tell it; raises Rejected on what Telegram would refuse."""
        return telegram_text.draw(say, self.limits)

    def knock(self, language: str) -> Payload | None:
        """None: a session never ends here."""
        return None

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        """Send plain text, or a picture with its caption, to a private chat.

        Args:
            address: The chat's id.
            payload: One part that `render` made.
            message_id: Not used: Telegram reports nothing back.

        Returns:
            Telegram's id of the message in its chat.

        Raises:
            SendError: Why it did not go out.
        """
        if not re.fullmatch(r"[0-9]{1,19}", address, re.ASCII):
            raise Rejected("not the id of a private chat")
        if payload.photo:
            return await self._send_photo(int(address), payload.photo, payload.text)
        sending = self._bot().send_message(
            chat_id=int(address),
            text=payload.text,
            reply_markup=_markup(payload),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return str((await self._told(sending)).message_id)

    async def _send_photo(self, chat: int, photo: Picture, caption: str) -> str:
        # Uploaded and not fetched: nobody has to reach us, and polling from a laptop sends pictures too.
        sending = self._bot().send_photo(chat, photo.data, caption=caption, filename="foto.jpg")
        return str((await self._told(sending)).message_id)

    async def fetch(self, reference: str) -> Attachment:
        """The file with this file_id, at most 20 MB; raises a SendError."""
        # Bot.get_file looks for the path on our own disk; the plain call does not. Method names are
        # case-insensitive, and do_api_request warns on those that PTB wraps.
        # Source: https://core.telegram.org/bots/api#making-requests
        found = await self._told(self._bot().do_api_request("getfile", {"file_id": reference}))
        if not isinstance(found, dict):
            raise Unknown("getFile gave no file")
        size = found.get("file_size")
        if isinstance(size, int) and size > DOWNLOAD_BYTES:
            raise Rejected(f"the file is larger than {DOWNLOAD_BYTES} bytes")
        base = f"{self._api_url}/file/bot{self._token}"
        return await download(base, found.get("file_path"), self._timeout)

    async def settle(self, inbound: Inbound) -> None:
        """Stop the waiting sign on the pressed button. Never raises: a late answer is of no use."""
        if not inbound.settle:
            return
        try:
            await self._told(self._bot().answer_callback_query(inbound.settle))
        except SendError as error:
            logger.info("A pressed button was not settled: %s", type(error).__name__)

    async def probe(self) -> str:
        """One sentence on the bot, and in webhook mode on its webhook; raises a SendError."""
        me = await self._told(self._bot().get_me())
        if not self._secret:
            return f"Bot @{me.username} answers; updates are polled."
        info = await self._told(self._bot().get_webhook_info())
        return f"Bot @{me.username} answers; {self._webhook_state(info)}."

    def _webhook_state(self, info: WebhookInfo) -> str:
        """How our webhook stands; raises Misconfigured when it is another's: then nothing reaches us."""
        if info.url != self._base_url + WEBHOOK_PATH:
            raise Misconfigured(
                f"its webhook is {info.url or 'not set'}, not {self._base_url + WEBHOOK_PATH}"
            )
        waiting = f"the webhook is ours, {info.pending_update_count} updates wait"
        return waiting + (f", last error: {info.last_error_message}" if info.last_error_message else "")

    async def ensure_webhook(self, base_url: str) -> bool:
        """Have Telegram call `base_url` + /webhooks/telegram; returns whether anything had to change.

        Raises:
            SendError: Misconfigured when Telegram refuses the address.
        """
        url = base_url + WEBHOOK_PATH
        info = await self._told(self._bot().get_webhook_info())
        # Telegram does not tell the secret it uses: only its 403s tell that it is an old one.
        refused = "403" in (info.last_error_message or "")
        if info.url == url and set(info.allowed_updates or ()) == set(ALLOWED_UPDATES) and not refused:
            return False
        setting = self._bot().set_webhook(url, allowed_updates=ALLOWED_UPDATES, secret_token=self._secret)
        try:
            await self._told(setting)
        except Rejected as error:
            raise Misconfigured(f"setWebhook: {error.detail}") from None
        return True

    async def start_polling(self) -> None:
        """Take away a webhook, which polling excludes; updates that wait are kept. Raises a SendError."""
        if (await self._told(self._bot().get_webhook_info())).url:
            await self._told(self._bot().delete_webhook(drop_pending_updates=False))

    async def poll(self, offset: int | None, timeout_seconds: int) -> list[dict[str, Any]]:
        """Updates from `offset` on, as Telegram wrote them; those before it are confirmed by this call.

        Args:
            offset: The last update's id plus one; None: the oldest that waits.
            timeout_seconds: How long Telegram may hold the call open while there is nothing.

        Raises:
            SendError: Misconfigured when somebody else polls this bot or a webhook is set.
        """
        wanted = {"offset": offset, "timeout": timeout_seconds, "allowed_updates": list(ALLOWED_UPDATES)}
        arguments = {name: value for name, value in wanted.items() if value is not None}
        patience = timeout_seconds + (self._timeout.read or 0)
        asking = self._bot().do_api_request("getupdates", arguments, read_timeout=patience)
        updates: object = await self._told(asking)
        if not isinstance(updates, list):
            raise Unknown("getUpdates gave no list")
        return [update for update in updates if isinstance(update, dict)]

    def acknowledge(self) -> Acknowledgement:
        """An empty 200: a body would be run as a Bot API call."""
        return Acknowledgement()

    async def close(self) -> None:
        """Let go of the connections of the running loop."""
        bot = self._bots.pop(asyncio.get_running_loop(), None)
        if bot:
            await bot.request.shutdown()

    def _bot(self) -> Bot:
        """The running loop's Bot: its connections cannot be used from another loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._bots:
            self._bots[loop] = self._new_bot()
        return self._bots[loop]

    def _new_bot(self) -> Bot:
        wait = self._timeout
        request = StrictRequest(
            read_timeout=wait.read, write_timeout=wait.write, connect_timeout=wait.connect, pool_timeout=5.0
        )
        bases = f"{self._api_url}/bot", f"{self._api_url}/file/bot"
        return Bot(self._token, *bases, request=request, get_updates_request=request)

    async def _told(self, call: Awaitable[Result]) -> Result:
        """The call's result, or its error in the contract's words with every secret blanked out."""
        try:
            return await call
        except Exception as error:
            ours = as_send_error(error)
            if not isinstance(error, TelegramError):  # a mistake of ours or PTB's: the words may hold secrets
                logger.error("A Telegram call failed unexpectedly: %s", type(error).__name__)
        for secret in self.secrets:
            ours.detail = ours.detail.replace(secret, "***")
        raise type(ours)(ours.detail, after=ours.after, sentence=ours.sentence)


def _markup(payload: Payload) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if payload.options:
        rows = [[InlineKeyboardButton(o.label, callback_data=o.id)] for o in payload.options]
        return InlineKeyboardMarkup(rows)
    if payload.extra.get("asks_location"):
        button = KeyboardButton(LOCATION_BUTTON, request_location=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    return None
