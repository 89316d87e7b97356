"""Commands about mergers: take one back within a day. `move N merged --into M` makes one."""

import click

from bot.care import desk, unmerging
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who takes the merger back.")
@click.pass_obj
def unmerge(opened: Opened, number: str, email: str) -> None:
    """Let a merged ticket stand on its own again, within 24 hours; its citizen is told."""
    with opened() as house:
        try:
            with house.database.reading() as tx:
                by = desk.staff_reader(tx, email)
            unmerging.unmerge(house, by, number)
        except (desk.NotFound, NotAllowed) as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"{number}: stands on its own again")


COMMANDS = (unmerge,)
