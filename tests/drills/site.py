"""A product on four machines: the database, the proxy with the providers beside it, and two that work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from storage.database import plain_url
from storage.keys import make_keys
from storage.lifeline import tie_to_parent
from storage.postgres import EmbeddedServer
from tests.drill_case import OUR_SETTINGS, Post, Stage, post, providers, wait_until
from tests.drills.networks import Machines, cannot, machines
from tests.house import ROOT
from tests.proxy import NGINX, proxy_command
from tests.telegram_server import TelegramServer
from tests.twilio_server import TwilioServer

WORKING = ("a", "b")
AWAY, BACK = "the database cannot be reached", "the database answers again"  # in the logs
PORT, OUTSIDE = 1708, 8080  # of each web process; of the proxy


@dataclass
class Site(Stage):
    """Processes on machines; what they say goes into `<command>-<machine>.log`."""

    machines: Machines = field(kw_only=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds, asked at the database's own machine."""
        with self.machines.inside("database"), psycopg.connect(plain_url(self.database_url)) as connection:
            return connection.execute(query).fetchall()

    def on(self, machine: str, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start `python app.py <command>` there."""
        home = self.folder / machine
        home.mkdir(exist_ok=True)
        env = self.env | {"DATA_DIR": str(home), "HOST": self.machines.address(machine, "front")} | settings
        return self._spawn(machine, [sys.executable, "app.py", *command], f"{command[0]}-{machine}", env)

    def start_all(self, *commands: str, **settings: str) -> None:
        """Start these on both machines and wait until they work."""
        for machine in WORKING:
            for command in commands:
                self.on(machine, command, **settings)
        if "web" in commands:
            wait_until(lambda: all(self.reaches(machine) for machine in WORKING), 120)
        if "worker" in commands:
            beats = "select count(*) from heartbeat"
            wait_until(lambda: self.rows(beats) == [(len(WORKING),)], 120)

    def in_hand(self, machine: str) -> set[int]:
        """Messages that this machine's worker has claimed and not written down."""
        number = next((self.folder / machine / "workers").glob("*.worker")).stem
        query = f"select id from message where state = 'sending' and worker = {number}"
        return {row[0] for row in self.rows(query)}

    def in_spool(self, machine: str) -> int:
        """How many events wait in that machine's spool."""
        return len(list((self.folder / machine / "spool").glob("*.event")))

    def proxy(self) -> None:
        """nginx with the shipped example in front of both machines."""
        webs = [f"{self.machines.address(name, 'front')}:{PORT}" for name in WORKING]
        outside = f"{self.machines.address('edge', 'front')}:{OUTSIDE}"
        with self.machines.inside("edge"):
            command = proxy_command(self.folder, outside, webs)
        self._spawn("edge", command, "proxy", {"PATH": os.defpath})

    def _spawn(
        self, machine: str, argv: list[str], name: str, env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        log = self.folder / f"{name}.log"
        with log.open("ab") as said, self.machines.inside(machine):
            process = subprocess.Popen(
                argv, cwd=ROOT, env=env, stdout=said, stderr=said, start_new_session=True
            )
        self.processes.append(process)
        return process

    def said(self, name: str) -> str:
        """What a process has written into its log so far."""
        return (self.folder / f"{name}.log").read_text()

    def tell(self, what: Post, machine: str = "", seconds: float = 15.0) -> int:
        """A provider posts it, to the proxy or straight to a machine; 0: no answer in time."""
        host = self.machines.address(machine or "edge", "front")
        with self.machines.inside("edge"):
            return post(PORT if machine else OUTSIDE, what, seconds, host)

    def wait_said(self, name: str, words: str, seconds: float = 60.0) -> None:
        """Return once a process has said it."""
        wait_until(lambda: words in self.said(name), seconds)

    def reaches(self, machine: str) -> bool:
        """Whether web answers there."""
        return self.tell(Post("/healthz", {}, b""), machine, 2.0) == 405


@contextmanager
def site(folder: Path, **settings: str) -> Iterator[Site]:
    """Machines, database with tables, providers; no process of the product yet, and no shared folder."""
    if NGINX is None:
        cannot("nginx is not installed (Debian: nginx-light)")
    both = ("front", "back")
    with ExitStack() as stack:
        laid = stack.enter_context(
            machines(database=(1, ("back",)), edge=(1, ("front",)), a=(11, both), b=(12, both))
        )
        url = stack.enter_context(_database(laid, folder))
        twilio, bot = TwilioServer(), TelegramServer()
        twilio.host = bot.host = laid.address("edge", "front")
        with laid.inside("edge"):
            stack.enter_context(twilio)
            stack.enter_context(bot)
        made = Site(url, folder, twilio, bot, _environment(laid, url) | settings, PORT, machines=laid)
        made.env |= providers(twilio, bot) | settings
        stack.callback(made.end)
        assert made.on("a", "migrate").wait(120) == 0, made.said("migrate-a")
        yield made


def _environment(laid: Machines, url: str) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not OUR_SETTINGS.match(name)}
    env |= {"DATABASE_URL": plain_url(url), "DATA_KEYS": make_keys(), "SECRET_KEY": "k" * 48}
    env |= {"PORT": str(PORT), "PUBLIC_URL": f"http://{laid.address('edge', 'front')}:{OUTSIDE}"}
    return env | {"TRUSTED_PROXIES": "1"}


@contextmanager
def _database(laid: Machines, folder: Path) -> Iterator[str]:
    """PostgreSQL on its machine, by TCP alone: no socket, no trust, scram for everybody."""
    server = EmbeddedServer(folder / "db")
    server.prepare()
    child, where = server.as_child(), laid.address("database", "back")
    rules = folder / "pg_hba.conf"
    rules.write_text("host kentongan kentongan 10.77.2.0/24 scram-sha-256\n")
    options = {"listen_addresses": where, "unix_socket_directories": "", "hba_file": str(rules)}
    argv = [*child.argv, *(part for name, value in options.items() for part in ("-c", f"{name}={value}"))]
    parent = os.getpid()

    def enter() -> None:
        if child.preexec:
            child.preexec()
        tie_to_parent(parent, signal.SIGQUIT)

    with (folder / "postgres.log").open("ab") as said, laid.inside("database"):
        process = subprocess.Popen(
            argv,
            cwd="/",
            env=child.env,
            stdout=said,
            stderr=said,
            preexec_fn=enter,  # noqa: PLW1509 - as the supervisor starts it
            start_new_session=True,
        )
    password = server.password_file.read_text().strip().rpartition(":")[2]
    try:
        url = f"postgresql+psycopg://kentongan:{password}@{where}:5432/kentongan"
        wait_until(lambda: _answers(laid, url) or process.poll() is not None, 60)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _answers(laid: Machines, url: str) -> bool:
    try:
        with laid.inside("database"), psycopg.connect(plain_url(url), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
