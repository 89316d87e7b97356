"""Commands about tickets: list them, answer one, move one, try a kept event again."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import IO, Any

import click
from sqlalchemy import text

from bot import inbound
from bot.care import desk, proofs, proving
from bot.care.export import ticket_rows
from bot.house import House
from bot.workflow import HOW_CLOSED, STATUSES
from handlers.commands.acting import acting
from handlers.commands.opening import Opened
from storage import queries


@click.command("tickets")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--since", default=None, help="Only tickets created since this ISO instant.")
@click.pass_obj
def tickets_command(opened: Opened, as_json: bool, since: str | None) -> None:
    """List all tickets."""
    with opened() as house, house.database.reading() as tx:
        for row in ticket_rows(tx, house.clock.now(), instant(since)):
            # Escaped: no terminal's alphabet and no odd line separator in a citizen's text breaks a line.
            click.echo(json.dumps(row) if as_json else _in_words(row))


@click.command()
@click.argument("number")
@click.argument("words", metavar="TEXT")
@click.option("--as", "email", required=True, help="Who answers.")
@click.option("--photo", "photos", multiple=True, type=click.File("rb"), help="Of what was done; up to 3.")
@click.option("--repeat", is_flag=True, help="Also with a photo that looks like an earlier one.")
@click.pass_obj
def answer(
    opened: Opened, number: str, words: str, email: str, photos: Sequence[IO[bytes]], repeat: bool
) -> None:
    """Answer a ticket; the citizen gets it in the chat."""
    uploads = [photo.read(proving.LARGEST_BYTES + 1) for photo in photos[: proofs.MOST + 1]]
    with acting(opened, email) as (house, by):
        with house.database.reading() as tx:
            row = queries.one_ticket(tx, by, number)
        try:
            proving.answer(house, by, number, words, uploads, knowingly=repeat)
        except proofs.Repeated as found:
            raise click.ClickException(f"{found} Bila memang benar, tambahkan --repeat.") from None
        if row is not None and not uploads and proofs.wanted(house, row):
            click.echo(
                "Kategori laporan ini meminta foto bukti: lain kali tambahkan --photo BERKAS.", err=True
            )
    click.echo(f"{number}: answered")


@click.command()
@click.argument("number")
@click.argument("status", type=click.Choice(list(STATUSES)))
@click.option("--as", "email", required=True, help="Who moves it.")
@click.option("--note", default="", help="What the citizen is told.")
@click.option(
    "--office",
    "offices",
    multiple=True,
    help="Code of the office it is passed on to (several: once each); of a return, whose it is.",
)
@click.option("--external-number", default="", help="Its number in the system of an office outside the city.")
@click.option("--how", default="", type=click.Choice(["", *HOW_CLOSED]), help="How it was closed.")
@click.option("--into", default="", help="Number of the ticket it is joined with.")
@click.option("--year", default="", help="Budget year of a planned ticket.")
@click.pass_obj
def move(
    opened: Opened, /, number: str, status: str, email: str, offices: tuple[str, ...], **given: str
) -> None:
    """Change a ticket's status; the citizen is told."""
    chosen: dict[str, Any] = {"office": offices[0]} if len(offices) == 1 else {"offices": offices}
    given_all = {name: value for name, value in {**given, **chosen}.items() if value}
    with acting(opened, email) as (house, by):
        desk.move(house, by, number, status, given_all)
    click.echo(f"{number}: {status}")


@click.command()
@click.argument("raw_id", type=click.IntRange(1, 2**63 - 1), required=False, metavar="[ID]")
@click.pass_obj
def replay(opened: Opened, raw_id: int | None) -> None:
    """Try events again that could not be handled: one by its id, or all of them."""
    with opened() as house:
        ids = [raw_id] if raw_id is not None else _set_aside(house)
        done = sum(inbound.replay(house, one, most=1_000) for one in ids)
    click.echo(f"{done} of {len(ids)} events went through.")
    sys.exit(done < len(ids))


def _set_aside(house: House) -> list[int]:
    with house.database.reading() as tx:
        query = text("select id from raw_event where state in ('failed', 'quarantined') order by at")
        return list(tx.scalars(query))


def instant(since: str | None) -> datetime | None:
    """The moment that an option names, in UTC when it says no zone; raises ClickException."""
    if since is None:
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise click.ClickException(
            f"--since {since} is not an ISO instant like 2026-11-22T08:00+07:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_words(row: dict[str, Any]) -> str:
    late = " OVERDUE" if row["overdue"] else ""
    return f"{row['number']}  {row['status']:<12} {row['office']:<14} {row['created_at'][:16]}{late}"


COMMANDS = (tickets_command, answer, move, replay)
