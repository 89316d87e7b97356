"""What the proofs of the relay share: a channel that remembers, chats in a database, a relay in process."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text

from bot import outbound
from bot.channel import Acknowledgement, Attachment, Inbound, Limits, Payload, Receipt, Say, WebhookRequest
from bot.delivery import claims
from bot.house import House
from bot.outbound import Chat
from bot.relay import Relay
from storage.models import address, conversation, person
from tests.house import SetClock, make_house

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@dataclass
class Recorder:
    """A channel that remembers what it was given; `answers` are what it raises next, by address."""

    name: str = "sms"
    account: str = "1708"
    limits: Limits = field(default_factory=lambda: Limits(text=1000))
    secrets: Sequence[str] = ()
    receipts: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)  # address, text
    at: list[float] = field(default_factory=list)  # time.monotonic() of each
    answers: defaultdict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    hanging: dict[str, asyncio.Event] = field(default_factory=dict)  # address: held until it is set
    tried: list[str] = field(default_factory=list)
    together: list[int] = field(default_factory=list)  # how many were in hand at each send
    busy: int = 0

    def knock(self, language: str) -> Payload | None:
        return None

    async def send(self, address: str, payload: Payload, message_id: int) -> str:
        self.tried.append(address)
        self.busy += 1
        self.together.append(self.busy)
        try:
            await asyncio.sleep(0.001)
            if self.answers[address]:
                raise self.answers[address].popleft()
            if address in self.hanging:
                await self.hanging[address].wait()
        finally:
            self.busy -= 1
        self.sent.append((address, payload.text))
        self.at.append(time.monotonic())
        return f"id-{message_id}"

    def to(self, address: str) -> list[str]:
        """What one address was sent, in order."""
        return [words for to, words in self.sent if to == address]

    def render(self, say: Say) -> Sequence[Payload]:
        return [Payload(say.text, say.options)]

    def verify(self, request: WebhookRequest) -> None:
        raise NotImplementedError

    def read(self, request: WebhookRequest) -> Sequence[Inbound | Receipt]:
        raise NotImplementedError

    async def fetch(self, reference: str) -> Attachment:
        raise NotImplementedError

    async def settle(self, inbound: Inbound) -> None:
        raise NotImplementedError

    async def probe(self) -> str:
        raise NotImplementedError

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement()

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Town:
    """A house, its one channel, and citizens by address."""

    house: House
    channel: Recorder

    def chat(self, number: str, **values: object) -> Chat:
        """A conversation with a citizen at this address; `values` are columns of it."""
        keys = self.house.database.keys
        with self.house.database.transaction() as tx:
            who = tx.execute(insert(person).values(language="").returning(person.c.id)).scalar_one()
            row = {"person_id": who, "channel": self.channel.name, "sealed": keys.seal(number)}
            row["lookup"] = keys.index(self.channel.name, number)
            lives = tx.execute(insert(address).values(row).returning(address.c.id)).scalar_one()
            made = {"channel": self.channel.name, "account": self.channel.account, "address_id": lives}
            made |= values
            id_ = tx.execute(insert(conversation).values(made).returning(conversation.c.id)).scalar_one()
        return Chat(id_, self.channel.name, self.channel.account)

    def say(self, chat: Chat, *words: str, priority: int = outbound.LIVE) -> None:
        """Put texts into the outbox, each in a transaction of its own. Rings no bell."""
        for one in words:
            with self.house.database.transaction() as tx:
                outbound.say(tx, self.house.channels, chat, [Say(one)], now=NOW, priority=priority)

    def let_pass(self, seconds: float) -> None:
        """Let time pass for all that waits for a moment."""
        self.run(
            """select id from conversation order by id for update;
               update conversation set out_due_at = out_due_at - make_interval(secs => :s);
               update message set due_at = due_at - make_interval(secs => :s),
                                  lease_until = lease_until - make_interval(secs => :s)""",
            s=seconds,
        )

    def run(self, statements: str, **values: object) -> None:
        """Change rows behind the product's back."""
        with self.house.database.transaction() as tx:
            for one in statements.split(";"):
                tx.execute(text(one), values)

    def states(self, chat: Chat | None = None) -> list[str]:
        """States of the outgoing messages, in order."""
        which = "and conversation_id = :id" if chat else ""
        query = text(f"select state from message where direction = 'out' {which} order by id")
        with self.house.database.reading() as tx:
            return list(tx.scalars(query, {"id": chat.id} if chat else {}))

    def row(self, columns: str) -> tuple[object, ...]:
        """Columns of the oldest outgoing message."""
        query = text(f"select {columns} from message where direction = 'out' order by id limit 1")
        with self.house.database.reading() as tx:
            return tuple(tx.execute(query).one())

    def claim_as(self, worker: int) -> list[claims.Outgoing]:
        """Take what is due and say nothing more of it, as a worker does that is killed now."""
        name = self.channel.name
        with self.house.database.transaction() as tx:
            return claims.claim(
                tx,
                worker=worker,
                limit=10,
                channels={name: 10},
                reporting=[name] if self.channel.receipts else [],
            )


@asynccontextmanager
async def relaying(town: Town) -> AsyncIterator[Relay]:
    """A relay at work in this process."""
    relay = Relay(town.house)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await asyncio.wait_for(task, 10)


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Return once it is true; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(true):
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.02)


@contextmanager
def town_on(city_database: str, folder: Path) -> Iterator[Town]:
    """A town whose citizens all use one channel, which remembers."""
    channel = Recorder()
    house = make_house(city_database, folder, clock=SetClock(NOW), channels={channel.name: channel})
    yield Town(house, channel)
    house.database.engine.dispose()
