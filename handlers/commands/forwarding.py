"""Commands about reports on their way between offices: their number elsewhere, and which of them bounce."""

import click

from bot.care import returning, upward
from handlers.commands.acting import acting
from handlers.commands.opening import Opened
from handlers.commands.tickets import instant


@click.command()
@click.argument("number")
@click.argument("theirs", metavar="[THEIR_NUMBER]", default="")
@click.option("--as", "email", required=True, help="Who does it.")
@click.pass_obj
def external(opened: Opened, number: str, theirs: str, email: str) -> None:
    """Note the number a report has with another government; without it print what they are to be given."""
    with acting(opened, email) as (house, by):
        if not theirs:
            click.echo(upward.letter(house, by, number))
            return
        upward.note_number(house, by, number, theirs)
    click.echo(f"{number}: {theirs}")


@click.command()
@click.option("--since", default=None, help="Only returns since this ISO instant.")
@click.pass_obj
def bounces(opened: Opened, since: str | None) -> None:
    """Count what offices sent back as not theirs, and list the open reports that were sent back twice."""
    with opened() as house, house.database.reading() as tx:
        for row in returning.by_office(tx, instant(since)):
            name = row["code"] or "-"
            click.echo(f"{name:<16} {row['returned']:>5} returned {row['bounced']:>5} reports bounced")
        bouncing = returning.bouncing(tx)
        for row in bouncing:
            proposed = row["proposed"] or "unknown"
            click.echo(f"{row['number']}  {row['return_count']}x  {row['office'] or '-'} -> {proposed}")
        click.echo(f"{len(bouncing)} reports bouncing now.")


COMMANDS = (external, bounces)
