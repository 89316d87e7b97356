"""The command that asks providers for messages that never reached us."""

import asyncio
from datetime import datetime

import click

from bot.channel import SendError
from bot.delivery import reconciling
from bot.house import House
from handlers.commands.opening import Opened
from handlers.commands.tickets import instant


@click.command("reconcile")
@click.option("--since", default=None, help="From this ISO instant on; else since the last time.")
@click.pass_obj
def reconcile_command(opened: Opened, since: str | None) -> None:
    """Take messages that a provider has and we have not, and answer them."""
    begin = instant(since)
    with opened() as house:
        try:
            count = asyncio.run(_reconcile(house, begin))
        except SendError as error:
            raise click.ClickException(f"The provider's list cannot be read: {error.detail}.") from None
    click.echo(f"{count} messages taken.")


async def _reconcile(house: House, since: datetime | None) -> int:
    try:
        return await reconciling.reconcile(house, since)
    finally:
        for channel in house.channels.values():
            await channel.close()


COMMANDS: tuple[click.Command, ...] = (reconcile_command,)
