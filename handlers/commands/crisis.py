"""Commands about emergencies: switch the emergency mode of an area on and off, list what is on."""

import click

from bot.care import crisis_switch
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


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
    with acting(opened, email) as (house, by):
        taken = crisis_switch.switch_on(house, by, place_code, notice)
    click.echo(f"{place_code}: on, {taken} reports of the last day belong to it")


@emergency.command("off")
@click.argument("place_code")
@click.option("--as", "email", required=True, help="Who switches it off.")
@click.option("--notice", default="", help="Told once to everybody who was told of it.")
@click.pass_obj
def off(opened: Opened, place_code: str, email: str, notice: str) -> None:
    """End an emergency; its reports keep their clocks."""
    with acting(opened, email) as (house, by):
        crisis_switch.switch_off(house, by, place_code, notice)
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


COMMANDS = (emergency,)
