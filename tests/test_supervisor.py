"""The parent of `run`: order, restarts, stops, and nothing left behind. Real processes throughout."""

import itertools
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from storage import lifeline
from storage.locks import AlreadyInUse, run_lock
from storage.ports import PortHeld, port_is_free, require_free_port
from storage.postgres import EmbeddedServer, attached
from storage.supervisor import Child, spawn
from tests.conftest import new_data_dir
from tests.processes import all_gone, descendants, seconds_until

ROOT = Path(__file__).parents[1]


class Run:
    """A running tests.supervised."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        argv = [sys.executable, "-m", "tests.supervised", str(data_dir), *options]
        self.data_dir, self.server = data_dir, EmbeddedServer(data_dir)
        self.process = subprocess.Popen(
            argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 20)[0], "not ready within 20 s"
        assert self.process.stdout.readline() == "ready\n"
        seconds_until(lambda: len(self.family()) >= 5)  # database, web, worker and a grandchild of each

    def family(self) -> set[int]:
        return descendants(self.process.pid)

    def pid(self, name: str) -> int | None:
        if name == "database":
            return self.server.pid()
        with suppress(FileNotFoundError, ValueError):
            return int((self.data_dir / f"{name}.pid").read_text())
        return None

    def seconds_to_recover(self, name: str) -> float:
        """Kill a child and wait until its successor is there; the database's must answer."""
        former = self.pid(name)
        assert former is not None
        os.kill(former, signal.SIGKILL)
        back = seconds_until(lambda: self.pid(name) not in {None, former})
        return back + (seconds_until(self.server.ready) if name == "database" else 0)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.server.url.replace("+psycopg", ""), autocommit=True)

    def kill(self) -> None:
        for pid in {self.process.pid, *self.family()}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder that keeps its cluster from test to test, whatever was killed in it."""
    with new_data_dir() as folder:
        yield folder


@pytest.fixture
def running(made: Path) -> Iterator[Run]:
    (made / "order").unlink(missing_ok=True)
    run = Run(made)
    yield run
    run.kill()


@pytest.mark.drill
def test_a_killed_child_is_back_within_two_seconds(running: Run) -> None:
    with running.connect() as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('still here')")
    for name in ("web", "worker", "database"):
        assert running.seconds_to_recover(name) < 2.0, name
    with running.connect() as connection:
        assert connection.execute("select word from kept").fetchall() == [("still here",)]


@pytest.mark.drill
def test_a_query_that_computes_does_not_hold_up_the_restart_of_a_killed_database(running: Run) -> None:
    """Its process does not notice that the postmaster died, and keeps the shared memory."""
    busy = "do $$ begin loop end loop; end $$"
    argv = [
        sys.executable,
        "-c",
        f"import psycopg; psycopg.connect({running.server.url.replace('+psycopg', '')!r}",
    ]
    with subprocess.Popen([*argv[:2], argv[2] + f").execute({busy!r})"], stderr=subprocess.DEVNULL) as client:
        with running.connect() as connection:
            seen = "select pid from pg_stat_activity where query like 'do %%loop%%' and state = 'active'"
            seconds_until(lambda: connection.execute(seen).fetchone())
            busy_pid = connection.execute(seen).fetchone()
        assert busy_pid is not None
        assert running.seconds_to_recover("database") < 2.0
        assert all_gone({busy_pid[0]})
        client.wait(5)


@pytest.mark.drill
def test_the_next_run_may_start_at_once_after_the_parent_was_killed(running: Run) -> None:
    family = running.family()
    running.process.kill()
    running.process.wait()
    again = Run(running.data_dir)
    again.kill()
    assert all_gone(family)


@pytest.mark.drill
def test_everything_ends_within_two_seconds_when_the_parent_is_killed(running: Run) -> None:
    family = running.family()
    running.process.kill()
    assert seconds_until(lambda: all_gone(family)) < 2.0


@pytest.mark.drill
@pytest.mark.parametrize("reach", ["parent alone", "whole group", "Ctrl-C"])
def test_stops_in_order_within_ten_seconds(running: Run, reach: str) -> None:
    family = running.family()
    started = time.monotonic()
    if reach == "parent alone":
        running.process.terminate()
    else:
        os.killpg(running.process.pid, signal.SIGINT if reach == "Ctrl-C" else signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert time.monotonic() - started < 10
    assert all_gone(family)
    order = (running.data_dir / "order").read_text().splitlines()
    assert sorted(order) == ["web before database", "worker before database"]
    assert running.server.log.read_text().endswith("database system is shut down\n")


@pytest.mark.drill
def test_children_that_ignore_sigterm_are_stopped_within_ten_seconds_too(made: Path) -> None:
    run = Run(made, "stubborn")
    family = run.family()
    started = time.monotonic()
    run.process.terminate()
    assert run.process.wait(10) == 0
    assert time.monotonic() - started < 10
    assert all_gone(family)
    assert run.server.log.read_text().endswith("database system is shut down\n")
    run.kill()


def test_a_child_that_dies_at_once_is_tried_again_at_once_and_then_ever_slower(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    child = f"import time; open({str(starts)!r}, 'a').write(f'{{time.time()}}\\n'); raise SystemExit(1)"
    code = (
        "import sys; from storage.supervisor import *; "
        "Supervisor([Child(name='x', argv=[sys.executable, '-S', '-c', sys.argv[1]])]).run()"
    )
    with subprocess.Popen([sys.executable, "-c", code, child], cwd=ROOT, stderr=subprocess.DEVNULL) as parent:
        seconds_until(lambda: starts.exists() and len(starts.read_text().splitlines()) >= 5)
        parent.terminate()
        assert parent.wait(5) == 0
    times = [float(line) for line in starts.read_text().splitlines()]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert pauses[0] < 0.2
    assert pauses[1:4] == pytest.approx([0.25, 0.5, 1.0], abs=0.2)


def test_a_second_run_on_a_data_folder_is_refused_in_one_sentence(running: Run) -> None:
    with pytest.raises(AlreadyInUse, match=r"Another `run` already uses .*\.$"), run_lock(running.data_dir):
        pass


def test_a_command_uses_the_database_of_a_run_and_leaves_it_running(running: Run) -> None:
    former = running.server.pid()
    with attached(running.data_dir) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert running.server.pid() == former
    assert running.server.ready()


@pytest.mark.parametrize("share", [False, True])
def test_a_port_that_somebody_holds_is_refused_even_if_he_would_share_it(share: bool) -> None:
    with socket.socket() as holder:
        if share:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert not port_is_free("127.0.0.1", port)
        assert not port_is_free("0.0.0.0", port)
        with pytest.raises(PortHeld, match=f"Port {port} on 127.0.0.1 is held by another program"):
            require_free_port("127.0.0.1", port)


def test_a_port_in_time_wait_is_free() -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server does
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = holder.accept()
            accepted.close()  # who closes first stays in TIME_WAIT
            assert client.recv(1) == b""
    with socket.socket() as plain, pytest.raises(OSError, match="in use"):
        plain.bind(("127.0.0.1", port))  # proves that the state is there
    require_free_port("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_refused_in_one_sentence() -> None:
    with pytest.raises(PortHeld, match=r"Cannot listen on 192\.0\.2\.1 port 1708"):
        require_free_port("192.0.2.1", 1708)


_FALLBACK_PARENT = """
import subprocess, sys
child = "import time; from storage import lifeline; lifeline.KERNEL_TIES = False; lifeline.die_with_parent()"
subprocess.Popen([sys.executable, "-c", child + "; print('up', flush=True); time.sleep(60)"]).wait()
"""


def test_without_prctl_a_process_notices_itself_that_its_parent_died() -> None:
    argv = [sys.executable, "-c", _FALLBACK_PARENT]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        family = descendants(parent.pid)
        assert len(family) == 1
        parent.kill()
        assert seconds_until(lambda: all_gone(family)) < 2.0


_POOLED_PARENT = """
import multiprocessing, sys, time
from tests.supervised import grandchild
multiprocessing.get_context(sys.argv[1]).Process(target=grandchild).start()
time.sleep(60)
"""


@pytest.mark.drill
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_of_multiprocessing_lives_and_dies_with_its_parent(method: str) -> None:
    with subprocess.Popen([sys.executable, "-c", _POOLED_PARENT, method], cwd=ROOT) as parent:
        expected = {"fork": 1, "spawn": 2, "forkserver": 3}[method]  # with multiprocessing's own helpers
        seconds_until(lambda: len(descendants(parent.pid)) == expected)
        time.sleep(1)
        family = descendants(parent.pid)
        assert len(family) == expected
        parent.kill()
        assert seconds_until(lambda: all_gone(family)) < 2.0


_GUARDED_PARENT = """
import subprocess, sys, signal, time
from storage.lifeline import Guard
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
guard = Guard(child.pid, signal.SIGKILL)
print("up", flush=True)
time.sleep(60)
"""


def test_without_prctl_a_guard_ends_what_a_killed_parent_left() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _GUARDED_PARENT], cwd=ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        family = descendants(parent.pid)
        assert len(family) == 2
        parent.kill()
        assert seconds_until(lambda: all_gone(family)) < 2.0


def test_a_released_guard_ends_nothing() -> None:
    child = spawn(Child(name="sleeper", argv=["/bin/sleep", "60"]))
    lifeline.Guard(child.pid, signal.SIGKILL).release()
    assert child.poll() is None
    child.kill()
    child.wait()
