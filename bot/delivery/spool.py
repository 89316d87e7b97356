"""Events that came while the database was away: fsynced files, played back in order when it returns."""

import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.channel import Inbound, Receipt
from bot.delivery import arriving
from bot.delivery.room import spool_folder
from bot.house import House
from bot.settings import BadSettings
from storage.database import DatabaseAway

log = logging.getLogger(__name__)
ENDING = ".event"
CHATS_AT_ONCE = 8  # of the 16 connections that a web process keeps


class Spool:
    """A folder of events that wait for the database; encrypted, for they hold numbers and texts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._folder = spool_folder(house)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def prove(self) -> None:
        """Return when something can be kept here for good; raises BadSettings with one sentence."""
        probe = self._folder / f"{secrets.token_hex(8)}.probe"
        try:
            with probe.open("wb") as handle:
                handle.write(b"\0" * 4096)
                handle.flush()
                os.fsync(handle.fileno())
            probe.unlink()
            self._sync_folder()
        except OSError as error:
            probe.unlink(missing_ok=True)
            sentence = (
                f"Nothing can be kept in {self._folder} ({error.strerror}); see SPOOL_DIR and DATA_DIR."
            )
            raise BadSettings(sentence) from None

    def held(self) -> tuple[int, int, float]:
        """How many events wait, their bytes, and the age of the oldest in seconds."""
        sizes, oldest = [], None
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(ENDING):
                    with suppress(FileNotFoundError):  # it has just been played
                        sizes.append(entry.stat().st_size)
                        oldest = min(oldest or entry.name, entry.name)
        age = time.time() - int(oldest[:20]) / 1e9 if oldest else 0.0
        return len(sizes), sum(sizes), max(age, 0.0)

    def keep(self, event: Inbound | Receipt) -> None:
        """Return when the event is on disk for good; raises OSError when it could not be kept."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}-{self._chat(event)}"
        draft = self._folder / f"{name}.draft"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(self._house.database.keys.seal(arriving.written(event)))
            handle.flush()
            os.fsync(handle.fileno())
        draft.rename(self._folder / f"{name}{ENDING}")
        self._sync_folder()

    def holds(self, event: Inbound) -> bool:
        """Whether something of the same chat waits: what comes now must stand behind it."""
        ending = f"-{self._chat(event)}{ENDING}"
        with os.scandir(self._folder) as entries:
            return any(entry.name.endswith(ending) for entry in entries)

    def _chat(self, event: Inbound | Receipt) -> str:
        """What keeps its order among itself: a citizen's messages, the receipts of one message."""
        one = event.address if isinstance(event, Inbound) else f"{event.message_id} {event.provider_id}"
        return self._house.database.keys.index(event.channel, one).hex()[:16]

    def play(self) -> int:
        """Take kept events while the database answers; returns how many were taken.

        Each chat's in their order, several chats at once: one commit after the other would not catch up with
        what comes in on a slow disk.
        """
        taken, away = 0, threading.Event()
        with self._alone() as alone, ThreadPoolExecutor(CHATS_AT_ONCE) as hands:
            if alone:
                taken = sum(hands.map(lambda files: self._play_chat(files, away), self._by_chat()))
        if taken:
            log.info("events played back from the spool", extra={"count": taken})
        return taken

    def _by_chat(self) -> list[list[Path]]:
        """The kept events of each chat in their order; who has waited longest comes first."""
        chats: dict[str, list[Path]] = {}
        for file in sorted(self._folder.glob(f"*{ENDING}")):
            chats.setdefault(file.stem.rpartition("-")[2], []).append(file)
        return list(chats.values())

    def _play_chat(self, files: list[Path], away: threading.Event) -> int:
        """Take one chat's events in turn; returns how many. What fails for one stops the others, too."""
        for taken, file in enumerate(files):
            if away.is_set() or not self._take(file):
                away.set()
                return taken
        return len(files)

    def _take(self, file: Path) -> bool:
        """Take one event; False when the database is away. One that nobody can read is set aside."""
        try:
            event = arriving.read(self._house.database.keys.open(file.read_bytes()))
            arriving.take(self._house, event)
        except DatabaseAway:
            return False
        except Exception:
            log.exception("event in the spool cannot be taken, set aside", extra={"file": file.name})
            file.rename(file.with_suffix(".bad"))
            return True
        file.unlink()
        return True

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
