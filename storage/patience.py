"""How long a connection may be silent, for both ends, and what the log says of a database that is away."""

import logging
import threading
import time
from typing import Any

log = logging.getLogger(__name__)
# A server that is cut off without a word is noticed within ten seconds, not after the kernel's two hours.
# Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,  # milliseconds
}
# The other way round: for a machine that is cut off the server keeps the locks, those of chats too, until it
# notices. Set in each connection, not in its start-up packet, which poolers refuse.
# Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
ASK_PATIENCE = """select set_config('tcp_keepalives_idle', '5', false),
    set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '2', false),
    set_config('tcp_user_timeout', '10000', false)"""
_AGAIN_SECONDS = 30.0


class Outage:
    """Says in the log when the database goes away, while it stays away, and when it answers again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._said = 0.0
        self._answered = 0.0

    def seen(self, reason: str, begun: float) -> None:
        """Note that the database could not be reached.

        Args:
            reason: kind of the error.
            begun: when what failed had begun, by time.monotonic(); a later success makes it old news.
        """
        now = time.monotonic()
        with self._lock:
            if begun < self._answered:
                return
            self._since = self._since or now
            if now < self._said + _AGAIN_SECONDS and self._said >= self._since:
                return
            self._said = now
            seconds = round(now - self._since, 1)
        log.error("the database cannot be reached", extra={"reason": reason, "seconds": seconds})

    def over(self) -> None:
        """Note that it answers."""
        self._answered = time.monotonic()
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.warning("the database answers again", extra={"seconds": round(self._answered - since, 1)})
