"""Where business time comes from: nothing else in the product asks what time it is."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

VARIABLE = "KENTONGAN_TEST_CLOCK"


class Clock(Protocol):
    """Tells the time; passed in, so that a drill can set it."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class DrillClock:
    """A clock for drills that is set by a setting instead of by the machine.

    Args:
        setting: An ISO 8601 instant with its offset ("2026-08-14T09:00:00+07:00"): the clock starts there
            and runs on. Or "@path": the instant in that file is read at each call, and stands still between.

    Raises:
        ValueError: The setting is neither; said in one sentence.
    """

    def __init__(self, setting: str) -> None:
        self._path = Path(setting[1:]) if setting.startswith("@") else None
        # A missing or broken file must stop the start, not the first citizen.
        self._start = _instant(self._path.read_text("utf-8") if self._path else setting)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the drill's present instant, aware, in UTC."""
        if self._path:
            return _instant(self._path.read_text("utf-8"))
        return self._start + timedelta(seconds=time.monotonic() - self._began)


def clock_from_environment(environment: Mapping[str, str] | None = None) -> Clock:
    """Return the drill clock if KENTONGAN_TEST_CLOCK is set, else the machine's.

    Args:
        environment: Where to look; the process's environment if left out.

    Raises:
        ValueError: The variable is set to something that is no instant.
    """
    setting = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    return DrillClock(setting) if setting else SystemClock()


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(f"{VARIABLE} needs an ISO instant with offset, not {text.strip()!r}.")
    return instant.astimezone(UTC)
