"""The worker's loop: claim a batch, let go of the database, send at once, write down what became of it.

1. Woken by LISTEN or by its own poll. 2. Claims the oldest unsent message of chats that are due
(outbound.claim). 3. Sends up to `send_concurrency` at once on one event loop. 4. Writes results down as they
come, several in one transaction, so that the time in which a kill can make a repeat stays short.

A worker earns its parallelism: it begins with one message in flight and adds one for every few that were
written down. A worker that is killed again and again repeats little; a healthy one is soon at full speed.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import psycopg

from bot import outbound
from bot.channel import Channel, OptedOut, SendError, Throttled, Unknown, Unreachable, WindowShut
from bot.house import House
from bot.outbound import Outcome, Outgoing
from storage.database import WAKE, DatabaseAway, plain_url

log = logging.getLogger(__name__)
SEND_SECONDS = 12  # shorter than outbound.LEASE_SECONDS, so that nobody else takes a message in flight
POLL_SECONDS = 1.0
EARNED_BY = 8  # one more in flight for every so many messages written down
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0  # seconds between tries, doubling
MOST_TRIES = 20  # with the pauses above about two hours; then it is failed and staff see why


class Relay:
    """Hands messages over to the providers. One per worker process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._worker = secrets.randbelow(2**31 - 1) + 1
        self._woken = asyncio.Event()
        self._stopping = False
        self._done: asyncio.Queue[Outcome] = asyncio.Queue()
        self._flying: set[asyncio.Task[None]] = set()
        self._recorded = 0

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in flight is written down."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`; survives a database that goes away and comes back."""
        async with _running(self._listen()), _running(self._record()):
            while not self._stopping:
                claimed = await self._claim()
                if not claimed:
                    await self._sleep()
            await self._land()

    async def _claim(self) -> int:
        """Claim what there is room for and send it; returns how many. Waits while there is no room."""
        room = self._room()
        if room <= 0:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return 1
        self._woken.clear()
        try:
            batch = await asyncio.to_thread(self._take, room)
        except DatabaseAway:
            return 0
        for one in batch:
            task = asyncio.create_task(self._send(one))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return len(batch)

    def _room(self) -> int:
        earned = 1 + self._recorded // EARNED_BY
        return min(self._house.settings.send_concurrency, earned) - len(self._flying) - self._done.qsize()

    def _take(self, limit: int) -> list[Outgoing]:
        channels = self._house.channels
        names = sorted({channel.name for channel in channels.values()})
        reporting = sorted({channel.name for channel in channels.values() if channel.receipts})
        with self._house.database.transaction() as tx:
            return outbound.claim(tx, worker=self._worker, limit=limit, channels=names, reporting=reporting)

    async def _send(self, one: Outgoing) -> None:
        await self._done.put(await self._outcome(one))

    async def _outcome(self, one: Outgoing) -> Outcome:
        channel = self._house.channels.get(one.channel_key)
        try:
            if channel is None:
                raise Unreachable(sentence="Kanal sedang tidak aktif.")
            self._check(channel, one)
            address = self._house.database.keys.open(one.sealed_address)
            async with asyncio.timeout(SEND_SECONDS):
                provider_id = await channel.send(address, one.payload, one.id)
        except TimeoutError:
            return self._failed(one, Unknown("no answer in time"))
        except SendError as error:
            return self._failed(one, error)
        except Exception:
            log.exception("channel broke its contract", extra={"message_id": one.id})
            return self._failed(one, Unreachable("unexpected"))
        return Outcome(one.id, one.conversation_id, "sent", provider_id)

    def _check(self, channel: Channel, one: Outgoing) -> None:
        """What is known before sending: the citizen stopped pushes, or WhatsApp's window is shut."""
        if one.opted_out and one.priority >= outbound.PUSH:
            raise OptedOut
        hours = channel.limits.session_hours
        if hours and one.last_in_at and self._house.clock.now() - one.last_in_at > timedelta(hours=hours):
            raise WindowShut

    def _failed(self, one: Outgoing, error: SendError) -> Outcome:
        if error.alarm:
            log.error("channel needs an engineer", extra={"channel": one.channel_key})
        if isinstance(error, WindowShut):
            return Outcome(one.id, one.conversation_id, "held", error=error.sentence)
        if isinstance(error, Unknown):
            return Outcome(
                one.id, one.conversation_id, "unknown", "", error.sentence, outbound.RECEIPT_SECONDS
            )
        if not error.again or (one.tries >= MOST_TRIES and not isinstance(error, Throttled)):
            return Outcome(one.id, one.conversation_id, "failed", error=error.sentence)
        return Outcome(one.id, one.conversation_id, "waiting", "", error.sentence, pause(one.tries, error))

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
            for _ in outcomes:
                self._done.task_done()
            outcomes = []
            self._woken.set()

    def _write(self, outcomes: list[Outcome]) -> None:
        with self._house.database.transaction() as tx:
            outbound.record(tx, self._worker, outcomes)
            for one in outcomes:
                if one.state == "held":
                    outbound.hold_back(tx, one.conversation_id)

    async def _land(self) -> None:
        """Let what is in flight arrive and be written down, for at most eight seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(8):
                if self._flying:
                    await asyncio.wait(self._flying)
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
        return min(max(error.after, 0.1), LONGEST_PAUSE)
    grown = min(FIRST_PAUSE * 2.0 ** (tries - 1), LONGEST_PAUSE)
    return float(grown * (1 + jitter() / 3))


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run something beside the block and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
