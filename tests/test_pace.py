"""A channel is fed at an even rate, and one with its hands full does not fill those of the others."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.delivery import pace
from bot.delivery.pace import Pace
from tests.relay_case import Recorder, Town, relaying, town_on, until


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


def test_turns_come_at_an_even_rate_and_who_would_wait_too_long_gets_none() -> None:
    now = [100.0]
    slow = Pace(4.0, lambda: now[0])
    assert [slow.turn(0.5) for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    assert slow.lag == 0.75
    now[0] += 10
    assert [slow.turn(0.5) for _ in range(2)] == [0.0, 0.25]


async def test_a_slow_channel_is_never_fed_faster_and_a_quick_one_does_not_wait_for_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pace.RATES, "telegram", 10.0)
    slow = Recorder(name="telegram", answers=defaultdict(town.channel.answers.default_factory))
    other = Town(replace(town.house, channels={"sms": town.channel, "telegram": slow}), slow)
    town.house = other.house
    for n in range(60):
        other.say(other.chat(f"t{n}"), "hello")
    for n in range(100):
        town.say(town.chat(f"s{n}"), "hello")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 100, 12)
        assert len(slow.sent) < 60
    gaps = [later - earlier for earlier, later in zip(slow.at, slow.at[10:], strict=False)]
    assert min(gaps) > 0.8
