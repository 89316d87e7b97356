"""The embedded PostgreSQL: real clusters in folders of their own."""

import os
import pwd
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from storage.locks import run_lock
from storage.postgres import EmbeddedServer, NoEmbeddedPostgres, ServerUnusable, attached, find_binaries
from storage.supervisor import spawn
from tests.conftest import new_data_dir
from tests.processes import all_gone, descendants, seconds_until

ROOT = Path(__file__).parents[1]
_COMMAND = """
import sys
from pathlib import Path
from storage.postgres import attached
with attached(Path(sys.argv[1])) as url:
    print("up", flush=True)
    sys.stdin.read()
"""


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def command(data_dir: Path) -> subprocess.Popen[str]:
    """A one-shot command that uses the database until its input ends."""
    argv = [sys.executable, "-c", _COMMAND, str(data_dir)]
    return subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def is_up(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "up\n"


def finish(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_a_command_makes_the_database_stops_it_and_the_next_finds_the_data(data_dir: Path) -> None:
    with attached(data_dir) as url, connect(url) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('masih ada')")
        assert EmbeddedServer(data_dir).running()
    assert not EmbeddedServer(data_dir).running()
    with attached(data_dir) as url, connect(url) as connection:
        assert connection.execute("select word from kept").fetchall() == [("masih ada",)]


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder with a cluster that is not running."""
    with new_data_dir() as folder:
        with attached(folder):
            pass
        yield folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A running server, in a folder that only its owner may enter."""
    folder = tmp_path_factory.mktemp("data")
    with attached(folder):
        yield EmbeddedServer(folder)


def test_the_server_is_reached_only_through_a_socket_of_its_user(shared: EmbeddedServer) -> None:
    with connect(shared.url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show fsync").fetchone() == ("on",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)
        assert connection.execute("select 'É' ilike 'é'").fetchone() == (True,)
    for private in (shared.sockets, shared.cluster, shared.password_file):
        assert stat.S_IMODE(private.stat().st_mode) & 0o077 == 0
    pid = shared.pid()
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid != 0


@pytest.mark.parametrize(
    "words", ["user=postgres", "user=kentongan password=wrong", "user=kentongan passfile=/nowhere"]
)
def test_nobody_gets_in_without_the_password_and_no_superuser_at_all(
    shared: EmbeddedServer, words: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry|password"):
        psycopg.connect(f"host={shared.sockets} dbname=kentongan {words}")


def test_what_citizens_wrote_never_comes_into_the_log(shared: EmbeddedServer) -> None:
    canary = "canary-081234567890"
    with connect(shared.url) as connection:
        connection.execute("create table once (word text primary key)")
        connection.execute("insert into once values (%s)", (canary,))
        for bad in (
            "insert into once values (%s)",
            "select %s::text::int",
        ):  # a detail and a message that quote it
            with pytest.raises(psycopg.Error, match=canary):
                connection.execute(bad, (canary,))
        with pytest.raises(psycopg.Error, match=canary):
            connection.execute(f"do $$ begin raise warning '{canary}'; raise exception '{canary}'; end $$")
    log = shared.log.read_text()
    assert "ready to accept connections" in log
    assert canary not in log


def test_commands_at_once_share_one_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    both = [command(data_dir), command(data_dir)]
    assert all([is_up(process) for process in both])
    server = EmbeddedServer(data_dir)
    first = server.pid()
    finish(both[0])
    assert server.pid() == first
    assert server.ready()
    finish(both[1])
    assert not server.running()


@pytest.mark.drill
def test_a_killed_command_leaves_no_server(made: Path) -> None:
    killed = command(made)
    assert is_up(killed)
    family = descendants(killed.pid)
    assert len(family) > 2
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert seconds_until(lambda: all_gone(family)) < 2.0
    with attached(made) as url, connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_pid_file_with_the_pid_of_a_stranger_counts_for_nothing(made: Path) -> None:
    server = EmbeddedServer(made)
    owner = server.cluster.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner) as stranger:
        words = f"{stranger.pid}\n{server.cluster}\n1\n5432\n{server.sockets}\n\n1 1\nready\n"
        (server.cluster / "postmaster.pid").write_text(words)
        (server.sockets / ".s.PGSQL.5432.lock").write_text(words)
        assert not server.running()
        with attached(made) as url, connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.drill
def test_a_killed_initdb_is_begun_again(data_dir: Path) -> None:
    killed = command(data_dir)
    seconds_until(lambda: list(data_dir.glob("postgres.new-*/base/5")))
    family = descendants(killed.pid)
    for pid in {killed.pid, *family}:
        with suppress(ProcessLookupError):  # one of them may have ended by itself meanwhile
            os.kill(pid, signal.SIGKILL)
    killed.communicate()
    assert not (data_dir / "postgres").exists()
    with attached(data_dir) as url, connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not list(data_dir.glob("postgres.new-*"))


def test_a_lost_password_is_made_anew(made: Path) -> None:
    EmbeddedServer(made).password_file.unlink()
    with attached(made) as url, connect(url) as connection:
        assert connection.execute("select current_user").fetchone() == ("kentongan",)


def test_everything_belongs_to_the_owner_of_the_data_folder_even_when_root_starts(data_dir: Path) -> None:
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(data_dir, owner.pw_uid, owner.pw_gid)
    with attached(data_dir):
        pid = EmbeddedServer(data_dir).pid()
        assert Path(f"/proc/{pid}").stat().st_uid == owner.pw_uid
    assert {path.stat().st_uid for path in data_dir.rglob("*")} == {owner.pw_uid}


def test_a_path_too_long_for_a_socket_gets_a_short_one(data_dir: Path) -> None:
    long = data_dir / ("d" * 120)
    with attached(long) as url, connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    sockets = EmbeddedServer(long).sockets
    assert sockets.parent == Path("/tmp")
    assert EmbeddedServer(data_dir / ".." / data_dir.name / ("d" * 120)).sockets == sockets
    sockets.rmdir()


def test_a_planted_socket_folder_is_refused(data_dir: Path) -> None:
    (data_dir / "socket").mkdir(mode=0o755)
    with (
        pytest.raises(ServerUnusable, match="is not a folder of the database's user alone"),
        attached(data_dir),
    ):
        pass
    (data_dir / "socket").rmdir()
    (data_dir / "elsewhere").mkdir(mode=0o700)
    (data_dir / "socket").symlink_to(data_dir / "elsewhere")
    with (
        pytest.raises(ServerUnusable, match="is not a folder of the database's user alone"),
        attached(data_dir),
    ):
        pass


def test_waiting_ends_when_the_server_does(data_dir: Path) -> None:
    with run_lock(data_dir):
        server = EmbeddedServer(data_dir)
        server.prepare()
        (server.cluster / "global" / "pg_control").unlink()
        process = spawn(server.as_child())
        with pytest.raises(ServerUnusable, match="The database ended with 2 while starting"):
            server.wait_ready(process)


def test_without_the_wheel_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NoEmbeddedPostgres, match="set DATABASE_URL to a PostgreSQL >= 15 server"):
        find_binaries()


def test_every_test_gets_an_empty_database(empty_database: str) -> None:
    with connect(empty_database) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert tables == (0,)
