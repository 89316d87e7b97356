"""The worker's loop: claim a batch, let go of the database, send at once, write down what became of it.

1. Woken by LISTEN or by its own poll. 2. Claims the oldest unsent message of chats that are due
(outbound.claim). 3. Sends up to `send_concurrency` at once on one event loop. 4. Writes results down as they
come, several in one transaction, so that the time in which a kill can make a repeat stays short.

A worker earns its parallelism: it begins with one message in hand and adds one for every few that were
written down. A worker that is killed again and again repeats little; a healthy one is soon at full speed.
What a dead worker of this machine had in hand is let go at once (storage.roll); docs/adr/0005 says why.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import psycopg

from bot import outbound
from bot.channel import Channel, OptedOut, SendError, Throttled, Unknown, Unreachable, WindowShut
from bot.delivery import pictures, window
from bot.delivery.pace import RATES, Pace
from bot.house import House
from bot.outbound import Outcome, Outgoing
from bot.people.secret import revealed
from storage.database import WAKE, DatabaseAway, plain_url
from storage.roll import Roll

log = logging.getLogger(__name__)
SEND_SECONDS = 12.0  # with PATIENCE_SECONDS shorter than outbound.LEASE_SECONDS, so that nobody else takes it
PATIENCE_SECONDS = 2.0  # how long a claimed message waits for its turn in the channel's pace
LAG_SECONDS = 0.2  # a channel whose pace is further behind is passed over
POLL_SECONDS = 1.0
LAND_SECONDS = 3.5  # for what is in flight at the end; `run` waits 6.5 s for all of the worker
EARNED_BY = 8  # one more in hand for every so many messages written down
QUICK_SECONDS = 0.9  # what takes longer does not count against what is earned
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0  # seconds between tries, doubling
LONGEST_WISH = 3600.0  # seconds; a provider that asks for more is asked again after an hour
MOST_TRIES = 20  # with the pauses above about two hours; then it is failed and staff see why


class Relay:
    """Hands messages over to the providers. One per worker process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._roll = Roll(house.settings.data_dir)
        self._dead = self._roll.dead()
        self._woken = asyncio.Event()
        self._stopping = False
        self._done: asyncio.Queue[Outcome] = asyncio.Queue()
        self._flying: set[asyncio.Task[None]] = set()
        self._in_hand: dict[int, float] = {}  # claimed and not yet written down, and since when
        self._recorded = 0
        self._paces = {name: Pace(rate) for name, rate in RATES.items()}

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in flight is written down."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`; survives a database that goes away and comes back.

        Raises:
            ExceptionGroup: a fault of our own; the process should end and be started again.
        """
        async with asyncio.TaskGroup() as beside:
            tasks = [beside.create_task(self._listen()), beside.create_task(self._record())]
            while not self._stopping:
                self._woken.clear()
                if not await self._claim():
                    await self._sleep()
            await self._land()
            for task in tasks:
                task.cancel()
        self._roll.close()

    async def _claim(self) -> int:
        """Claim what there is room for and send it; returns how many."""
        room = self._room()
        if room <= 0:
            return 0
        try:
            batch = await asyncio.to_thread(self._take, room)
        except DatabaseAway:
            return 0
        for one in batch:
            if one.id in self._in_hand:
                continue  # the database was away for longer than our lease: its result is about to be written
            self._in_hand[one.id] = time.monotonic()
            task = asyncio.create_task(self._send(one))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return len(batch)

    def _room(self) -> int:
        """How many more may be taken in hand; one chat that hangs does not hold up the others."""
        quick = sum(since > time.monotonic() - QUICK_SECONDS for since in self._in_hand.values())
        earned = 1 + self._recorded // EARNED_BY - quick
        return min(self._house.settings.send_concurrency - len(self._in_hand), earned)

    def _take(self, limit: int) -> list[Outgoing]:
        channels = self._house.channels
        names = sorted({channel.name for channel in channels.values() if self._lag(channel) < LAG_SECONDS})
        reporting = sorted({channel.name for channel in channels.values() if channel.receipts})
        with self._house.database.transaction() as tx:
            if self._dead and (ended := outbound.end_leases(tx, self._dead)):
                log.warning("taken over from dead workers", extra={"count": ended})
            batch = outbound.claim(
                tx, worker=self._roll.number, limit=limit, channels=names, reporting=reporting
            )
        self._roll.strike(self._dead)
        self._dead = []
        return batch

    async def _send(self, one: Outgoing) -> None:
        try:
            outcome = await self._outcome(one)
        except asyncio.CancelledError:  # we are stopping and the provider has not answered
            outcome = self._failed(one, Unknown("no answer before the end"))
        self._done.put_nowait(outcome)

    async def _outcome(self, one: Outgoing) -> Outcome:
        channel = self._house.channels.get(one.channel_key)
        try:
            if channel is None:
                raise Unreachable(sentence="Kanal sedang tidak aktif.")
            if one.opted_out and one.priority >= outbound.PUSH:
                return Outcome(one.id, one.conversation_id, "cancelled", error=OptedOut.sentence)
            self._check_window(channel, one)
            await self._wait_turn(channel)
            keys = self._house.database.keys
            address, payload = keys.open(one.sealed_address), revealed(one.payload, keys)
            payload = (
                await asyncio.to_thread(pictures.opened, self._house, payload) if payload.photo else payload
            )
            async with asyncio.timeout(SEND_SECONDS):
                provider_id = await channel.send(address, payload, one.id)
        except TimeoutError:
            return self._failed(one, Unknown("no answer in time"))
        except SendError as error:
            return self._failed(one, error)
        except Exception:
            log.exception("channel broke its contract", extra={"message_id": one.id})
            return self._failed(one, Unreachable("unexpected"))
        return Outcome(one.id, one.conversation_id, "sent", _storable(provider_id))

    def _check_window(self, channel: Channel, one: Outgoing) -> None:
        hours = channel.limits.session_hours
        if not hours or one.last_in_at is None or one.payload.opens:
            return
        if self._house.clock.now() - one.last_in_at > timedelta(hours=hours):
            raise WindowShut

    def _lag(self, channel: Channel) -> float:
        """How far a channel's pace is behind; its messages would only fill the hands that others need."""
        pace = self._paces.get(channel.name)
        return pace.lag if pace else 0.0

    async def _wait_turn(self, channel: Channel) -> None:
        """Wait for a turn in the channel's pace; raises Throttled when that would outlast the lease."""
        pace = self._paces.get(channel.name)
        wait = pace.turn(PATIENCE_SECONDS) if pace else 0.0
        if wait > PATIENCE_SECONDS:
            raise Throttled("our own pace", after=wait)
        await asyncio.sleep(wait)

    def _failed(self, one: Outgoing, error: SendError) -> Outcome:
        if error.alarm:
            log.error("channel needs an engineer", extra={"channel": one.channel_key})
        outcome = Outcome(one.id, one.conversation_id, "failed", error=error.sentence)
        if isinstance(error, WindowShut) and not one.payload.opens:
            channel = self._house.channels[one.channel_key]
            return replace(outcome, state="held", knock=channel.knock(one.language))
        if not error.again or (one.tries >= MOST_TRIES and not isinstance(error, Throttled)):
            return outcome
        wait = pause(one.tries, error)
        if isinstance(error, Unknown):
            return replace(outcome, state="unknown", pause=max(outbound.RECEIPT_SECONDS, wait))
        return replace(outcome, state="waiting", pause=wait)

    async def _record(self) -> None:
        """Write down results as they come; what cannot be written now is kept until the database is back."""
        outcomes: list[Outcome] = []
        while True:
            if not outcomes:
                outcomes.append(await self._done.get())
            while not self._done.empty():
                outcomes.append(self._done.get_nowait())
            try:
                await asyncio.to_thread(self._write, outcomes)
            except DatabaseAway:
                await asyncio.sleep(POLL_SECONDS)
                continue
            self._recorded += len(outcomes)
            for one in outcomes:
                self._in_hand.pop(one.message_id, None)
                self._done.task_done()
            outcomes = []
            self._woken.set()

    def _write(self, outcomes: list[Outcome]) -> None:
        with self._house.database.transaction() as tx:
            outbound.record(tx, self._roll.number, outcomes)
            for one in outcomes:
                if one.state == "held":
                    window.hold_back(tx, one.conversation_id, one.knock)

    async def _land(self) -> None:
        """Let what is in flight arrive and be written down; what has not arrived by then is unknown."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=LAND_SECONDS)
        for task in list(self._flying):
            task.cancel()
        if self._flying:
            await asyncio.wait(self._flying)
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._done.join()

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()

    async def _listen(self) -> None:
        """Hear the bell. Behind a pooler, or while the database is away, the poll alone is enough."""
        url = plain_url(self._house.database.engine.url.render_as_string(hide_password=False))
        while True:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                    await connection.execute(f"listen {WAKE}")
                    async for _ in connection.notifies():
                        self._woken.set()
            await asyncio.sleep(POLL_SECONDS)


def pause(tries: int, error: SendError, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before the next try: what the provider asks for, else doubling, plus up to a third."""
    if error.after is not None:
        return min(max(error.after, 0.1), LONGEST_WISH)
    grown = min(FIRST_PAUSE * 2.0 ** (tries - 1), LONGEST_PAUSE)
    return float(grown * (1 + jitter() / 3))


def _storable(provider_id: str) -> str:
    """What PostgreSQL takes of a text: a result that cannot be written down would be sent again for ever."""
    return provider_id.replace("\x00", "").encode("utf-8", "replace").decode()
