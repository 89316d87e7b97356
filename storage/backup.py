"""One archive with database and files, and the way back. No keys: they are kept apart."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy import URL, create_engine, inspect, text

from storage.binaries import NoEmbeddedPostgres, find_binaries

DUMP = "database.dump"
FILES = "files"


class BackupFailed(Exception):
    """The archive could not be written or brought back; the text is one sentence."""


def back_up(url: URL, files: Path | None, archive: Path) -> None:
    """Write a tar archive of the database, as it is at one instant, and of the folder of files.

    Args:
        url: the database.
        files: the folder; None when files lie in a store of their own, which has its own backup.
        archive: where to; written whole or not at all.
    """
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent) as folder:
        dump, draft = Path(folder) / DUMP, Path(folder) / "draft.tar"
        _run("pg_dump", url, ["--format=custom", "--no-owner", f"--file={dump}", "--dbname", _name(url)])
        with tarfile.open(draft, "w") as tar:
            tar.add(dump, DUMP)
            if files is not None and files.exists():
                tar.add(files, FILES)
        draft.chmod(0o600)
        draft.replace(archive)


def restore(url: URL, files: Path | None, archive: Path) -> None:
    """Bring an archive back; raises BackupFailed when the database already holds tickets."""
    _refuse_full(url)
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent) as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        except tarfile.TarError:
            raise BackupFailed(f"{archive} is not an archive written by `backup`.") from None
        dump = Path(folder) / DUMP
        if not dump.exists():
            raise BackupFailed(f"{archive} holds no database.")
        _run("pg_restore", url, ["--no-owner", "--single-transaction", "--dbname", _name(url), str(dump)])
        if files is not None and (Path(folder) / FILES).exists():
            shutil.copytree(Path(folder) / FILES, files, dirs_exist_ok=True)


def _refuse_full(url: URL) -> None:
    """An empty installation may have tables already: they are dropped, for they hold nothing to lose."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if inspect(connection).has_table("ticket"):
            if connection.scalar(
                text("select exists (select from ticket) or exists (select from raw_event)")
            ):
                raise BackupFailed("This database already holds tickets; restore into an empty one.")
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    engine.dispose()


def _run(program: str, url: URL, arguments: list[str]) -> None:
    """Run one of PostgreSQL's own programs; the password travels in the environment, not in the arguments."""
    env = {
        **os.environ,
        "PGHOST": str(url.host or url.query.get("host", "")),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
    }
    done = subprocess.run([_find(program), *arguments], env=env, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise BackupFailed(f"{program}: {last[-1]}")


def _name(url: URL) -> str:
    return url.database or "postgres"


def _find(program: str) -> str:
    try:
        return str(find_binaries() / program)
    except NoEmbeddedPostgres:
        found = shutil.which(program)
        if found is None:
            raise BackupFailed(f"{program} was not found; install PostgreSQL's client programs.") from None
        return found
