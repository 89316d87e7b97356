"""Tie a process to its parent, so that even `kill -9` of the parent leaves nothing behind."""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5


def _find_prctl() -> Callable[..., int] | None:
    """Linux's prctl; None elsewhere. Looked up before any fork: between fork and exec it is only called."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return None
    prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong)
    found: Callable[..., int] = prctl
    return found


_prctl = _find_prctl()
KERNEL_TIES = _prctl is not None


def tie_to_parent(parent: int, death_signal: signal.Signals) -> None:
    """Ask the kernel to send this process a signal when the thread that started it ends.

    To be called after any change of user, which clears the wish, and before exec, which keeps it. Does
    nothing where the kernel cannot do it (`KERNEL_TIES` is false); there a `Guard` watches from outside.

    Args:
        parent: Process id of the parent, as the parent itself knows it.
        death_signal: What to send.

    Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew our wish
        os.kill(os.getpid(), signal.SIGKILL)


def die_with_parent(death_signal: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """End this process when its parent ends, however that happens; for a process to call when it starts.

    Without prctl a thread looks twice a second whether the parent is still the same.

    Args:
        death_signal: What this process sends itself, or has sent by the kernel.
        parent: Process id of the parent. Without it the one that multiprocessing knows, as in granian's
            workers; else the present one, which is wrong if the true one died before this call.
    """
    origin = multiprocessing.parent_process()
    known = parent or (origin.pid if origin else None) or os.getppid()
    if origin is not None and parent is None and os.getppid() != known:
        # a fork server started us for the parent, or the parent is dead: then join returns at once
        threading.Thread(target=_outlive, args=(origin.join, death_signal), daemon=True).start()
    elif KERNEL_TIES:
        tie_to_parent(known, death_signal)
    else:
        threading.Thread(target=_watch_parent, args=(known, death_signal), daemon=True).start()


def _outlive(wait: Callable[[], None], death_signal: signal.Signals) -> None:
    wait()
    os.kill(os.getpid(), death_signal)


def _watch_parent(parent: int, death_signal: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os.kill(os.getpid(), death_signal)


class Guard:
    """A tiny process that ends another one when we are gone: for systems whose kernel does not tie.

    It waits at the end of a pipe only we hold open. The pipe closes with us, whatever killed us.
    """

    _CODE = "import os,sys; f,p,s=map(int,sys.argv[1:]); os.read(f,1) or os.killpg(p,s)"

    def __init__(self, group: int, death_signal: signal.Signals) -> None:
        """Start watching over us.

        Args:
            group: Process group that gets the signal.
            death_signal: What it gets.
        """
        read_end, self._write_end = os.pipe()
        argv = [sys.executable, "-S", "-c", self._CODE, str(read_end), str(group), str(int(death_signal))]
        self._process = subprocess.Popen(argv, pass_fds=(read_end,), start_new_session=True)  # noqa: S603 - our own words
        os.close(read_end)

    def release(self) -> None:
        """Send the guard home: the process it was set on has ended."""
        with suppress(BrokenPipeError):
            os.write(self._write_end, b"!")
        os.close(self._write_end)
        self._process.wait()
