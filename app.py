"""The roof: settings -> database -> channels -> Flask, and the command line. Imported by nobody."""

import gc

gc.disable()  # what modules make stays: looking for rubbish among it costs a fifth of a start

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from werkzeug.middleware.proxy_fix import ProxyFix

import panel
from bot import worker
from bot.cities import load as city_load
from bot.cities.city import CityFaults, read_city
from bot.clock import Clock, clock_from_environment
from bot.demo import filling
from bot.house import House
from bot.logs import configure
from bot.settings import BadSettings, Settings, read_settings
from bot.understanding import Understanding
from bot.wording import Wording
from handlers import commands, open_channels, polling, simulator, webhooks
from handlers.commands import opening
from handlers.telegram import Telegram
from handlers.webhooks import health, media
from handlers.webhooks import simulator as simulator_page
from storage import migrate as migrations
from storage.binaries import NoEmbeddedPostgres
from storage.database import DatabaseAway, open_database
from storage.keys import BadKeys, keys_for
from storage.lifeline import die_with_parent
from storage.locks import AlreadyInUse, run_lock
from storage.ports import PortHeld, require_free_port
from storage.postgres import EmbeddedServer, ServerUnusable
from storage.supervisor import Child, Supervisor

gc.freeze()
gc.enable()

HERE = Path(__file__).resolve().parent
ROLES = ("administrator", "coordinator", "officer", "inspector", "supervisor", "custodian")
FAULTS = (BadSettings, BadKeys, DatabaseAway, NoEmbeddedPostgres, ServerUnusable, AlreadyInUse, PortHeld)


def build(url: str, chosen: Settings, *, pool: int = 10) -> House:
    """Put the product together on a database; raises BadSettings with one sentence for the engineer."""
    try:
        city = read_city(chosen.city)
    except CityFaults as faults:
        raise BadSettings(f"CITY {chosen.city} has faults; the first: {faults.faults[0]}") from None
    channels = open_channels(chosen) | simulator.phones(chosen)
    configure([*(secret for channel in channels.values() for secret in channel.secrets), *chosen.secrets])
    return House(
        chosen,
        open_database(url, keys_for(chosen.data_keys, chosen.data_dir), pool=pool),
        city,
        Understanding(city, folder=chosen.data_dir),
        Wording(chosen.city, chosen.language_list),
        _clock(),
        channels,
    )


def _clock() -> Clock:
    try:
        return clock_from_environment()
    except (ValueError, OSError) as error:
        raise BadSettings(str(error)) from None


def create_app() -> Flask:
    """The web application of one process, made by the web server in each of its workers."""
    if multiprocessing.parent_process():  # one of the web server's workers: it must not outlive the server
        die_with_parent()
    chosen = read_settings()
    house = build(opening.running_url(chosen), chosen, pool=16)
    house.understanding.prepare()
    app = Flask(__name__, static_folder=None)
    if chosen.trusted_proxies:  # whose login attempts are counted; host and scheme are never taken from it
        proxied = ProxyFix(app.wsgi_app, x_for=chosen.trusted_proxies, x_proto=0, x_host=0)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    app.after_request(_harden)  # first in, last to run: what a page has set for itself stays
    webhooks.install(app, house)
    health.install(app, house)
    media.install(app, house)
    panel.install(app, house)
    if chosen.is_local:
        simulator_page.install(app, house)
    return app


def _harden(response: Response) -> Response:
    """Headers for every answer that has not set its own."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response


@contextmanager
def opened(*, tables: bool = True) -> Iterator[House]:
    """The product for one command, with its database started for as long as it takes."""
    chosen = read_settings()
    with opening.database_url(chosen) as url:
        house = build(url, chosen)
        try:
            if tables:
                opening.require_tables(house)
            yield house
        finally:
            house.database.engine.dispose()


@click.group()
def cli() -> None:
    """Kentongan: complaints by WhatsApp, Telegram and SMS, answered in a panel."""


for command in commands.COMMANDS:
    cli.add_command(command)


@cli.command()
def run() -> None:
    """Start everything: database, web and worker under one parent that stops them in order."""
    chosen = read_settings()
    with run_lock(chosen.data_dir):
        require_free_port(chosen.host, chosen.port)
        keys_for(chosen.data_keys, chosen.data_dir)
        server = None if chosen.database_url else EmbeddedServer(chosen.data_dir)
        url = chosen.database_url or (server.url if server else "")
        start = _Start(url, chosen)
        if server:
            server.prepare()  # what cannot be made now ends the start with its sentence
        else:
            opening.require_database(start.house)
        opening.require_spool(start.house)
        children = [server.as_child()] if server else []
        children += [_child("web", url, start), _child("worker", url, start)]
        sys.exit(Supervisor(children, when_ready=start.welcome).run())


class _Start:
    """What `run` does once, when the database is there and before web and worker begin."""

    def __init__(self, url: str, chosen: Settings) -> None:
        self.settings = chosen
        self.house = build(url, chosen)
        self._ready = False
        self._password: str | None = None
        self._empty = False

    def prepare(self) -> None:
        """Tables, city, first administrator; a second call does nothing."""
        if self._ready:
            return
        house = self.house
        migrations.migrate(house.database.engine)
        try:
            with house.database.transaction() as tx:
                city_load.load(tx, house.city)
        except city_load.StillNeeded as refusal:
            raise BadSettings(str(refusal)) from None
        self._password = panel.first_administrator(house)
        self._empty = filling.is_empty(house)
        house.database.engine.dispose()
        self._ready = True

    def welcome(self) -> None:
        """Say where everything is; the password is shown this once."""
        chosen = self.settings
        lines = [f"Kentongan, {self.house.city.name}: {chosen.base_url}"]
        if chosen.is_local:
            lines.append(f"  Simulator  {chosen.base_url}/simulator/")
        lines.append(f"  Panel      {chosen.base_url}/panel/")
        if self._password:
            lines.append(
                f"  First administrator: {chosen.admin_email}  password: {self._password}  (shown once)"
            )
        if self._empty and chosen.is_local:
            lines.append("  Kosong. Isi contoh: python app.py demo")
        print("\n".join([*lines, "  Stop with Ctrl-C."]), flush=True)


def _child(name: str, url: str, start: _Start) -> Child:
    argv = [sys.executable, str(HERE / "app.py"), name]
    env = {**os.environ, "DATABASE_URL": url}
    ready = partial(opening.answers, start.settings.host, start.settings.port) if name == "web" else None
    return Child(name=name, argv=argv, env=env, stage=1, prepare=start.prepare, ready=ready)


@cli.group()
def staff() -> None:
    """Members of staff."""


@staff.command("add")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--office", default=None, help="Code of the office.")
@click.option("--password", default=None, help="Empty: one is made and printed.")
@click.option("--head", is_flag=True, help="Leads the office: told of what is late or came back.")
def staff_add(email: str, role: str, office: str | None, password: str | None, head: bool) -> None:
    """Add a member of staff, or give an existing one a new role, office and password."""
    with opened() as house:
        try:
            made = panel.add_staff(house, email, role, office, password, head=head)
        except panel.BadStaff as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"{email}: {role}" + ("" if password else f"  password: {made}"))


@staff.command("invite")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--office", default=None, help="Code of the office.")
@click.option("--head", is_flag=True, help="Leads the office: told of what is late or came back.")
def staff_invite(email: str, role: str, office: str | None, head: bool) -> None:
    """Print a link by which somebody chooses a password; good once, for 72 hours."""
    with opened() as house:
        try:
            link = panel.invite(house, email, role, office, head=head)
        except panel.BadStaff as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(link)


for command in commands.OF_STAFF:
    staff.add_command(command)


@cli.command()
def web() -> None:
    """Serve HTTP on HOST:PORT with WEB_WORKERS processes."""
    chosen = read_settings()
    os.environ["DATABASE_URL"] = url = opening.running_url(chosen)
    house = build(url, chosen)
    opening.require_ground(house)
    require_free_port(chosen.host, chosen.port)
    commands.set_webhook(house)
    Granian(
        "app:create_app",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.web_workers,
        blocking_threads=256,  # made when needed; a body that comes slowly keeps one waiting
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_access=False,
        log_level=LogLevels.error,  # its warnings are about the number of threads, at every start
        working_dir=HERE,
    ).serve()


@cli.command("worker")
def worker_command() -> None:
    """Send what waits, fetch media, keep the tables small; poll Telegram if that is how it is set."""
    chosen = read_settings()
    house = build(opening.running_url(chosen), chosen)
    opening.require_database(house)
    house.understanding.prepare()
    telegram = house.channels.get("telegram")
    polls = isinstance(telegram, Telegram) and chosen.telegram_mode == "polling"
    beside = [polling.keep_polling(house, telegram)] if polls and isinstance(telegram, Telegram) else []
    asyncio.run(worker.work(house, beside))


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; a fault that the engineer can mend is one sentence, not a trace."""
    try:
        return cli(arguments, obj=opened)
    except FAULTS as fault:
        sentence = str(fault)
    except OSError as fault:
        sentence = f"{fault.filename or 'Starting'}: {fault.strerror or type(fault).__name__}."
    click.echo(f"kentongan: {sentence}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
