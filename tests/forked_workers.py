"""Workers that start fast: `python -m tests.forked_workers` forks one, imports done, for every line it reads.

A drill that kills a worker twenty times would else spend its minutes on importing. It answers each line with
the process id; each worker is a process of its own, as `python app.py worker` makes it.
"""

import os
import signal
import sys

import app


def main() -> None:
    """Serve until the end of the input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            app.main(["worker"])
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
