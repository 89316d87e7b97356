"""What the Bot API refuses, in its own words. Source: https://github.com/tdlib/telegram-bot-api (10.0)."""

import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp.web import FileField
from PIL import Image

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
PHOTO_BYTES = 10_000_000
PHOTO_SIDES = 10_000  # width and height together
PHOTO_RATIO = 20
UPLOADED = "uploaded "
BUTTON_DATA_BYTES = 64
MOST_BUTTONS = 100
CALLBACK_ANSWER = 200
DOWNLOAD_BYTES = 20_000_000
WEBHOOK_PORTS = {443, 80, 88, 8443}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HTML_TAG = re.compile(
    r"</?(b|strong|i|em|u|ins|s|strike|del|code|pre|a|span|tg-spoiler|tg-emoji|blockquote)\b[^<>]*>"
)
MARKDOWN_RESERVED = re.compile(r"(?<!\\)[>#+\-=|{}.!()\[\]]")


class Refusal(Exception):
    """An error that the API answers with."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """UTF-16 units, the API's measure of text."""
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str, parse_mode: str = "") -> str:
    """The text as it will be shown; raises Refusal."""
    shown = check_entities(text, parse_mode).strip()
    if not shown:
        raise bad_request("message text is empty")
    if units(shown) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return shown


def field_of(name: str, value: Any) -> tuple[str, str]:
    """A field of a body as text; an uploaded file under a name of its own, byte for byte."""
    if isinstance(value, FileField):
        return UPLOADED + name, value.file.read().decode("latin-1")
    return name, str(value)


def check_photo(given: Mapping[str, str]) -> bytes:
    """The uploaded picture; raises Refusal. Source: https://core.telegram.org/bots/api#sendphoto"""
    name = given.get("photo", "").removeprefix("attach://") if "photo" in given else "photo"
    if UPLOADED + name not in given:
        raise bad_request("there is no photo in the request")
    data = given[UPLOADED + name].encode("latin-1")
    if len(data) > PHOTO_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    try:
        width, height = Image.open(io.BytesIO(data)).size
    except OSError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > PHOTO_SIDES or max(width, height) > PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    if units(check_entities(given.get("caption", ""), given.get("parse_mode", ""))) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return data


def check_entities(text: str, parse_mode: str) -> str:
    mode = parse_mode.lower()
    if mode not in {"", "html", "markdown", "markdownv2"}:
        raise bad_request("unsupported parse_mode")
    if mode == "html" and (bare := HTML_TAG.sub("", text)) != bare.replace("<", ""):
        raise bad_request("can't parse entities: Unsupported start tag")
    if mode == "markdownv2" and (found := MARKDOWN_RESERVED.search(text)):
        raise bad_request(f"can't parse entities: Character '{found[0]}' is reserved and must be escaped")
    return HTML_TAG.sub("", text) if mode == "html" else text


def check_markup(given: str) -> dict[str, Any] | None:
    """The reply markup as an object; raises Refusal."""
    if not given:
        return None
    try:
        markup = json.loads(given)
    except ValueError:
        markup = None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_keyboard(markup["inline_keyboard"], inline=True)
    elif "keyboard" in markup:
        _check_keyboard(markup["keyboard"], inline=False)
    return markup


def _check_keyboard(rows: Any, *, inline: bool) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        if not isinstance(button, dict) or not str(button.get("text", "")).strip():
            raise bad_request('can\'t parse keyboard button: Field "text" must be non-empty')
        if inline:
            _check_inline_button(button)


def _check_inline_button(button: Mapping[str, Any]) -> None:
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= BUTTON_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def check_webhook(url: str, secret: str) -> None:
    """Raise Refusal on an address or secret that setWebhook does not take.

    Plain http is taken on loopback only, where the real server in its local mode takes it too.
    """
    parts = urlsplit(url)
    local = parts.hostname in LOOPBACK
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise bad_request("bad webhook: invalid webhook URL specified")
    if not local and parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not local and (parts.port or 443) not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
