"""Commands about who sees a report: raise its secrecy, put it into the supervised lane."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.care import desk, lane, secrecy
from bot.house import House
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened
from storage import queries


@click.command("secrecy")
@click.argument("number")
@click.argument("flag", type=click.Choice(list(secrecy.NAMES)))
@click.option("--as", "email", required=True, help="Who does it.")
@click.option("--note", required=True, help="Why; it stands in the history.")
@click.pass_obj
def secrecy_command(opened: Opened, number: str, flag: str, email: str, note: str) -> None:
    """Make a ticket anonymous or confidential; nothing makes it open again."""
    with opened() as house, _one_sentence():
        secrecy.raise_secrecy(house, _reader(house, email), number, flag, note)
    click.echo(f"{number}: {flag}")


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="Who does it.")
@click.option("--note", default="", help="Why; it stands in the history.")
@click.option("--release", "released", is_flag=True, help="Take it out again; needs --note and an inspector.")
@click.pass_obj
def supervise(opened: Opened, number: str, email: str, note: str, released: bool) -> None:
    """Put a ticket into the lane that inspectors alone see."""
    with opened() as house, _one_sentence():
        act = lane.release if released else lane.place
        act(house, _reader(house, email), number, note)
    click.echo(f"{number}: {'released' if released else 'supervised'}")


def _reader(house: House, email: str) -> queries.Reader:
    with house.database.reading() as tx:
        return desk.staff_reader(tx, email)


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except (desk.NotFound, NotAllowed) as refusal:
        raise click.ClickException(str(refusal)) from None


COMMANDS = (secrecy_command, supervise)
