"""What drills share: real processes of the product, the providers beside them, and genuine webhooks."""

import http.client
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import psycopg

from storage.database import plain_url
from storage.keys import make_keys, parse_keys
from storage.postgres import EmbeddedServer
from tests.house import ROOT, make_house
from tests.processes import descendants
from tests.telegram_server import TelegramServer
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer, sign

WEBHOOK_SECRET = "webhook-secret-of-nobody"
OUR_SETTINGS = re.compile(
    r"^(DATABASE_URL|DATA_|HOST$|PORT$|PUBLIC_URL|SECRET_KEY|CITY$|TELEGRAM_|TWILIO_|KANNEL_|SMS_)"
)
_numbers = itertools.count(random.SystemRandom().randrange(10**9))


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Post:
    """A webhook as its provider makes it: with the event's id there, its sender and what he wrote."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    id: str = ""
    address: str = ""
    words: str = ""


def whatsapp(base_url: str, citizen: str, words: str, **fields: str) -> Post:
    """A citizen writes by WhatsApp; the signature is for this base URL, wherever it is posted."""
    sid = f"SM{next(_numbers):032x}"
    form = {"MessageSid": sid, "SmsMessageSid": sid, "AccountSid": SID, "From": f"whatsapp:{citizen}"}
    form |= {"To": SENDER, "Body": words, "NumMedia": "0", "ProfileName": "Warga", "MessageType": "text"}
    form |= {"WaId": citizen.removeprefix("+"), "ApiVersion": "2010-04-01", "SmsStatus": "received"} | fields
    headers = sign(f"{base_url}/webhooks/twilio", form, AUTH_TOKEN)
    return Post("/webhooks/twilio", headers, urlencode(form).encode(), sid, f"whatsapp:{citizen}", words)


def telegram(chat: int, words: str = "", **fields: object) -> Post:
    """A citizen writes by Telegram, or sends what the fields of the message say."""
    number = next(_numbers)
    who = {"id": chat, "is_bot": False, "first_name": "Warga"}
    message = {"message_id": number, "from": who, "chat": {"id": chat, "type": "private"}}
    message |= {"date": int(time.time())} | ({"text": words} if words else {}) | fields
    headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET, "Content-Type": "application/json"}
    body = json.dumps({"update_id": number, "message": message})
    return Post("/webhooks/telegram", headers, body.encode(), str(number), str(chat), words)


def post(port: int, what: Post, seconds: float = 30.0, host: str = "127.0.0.1") -> int:
    """Post it on a connection of its own; returns the status, 0 when there was no answer."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("POST", what.path, what.body, dict(what.headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def post_until_taken(port: int, what: Post, seconds: float = 40.0) -> None:
    """Post it again and again until it is acknowledged, as a provider does that retries."""
    end = time.monotonic() + seconds
    while not 200 <= post(port, what) < 300:
        assert time.monotonic() < end, "never acknowledged"
        time.sleep(0.1)


def post_at_once(ports: Sequence[int], what: Post, times: int) -> list[int]:
    """Post the same thing many times at the same moment, to the ports in turn; returns the statuses."""
    start = Barrier(times)

    def one(n: int) -> int:
        start.wait()
        return post(ports[n % len(ports)], what)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Return once it is true; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


@dataclass
class Stage:
    """A database with tables and city, both providers, and the product's processes on them."""

    database_url: str
    folder: Path
    twilio: TwilioServer
    bot: TelegramServer
    env: dict[str, str]
    port: int
    processes: list[subprocess.Popen[Any]] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """PUBLIC_URL of all processes."""
        return self.env["PUBLIC_URL"]

    @contextmanager
    def forking_workers(self) -> Iterator[Callable[[], int]]:
        """Gives a function that starts a worker and returns its process id; see tests.forked_workers."""
        with (self.folder / "worker.log").open("ab") as said:
            parent = subprocess.Popen(
                [sys.executable, "-m", "tests.forked_workers"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
        self.processes.append(parent)

        def fork() -> int:
            assert parent.stdin and parent.stdout
            parent.stdin.write("\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        try:
            yield fork
        finally:
            os.killpg(parent.pid, signal.SIGKILL)

    def start(self, command: str, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start `python app.py <command> ...`; what it says goes into a file of the folder."""
        with (self.folder / f"{command}.log").open("ab") as said:
            argv = [sys.executable, "app.py", command, *arguments]
            env = self.env | settings
            process = subprocess.Popen(
                argv, cwd=ROOT, env=env, stdout=said, stderr=said, start_new_session=True
            )
        self.processes.append(process)
        return process

    def run(self) -> subprocess.Popen[bytes]:
        """`python app.py run`, ready."""
        said = self.folder / "run.log"
        said.write_bytes(b"")
        process = self.start("run")
        wait_until(lambda: b"Stop with Ctrl-C" in said.read_bytes() or process.poll() is not None, 120)
        assert process.poll() is None, said.read_text()
        return process

    def end(self) -> None:
        """Kill what still runs and show what it said."""
        for process in self.processes:
            for pid in {process.pid, *descendants(process.pid)}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        for log in self.folder.glob("*.log"):
            print(f"--- {log.name}", log.read_text()[-3000:], sep="\n")

    def web(self, port: int | None = None) -> subprocess.Popen[bytes]:
        """A web process that answers."""
        port = port or self.port
        process = self.start("web", PORT=str(port))
        wait_until(lambda: answers(port), 90)
        return process

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with psycopg.connect(plain_url(self.database_url)) as connection:
            return connection.execute(query).fetchall()

    def ledger(self) -> dict[str, tuple[list[str], list[str]]]:
        """By address: what was to be told, in order, and what its citizen got, in order."""
        keys = parse_keys(self.env["DATA_KEYS"])
        told: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        query = """select a.sealed, m.text from message m join conversation c on c.id = m.conversation_id
                   join address a on a.id = c.address_id where m.direction = 'out' order by m.id"""
        for sealed, words in self.rows(query):
            told[keys.open(sealed)][0].append(words)
        for one in self.twilio.sent:
            told[one.to][1].append(one.text)
        for other in self.bot.sent:
            told[str(other.chat_id)][1].append(other.text)
        return dict(told)

    def wrote(self) -> dict[str, list[str]]:
        """By address: what its citizen wrote, in the order in which it was taken."""
        keys = parse_keys(self.env["DATA_KEYS"])
        said: dict[str, list[str]] = defaultdict(list)
        query = """select a.sealed, m.text from message m join conversation c on c.id = m.conversation_id
                   join address a on a.id = c.address_id where m.direction = 'in' order by m.id"""
        for sealed, words in self.rows(query):
            said[keys.open(sealed)].append(words)
        return dict(said)

    @property
    def handed_over(self) -> int:
        """How many messages the providers took."""
        return len(self.twilio.sent) + len(self.bot.sent)


@contextmanager
def staged(database_url: str, folder: Path, *, tables: bool = True, **settings: str) -> Iterator[Stage]:
    """Everything but the product's processes; those that were started end with the block.

    Without a database, or without `tables`, there is only what `run` needs to make its own in the folder.
    """
    port = free_port()
    with TwilioServer() as twilio, TelegramServer() as bot:
        env = {name: value for name, value in os.environ.items() if not OUR_SETTINGS.match(name)}
        env |= {"DATABASE_URL": database_url, "DATA_DIR": str(folder), "DATA_KEYS": make_keys()}
        env |= {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        env["WEB_WORKERS"] = "1"  # unless a drill says more; the default is walked in test_whole_way.py
        env |= providers(twilio, bot) | settings
        if database_url and tables:
            make_house(database_url, folder, data_keys=env["DATA_KEYS"]).database.engine.dispose()
        url = database_url or EmbeddedServer(folder).url
        stage = Stage(url, folder, twilio, bot, env, port)
        try:
            yield stage
        finally:
            stage.end()


def providers(twilio: TwilioServer, bot: TelegramServer) -> dict[str, str]:
    """The settings of WhatsApp and Telegram at the stand-ins."""
    return {
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_URL": twilio.url,
        "TWILIO_WHATSAPP_FROM": SENDER,
        "TELEGRAM_BOT_TOKEN": bot.token,
        "TELEGRAM_API_URL": bot.url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }


def answers(port: int, path: str = "/healthz") -> bool:
    """Whether the product answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
