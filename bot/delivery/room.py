"""Room on the disk: with too little of it no new work is taken, so that what was taken can be finished."""

import shutil
import time
from pathlib import Path

from bot.house import House

LOOK_SECONDS = 1.0  # a full disk does not fill within it, and no request should pay for looking
SENTENCE = "less than DISK_FREE_MB is free in DATA_DIR: no new work is taken"
MEGABYTE = 1 << 20


class Room:
    """Says whether a folder's disk has run short."""

    def __init__(self, folder: Path, least: int) -> None:
        """Look after a folder that exists; `least` is how many bytes must be free there."""
        self.folder = folder
        self._least = least
        self._looked = -LOOK_SECONDS
        self._short = False

    def is_short(self) -> bool:
        """Whether less is free than must be; a disk that cannot be looked at counts as short."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            try:
                self._short = self.free() < self._least
            except OSError:
                self._short = True
            self._looked = time.monotonic()
        return self._short

    def free(self) -> int:
        """Free bytes of the disk that the folder lies on; raises OSError."""
        return shutil.disk_usage(self.folder).free


def room_of(house: House) -> Room:
    """The room for the database and the files; a disk for the spool alone does not count here."""
    return Room(house.settings.data_dir, house.settings.disk_free_mb * MEGABYTE)


def spool_room(house: House) -> Room:
    """The room for what waits for the database."""
    return Room(spool_folder(house), house.settings.disk_free_mb * MEGABYTE)


def spool_folder(house: House) -> Path:
    """Where events wait for the database."""
    given = house.settings.spool_dir
    return Path(given) if given else house.settings.data_dir / "spool"
