"""The whole product as its user starts it: `python app.py run` in a data folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60


def free_port() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment without any setting of the product that this machine may have, plus those given."""
    own = re.compile(
        r"^(DATABASE_URL|DATA_|HOST$|PORT$|PUBLIC_URL|SECRET_KEY|CITY$|TELEGRAM_|TWILIO_|KANNEL_|SMS_)"
    )
    kept = {name: value for name, value in os.environ.items() if not own.match(name)}
    return {**kept, **settings}


@dataclass
class Product:
    """A running product."""

    url: str
    said: Path
    process: subprocess.Popen[bytes]

    @property
    def password(self) -> str:
        """The first administrator's password, as `run` printed it."""
        found = re.search(r"password: (\S+)", self.said.read_text())
        assert found, self.said.read_text()
        return found.group(1)


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Product]:
    """Start the product, wait until it says where it is, and stop it as Ctrl-C does."""
    port = free_port()
    said = data_dir / "said.txt"
    env = clean_environment(DATA_DIR=str(data_dir), PORT=str(port), **settings)
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "run"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
        try:
            _wait(process, said)
            yield Product(f"http://127.0.0.1:{port}", said, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)


def _wait(process: subprocess.Popen[bytes], said: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while "Stop with Ctrl-C" not in said.read_text():
        assert process.poll() is None and time.monotonic() < limit, said.read_text()
        time.sleep(0.1)
