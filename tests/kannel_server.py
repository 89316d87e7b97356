"""A stand-in for Kannel's sendsms on loopback, as strict as the real one (test_kannel.py), and Sms on it."""

import re
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from smsutil.codecs import GSM_CHARSET

from handlers.sms import Sms
from handlers.sms_gateways import Kannel
from tests.contract_case import Failure, Sent

USER, PASSWORD, SECRET = "lapor", "kata&sandi%41 é", "rahasia/%d&é"
CITIZEN = "+628111234567"
STATUS: dict[Failure, int] = {"server_error": 503, "bad_address": 400, "unauthorised": 403}


@dataclass
class KannelServer:
    """`sent` is what handsets got, `asked` all requests' arguments, `latency` seconds before an answer."""

    password: str = PASSWORD
    latency: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    _failure: Failure | None = None
    _status: int = 0
    _server: ThreadingHTTPServer | None = None
    _released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def accept(self) -> None:
        """Take what is right."""
        self._failure, self._status = None, 0
        self._released.set()
        if self._server is None:
            self._listen()

    def fail(self, kind: Failure) -> None:
        """Fail every request in this way."""
        self._failure, self._status = kind, STATUS.get(kind, 0)
        self._released.clear()
        if kind == "refused":
            self.close()

    def answer(self, status: int) -> None:
        """Answer every request with this status."""
        self._failure, self._status = None, status

    def report(self, index: int, kind: int, answer: str = "") -> int:
        """Call the dlr-url of a message that was taken, as Kannel does; returns the HTTP status."""
        known = {"d": str(kind), "A": quote(answer, safe=""), "%": "%"}
        asked = self.asked[index]["dlr-url"]
        url = re.sub("%(.)", lambda found: known.get(found[1], found[0]), asked)
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)

    def close(self) -> None:
        """Refuse connections from now on and cut the open ones."""
        self._released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, path: str) -> tuple[int, str]:
        """Status and body of one request; the order of the checks is that of Kannel 1.4.5."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query, True).items()}
        self.asked.append(asked)
        if self._status:
            return self._status, ""
        if (asked.get("username"), asked.get("password")) != (USER, self.password):
            return 403, "Authorization failed for sendsms"
        if "to" not in asked:
            return 400, "Missing receiver number, rejected"
        if not asked["to"].lstrip("+").isdigit():
            return 400, "Number(s) has/have been denied by white- and/or black-lists."
        if not asked.get("text") or asked.get("charset") != "UTF-8":
            return 400, "a mistake of ours that the real one would swallow"
        self.sent.append(Sent(asked["to"], _as_seen(asked["text"], asked.get("coding", "0"))))
        return 202, "0: Accepted for delivery"

    def _listen(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                if outer._failure == "dropped":
                    outer.asked.append({})
                    self.close_connection = True
                    return
                if outer._failure == "silent":
                    outer._released.wait(10)
                    self.close_connection = True
                    return
                time.sleep(outer.latency)
                status, body = outer.take(self.path)
                head = f"Content-Length: {len(body)}\r\n"
                head += "Location: /elsewhere\r\n" if 300 <= status < 400 else ""
                self.wfile.write(f"HTTP/1.1 {status} X\r\n{head}\r\n{body}".encode("latin-1"))
                self.close_connection = outer._server is None

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = _Listener(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def _as_seen(text: str, coding: str) -> str:
    """Text with coding 0 loses, without a word, what GSM-7 does not have."""
    return text if coding == "2" else "".join(char if char in GSM_CHARSET else "?" for char in text)


def sms_to(
    server: KannelServer,
    *,
    password: str = PASSWORD,
    base_url: str = "https://lapor.example",
    seconds: float = 0.5,
) -> Sms:
    """The channel on the stand-in; it gives up after half a second, or so many seconds."""
    kannel = Kannel(
        url=server.url,
        username=USER,
        password=password,
        secret=SECRET,
        sender="1708",
        base_url=base_url,
        timeout_seconds=seconds,
    )
    return Sms(kannel, "1708")
