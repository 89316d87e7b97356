"""What processes take of the machine: processor time and memory, as Linux counts them."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.processes import descendants

TICKS = os.sysconf("SC_CLK_TCK")


def processor(pids: set[int]) -> float:
    """Seconds of processor time that living processes, and children they waited for, have had.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    spent = 0
    for pid in pids:
        try:
            numbers = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        spent += sum(int(one) for one in numbers[11:15])
    return spent / TICKS


def memory(pids: set[int]) -> float:
    """MB of memory that processes hold; what two of them share counts twice."""
    kilobytes = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return kilobytes / 1024


def family(pid: int) -> set[int]:
    """A process with all that descend from it."""
    return {pid, *descendants(pid)}


@contextmanager
def spent(of: Mapping[str, Callable[[], set[int]]]) -> Iterator[dict[str, float]]:
    """Gives a table that has, after the block, the processor seconds of each named group of processes."""
    before = {name: processor(pids()) for name, pids in of.items()}
    table: dict[str, float] = {}
    yield table
    table |= {name: processor(pids()) - before[name] for name, pids in of.items()}
