"""Make the embedded PostgreSQL's cluster: completely or not at all."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from storage.server_user import ServerUser, open_private

ROLE = "kentongan"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_RULES = f"""# Only the role {ROLE}, with its password, through the socket.
local all {ROLE} scram-sha-256
"""


class ClusterFailed(Exception):
    """A program of PostgreSQL failed; the text is one sentence with its last words."""


class ClusterMaker:
    """Makes one cluster, with its role, its database and the file with the role's password."""

    def __init__(self, binaries: Path, cluster: Path, user: ServerUser | None, password_file: Path) -> None:
        """Only remember where.

        Args:
            binaries: Folder with `initdb` and `postgres`.
            cluster: Where the finished cluster lies.
            user: Whom it belongs to; None: us.
            password_file: In libpq's format, readable by its owner alone.

        Source: https://www.postgresql.org/docs/18/libpq-pgpass.html
        """
        self._binaries, self._cluster, self._user, self._password_file = (
            binaries,
            cluster,
            user,
            password_file,
        )

    def make(self, become: Callable[[Path], Callable[[], None]]) -> None:
        """Make the cluster beside its place and move it there when complete; earlier attempts are removed.

        Args:
            become: Gives, for a folder, the function that makes a child the server's user.

        Raises:
            ClusterFailed: A program failed.
        """
        for attempt in self._cluster.parent.glob(f"{self._cluster.name}.new-*"):
            shutil.rmtree(attempt, ignore_errors=True)
        fresh = self._cluster.with_name(f"{self._cluster.name}.new-{os.getpid()}")
        fresh.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(fresh, self._user.uid, self._user.gid)
        self._fill(fresh, become(fresh))
        fresh.rename(self._cluster)
        _sync(self._cluster.parent)

    def _fill(self, folder: Path, become: Callable[[], None]) -> None:
        where = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        argv = ["-D", str(folder), "-U", "postgres", "--auth=reject", "--no-instructions", *where]
        self._run("initdb", argv, become)
        (folder / "pg_hba.conf").write_text(_RULES)
        words = [f"create role {ROLE} login createdb;", f"create database {ROLE} owner {ROLE};"]
        self._alone(folder, [*words, self._new_password()], become)

    def set_password(self, become: Callable[[], None]) -> None:
        """Give the role a new password, for when the file was lost; the server must not run.

        Args:
            become: Makes a child the server's user.

        Raises:
            ClusterFailed: A program failed.
        """
        self._alone(self._cluster, [self._new_password()], become)

    def check(self, become: Callable[[], None]) -> None:
        """Find out whether the server's user can run the server at all.

        Args:
            become: Makes a child the server's user.

        Raises:
            ClusterFailed: The program does not run on this machine.
            OSError: The user may not run it.
            subprocess.SubprocessError: The change of user failed.
        """
        self._run("postgres", ["--version"], become)

    def _new_password(self) -> str:
        password = secrets.token_hex(24)
        self._password_file.unlink(missing_ok=True)
        descriptor = open_private(self._password_file, os.O_WRONLY)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"*:*:*:{ROLE}:{password}\n")
            os.fsync(descriptor)
        return f"alter role {ROLE} password '{password}';"

    def _alone(self, folder: Path, statements: Sequence[str], become: Callable[[], None]) -> None:
        """Run statements in single-user mode: no superuser ever logs in, and passwords stay out of argv.

        Source: https://www.postgresql.org/docs/18/app-postgres.html#APP-POSTGRES-SINGLE-USER
        """
        argv = [
            "--single",
            "-D",
            str(folder),
            "-c",
            "exit_on_error=on",
            "-c",
            "log_min_error_statement=panic",
        ]
        self._run("postgres", [*argv, "postgres"], become, "\n".join(statements) + "\n")

    def _run(
        self, program: str, arguments: Sequence[str], become: Callable[[], None], words: str = ""
    ) -> None:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [str(self._binaries / program), *arguments],
            input=words,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            preexec_fn=become,
        )
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise ClusterFailed(
                f"The database cannot be used: {program} ended with {done.returncode}: {said}"
            )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
