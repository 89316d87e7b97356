"""A small `run`: `python -m tests.supervised DATA_DIR` keeps the database, a web and a worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from storage.lifeline import die_with_parent
from storage.locks import run_lock
from storage.postgres import EmbeddedServer
from storage.supervisor import Child, Supervisor


def run(data_dir: Path, *options: str) -> int:
    with run_lock(data_dir):
        server = EmbeddedServer(data_dir)
        server.prepare()
        apps = [_app(server, name, *options) for name in ("web", "worker")]
        return Supervisor([server.as_child(), *apps], when_ready=lambda: print("ready", flush=True)).run()


def _app(server: EmbeddedServer, name: str, *options: str) -> Child:
    mark = server.data_dir / f"{name}.pid"
    argv = [sys.executable, "-m", "tests.supervised", name, str(server.data_dir), *options]
    return Child(
        name=name, argv=argv, stage=1, ready=mark.exists, prepare=lambda: mark.unlink(missing_ok=True)
    )


def app(name: str, data_dir: Path, *options: str) -> None:
    """Serve nothing; on SIGTERM note whether the database still answers, and end unless "stubborn"."""
    ended = EmbeddedServer(data_dir)
    subprocess.Popen([sys.executable, "-m", "tests.supervised", "grandchild", str(os.getpid())])

    def end(number: int, frame: object) -> None:
        with (data_dir / "order").open("a") as order:
            order.write(f"{name} {'before' if ended.ready() else 'after'} database\n")
        sys.exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in options else end)
    with psycopg.connect(ended.url.replace("+psycopg", "")) as connection:
        connection.execute("select 1")  # would raise if we were started before the database was ready
    (data_dir / f"{name}.pid").write_text(str(os.getpid()))
    while True:
        time.sleep(1)


def grandchild(parent: int | None = None) -> None:
    die_with_parent(parent=parent)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["grandchild", parent]:
            grandchild(int(parent))
        case ["web" | "worker" as name, folder, *options]:
            app(name, Path(folder), *options)
        case [folder, *options]:
            sys.exit(run(Path(folder), *options))
