"""The command line's way in: one function a command, each a few lines around a use-case."""

import asyncio
import logging

import click

from bot.channel import SendError
from bot.house import House
from handlers.commands import (
    assigning,
    crisis,
    delivering,
    demo,
    forwarding,
    language,
    mergers,
    privacy,
    reconciling,
    secrecy,
    talk,
    talking,
    tickets,
    town,
)
from handlers.telegram import Telegram

log = logging.getLogger(__name__)
COMMANDS: tuple[click.Command, ...] = (
    *tickets.COMMANDS,
    *assigning.COMMANDS,
    *forwarding.COMMANDS,
    *mergers.COMMANDS,
    *crisis.COMMANDS,
    *delivering.COMMANDS,
    *town.COMMANDS,
    *talk.COMMANDS,
    *talking.COMMANDS,
    *language.COMMANDS,
    *privacy.COMMANDS,
    *secrecy.COMMANDS,
    *reconciling.COMMANDS,
    *demo.COMMANDS,
)
OF_STAFF: tuple[click.Command, ...] = assigning.OF_STAFF  # under `staff`, which app.py has


def set_webhook(house: House) -> None:
    """Tell Telegram our address when it has another one; a failure is logged and does not stop the start."""
    telegram = house.channels.get("telegram")
    if not isinstance(telegram, Telegram) or house.settings.telegram_mode != "webhook":
        return
    try:
        asyncio.run(_set_webhook(telegram, house.settings.base_url))
    except SendError as error:
        log.error("telegram's webhook could not be set", extra={"reason": type(error).__name__})


async def _set_webhook(telegram: Telegram, base_url: str) -> None:
    try:
        await telegram.ensure_webhook(base_url)
    finally:
        await telegram.close()
