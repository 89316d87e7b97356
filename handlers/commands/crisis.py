"""Commands about emergencies: switch the emergency mode of an area on and off, list what is on."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.care import crisis_switch, desk
from bot.house import House
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened
from storage import queries


@click.group()
def emergency() -> None:
    """Emergency mode of an area: a kelurahan, a kecamatan or the city, by its code."""


@emergency.command("on")
@click.argument("place_code")
@click.option("--as", "email", required=True, help="Who switches it on.")
@click.option("--notice", default="", help="Told once to everybody with a report there.")
@click.pass_obj
def on(opened: Opened, place_code: str, email: str, notice: str) -> None:
    """Begin an emergency; reports there are asked about depth and trapped people, emergency clocks hold."""
    with opened() as house, _one_sentence():
        taken = crisis_switch.switch_on(house, _reader(house, email), place_code, notice)
    click.echo(f"{place_code}: on, {taken} reports of the last day belong to it")


@emergency.command("off")
@click.argument("place_code")
@click.option("--as", "email", required=True, help="Who switches it off.")
@click.option("--notice", default="", help="Told once to everybody who was told of it.")
@click.pass_obj
def off(opened: Opened, place_code: str, email: str, notice: str) -> None:
    """End an emergency; its reports keep their clocks."""
    with opened() as house, _one_sentence():
        crisis_switch.switch_off(house, _reader(house, email), place_code, notice)
    click.echo(f"{place_code}: off")


@emergency.command("list")
@click.pass_obj
def list_command(opened: Opened) -> None:
    """List the emergencies that are on."""
    with opened() as house, house.database.reading() as tx:
        rows = crisis_switch.open_now(tx)
    for row in rows:
        began = row["started_at"].isoformat(timespec="minutes")
        click.echo(f"{row['place_code']:<14} {row['name']:<30} since {began} by {row['email']}")
    if not rows:
        click.echo("No emergency is on.")


def _reader(house: House, email: str) -> queries.Reader:
    with house.database.reading() as tx:
        return desk.staff_reader(tx, email)


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except (desk.NotFound, NotAllowed) as refusal:
        raise click.ClickException(str(refusal)) from None


COMMANDS = (emergency,)
