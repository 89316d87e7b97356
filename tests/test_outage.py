"""A provider that is down for an hour, brakes us and loses answers: all arrives, in order, none waits."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.channel import Throttled, Unknown, Unreachable
from tests.relay_case import Town, relaying, town_on, until

CHATS, EACH = 50, 10
# For all but what is in somebody's hands: a lease must not end under a worker that lives.
A_MINUTE_AND_A_HALF = """
    select id from conversation order by id for update;
    update conversation c set out_due_at = out_due_at - interval '90 seconds'
    where not exists (select from message m where m.conversation_id = c.id and m.state = 'sending')"""


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


async def test_five_hundred_messages_survive_an_hour_without_their_provider(town: Town) -> None:
    """Two workers; the hour passes in steps. One chat in five is never refused: it waits for nobody."""
    dice = random.Random(5)
    chats = {f"+62812{n:04}": town.chat(f"+62812{n:04}") for n in range(CHATS)}
    words = [str(n) for n in range(EACH)]
    lucky = set(list(chats)[::5])
    for number, chat in chats.items():
        town.say(chat, *words)
        if number not in lucky:
            kinds = (Unreachable, Unknown, lambda: Throttled(after=0.2))
            town.channel.answers[number].extend(dice.choice(kinds)() for _ in range(6))
    async with relaying(town), relaying(town):
        await until(lambda: all(town.channel.to(number) == words for number in lucky), 60)
        assert not all(town.channel.to(number) for number in chats)
        for _ in range(40):
            town.run(A_MINUTE_AND_A_HALF)
            town.house.database.bell.ring()
            await until(lambda: not town.channel.busy and not due(town), 10)
        await until(lambda: done(town), 60)
    assert {number: town.channel.to(number) for number in chats} == dict.fromkeys(chats, words)
    assert max(Counter(town.channel.sent).values()) == 1


def due(town: Town) -> bool:
    """Whether something could be sent now."""
    with town.house.database.reading() as tx:
        return bool(tx.scalar(text("select count(*) from conversation where out_due_at <= now()")))


def done(town: Town) -> bool:
    return len(town.channel.sent) == CHATS * EACH and set(town.states()) == {"sent"}
