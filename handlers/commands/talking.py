"""Commands for speaking with the citizen of a ticket: take the chat over, write, give it back."""

from collections.abc import Callable

import click

from bot.care import desk, officers
from bot.house import House
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened
from storage.queries import Reader


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who takes it.")
@click.option("--from-colleague", is_flag=True, help="Also when a colleague has it.")
@click.pass_obj
def take(opened: Opened, number: str, email: str, from_colleague: bool) -> None:
    """Take over the chat of a ticket; the bot is quiet there."""

    def act(house: House, by: Reader) -> None:
        officers.take(house, by, number, from_colleague=from_colleague)

    _do(opened, email, act)
    click.echo(f"{number}: taken")


@click.command()
@click.argument("number")
@click.argument("words", metavar="TEXT")
@click.option("--as", "email", required=True, help="Who writes.")
@click.pass_obj
def say(opened: Opened, number: str, words: str, email: str) -> None:
    """Write to the citizen of a ticket; its status stays."""
    _do(opened, email, lambda house, by: officers.say(house, by, number, words))
    click.echo(f"{number}: said")


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who gives it back.")
@click.pass_obj
def handback(opened: Opened, number: str, email: str) -> None:
    """Give the chat of a ticket back to the bot."""
    _do(opened, email, lambda house, by: officers.hand_back(house, by, number))
    click.echo(f"{number}: handed back")


def _do(opened: Opened, email: str, act: Callable[[House, Reader], None]) -> None:
    with opened() as house:
        try:
            with house.database.reading() as tx:
                by = desk.staff_reader(tx, email)
            act(house, by)
        except (desk.NotFound, NotAllowed) as refusal:
            raise click.ClickException(str(refusal)) from None


COMMANDS = (take, say, handback)
