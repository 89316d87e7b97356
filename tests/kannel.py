"""A real Kannel on loopback: bearerbox, smsbox and Kannel's own fake operator with a handset on it."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import pytest

from bot.channel import Channel, Forgery, Inbound, Receipt, WebhookRequest

EXAMPLE = Path(__file__).parent.parent / "docs" / "kannel.conf.example"
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
SECRET = "rahasia1708"
PASSWORD = "sandi-sendsms"
RETRY_SECONDS = 1
Seen = TypeVar("Seen")


def binaries() -> tuple[str, str]:
    """Paths of bearerbox and smsbox; without them the test fails on CI and is skipped elsewhere."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    bearerbox, smsbox = shutil.which("bearerbox", path=path), shutil.which("smsbox", path=path)
    if bearerbox and smsbox and Path(FAKESMSC).exists():
        return bearerbox, smsbox
    reason = "SMS by a real Kannel was not tried: apt-get install kannel kannel-extras"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def until(look: Callable[[], Seen], what: str, seconds: float = 20) -> Seen:
    """What `look` sees as soon as it sees something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s still not: {what}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def example_groups() -> list[list[tuple[str, str]]]:
    """The groups of docs/kannel.conf.example, each as names and values in order."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if not line.startswith("#")]
    blocks = "\n".join(lines).split("\n\n")
    return [[(name.strip(), value.strip()) for name, _, value in map(_parted, block.splitlines()) if name]
            for block in blocks if block.strip()]  # fmt: skip


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition("=")


class RealKannel:
    """Kannel with the product's example configuration, in a folder of its own.

    1708 reaches `web` by get-url, 1709 by post-url with Basic auth, 1710 with a wrong secret.
    """

    def __init__(self, folder: Path, web: str) -> None:
        self.folder = folder
        self.web = web
        self._boxes: list[subprocess.Popen[bytes]] = []
        self._binaries = binaries()
        self.admin = self.inner = self.sendsms = self.operator = 0

    @property
    def url(self) -> str:
        """Of sendsms."""
        return f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms"

    def start(self) -> None:
        """Return when both boxes listen; other ports are tried when somebody else took one."""
        for _ in range(3):
            self.admin, self.inner, self.sendsms, self.operator = free_ports(4)
            self.folder.joinpath("kannel.conf").write_text(self.configuration())
            if self._box(self._binaries[0], self.operator) and self._box(self._binaries[1], self.sendsms):
                return
            self.stop()
        pytest.fail(f"Kannel does not start: {self.folder.joinpath('bearerbox.log').read_text()[-2000:]}")

    def _box(self, binary: str, port: int) -> bool:
        with self.folder.joinpath(Path(binary).name + ".log").open("wb") as log:
            box = subprocess.Popen([binary, "kannel.conf"], cwd=self.folder, stdout=log, stderr=log)
        self._boxes.append(box)
        until(lambda: listening(port) or box.poll() is not None, f"{binary} listens or gives up")
        return box.poll() is None

    def stop(self) -> None:
        """End both boxes, the outer one first."""
        for box in reversed(self._boxes):
            box.terminate()
            try:
                box.wait(10)
            except subprocess.TimeoutExpired:
                box.kill()
                box.wait()
        self._boxes.clear()

    def configuration(self) -> str:
        """The example with this machine's ports, short waiting times and the fake operator."""
        change = {
            "admin-port": self.admin, "smsbox-port": self.inner, "bearerbox-port": self.inner,
            "sendsms-port": self.sendsms, "http-queue-delay": RETRY_SECONDS, "shortcode": '"1708;1709;1710"',
            "password": PASSWORD,
        }  # fmt: skip
        groups = [group for group in example_groups() if group[0][1] not in {"smsc", "sms-service"}]
        groups = [[(name, str(change.get(name, value))) for name, value in group] for group in groups]
        groups.insert(1, _fake_operator(self.operator))
        groups += self._services()
        return "\n\n".join("\n".join(f"{name} = {value}" for name, value in group) for group in groups) + "\n"

    def _services(self) -> Iterator[list[tuple[str, str]]]:
        (example,) = (group for group in example_groups() if group[0][1] == "sms-service")
        found = dict(example)["get-url"].replace("http://127.0.0.1:1708", self.web)
        post = f'"{self.web.replace("//", f"//kannel:{SECRET}@")}/webhooks/kannel?id=%I&ts=%T"'
        for number, asks in (
            ("1708", [("get-url", found.replace("CALLBACK-SECRET", SECRET))]),
            ("1709", [("post-url", post), ("send-sender", "true")]),
            ("1710", [("get-url", found.replace("CALLBACK-SECRET", "salah"))]),
        ):
            kept = [(name, value) for name, value in example if name != "get-url"]
            yield [*kept, *asks, ("allowed-receiver-prefix", number)]


def _fake_operator(port: int) -> list[tuple[str, str]]:
    return [
        ("group", "smsc"),
        ("smsc", "fake"),
        ("smsc-id", "FAKE"),
        ("port", str(port)),
        ("our-host", '"127.0.0.1"'),
        ("connect-allow-ip", "127.0.0.1"),
    ]


class Handset:
    """A telephone in the fake operator's network. One at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        threading.Thread(target=self._drain, daemon=True).start()

    @property
    def received(self) -> list[str]:
        """SMS that arrived, as "sender receiver kind text"; UCS-2 is shown decoded."""
        found = [re.search(r"Got message \d+: <(.*)>$", line) for line in self._lines]
        return [_readable(message[1]) for message in found if message]

    def _drain(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line.rstrip("\n"))


def _readable(message: str) -> str:
    head, kind, text = message.partition(" ucs-2 ")
    if not kind:
        return message
    return head + kind + unquote_to_bytes(text.replace("+", " ")).decode("utf-16-be")


@contextmanager
def handset(kannel: RealKannel, *messages: str, count: int | None = None) -> Iterator[Handset]:
    """A handset that sends each message once, or `count` messages that end in different numbers.

    A message is "sender receiver text WORDS" or "sender receiver ucs2 URL-ENCODED-UTF-16".
    """
    numbers = ["-z", "4", "-m", str(count)] if count else ["-m", str(len(messages))]
    call = [FAKESMSC, "-H", "127.0.0.1", "-r", str(kannel.operator), "-i", "0.01", *numbers]
    process = subprocess.Popen(
        [*call, *(messages or ["1 1 text -"])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield Handset(process)
    finally:
        process.terminate()
        process.wait(10)


class Web:
    """Our web server: does with each request what the webhook does, and can be taken down.

    `status`, when set, is answered in place of the channel's acknowledgement.
    """

    def __init__(self) -> None:
        self.channel: Channel
        self.requests: list[WebhookRequest] = []
        self.events: list[Inbound | Receipt] = []
        self.refused: list[WebhookRequest] = []
        self.status = 0
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._server = _Listener(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def heard(self, marker: str) -> Sequence[Inbound]:
        """SMS with the marker in their text."""
        return [event for event in self.events if isinstance(event, Inbound) and marker in event.text]

    def receipts(self, message_id: int) -> Sequence[Receipt]:
        found = [event for event in self.events if isinstance(event, Receipt)]
        return [receipt for receipt in found if receipt.message_id == message_id]

    def answer(self, request: WebhookRequest) -> tuple[int, str, str]:
        self.requests.append(request)
        try:
            self.channel.verify(request)
        except Forgery:
            self.refused.append(request)
            return 403, "text/plain", ""
        self.events += self.channel.read(request)
        acknowledgement = self.channel.acknowledge()
        return self.status or acknowledgement.status, acknowledgement.media_type, acknowledgement.body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                status, media_type, text = outer.answer(
                    WebhookRequest(self.command, path, query, headers, body)
                )
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        return Handler


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
