"""Commands about who sees a report: raise its secrecy, put it into the supervised lane."""

import click

from bot.care import lane, secrecy
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.command("secrecy")
@click.argument("number")
@click.argument("flag", type=click.Choice(list(secrecy.NAMES)))
@click.option("--as", "email", required=True, help="Who does it.")
@click.option("--note", required=True, help="Why; it stands in the history.")
@click.pass_obj
def secrecy_command(opened: Opened, number: str, flag: str, email: str, note: str) -> None:
    """Make a ticket anonymous or confidential; nothing makes it open again."""
    with acting(opened, email) as (house, by):
        secrecy.raise_secrecy(house, by, number, flag, note)
    click.echo(f"{number}: {flag}")


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who does it.")
@click.option("--note", default="", help="Why; it stands in the history.")
@click.option("--release", "released", is_flag=True, help="Take it out again; needs --note and an inspector.")
@click.pass_obj
def supervise(opened: Opened, number: str, email: str, note: str, released: bool) -> None:
    """Put a ticket into the lane that inspectors alone see."""
    with acting(opened, email) as (house, by):
        act = lane.release if released else lane.place
        act(house, by, number, note)
    click.echo(f"{number}: {'released' if released else 'supervised'}")


COMMANDS = (secrecy_command, supervise)
