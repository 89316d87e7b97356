"""How fast a channel may be fed, so that the provider need not brake us."""

import time
from collections.abc import Callable

# Messages a second and worker: Telegram brakes at about 30 in all, WhatsApp at 80 for a sender.
# Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
# Source: https://www.twilio.com/docs/whatsapp/api#rate-limits
RATES = {"telegram": 25.0, "whatsapp": 80.0}


class Pace:
    """Hands out turns at an even rate."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin now.

        Args:
            rate: Turns a second.
            clock: Seconds.
        """
        self._gap = 1.0 / rate
        self._clock = clock
        self._next = clock()

    @property
    def lag(self) -> float:
        """Seconds until the next free turn."""
        return max(self._next - self._clock(), 0.0)

    def turn(self, patience: float) -> float:
        """Take the next turn.

        Args:
            patience: Seconds that the caller would wait at most.

        Returns:
            Seconds to wait; more than `patience` means that no turn was taken.
        """
        wait = self.lag
        if wait <= patience:
            self._next = self._clock() + wait + self._gap
        return wait
