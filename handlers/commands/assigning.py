"""Commands about who deals with a ticket, its tier, and what somebody who leaves hands over."""

import click

from bot.care import assigning, handover, tiering
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.command()
@click.argument("number")
@click.argument("to", metavar="EMAIL")
@click.option("--as", "email", required=True, help="Who assigns it.")
@click.pass_obj
def assign(opened: Opened, number: str, to: str, email: str) -> None:
    """Give a ticket to an officer; an empty EMAIL gives it back to the office."""
    with acting(opened, email) as (house, by):
        changed = assigning.assign(house, by, number, to)
    click.echo(f"{number}: {to or 'nobody'}" if changed else f"{number}: nothing to change")


@click.command()
@click.argument("number")
@click.argument("tier", type=click.Choice(list(tiering.TIERS)))
@click.option("--as", "email", required=True, help="Who weighs it.")
@click.option("--note", required=True, help="The reason; it stands in the history.")
@click.pass_obj
def tier(opened: Opened, number: str, tier: str, email: str, note: str) -> None:
    """Give a ticket another tier; the citizen is told the new date."""
    with acting(opened, email) as (house, by):
        told = tiering.set_tier(house, by, number, tier, note)
    click.echo(f"{number}: {tier}{', the citizen is told the new date' if told else ''}")


@click.command("handover")
@click.argument("leaver", metavar="FROM_EMAIL")
@click.option("--to", default="", help="Address of the officer who gets the tickets.")
@click.option("--office", default="", help="Code of the office that they go back to, for nobody yet.")
@click.option("--disable", is_flag=True, help="End the account and its sessions too.")
@click.option("--as", "email", required=True, help="The administrator or coordinator who does it.")
@click.pass_obj
def handover_command(opened: Opened, leaver: str, to: str, office: str, disable: bool, email: str) -> None:
    """Move all open tickets of somebody who leaves; a second time changes nothing."""
    with acting(opened, email) as (house, by):
        done = handover.hand_over(house, by, leaver, to=to, office_code=office, disable=disable)
    ended = "; account disabled" if done.disabled else ""
    click.echo(f"{done.tickets} tickets, {done.chats} chats{ended}")


COMMANDS = (assign, tier)
OF_STAFF = (handover_command,)  # app.py puts them beside `staff add`
