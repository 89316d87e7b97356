"""How fast a provider's account may be fed by all workers together, and when it asked us to wait.

A row of the database hands out turns: moments, no two workers get the same one. A turn whose moment is more
than LATE_SECONDS past is not used any more. So in no second do more than rate x (1 + LATE_SECONDS) messages
begin, however many workers there are; the rates below make that the provider's limit.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from bot.channel import Channel
from bot.settings import Settings
from storage.database import Database, DatabaseAway

# Messages a second of an account: Telegram brakes at about 30 in all, WhatsApp at 80 for a sender.
# Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
# Source: https://www.twilio.com/docs/whatsapp/api#rate-limits
RATES = {"telegram": 25.0, "whatsapp": 66.0}
SPACED = ("telegram",)  # channels that take one message a second of a chat; source: Telegram's, as above
LATE_SECONDS = 0.2
LAG_SECONDS = 0.2  # an account whose next free turn is further off is passed over when messages are claimed
AHEAD_SECONDS = 0.5  # so much is claimed at once of what an account takes, that what is urgent comes next
PATIENCE_SECONDS = 2.0  # no turn is further off: see relay.SEND_SECONDS
FRESH_SECONDS = 0.1  # so long a worker trusts what it knows of a request to wait
MOST_DRAWS = 3  # turns that were missed one after the other, then the message waits a while
AWAY_SECONDS = 1.0  # when the database does not answer in time
LONGEST_HOLD = 3600.0  # seconds; a row that says more was written before the clock was set back


class NotNow(Exception):
    """No turn: the message goes back for so many seconds. It counts as no try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no turn for {seconds:.1f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class _Turn:
    begins: float  # on our clock; never too early
    ends: float


def account_of(channel: Channel) -> str:
    """The name of the row that all workers share."""
    return f"{channel.name}/{channel.account}"


def rates(settings: Settings) -> Mapping[str, float]:
    """Messages a second by channel; a channel that is not named takes what it gets."""
    return RATES | ({"sms": settings.sms_rate} if settings.sms_rate else {})


class Pace:
    """The turns of one account, as one worker draws them."""

    def __init__(
        self, database: Database, account: str, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is drawn yet.

        Args:
            database: where all workers draw.
            account: see `account_of`.
            rate: turns a second; 0: no limit, only requests to wait count.
            clock: seconds.
        """
        self.account, self.rate = account, rate
        self._database, self._clock = database, clock
        self._turns: deque[_Turn] = deque()
        self._asking = 0
        self._drawing = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._held_until = self._free_at = 0.0
        self._looked_at = -FRESH_SECONDS

    @property
    def most(self) -> int:
        """How many messages may be claimed at once."""
        return max(int(self.rate * AHEAD_SECONDS), 1) if self.rate else 2**31 - 1

    @property
    def stale(self) -> bool:
        """Whether what this worker knows is too old to go by."""
        return self._clock() - self._looked_at > FRESH_SECONDS

    @property
    def lag(self) -> float:
        """Seconds until the next free turn, as far as this worker knows."""
        return max(self._free_at - self._clock(), 0.0)

    @property
    def held(self) -> float:
        """Seconds that the provider asked everybody to wait, as far as this worker knows."""
        return max(self._held_until - self._clock(), 0.0)

    def learn(self, held: float, lag: float | None = None) -> None:
        """Take note of what is known now: seconds to wait, and to the next free turn."""
        self._looked_at = now = self._clock()
        self._held_until = now + held
        if lag is not None:
            self._free_at = now + lag

    async def turn(self) -> None:
        """Return when it is this message's turn; raises NotNow, also while the database cannot be asked."""
        try:
            await self._turn()
        except DatabaseAway:
            raise NotNow(AWAY_SECONDS) from None

    async def _turn(self) -> None:
        if self.held:
            raise NotNow(self.held)
        self._asking += 1
        try:
            if self.rate:
                await self._next()
        finally:
            self._asking -= 1
        if self.stale:
            async with self._looking:
                if self.stale:
                    await asyncio.to_thread(self._look)
        if self.held:
            raise NotNow(self.held)

    async def _next(self) -> None:
        for _ in range(MOST_DRAWS):
            async with self._drawing:
                if not self._turns:
                    self._turns.extend(await asyncio.to_thread(self._draw, self._asking))
                turn = self._turns.popleft()
            await asyncio.sleep(max(turn.begins - self._clock(), 0.0))
            if self._clock() <= turn.ends:
                return
        raise NotNow(AWAY_SECONDS)

    def _draw(self, count: int) -> list[_Turn]:
        """So many turns, one after the other; raises NotNow when they are too far off."""
        gap = 1.0 / self.rate
        values = {"account": self.account, "took": count * gap, "patience": PATIENCE_SECONDS}
        before = self._clock()
        with self._database.transaction() as tx:
            wait = tx.execute(_DRAW, values).scalar_one_or_none()
        after = self._clock()
        if wait is None:
            raise NotNow(PATIENCE_SECONDS)
        first = float(wait)
        self._free_at = after + first + count * gap
        return [_Turn(after + first + n * gap, before + first + n * gap + LATE_SECONDS) for n in range(count)]

    def _look(self) -> None:
        with self._database.reading() as tx:
            look(tx, [self])


# A clock that was set back must not stop an account for days: what lies further off than our patience and a
# claim of every worker is not believed.
_DRAW = text(
    """insert into pace as p (account, next_at)
       values (:account, clock_timestamp() + make_interval(secs => :took))
       on conflict (account) do update
       set next_at = case when p.next_at between clock_timestamp() and clock_timestamp() + interval '1 minute'
                          then p.next_at else clock_timestamp() end + make_interval(secs => :took)
       where p.next_at is null or p.next_at < clock_timestamp() + make_interval(secs => :patience)
             or p.next_at > clock_timestamp() + interval '1 minute'
       returning extract(epoch from next_at - clock_timestamp()) - :took"""
)


def look(tx: Connection, paces: Sequence[Pace]) -> None:
    """Tell paces what all workers know."""
    if not paces:
        return
    values = {"accounts": [pace.account for pace in paces], "longest": LONGEST_HOLD}
    known = {row.account: (float(row.held), float(row.lag)) for row in tx.execute(_LOOK, values)}
    for pace in paces:
        pace.learn(*known.get(pace.account, (0.0, 0.0)))


_LOOK = text(
    """select account,
              case when next_at between clock_timestamp() and clock_timestamp() + interval '1 minute'
                   then extract(epoch from next_at - clock_timestamp()) else 0 end as lag,
              case when held_until between clock_timestamp()
                                       and clock_timestamp() + make_interval(secs => :longest)
                   then extract(epoch from held_until - clock_timestamp()) else 0 end as held
       from pace where account = any(:accounts)"""
)


def hold(tx: Connection, account: str, seconds: float) -> None:
    """Let every worker leave an account alone for so long: its provider asked us to wait."""
    tx.execute(_HOLD, {"account": account, "seconds": min(seconds, LONGEST_HOLD - 1)})


_HOLD = text(
    """insert into pace as p (account, held_until)
       values (:account, clock_timestamp() + make_interval(secs => :seconds))
       on conflict (account) do update set held_until = greatest(p.held_until, excluded.held_until)"""
)
