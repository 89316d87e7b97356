"""The worker's loop: claim a batch, let go of the database, send at once, write down what became of it.

1. Woken by LISTEN or by its own poll. 2. Claims the oldest unsent message of chats that are due
(delivery/claims.py). 3. Sends up to `send_concurrency` at once on one event loop (delivery/sending.py).
4. Writes results down as they come, several in one transaction: the time in which a kill can make a repeat
stays short.

A worker earns its parallelism: it begins with one message in hand and adds one for every few that were
written down. A worker that is killed again and again repeats little; a healthy one is soon at full speed.
What a dead worker of this machine had in hand is let go at once (storage.roll); docs/adr/0005 says why.
"""

import asyncio
import logging
import time
from contextlib import suppress

import psycopg
from sqlalchemy import Connection

from bot import outbound
from bot.channel import Unknown
from bot.delivery import claims, opting, pace, window
from bot.delivery.claims import Outgoing
from bot.delivery.pace import LAG_SECONDS, Pace
from bot.delivery.sending import Sender
from bot.house import House
from bot.outbound import Outcome
from storage.database import WAKE, DatabaseAway, plain_url
from storage.patience import PATIENCE
from storage.roll import Roll

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
LAND_SECONDS = 3.5  # for what is in flight at the end; `run` waits 6.5 s for all of the worker
EARNED_BY = 8  # one more in hand for every so many messages written down
TOGETHER = (
    8  # with more in hand results are gathered for a moment: a transaction for each costs half the speed
)
GATHER_SECONDS = 0.004
QUICK_SECONDS = 0.9  # what takes longer does not count against what is earned
KEPT = 0.25  # of the hands: not for what goes to many people, so that a conversation finds one free


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
        rates = pace.rates(house.settings)
        self._paces = {
            key: Pace(house.database, pace.account_of(channel), rates.get(channel.name, 0.0))
            for key, channel in house.channels.items()
        }
        self._sender = Sender(house, self._paces)

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
        reporting = sorted({channel.name for channel in self._house.channels.values() if channel.receipts})
        with self._house.database.transaction() as tx:
            if self._dead and (ended := claims.end_leases(tx, self._dead)):
                log.warning("taken over from dead workers", extra={"count": ended})
            batch = claims.claim(
                tx,
                worker=self._roll.number,
                limit=limit,
                channels=self._open(tx),
                reporting=reporting,
                mass=self._room_for_mass(limit),
            )
        self._roll.strike(self._dead)
        self._dead = []
        return batch

    def _open(self, tx: Connection) -> dict[str, int]:
        """How many messages may be claimed of each channel; what is behind or held is passed over."""
        pace.look(tx, [one for one in self._paces.values() if one.stale])
        return {
            self._house.channels[key].name: one.most
            for key, one in self._paces.items()
            if one.lag < LAG_SECONDS and not one.held
        }

    def _room_for_mass(self, limit: int) -> int:
        """The last quarter of the hands is kept for what is said to somebody."""
        hands = self._house.settings.send_concurrency
        return max(min(limit, hands - int(hands * KEPT) - len(self._in_hand)), 0)

    async def _send(self, one: Outgoing) -> None:
        try:
            outcome = await self._sender.send(one)
        except asyncio.CancelledError:  # we are stopping and the provider has not answered
            outcome = self._sender.failed(one, Unknown("no answer before the end"))
        self._done.put_nowait(outcome)

    async def _record(self) -> None:
        """Write down results as they come; what cannot be written now is kept until the database is back."""
        outcomes: list[Outcome] = []
        while True:
            if not outcomes:
                outcomes.append(await self._done.get())
                if len(self._in_hand) > TOGETHER:
                    await asyncio.sleep(GATHER_SECONDS)
            while not self._done.empty():
                outcomes.append(self._done.get_nowait())
            try:
                await asyncio.to_thread(self._write, outcomes)
            except DatabaseAway:
                await asyncio.sleep(POLL_SECONDS)
                continue
            self._recorded += sum(one.counted for one in outcomes)
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
                if one.stopped:
                    opting.stop(tx, one.conversation_id, self._house.clock.now())
                if one.hold:
                    pace.hold(tx, one.account, one.hold)

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
                connecting = psycopg.AsyncConnection.connect(url, autocommit=True, **PATIENCE)
                async with await connecting as connection:
                    await connection.execute(f"listen {WAKE}")
                    async for _ in connection.notifies():
                        self._woken.set()
            await asyncio.sleep(POLL_SECONDS)
