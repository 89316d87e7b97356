"""The command that sends again what failed for good."""

import click

from bot.delivery import dead_letters
from handlers.commands.opening import Opened


@click.command()
@click.argument("message_id", type=click.IntRange(1, 2**63 - 1), required=False, metavar="[MESSAGE_ID]")
@click.option("--all", "everything", is_flag=True, help="All that failed, the oldest first.")
@click.pass_obj
def resend(opened: Opened, message_id: int | None, everything: bool) -> None:
    """Send messages again that failed for good: one by its id, or --all of them."""
    if (message_id is None) != everything:
        raise click.UsageError("Give the id of a message, or --all.")
    with opened() as house:
        if message_id is None:
            click.echo(f"{dead_letters.resend_all(house)} messages wait to be sent again.")
            return
        try:
            dead_letters.resend_one(house, message_id)
        except dead_letters.Nothing:
            raise click.ClickException(f"Message {message_id} did not fail.") from None
    click.echo(f"{message_id}: waits to be sent again")


COMMANDS = (resend,)
