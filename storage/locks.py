"""Who uses the data folder: one `run`, or any number of one-shot commands, or the keeper of their server.

Locks are the kernel's (flock) on empty files: a killed process lets go of them by itself.
`users.lock` is held shared by every one-shot command, and alone by whoever starts or stops the server for
good. `run.lock` is held by `run`, and only while it also holds `users.lock` alone: so a command that finds
both held knows that the server belongs to a `run`.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.server_user import open_private

_PAUSE_SECONDS = 0.05
_PATIENCE_SECONDS = 15.0


class AlreadyInUse(Exception):
    """Somebody else uses this data folder; the text is one sentence for whoever starts us."""


class Lock:
    """One lock file."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it when it is missing.

        Args:
            path: Where; the folder exists.
        """
        self._descriptor = open_private(path, os.O_RDWR)

    def take(self, *, shared: bool = False) -> bool:
        """Try to take it, or to change how it is held, without waiting.

        Args:
            shared: Together with others who also share.

        Returns:
            False when somebody else's hold forbids it; an own hold is then lost too.
        """
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self) -> None:
        """Take it alone, however long that lasts."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


@contextmanager
def opened(data_dir: Path, name: str) -> Iterator[Lock]:
    """Open a lock of the data folder, not yet taken.

    Args:
        data_dir: The data folder, which exists.
        name: File name.

    Yields:
        The lock; let go of at the end.
    """
    lock = Lock(data_dir / name)
    try:
        yield lock
    finally:
        lock.close()


def is_run_active(data_dir: Path) -> bool:
    """Tell whether a `run` holds this data folder now.

    Args:
        data_dir: The data folder, which exists.
    """
    with opened(data_dir, "run.lock") as lock:
        return not lock.take(shared=True)


@contextmanager
def run_lock(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for one `run`; one-shot commands that are at work are waited for.

    Args:
        data_dir: The data folder; made when missing.

    Yields:
        While the folder is ours.

    Raises:
        AlreadyInUse: Another `run` holds it, or a command does not end within 15 s.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=folder_mode())
    with opened(data_dir, "users.lock") as users, opened(data_dir, "run.lock") as run:
        _wait_for_commands(data_dir, users)
        run.wait()  # held by others only for the blink of is_run_active
        yield


def _wait_for_commands(data_dir: Path, users: Lock) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not users.take():
        if is_run_active(data_dir):
            raise AlreadyInUse(f"Another `run` already uses {data_dir}; stop it first, or set DATA_DIR.")
        if time.monotonic() > deadline:
            raise AlreadyInUse(
                f"Another command is using the database in {data_dir}; end it, then start again."
            )
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def command_lock(data_dir: Path) -> Iterator[Lock | None]:
    """Hold the data folder together with other one-shot commands.

    Args:
        data_dir: The data folder, which exists.

    Yields:
        The shared lock, or None when a `run` holds the folder: then the server is never ours to stop.
    """
    with opened(data_dir, "users.lock") as users:
        while not users.take(shared=True):
            if is_run_active(data_dir):
                yield None
                return
            time.sleep(_PAUSE_SECONDS)  # somebody is just stopping the server
        yield users


def folder_mode() -> int:
    """Mode of a data folder we make: closed, but as root its database's user must be able to walk through."""
    return 0o711 if os.geteuid() == 0 else 0o700
