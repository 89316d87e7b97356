"""Commands for speaking with the citizen of a ticket: take the chat over, write, give it back."""

import click

from bot.care import officers
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who takes it.")
@click.option("--from-colleague", is_flag=True, help="Also when a colleague has it.")
@click.pass_obj
def take(opened: Opened, number: str, email: str, from_colleague: bool) -> None:
    """Take over the chat of a ticket; the bot is quiet there."""
    with acting(opened, email) as (house, by):
        officers.take(house, by, number, from_colleague=from_colleague)
    click.echo(f"{number}: taken")


@click.command()
@click.argument("number")
@click.argument("words", metavar="TEXT")
@click.option("--as", "email", required=True, help="Who writes.")
@click.pass_obj
def say(opened: Opened, number: str, words: str, email: str) -> None:
    """Write to the citizen of a ticket; its status stays."""
    with acting(opened, email) as (house, by):
        officers.say(house, by, number, words)
    click.echo(f"{number}: said")


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who gives it back.")
@click.pass_obj
def handback(opened: Opened, number: str, email: str) -> None:
    """Give the chat of a ticket back to the bot."""
    with acting(opened, email) as (house, by):
        officers.hand_back(house, by, number)
    click.echo(f"{number}: handed back")


COMMANDS = (take, say, handback)
