"""Drills of `python app.py run`: whatever is killed comes back, whatever ends leaves nothing behind."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bot.queue import queue
from storage.database import plain_url
from storage.postgres import EmbeddedServer
from tests.conftest import new_data_dir
from tests.drill_case import Stage, answers, post_until_taken, staged, wait_until, whatsapp
from tests.drills.ledger import figure
from tests.house import ROOT
from tests.processes import all_gone, descendants, seconds_until, table

pytestmark = pytest.mark.drill
WRITERS = 4
TRIES = 3  # the best counts: other programs on the machine may be busy


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """A data folder that keeps its database from drill to drill."""
    with new_data_dir() as folder:
        yield folder


@pytest.fixture
def stage(kept: Path) -> Iterator[Stage]:
    with staged("", kept) as made:
        yield made


def family(run: subprocess.Popen[bytes]) -> dict[str, set[int]]:
    """Processes of a `run`: its children by their command; "granian" is the child of web that serves."""
    parents = table()
    found: dict[str, set[int]] = {"web": set(), "worker": set(), "granian": set()}
    for pid in descendants(run.pid):
        with suppress(OSError):  # it has just ended
            command = Path(f"/proc/{pid}/cmdline").read_text().strip("\0").rpartition("\0")[2]
            if command in found:
                found[command if parents.get(pid) == run.pid else "granian"].add(pid)
    return found


def write(stage: Stage, writer: int, end: float) -> dict[str, list[str]]:
    """Fifty citizens write in turn, each message until it is acknowledged; returns what each wrote."""
    said: dict[str, list[str]] = {}
    for number in itertools.count():
        if time.monotonic() > end:
            return said
        citizen = f"+6281400{writer}{number % 50:04}"
        words = f"CEK {writer}{number:08}"
        post_until_taken(stage.port, whatsapp(stage.base_url, citizen, words))
        said.setdefault(f"whatsapp:{citizen}", []).append(words)
        time.sleep(0.08)
    raise AssertionError


def test_a_killed_database_under_four_writers_loses_nothing_acknowledged_and_doubles_nothing(
    stage: Stage,
) -> None:
    stage.run()
    stage.twilio.callbacks = True
    server = EmbeddedServer(stage.folder)
    begun = time.monotonic()
    said: dict[str, list[str]] = {}
    with ThreadPoolExecutor(WRITERS) as citizens:
        writing = [citizens.submit(write, stage, n, begun + 9) for n in range(WRITERS)]
        for _ in range(3):
            time.sleep(2)
            seconds_until(partial(_is_back, server, _kill(server)), 5)
        for one in writing:
            said |= one.result(40)
    wait_until(lambda: not list((stage.folder / "spool").glob("*.event")))
    unsent = "select 1 from message where state in ('waiting', 'sending', 'unknown')"
    wait_until(lambda: not stage.rows(unsent), 90)  # one whose receipt was lost is asked about after a while
    assert stage.wrote() == said
    figure(
        "R3",
        f"3 kills in 9 s: all handed over after {time.monotonic() - begun:.1f} s, {total(said)} messages",
    )
    with psycopg.connect(plain_url(stage.database_url)) as connection:
        queue.configure_task("fetch_media", connection=connection).defer(attachment_id=0)
    wait_until(lambda: not stage.rows("select 1 from procrastinate_jobs where task_name = 'fetch_media'"))


def total(said: dict[str, list[str]]) -> int:
    return sum(len(words) for words in said.values())


def _kill(server: EmbeddedServer) -> int:
    postmaster = server.pid()
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    return postmaster


def _is_back(server: EmbeddedServer, former: int) -> bool:
    return server.pid() not in {None, former} and server.ready()


def seconds_to_replace(run: subprocess.Popen[bytes], name: str) -> float:
    """Kill one of the family; returns how long it takes until another is there in its place."""
    wait_until(lambda: family(run)[name])
    former = family(run)[name]
    for pid in former:
        os.kill(pid, signal.SIGKILL)
    return seconds_until(lambda: family(run)[name] - former)


def test_whatever_is_killed_is_started_again_within_two_seconds(stage: Stage) -> None:
    run = stage.run()
    server = EmbeddedServer(stage.folder)
    for name in ("worker", "granian", "web"):
        gone = seconds_to_replace(run, name)
        back = seconds_until(lambda: answers(stage.port), 30)
        figure("kills", f"{name}: a new process after {gone:.1f} s, answers after {gone + back:.1f} s")
        assert gone < 2.0, name
    back = min(seconds_until(partial(_is_back, server, _kill(server))) for _ in range(TRIES))
    figure("kills", f"database: answers after {back:.1f} s")
    assert back < 2.0
    wait_until(lambda: answers(stage.port, "/readyz"), 30)


@pytest.mark.parametrize("reach", ["parent alone", "whole group"])
def test_told_to_end_it_ends_everything_within_ten_seconds(stage: Stage, reach: str) -> None:
    run = stage.run()
    everything = descendants(run.pid)
    started = time.monotonic()
    if reach == "parent alone":
        run.terminate()
    else:
        os.killpg(run.pid, signal.SIGTERM)
    assert run.wait(12) == 0
    took = time.monotonic() - started
    assert took < 10
    figure("R19", f"run told to end ({reach}): {took:.1f} s")
    assert all_gone(everything)


def test_killed_it_leaves_nothing_and_the_next_start_is_quick_and_has_the_data(stage: Stage) -> None:
    run = stage.run()
    wait_until(lambda: family(run)["granian"] and family(run)["worker"])
    written = stage.rows("select count(*), max(id) from event")
    took = []
    for _ in range(TRIES):
        everything = descendants(run.pid)
        assert len(everything) > 6
        run.kill()
        run.wait()
        assert seconds_until(lambda everything=everything: all_gone(everything)) < 2.0  # type: ignore[misc]
        started = time.monotonic()
        run = stage.run()
        took.append(time.monotonic() - started)
    figure("kills", f"run killed: starts again within {min(took):.1f} s")
    assert min(took) < 5
    assert stage.rows("select count(*), max(id) from event") == written


def refused(stage: Stage, **settings: str) -> str:
    """What `run` says when it does not start: one sentence, and exit code 2."""
    done = subprocess.run(
        [sys.executable, "app.py", "run"],
        cwd=ROOT,
        env=stage.env | settings,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_what_cannot_work_or_is_unsafe_is_refused_in_one_sentence(stage: Stage) -> None:
    stage.run()
    taken = refused(stage, DATA_DIR=str(stage.folder / "other"))
    assert f"Port {stage.port} on 127.0.0.1 is held" in taken
    free = {"DATA_DIR": str(stage.folder / "other"), "PORT": "0"}
    public = {"PUBLIC_URL": "https://lapor.example.go.id", "PORT": "1709"}
    assert "SECRET_KEY must be set" in refused(stage, **free | public)
    half = {"TWILIO_AUTH_TOKEN": "", "PORT": "1709"}
    assert "TWILIO_AUTH_TOKEN must be set too" in refused(stage, **free | half)
    nobody = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "PORT": "1709"}
    assert "database of DATABASE_URL cannot be reached" in refused(stage, **free | nobody)
