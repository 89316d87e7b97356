"""What the tests need to know about other processes; not a test itself."""

import subprocess
import time
from collections.abc import Callable


def table() -> dict[int, int]:
    """Parent of every living process; zombies do not live."""
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in lines.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def descendants(root: int) -> set[int]:
    parents = table()
    found, new = set[int](), {root}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new} - found
        found |= new
    return found


def seconds_until(what: Callable[[], object], limit: float = 10.0) -> float:
    """Wait until something is true; fail after the limit."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < limit, f"not within {limit} s"
        time.sleep(0.02)
    return time.monotonic() - started


def all_gone(pids: set[int]) -> bool:
    return not pids & table().keys()
