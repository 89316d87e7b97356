"""How often somebody may try a password: kept in this process, forgotten after a minute."""

import threading
import time
from collections import defaultdict, deque

WINDOW_SECONDS = 60.0
PER_ACCOUNT = 5  # from one address: a stranger elsewhere cannot lock the owner out
PER_ADDRESS = 20
MOST_KEYS = 10_000  # above this, what is old is thrown away at once


class Attempts:
    """Counts attempts to log in, by network address and by account at that address."""

    def __init__(self) -> None:
        self._tried: defaultdict[tuple[str, ...], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, address: str, account: str) -> bool:
        """Count an attempt; False when there were too many within a minute, and this one must not be made.

        Args:
            address: the network address it comes from.
            account: what was typed as account, known or not.
        """
        now = time.monotonic()
        with self._lock:
            if len(self._tried) > MOST_KEYS:
                self._forget(now)
            keys = _keys(address, account)
            if any(self._count(key, now) >= most for key, most in keys.items()):
                return False
            for key in keys:
                self._tried[key].append(now)
            return True

    def give_back(self, address: str, account: str) -> None:
        """Take back the last attempt: the password was right."""
        with self._lock:
            for key in _keys(address, account):
                if self._tried.get(key):
                    self._tried[key].pop()

    def _count(self, key: tuple[str, ...], now: float) -> int:
        tried = self._tried[key]
        while tried and tried[0] < now - WINDOW_SECONDS:
            tried.popleft()
        return len(tried)

    def _forget(self, now: float) -> None:
        for key in [key for key in self._tried if not self._count(key, now)]:
            del self._tried[key]


def _keys(address: str, account: str) -> dict[tuple[str, ...], int]:
    return {(address,): PER_ADDRESS, (address, account.strip().lower()[:254]): PER_ACCOUNT}
