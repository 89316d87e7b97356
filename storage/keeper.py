"""The parent of the embedded server while one-shot commands use it: `python -m storage.keeper DATA_DIR`.

The commands cannot be the parent themselves: the first may end, or be killed, while another still works.
"""

import subprocess
import sys
import time
from pathlib import Path

from storage import locks
from storage.postgres import EmbeddedServer, NoEmbeddedPostgres, ServerUnusable
from storage.supervisor import spawn

_POLL_SECONDS = 0.1


def keep(data_dir: Path) -> None:
    """Run the server until no command holds the data folder any more. A second keeper waits for the first.

    Args:
        data_dir: The data folder, which exists.

    Raises:
        ServerUnusable: The server cannot be made or started.
        NoEmbeddedPostgres: The wheel is not installed.
    """
    with locks.opened(data_dir, "keeper.lock") as only_one, locks.opened(data_dir, "users.lock") as users:
        only_one.wait()
        if users.take():  # whoever wanted us has gone meanwhile
            return
        server = EmbeddedServer(data_dir)
        server.prepare()
        process = spawn(server.as_child())
        _wait_until_unused(server, process, users)


def _wait_until_unused(server: EmbeddedServer, process: subprocess.Popen[bytes], users: locks.Lock) -> None:
    while process.poll() is None:
        if users.take():
            server.stop()
            return
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    try:
        keep(Path(sys.argv[1]))
    except (ServerUnusable, NoEmbeddedPostgres) as sentence:
        sys.exit(str(sentence))
