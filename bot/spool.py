"""Events that came while the database was away: fsynced files, played back in order when it returns."""

import fcntl
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot import inbound
from bot.channel import Inbound
from bot.house import House
from storage.database import DatabaseAway

log = logging.getLogger(__name__)


class Spool:
    """A folder of events that wait for the database; encrypted, for they hold numbers and texts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._folder = house.settings.data_dir / "spool"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, event: Inbound) -> None:
        """Return when the event is on disk for good; raises OSError when it could not be kept."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = self._folder / f"{name}.draft"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(self._house.database.keys.seal(inbound.to_json(event)))
            handle.flush()
            os.fsync(handle.fileno())
        draft.rename(self._folder / f"{name}.event")
        self._sync_folder()

    def play(self) -> int:
        """Take kept events, the oldest first, while the database answers; returns how many were taken."""
        taken = 0
        with self._alone() as alone:
            for file in sorted(self._folder.glob("*.event")) if alone else []:
                try:
                    inbound.receive(
                        self._house, inbound.from_json(self._house.database.keys.open(file.read_bytes()))
                    )
                except DatabaseAway:
                    break
                file.unlink()
                taken += 1
        if taken:
            log.info("events played back from the spool", extra={"count": taken})
        return taken

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether this process is the one that plays: two would break the order."""
        with (self._folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
