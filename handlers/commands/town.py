"""Commands about the installation: tables, city files, a health check, understanding, backup."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import doctor, jobs
from bot.cities import load as city_load
from bot.cities.city import CityFaults, check_city, read_city
from bot.reading.understanding_protocol import answer_line
from bot.settings import BadSettings, read_settings
from bot.understanding import Understanding
from handlers.commands.opening import Opened, forgive_encoding, require_database
from storage.backup import BackupFailed, back_up, restore
from storage.migrate import migrate

CHANNELS = ("whatsapp", "telegram", "sms")


@click.command("migrate")
@click.pass_obj
def migrate_command(opened: Opened) -> None:
    """Bring the tables up to date, and the city's files into them."""
    with opened(tables=False) as house:
        require_database(house)
        reached = migrate(house.database.engine)
        with house.database.transaction() as tx, _still_needed():
            city_load.load(tx, house.city)
        click.echo(f"Tables are at {reached}.")


@click.command("doctor")
@click.pass_obj
def doctor_command(opened: Opened) -> None:
    """Say what works and what does not; exit code 1 when something is broken."""
    with opened(tables=False) as house:
        findings = [*doctor.database(house), *asyncio.run(doctor.channels(house, CHANNELS))]
    for finding in findings:
        click.echo(str(finding))
    sys.exit(any(finding.ok is False for finding in findings))


@click.group()
def city() -> None:
    """The city's files."""


@city.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path) -> None:
    """Name every fault with file and line."""
    faults = check_city(folder)
    for fault in faults:
        click.echo(str(fault))
    click.echo(f"{folder}: {len(faults)} faults." if faults else f"{folder}: no faults.")
    sys.exit(bool(faults))


@city.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.pass_obj
def load(opened: Opened, folder: Path, dry_run: bool) -> None:
    """Say what will change, then bring the files into the database; a second time changes nothing."""
    try:
        loaded = read_city(folder)
    except CityFaults as faults:
        raise click.ClickException("\n".join(str(fault) for fault in faults.faults)) from None
    with opened() as house, house.database.transaction() as tx, _still_needed():
        if loaded.code != house.city.code:
            click.echo(f"CITY names {house.city.name}: set it to {folder} before the next start.", err=True)
        changes = city_load.plan(tx, loaded)
        for change in changes:
            click.echo(change.sentence)
        city_load.require_free(tx, loaded)
        if changes and not dry_run:
            changes = city_load.load(tx, loaded)
    if not changes:
        click.echo("Nothing to change.")
    elif dry_run:
        click.echo(f"{len(changes)} changes to be made; nothing was changed.")
    else:
        click.echo(f"{len(changes)} changes.")


@click.command()
def understand() -> None:
    """Read JSON lines of texts, write what they mean, one line each."""
    try:
        chosen = read_settings()
        understanding = Understanding(read_city(chosen.city), folder=chosen.data_dir)
    except CityFaults as faults:
        raise BadSettings(f"CITY has faults; the first: {faults.faults[0]}") from None
    forgive_encoding()
    for line in sys.stdin:
        if line.strip():
            click.echo(answer_line(understanding, line))
            sys.stdout.flush()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(opened: Opened, file: Path) -> None:
    """Write database and files into one archive."""
    with opened() as house, _one_sentence():
        back_up(house.database.engine.url, jobs.files_folder(house), file)
    click.echo(f"{file} written. It holds no keys: keep DATA_KEYS (or DATA_DIR/keys) apart from it.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def restore_command(opened: Opened, file: Path) -> None:
    """Bring an archive back into an empty database."""
    with opened(tables=False) as house, _one_sentence():
        require_database(house)
        restore(house.database.engine.url, jobs.files_folder(house), file)
    click.echo(f"{file} restored.")


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except BackupFailed as failure:
        raise click.ClickException(str(failure)) from None


@contextmanager
def _still_needed() -> Iterator[None]:
    try:
        yield
    except city_load.StillNeeded as refusal:
        raise click.ClickException(str(refusal)) from None


COMMANDS = (migrate_command, doctor_command, city, understand, backup, restore_command)
