"""R9: DATA_DIR on a small disk of its own that fills up, until the embedded database falls."""

import http.client
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from storage.postgres import EmbeddedServer
from tests.drill_case import Stage, answers, post, staged, telegram, wait_until, whatsapp
from tests.drills.ledger import Ledger, figure, timed

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
DISK_MB, LEAST_MB = 420, 100
MEGABYTE = 1 << 20


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system in memory. Only root may mount one; without it this row is not proved."""
    folder = Path(tempfile.mkdtemp(prefix="kentongan-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0711", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        folder.rmdir()
        _not_proved(f"R9 is not proved here: a tmpfs cannot be mounted ({done.stderr.strip()}).")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def _not_proved(reason: str) -> None:
    """On CI that is an error: a proof left out would look like one that passed."""
    print(reason)
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def stage(disk: Path) -> Iterator[Stage]:
    with staged("", disk, DISK_FREE_MB=str(LEAST_MB)) as made:
        yield made


def fill(disk: Path, leave: int) -> Path:
    """A file that leaves so many MB free; what others take meanwhile comes off."""
    ballast = disk / "ballast"
    with ballast.open("ab") as handle, suppress(OSError):
        while (room := os.statvfs(disk).f_bavail * 4096 - leave * MEGABYTE) > 0:
            handle.write(b"\0" * min(room, MEGABYTE))
            handle.flush()
    return ballast


def page(port: int) -> int:
    """The status of the panel's first page, which reads from the database."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/panel/login")
        return connection.getresponse().status
    finally:
        connection.close()


def write(ledger: Ledger, count: int) -> None:
    for n in range(count):
        words = f"CEK {len(ledger.sent):09}"
        if n % 2:
            ledger.post_until_taken(whatsapp(ledger.stage.base_url, f"+62816{n:08}", words))
        else:
            ledger.stage.bot.know(9000 + n)
            ledger.post_until_taken(telegram(9000 + n, words))


def write_log_until_it_falls(stage: Stage, server: EmbeddedServer, disk: Path) -> None:
    """Let the database's log grow on a disk without a free byte until the server gives up."""
    postmaster = server.pid()
    fill(disk, 0)
    wrote = "create table if not exists ballast (n bigint, words text)"
    with suppress(psycopg.Error), psycopg.connect(plain_url(stage.database_url)) as connection:
        connection.execute(wrote)
    log = server.log
    for _ in range(600):
        with suppress(psycopg.Error), psycopg.connect(plain_url(stage.database_url)) as connection:
            connection.execute("select pg_logical_emit_message(true, 'drill', repeat('x', 4000000))")
        fill(disk, 0)
        if server.pid() != postmaster or "PANIC" in log.read_text(errors="replace"):
            return
    raise AssertionError("the database bore a full disk")


def test_a_disk_that_fills_up(stage: Stage, disk: Path) -> None:
    stage.run()
    server, ledger = EmbeddedServer(stage.folder), Ledger(stage)
    write(ledger, 60)
    ledger.settle(30)
    ballast = fill(disk, LEAST_MB - 5)
    time.sleep(1.5)
    refused = [post(stage.port, whatsapp(stage.base_url, "+6281699999999", str(n))) for n in range(10)]
    assert refused == [503] * 10 and page(stage.port) == 200
    ballast.unlink()
    time.sleep(1.5)
    write(ledger, 20)
    write_log_until_it_falls(stage, server, disk)
    said = server.log.read_text(errors="replace")
    assert "No space left on device" in said
    assert not ledger.post(telegram(9000, "CEK 111111111"))
    (disk / "ballast").unlink()
    back = timed(partial(is_up, server), 60)
    wait_until(lambda: answers(stage.port, "/readyz"), 60)
    write(ledger, 20)
    ledger.settle(60)
    figure(
        "R9",
        f"below {LEAST_MB} MB: {len(refused)} of {len(refused)} refused, the panel answers; disk full: the "
        f"database {'panicked' if 'PANIC' in said else 'ended'}, back {back:.1f} s after there was room; "
        f"{ledger.audit()}",
    )


def is_up(server: EmbeddedServer) -> bool:
    return server.pid() is not None and server.ready()
