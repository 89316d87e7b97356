"""The channels. A new one is a file in this folder and a line in CHANNELS (docs/adding-a-channel.md)."""

from collections.abc import Callable, Mapping

from bot.channel import Channel
from bot.settings import Settings
from handlers import sms, telegram, whatsapp

# Each makes its channel from the settings: None without credentials, BadSettings when they are half filled.
CHANNELS: Mapping[str, Callable[[Settings], Channel | None]] = {
    "whatsapp": whatsapp.WhatsApp.from_settings,
    "telegram": telegram.from_settings,
    "sms": sms.from_settings,
}


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that have credentials, by name; raises BadSettings with one sentence."""
    made = {name: make(settings) for name, make in CHANNELS.items()}
    return {name: channel for name, channel in made.items() if channel is not None}
