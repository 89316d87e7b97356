"""Start processes in order, start the dead again, and stop them in order: the parent of `run`."""

import logging
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from storage.lifeline import KERNEL_TIES, Guard, tie_to_parent
from storage.server_user import open_private

_log = logging.getLogger(__name__)
_STARTING_POLL_SECONDS = 0.05
_IDLE_POLL_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0
_SHORT_LIFE_SECONDS = 1.0
_LAST_WORD_SECONDS = 0.6
_LOG_BYTES = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep alive.

    Attributes:
        name: What the log calls it.
        argv: The program's full path and its arguments.
        env: Its environment; None: ours.
        cwd: Its folder; None: ours.
        stage: Children of a stage start when all of lower stages are ready, and stop before them.
        ready: Says whether it can be used; asked often, must answer within 2 s. None: ready when started.
        prepare: Called in the parent before every start; an exception counts as a failed start.
        preexec: Called in the child between fork and exec, for a change of user.
        stop_signal: Asks it to end.
        stop_by: Seconds after the order to stop at which it gets `harder_signal`, and 0.6 s later SIGKILL.
        harder_signal: Ends it at once.
        death_signal: What it gets when its parent dies.
        log: File that its output is added to; None: ours. Moved to `<name>.1` at a start above 10 MB.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stage: int = 0
    ready: Callable[[], bool] | None = None
    prepare: Callable[[], None] | None = None
    preexec: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_by: float = 6.5
    harder_signal: signal.Signals = signal.SIGKILL
    death_signal: signal.Signals = signal.SIGKILL
    log: Path | None = None


def spawn(child: Child) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, tied to the calling thread: when that ends, so does the child.

    Args:
        child: What to start; its `prepare` is not called.

    Returns:
        The process. Signals to our process group, such as Ctrl-C in a terminal, do not reach it.

    Raises:
        OSError: It could not be started.
        subprocess.SubprocessError: Its `preexec` failed.
    """
    us = os.getpid()

    def before_exec() -> None:
        if child.preexec is not None:
            child.preexec()
        tie_to_parent(us, child.death_signal)

    output = None if child.log is None else _open_log(child.log)
    try:
        return subprocess.Popen(  # noqa: S603 - the arguments are ours, no shell
            child.argv,
            env=child.env,
            cwd=child.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=before_exec,  # noqa: PLW1509 - we run no threads that hold locks it needs
        )
    finally:
        if output is not None:
            os.close(output)


def _open_log(path: Path) -> int:
    with suppress(FileNotFoundError):
        if path.stat().st_size > _LOG_BYTES:
            path.rename(path.with_name(f"{path.name}.1"))
    return open_private(path, os.O_WRONLY | os.O_APPEND)


class _Slot:
    """A child and what became of it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self.due = 0.0
        self._guard: Guard | None = None
        self._failures = 0
        self._since = 0.0

    def start(self) -> None:
        """Start it; a failure only sets the time of the next try."""
        self._since = time.monotonic()
        try:
            if self.child.prepare is not None:
                self.child.prepare()
            self.process = spawn(self.child)
        except (
            Exception
        ) as error:  # whatever it is, the next try may succeed: a full disk, a server still stopping
            self._ended(f"could not be started: {error}")
            return
        if not KERNEL_TIES:
            self._guard = Guard(self.process.pid, self.child.death_signal)

    def look(self) -> None:
        """Notice that it ended or became ready."""
        if self.process is None:
            return
        code = self.process.poll()
        if code is not None:
            self._ended(f"ended by signal {-code}" if code < 0 else f"ended with code {code}")
        elif not self.is_ready and (self.child.ready is None or self.child.ready()):
            self.is_ready = True
            self._since = time.monotonic()
            _log.info("%s is ready.", self.child.name)

    def _ended(self, how: str) -> None:
        self.clear()
        short = not self.is_ready or time.monotonic() - self._since < _SHORT_LIFE_SECONDS
        self._failures = self._failures + 1 if short else 0
        pause = (
            0.0
            if self._failures < 2
            else min(_LONGEST_PAUSE_SECONDS, 0.25 * 2 ** min(self._failures - 2, 10))
        )
        self.is_ready = False
        self.due = time.monotonic() + pause
        _log.warning("%s %s; starting it again in %.2f s.", self.child.name, how, pause)

    def clear(self) -> None:
        """Forget the ended process, and end what it left in its group: that would keep its port."""
        if self.process is None:
            return
        self.signal(signal.SIGKILL)
        self.process = None
        if self._guard is not None:
            self._guard.release()
            self._guard = None

    def signal(self, what: signal.Signals) -> None:
        """Signal the process, or with SIGKILL everything in its group."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if what is signal.SIGKILL:
                os.killpg(self.process.pid, what)
            else:
                self.process.send_signal(what)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class _Wakeups:
    """Our signals while we supervise: SIGINT, SIGTERM and SIGHUP ask us to stop, SIGCHLD only wakes us."""

    def __init__(self) -> None:
        self.stopping = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> "_Wakeups":
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)
        self._before_wakeup = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: the wish is to outlive the terminal
            self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.stopping = self.stopping or number != signal.SIGCHLD

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes, or for so long."""
        if select.select([self._read_end], [], [], max(seconds, 0.0))[0]:
            os.read(self._read_end, 4096)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._before_wakeup)
        os.close(self._read_end)
        os.close(self._write_end)


class Supervisor:
    """Keeps children alive until it is asked to stop, then stops them in order."""

    def __init__(self, children: Sequence[Child], when_ready: Callable[[], None] | None = None) -> None:
        """Only remember what to do.

        Args:
            children: What to keep alive.
            when_ready: Called once, when all are ready for the first time.
        """
        self._slots = [_Slot(child) for child in children]
        self._when_ready = when_ready

    def run(self) -> int:
        """Supervise until SIGINT, SIGTERM or SIGHUP; in the main thread only.

        Returns:
            The exit code for the whole: 0, everything was stopped in order and within 10 s.
        """
        with _Wakeups() as wakeups:
            try:
                while not wakeups.stopping:
                    self._tick()
                    wakeups.wait(self._pause())
            finally:
                self._stop_all(wakeups)
        return 0

    def _tick(self) -> None:
        for slot in self._slots:
            slot.look()
            if slot.process is None and time.monotonic() >= slot.due and self._may_start(slot):
                slot.start()
                slot.look()
        if self._when_ready is not None and all(slot.is_ready for slot in self._slots):
            self._when_ready()
            self._when_ready = None

    def _may_start(self, slot: _Slot) -> bool:
        return all(other.is_ready for other in self._slots if other.child.stage < slot.child.stage)

    def _pause(self) -> float:
        if all(slot.is_ready for slot in self._slots):
            return _IDLE_POLL_SECONDS
        waits = [
            slot.due - time.monotonic()
            for slot in self._slots
            if slot.process is None and self._may_start(slot)
        ]
        starting = any(slot.process is not None and not slot.is_ready for slot in self._slots)
        return max(0.0, min([*waits, _STARTING_POLL_SECONDS if starting else _IDLE_POLL_SECONDS]))

    def _stop_all(self, wakeups: _Wakeups) -> None:
        ordered = time.monotonic()
        for stage in sorted({slot.child.stage for slot in self._slots}, reverse=True):
            slots = [slot for slot in self._slots if slot.child.stage == stage]
            for slot in slots:
                slot.signal(slot.child.stop_signal)
            while any([_press(slot, time.monotonic() - ordered) for slot in slots]):
                wakeups.wait(_STARTING_POLL_SECONDS)
            for slot in slots:
                slot.clear()
                _log.info("%s is stopped.", slot.child.name)


def _press(slot: _Slot, waited: float) -> bool:
    """Signal harder when the time is up; tell whether it still runs."""
    if slot.is_alive and waited > slot.child.stop_by:
        last = waited > slot.child.stop_by + _LAST_WORD_SECONDS
        slot.signal(signal.SIGKILL if last else slot.child.harder_signal)
    return slot.is_alive
