"""Commands about personal data: the queue of requests to be forgotten, and what is over its time."""

from datetime import UTC, datetime

import click

from bot import jobs
from bot.people import requests, retention
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.group()
def privacy() -> None:
    """Requests to have personal data deleted."""


@privacy.command("list")
@click.pass_obj
def list_command(opened: Opened) -> None:
    """List requests, the most urgent first."""
    with opened() as house, house.database.reading() as tx:
        now = house.clock.now()
        for row in requests.listed(tx):
            late = "  OVERDUE" if row["state"] == "open" and row["due_at"] < now else ""
            due = row["due_at"].isoformat(timespec="minutes")
            click.echo(
                f"{row['id']}  {row['state']:<7}  due {due}  {row['channel']}  {row['reports']} reports{late}"
            )


@privacy.command("do")
@click.argument("request_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--as", "email", required=True, help="Who carries it out.")
@click.pass_obj
def do_command(opened: Opened, request_id: int, email: str) -> None:
    """Delete a person's data; the citizen is told."""
    with acting(opened, email) as (house, by):
        requests.carry_out(house, by, request_id)
    click.echo(f"{request_id}: done")


@privacy.command("refuse")
@click.argument("request_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--note", required=True, help="The reason; the citizen reads it.")
@click.option("--as", "email", required=True, help="Who refuses it.")
@click.pass_obj
def refuse_command(opened: Opened, request_id: int, note: str, email: str) -> None:
    """Refuse a request; the citizen is told why."""
    with acting(opened, email) as (house, by):
        requests.refuse(house, by, request_id, note)
    click.echo(f"{request_id}: refused")


@click.command("retention")
@click.option("--do", "really", is_flag=True, help="Let it go; without this it is only counted.")
@click.option("--as-of", default=None, help="Count as if it were this ISO instant.")
@click.pass_obj
def retention_command(opened: Opened, really: bool, as_of: str | None) -> None:
    """Tell what personal data is over its time, and let it go."""
    with opened() as house:
        now = house.clock.now()
        moment = _instant(as_of) or now
        if really and moment > now:
            raise click.ClickException("--do lets nothing go before its time: --as-of lies in the future.")
        for over in retention.let_go(house, moment) if really else retention.preview(house, moment):
            stays = f"{over.days} days" if over.days else "for ever"
            click.echo(f"{over.name:<32} {stays:>10}  {over.count:>8}")
        if really:
            click.echo(f"files deleted: {jobs.delete_unneeded_files(house)}")


def _instant(as_of: str | None) -> datetime | None:
    if as_of is None:
        return None
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        raise click.ClickException(
            f"--as-of {as_of} is not an ISO instant like 2026-11-22T08:00+07:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


COMMANDS = (privacy, retention_command)
