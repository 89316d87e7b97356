"""The PostgreSQL of one machine: its binaries come in a Python wheel, everything else about it is ours."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from storage import locks, postmaster
from storage.binaries import NEWEST, NoEmbeddedPostgres, find_binaries, server_command
from storage.cluster import ENVIRONMENT, ROLE, ClusterFailed, ClusterMaker
from storage.server_user import OutOfReach, ServerUser, becoming, choose_user, make_private_folder
from storage.supervisor import Child

__all__ = ["EmbeddedServer", "NoEmbeddedPostgres", "ServerUnusable", "attached", "find_binaries"]

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103  # macOS; Linux has 107. Source: https://man7.org/linux/man-pages/man7/unix.7.html
_STOP_BY = 8.8
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 6.0


class ServerUnusable(Exception):
    """The embedded server cannot be started or reached; the text is one sentence for whoever starts us."""


class EmbeddedServer:
    """The server of one data folder. Start and stop it only under one of the locks in `storage.locks`."""

    def __init__(self, data_dir: Path) -> None:
        """Say where things are; nothing is made yet.

        Args:
            data_dir: The DATA_DIR setting.

        Raises:
            NoEmbeddedPostgres: The wheel is not installed.
        """
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "postgres"
        self.sockets = _socket_folder(self.data_dir)
        self.log = self.data_dir / "log" / "postgres.log"
        self.password_file = self.data_dir / "postgres.password"
        self.binaries = find_binaries(self._major())
        self._become: Callable[[], None]  # known once the folders are there

    def _major(self) -> str:
        try:
            return (self.cluster / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return NEWEST
        except PermissionError as error:
            raise ServerUnusable(
                f"{self.cluster} belongs to another user: run as the one who started it."
            ) from error

    @property
    def url(self) -> str:
        """SQLAlchemy URL of our database. The password is not in it but in the file it names.

        Anything that takes libpq's URLs (pg_dump, psycopg) takes it too, once `+psycopg` is cut out.
        """
        where = f"host={quote(str(self.sockets), safe='')}&port=5432"
        return (
            f"postgresql+psycopg://{ROLE}@/{ROLE}?{where}&passfile={quote(str(self.password_file), safe='')}"
        )

    @property
    def command(self) -> list[str]:
        """The server in the foreground; `environment` belongs to it. SIGINT stops it fast."""
        return server_command(self.binaries, self.cluster, self.sockets)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the server: nothing of ours, so PG* variables of a user change nothing."""
        return dict(ENVIRONMENT)

    def prepare(self) -> None:
        """Make the folders and the cluster where they are missing, and clear what a killed server left.

        Raises:
            ServerUnusable: It cannot be made, or an earlier server is still ending.
        """
        try:
            self._prepare()
        except (OutOfReach, ClusterFailed, OSError) as error:
            raise ServerUnusable(str(error)) from error
        except subprocess.SubprocessError as error:  # its own view of the file system was refused
            raise ServerUnusable(
                f"As root the database runs as an ordinary user, who cannot reach both {self.cluster} and "
                f"{self.binaries}: open their parent folders (chmod o+x), or do not start as root."
            ) from error

    def _prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=locks.folder_mode())
        make_private_folder(self.log.parent)
        self._make_socket_folder()
        maker = ClusterMaker(self.binaries, self.cluster, self._user(), self.password_file)
        if not self.cluster.exists():
            maker.make(self._becoming)
        self._wait_for_the_end()
        postmaster.clear_leftovers(self.cluster, self.sockets)
        if not self.password_file.exists():
            maker.set_password(self._becoming(self.cluster))
        self._become = self._becoming(self.cluster)
        maker.check(self._become)

    def _enter(self) -> None:
        """Become the server's user, in the child; a method, because only `prepare` knows how."""
        self._become()

    def _wait_for_the_end(self) -> None:
        """Wait for a server whose parent was killed: it ends by itself, within 5 s at the latest."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.running():
            if time.monotonic() > deadline:
                raise ServerUnusable(f"Another server is running on {self.cluster}: stop it first.")
            time.sleep(_POLL_SECONDS)

    def _user(self) -> ServerUser | None:
        return choose_user([self.cluster, self.data_dir])

    def _becoming(self, cluster: Path) -> Callable[[], None]:
        wheel = self.binaries.parents[2]  # with the libraries beside the package
        return becoming(self._user(), [cluster, self.sockets, wheel])

    def _make_socket_folder(self) -> None:
        """Make the folder of the socket, or refuse one that others could reach or have planted."""
        with suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
        user = self._user()
        found = self.sockets.lstat()
        if user is not None and found.st_uid == 0:
            os.chown(self.sockets, user.uid, user.gid, follow_symlinks=False)
            found = self.sockets.lstat()
        owner = os.geteuid() if user is None else user.uid
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise ServerUnusable(f"{self.sockets} is not a folder of the database's user alone: remove it.")

    def pid(self) -> int | None:
        """Process id of our server if one really runs, also while it starts or stops."""
        try:
            return postmaster.find(self.cluster, self.sockets, self.binaries / "pg_isready")
        except PermissionError as error:
            raise ServerUnusable(
                f"{self.cluster} belongs to another user: run as the one who started it."
            ) from error

    def running(self) -> bool:
        """Tell whether our server really runs; a stale pid file or a stranger with its pid does not count."""
        return self.pid() is not None

    def ready(self) -> bool:
        """Tell whether it answers a query now."""
        try:
            with psycopg.connect(self.url.replace("+psycopg", "", 1), connect_timeout=2) as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it answers, however long its recovery takes.

        Args:
            process: The server, or the process that keeps it.

        Raises:
            ServerUnusable: The process ended instead.
        """
        while not self.ready():
            if process.poll() is not None:
                raise ServerUnusable(
                    f"The database ended with {process.returncode} while starting; see {self.log}."
                )
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop it fast and wait for that; after 8.8 s at once, which the next start repairs."""
        deadline = time.monotonic() + _STOP_BY
        asked: signal.Signals | None = None
        while (pid := self.pid()) is not None:
            wanted = signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT
            if wanted is not asked:
                with suppress(ProcessLookupError):
                    os.kill(pid, wanted)
                asked = wanted
            time.sleep(_POLL_SECONDS)

    def as_child(self) -> Child:
        """The server as a supervisor's child of the lowest stage, prepared anew before each start.

        When its parent dies it ends by SIGQUIT, at once: nothing committed is lost, and the next start need
        not wait until it has written everything out.

        Source: https://www.postgresql.org/docs/18/server-shutdown.html
        """
        return Child(
            name="database",
            argv=self.command,
            env=self.environment,
            cwd=Path("/"),
            ready=self.ready,
            prepare=self.prepare,
            preexec=self._enter,
            stop_signal=signal.SIGINT,
            stop_by=_STOP_BY,
            harder_signal=signal.SIGQUIT,
            death_signal=signal.SIGQUIT,
            log=self.log,
        )


def _socket_folder(data_dir: Path) -> Path:
    """Beside the cluster, where nobody can plant it; in /tmp only if the path is too long for a socket."""
    near = data_dir / "socket"
    if len(os.fsencode(near / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return near
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp") / f"kentongan-{key}"  # noqa: S108 - its owner and mode are checked before use


@contextmanager
def attached(data_dir: Path) -> Iterator[str]:
    """Use the database of a data folder for one command: that of a running `run`, else its own for so long.

    Commands at the same time share one server, and the last one stops it. A killed command leaves nothing:
    the server's keeper notices that nobody holds the folder.

    Args:
        data_dir: The DATA_DIR setting.

    Yields:
        The SQLAlchemy URL.

    Raises:
        NoEmbeddedPostgres: The wheel is not installed.
        ServerUnusable: The server cannot be started.
    """
    server = EmbeddedServer(data_dir)
    server.data_dir.mkdir(parents=True, exist_ok=True, mode=locks.folder_mode())
    with locks.command_lock(server.data_dir) as lock:
        if lock is None:
            _wait_for_run(server)
            yield server.url
            return
        try:
            if not server.running():
                _keep(server)
            yield server.url
        finally:
            if lock.take():  # nobody else uses it
                server.stop()


def _wait_for_run(server: EmbeddedServer) -> None:
    while not server.ready():
        if not locks.is_run_active(server.data_dir):
            raise ServerUnusable("The `run` that kept the database has just ended: try again.")
        time.sleep(_POLL_SECONDS)


def _keep(server: EmbeddedServer) -> None:
    """Start a keeper in a session of its own, so Ctrl-C does not reach it; wait until the server answers."""
    argv = [sys.executable, "-m", "storage.keeper", str(server.data_dir)]
    keeper = subprocess.Popen(  # noqa: S603 - our own module
        argv,
        cwd=Path(__file__).parents[1],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert keeper.stderr is not None
    with keeper.stderr as said:
        try:
            server.wait_ready(keeper)
        except ServerUnusable as error:
            raise ServerUnusable(said.read().decode(errors="replace").strip() or str(error)) from error
