"""The roll of this machine's workers: each living one holds the kernel's lock on a file named by its number.

A killed process lets go of its lock at once and for certain. So its successor on the same data folder need
not wait for leases to end. A worker on another machine, or in a container whose folder is gone, is not on it:
there the leases decide.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path

from storage.locks import Lock

_ENDING = ".worker"


class Roll:
    """The roll of one data folder; keep it for as long as the worker lives."""

    def __init__(self, data_dir: Path) -> None:
        """Sign it with a number of our own.

        Args:
            data_dir: The data folder; `workers` is made in it.

        Raises:
            OSError: The folder cannot be written.
        """
        self._folder = data_dir / "workers"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.number = secrets.randbelow(2**31 - 1) + 1
        draft = self._folder / f"{self.number}.draft"
        self._own = Lock(draft)
        self._own.take()
        draft.rename(self._path(self.number))  # only now others see it, locked already

    def dead(self) -> list[int]:
        """Numbers of workers that signed here and live no more."""
        numbers = [int(file.stem) for file in self._folder.glob(f"*{_ENDING}") if file.stem.isdigit()]
        return [number for number in numbers if number != self.number and self._is_dead(number)]

    def strike(self, numbers: Sequence[int]) -> None:
        """Forget dead workers, once nothing is left that they held."""
        for number in numbers:
            self._path(number).unlink(missing_ok=True)

    def close(self) -> None:
        """Leave in order, holding nothing any more."""
        self.strike([self.number])
        self._own.close()

    def _is_dead(self, number: int) -> bool:
        lock = Lock(self._path(number))
        try:
            return lock.take()
        finally:
            lock.close()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}{_ENDING}"
