"""Commands about mergers: take one back within a day. `move N merged --into M` makes one."""

import click

from bot.care import unmerging
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who takes the merger back.")
@click.pass_obj
def unmerge(opened: Opened, number: str, email: str) -> None:
    """Let a merged ticket stand on its own again, within 24 hours; its citizen is told."""
    with acting(opened, email) as (house, by):
        unmerging.unmerge(house, by, number)
    click.echo(f"{number}: stands on its own again")


COMMANDS = (unmerge,)
