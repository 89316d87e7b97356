"""Is the server of a cluster alive, and what did a killed one leave behind?

The pid in `postmaster.pid` proves nothing: after a crash or a reboot it may be anybody's. A process is ours
when it is called postgres and works inside the cluster's folder.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "cwd").exists()
_LEFTOVER_SECONDS = 5.0


def find(cluster: Path, sockets: Path, pg_isready: Path) -> int | None:
    """Find the cluster's server.

    Args:
        cluster: The cluster's folder.
        sockets: The folder of its socket.
        pg_isready: The program to ask where there is no /proc.

    Returns:
        The process id of the postmaster, also while it starts or stops; None when there is none.

    Source: https://www.postgresql.org/docs/18/storage-file-layout.html (postmaster.pid)
    """
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if _HAS_PROC:
        return pid if _works_in(pid, cluster) else None
    asked = [str(pg_isready), "--quiet", "--timeout=2", f"--host={sockets}"]
    answers = subprocess.run(asked, check=False).returncode in {0, 1}  # noqa: S603 - 1: it rejects, so it is there
    return pid if answers else None


def _works_in(pid: int, cluster: Path) -> bool:
    process = _PROC / str(pid)
    try:
        return (process / "comm").read_text().strip() == "postgres" and (process / "cwd").samefile(cluster)
    except OSError:  # it is gone, a zombie, or somebody else's
        return False


def clear_leftovers(cluster: Path, sockets: Path) -> None:
    """Clear the way for a new server after the old one was killed; to be called only when `find` found none.

    A server process that computes does not notice that its postmaster is gone, keeps the shared memory and so
    forbids the new start. What it did not commit is lost in any case, so it is killed. A stale pid file would
    forbid it too when the pid is alive again as another process of the same user, common in containers.

    Args:
        cluster: The cluster's folder.
        sockets: The folder of its socket.
    """
    _kill_leftovers(cluster)
    for stale in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock", sockets / ".s.PGSQL.5432"):
        stale.unlink(missing_ok=True)


def _kill_leftovers(cluster: Path) -> None:
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    while time.monotonic() < deadline:
        left = [pid for pid in _all_pids() if _works_in(pid, cluster)]
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()] if _HAS_PROC else []
