"""Which user the embedded PostgreSQL runs as when we are root, and how that user gets to its files.

PostgreSQL refuses to run as root. Its folders may lie below one that only root may enter (/root is the usual
one). Nothing is opened to others for that: the server gets a view of the file system (a mount namespace) of
its own, in which the closed folder is replaced by an empty one that holds nothing but the server's folders,
at their own paths.
"""

import ctypes
import os
import pwd
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWNS = 0x20000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_ACCOUNTS = ("kentongan", "postgres", "nobody")


class OutOfReach(Exception):
    """The server's user cannot get to a folder it needs; the text is one sentence for whoever starts us."""


@dataclass(frozen=True)
class ServerUser:
    """An account without privileges."""

    name: str
    uid: int
    gid: int


def choose_user(folders: Sequence[Path]) -> ServerUser | None:
    """Say who shall own the cluster and run the server.

    Args:
        folders: Folders whose owner is preferred, the most telling one first; missing ones do not count.

    Returns:
        None when we are not root: then the server runs as we do. Else the owner of the first folder that is
        not root's, or the first of the accounts kentongan, postgres and nobody that exists.

    Raises:
        OutOfReach: None of them exists.
    """
    if os.geteuid() != 0:
        return None
    owners = [folder.stat().st_uid for folder in folders if folder.exists()]
    for wanted in [uid for uid in owners if uid != 0] + list(_ACCOUNTS):
        try:
            entry = pwd.getpwuid(wanted) if isinstance(wanted, int) else pwd.getpwnam(wanted)
        except KeyError:
            continue
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise OutOfReach("As root the database needs an ordinary user to run as; add one named kentongan.")


def becoming(user: ServerUser | None, folders: Sequence[Path]) -> Callable[[], None]:
    """Prepare the change from us to the server's user.

    Args:
        user: Whom to become; None: stay who we are.
        folders: Absolute folders the user needs, all existing.

    Returns:
        A function to be called in the child between fork and exec; it raises OSError where the kernel or the
        container does not allow a view of one's own.
    """
    if user is None:
        return lambda: None
    ways = {folder: _closed_parent(folder, user) for folder in folders}
    closed = {folder: parent for folder, parent in ways.items() if parent is not None}

    def become() -> None:
        if closed:
            _open_ways(closed)
        os.setgroups([])
        os.setgid(user.gid)
        os.setuid(user.uid)

    return become


def open_private(path: Path, flags: int) -> int:
    """Open a file that only its owner may read, making it when it is missing.

    Args:
        path: The file.
        flags: As for os.open; the file is never passed on to other programs.

    Returns:
        The descriptor. A file that root made belongs to the owner of its folder, who may be the next to come.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return os.open(path, flags | os.O_CLOEXEC)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; root's belongs to the owner of the folder above.

    Args:
        path: The folder; left as it is when it exists.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _closed_parent(folder: Path, user: ServerUser) -> Path | None:
    """Find the outermost parent that the user may not walk through."""
    return next((parent for parent in reversed(folder.parents) if not _may_enter(parent, user)), None)


def _may_enter(folder: Path, user: ServerUser) -> bool:
    found = folder.stat()
    if found.st_uid == user.uid:
        return bool(found.st_mode & 0o100)
    return bool(found.st_mode & (0o010 if found.st_gid == user.gid else 0o001))


def _open_ways(closed: dict[Path, Path]) -> None:
    """Leave the shared view of the file system and put the folders where the closed parents were.

    Source: https://man7.org/linux/man-pages/man7/mount_namespaces.7.html
    """
    _check(ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS))
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    handles = {folder: os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in closed}
    for parent in set(closed.values()):
        _mount("tmpfs", str(parent), "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=1m")
    before = os.umask(0o022)
    for folder, handle in handles.items():
        os.makedirs(folder, exist_ok=True)
        _mount(f"/proc/self/fd/{handle}", str(folder), None, _MS_BIND | _MS_REC)
        os.close(handle)
    os.umask(before)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    options = None if data is None else data.encode()
    _check(ctypes.CDLL(None, use_errno=True).mount(*words, ctypes.c_ulong(flags), options))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
