"""One archive with database and files, and the way back. No keys: they are kept apart."""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from sqlalchemy import URL, Connection, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from storage.binaries import NoEmbeddedPostgres, find_binaries
from storage.database import plain_url
from storage.models import ticket

DUMP = "database.sql"
FILES = "files"
WORKING_SECONDS = 20  # a worker that was seen so long ago is still at work
# Of PostgreSQL 17; older servers know no such setting, and plain SQL is the only form that they all take.
TOO_NEW = b"SET transaction_timeout"
PREAMBLE_LINES = 40
# Besides the tables of storage.models: Alembic's, the queue's, and the days of raw_event.
OURS = re.compile(r"alembic_version|procrastinate_\w+|raw_event_\w+")


class BackupFailed(Exception):
    """The archive could not be written or brought back; the text is one sentence."""


def back_up(url: URL, files: Path | None, archive: Path) -> None:
    """Write a tar.gz archive of the database, as it is at one instant, and of the folder of files.

    Args:
        url: the database.
        files: the folder; None when files lie in a store of their own, which has its own backup.
        archive: where to; written whole or not at all.

    Raises:
        BackupFailed: with one sentence.
    """
    with _told(archive, "written"), tempfile.TemporaryDirectory(dir=archive.absolute().parent) as folder:
        dump, draft = Path(folder) / DUMP, Path(folder) / "draft.tar"
        _run("pg_dump", url, ["--no-owner", "--no-privileges", f"--file={dump}"])
        with tarfile.open(draft, "w:gz", compresslevel=6) as tar:
            tar.add(dump, DUMP)
            if files is not None and files.exists():
                tar.add(files, FILES)
        draft.chmod(0o600)
        draft.replace(archive)


def restore(url: URL, files: Path | None, archive: Path) -> None:
    """Bring an archive back into an empty database.

    Args:
        url: the database; tables without tickets are replaced.
        files: the folder that citizens' files go into; None when they lie in a store of their own.
        archive: what `back_up` wrote.

    Raises:
        BackupFailed: it is no such archive, the database holds tickets or other programs' tables, or a worker
            is at work on it.
    """
    try:
        with _told(archive, "read"), tarfile.open(archive, "r:*") as tar:
            dump = tar.extractfile(DUMP)
            if dump is None:
                raise KeyError(DUMP)
            _make_room(url)
            quiet = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"]
            _run("psql", url, [*quiet, "--single-transaction"], _lines(dump))
            if files is not None:
                _restore_files(tar, files)
    except (tarfile.TarError, KeyError, EOFError, zlib.error):
        raise BackupFailed(f"{archive} is not an archive written by `backup`.") from None


@contextmanager
def _told(archive: Path, done: str) -> Iterator[None]:
    """Turn what the operating system refuses into one sentence."""
    try:
        yield
    except OSError as error:
        raise BackupFailed(f"{archive} cannot be {done}: {error.strerror or error}.") from None


def _lines(dump: IO[bytes]) -> Iterator[bytes]:
    """The dump's lines, without what only the newest servers understand."""
    for number, line in enumerate(dump):
        if number > PREAMBLE_LINES or not line.startswith(TOO_NEW):
            yield line


def _restore_files(tar: tarfile.TarFile, files: Path) -> None:
    """Write the archive's files below our folder, and nothing anywhere else."""
    for member in tar:
        place = PurePosixPath(member.name)
        source = tar.extractfile(member) if member.isfile() and place.parts[0] == FILES else None
        if source is None or ".." in place.parts:
            continue
        target = files.joinpath(*place.parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as handle:
            shutil.copyfileobj(source, handle)


def _make_room(url: URL) -> None:
    """An empty installation may have tables already: they are dropped, for they hold nothing to lose."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            tables = set(inspect(connection).get_table_names())
            _refuse(connection, tables)
            if tables:
                connection.execute(text("drop schema public cascade"))
                connection.execute(text("create schema public"))
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", None) or error).__name__
        raise BackupFailed(f"The database cannot be emptied for the archive ({reason}).") from None
    finally:
        engine.dispose()


def _refuse(connection: Connection, tables: set[str]) -> None:
    if foreign := sorted(name for name in tables - set(ticket.metadata.tables) if not OURS.fullmatch(name)):
        raise BackupFailed(f"This database holds another program's table {foreign[0]}: use one of its own.")
    if "ticket" in tables and connection.scalar(_HOLDS):
        raise BackupFailed("This database already holds tickets; restore into an empty one.")
    if "heartbeat" in tables and connection.scalar(_WORKS, {"seconds": WORKING_SECONDS}):
        raise BackupFailed(
            f"A worker is at work on this database: stop it, wait {WORKING_SECONDS} s and try again."
        )


_HOLDS = text("select exists (select from ticket) or exists (select from raw_event)")
_WORKS = text("select exists (select from heartbeat where at > now() - make_interval(secs => :seconds))")


def _run(program: str, url: URL, options: list[str], feed: Iterator[bytes] | None = None) -> None:
    """Run one of PostgreSQL's own programs; the password travels in the environment, not in the arguments."""
    where = plain_url(url.set(password=None).render_as_string(hide_password=False))
    env = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - no shell, and the options are ours
            [_find(program), *options, f"--dbname={where}"],
            env=env,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        if feed is not None and process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.writelines(feed)
        if process.wait():
            said.seek(0)
            raise BackupFailed(_first_error(program, said.read().decode(errors="replace")))


def _first_error(program: str, said: str) -> str:
    """What went wrong, without the data that PostgreSQL quotes in further lines."""
    told = [line for line in said.splitlines() if "error:" in line.lower()]
    return (
        f"{program}: {re.split('(?i)error: +', told[0])[-1].rstrip('.')}." if told else f"{program} failed."
    )


def _find(program: str) -> str:
    try:
        return str(find_binaries() / program)
    except NoEmbeddedPostgres:
        found = shutil.which(program)
        if found is None:
            raise BackupFailed(f"{program} was not found; install PostgreSQL's client programs.") from None
        return found
