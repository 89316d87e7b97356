"""The settings that make Telegram absent, present or refused."""

from typing import Any

import pytest

from bot.settings import BadSettings, Settings
from handlers.telegram import from_settings
from tests.telegram_server import TOKEN
from tests.test_telegram import SECRET, signed


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_without_a_token_there_is_no_telegram() -> None:
    assert from_settings(settings()) is None
    assert from_settings(settings(telegram_mode="webhook")) is None


def test_with_a_token_there_is_one_that_polls() -> None:
    channel = from_settings(settings(telegram_bot_token=TOKEN))
    assert channel and (channel.name, channel.account) == ("telegram", "1708170817")
    assert tuple(channel.secrets) == (TOKEN,)


def test_in_webhook_mode_the_secret_opens_the_webhook() -> None:
    channel = from_settings(
        settings(
            telegram_bot_token=TOKEN,
            telegram_mode="webhook",
            telegram_webhook_secret=SECRET,
            public_url="https://lapor.example",
        )
    )
    assert channel and tuple(channel.secrets) == (TOKEN, SECRET)
    channel.verify(signed(b"{}"))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"telegram_webhook_secret": "a"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": "rahasia"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": TOKEN + "/../x"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": TOKEN + "\n"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": TOKEN, "telegram_mode": "webhook"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_bot_token": TOKEN, "telegram_webhook_secret": "a b"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_bot_token": TOKEN, "telegram_webhook_secret": "a" * 257}, "TELEGRAM_WEBHOOK_SECRET"),
        (
            {"telegram_bot_token": TOKEN, "telegram_mode": "webhook", "telegram_webhook_secret": "a"},
            "PUBLIC_URL",
        ),
    ],
)
def test_a_half_filled_channel_stops_the_start_with_a_sentence(given: dict[str, Any], names: str) -> None:
    with pytest.raises(BadSettings) as caught:
        from_settings(settings(**given))
    sentence = str(caught.value)
    assert names in sentence and sentence.endswith(".") and "\n" not in sentence
    assert TOKEN not in sentence
