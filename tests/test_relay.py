"""The relay, on a real database: order, pauses, windows, bells and priorities."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import outbound
from bot.channel import Limits, Rejected, Throttled, Unreachable
from bot.delivery import claims, window
from bot.delivery.sending import MOST_TRIES, pause
from tests.relay_case import NOW, Town, relaying, town_on, until


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


async def test_each_chat_gets_its_answers_once_and_in_order_whatever_fails_in_between(town: Town) -> None:
    dice = random.Random(1708)
    chats = {f"+62811{n:04}": town.chat(f"+62811{n:04}") for n in range(50)}
    words = [str(n) for n in range(5)]
    for number, chat in chats.items():
        town.say(chat, *words)
        failures = [Unreachable(after=0.1), Throttled(after=0.1), Unreachable(after=0.2)]
        town.channel.answers[number].extend(dice.sample(failures, dice.randrange(4)))
    async with relaying(town):
        await until(lambda: len(town.channel.sent) >= 250, 40)
        await until(lambda: set(town.states()) == {"sent"})
    assert {number: town.channel.to(number) for number in chats} == dict.fromkeys(chats, words)


async def test_a_provider_that_hangs_on_one_chat_does_not_hold_up_the_others(town: Town) -> None:
    stuck = town.chat("stuck")
    town.channel.hanging["stuck"] = asyncio.Event()
    town.say(stuck, "first", "second")
    for n in range(20):
        town.say(town.chat(f"n{n}"), "hello")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 20, 6)
        assert town.channel.to("stuck") == []
        town.channel.hanging["stuck"].set()
        await until(lambda: town.channel.to("stuck") == ["first", "second"])


async def test_a_worker_begins_with_one_in_hand_and_earns_more_but_never_above_its_setting(
    town: Town,
) -> None:
    town.house.settings.send_concurrency = 3
    for n in range(60):
        town.say(town.chat(f"n{n}"), "hello")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 60)
    assert town.channel.together[:8] == [1] * 8
    assert 1 < max(town.channel.together) <= 3


async def test_pauses_grow_and_the_last_try_ends_as_failed_with_a_sentence(town: Town) -> None:
    town.say(town.chat("gone"), "hello")
    town.channel.answers["gone"].extend(Unreachable() for _ in range(MOST_TRIES))
    pauses = []
    async with relaying(town):
        for tries in range(1, 13):
            await until(lambda tries=tries: town.row("tries, state") == (tries, "waiting"))  # type: ignore[misc]
            (due,) = town.row("extract(epoch from due_at - now())")
            pauses.append(float(str(due)))
            town.let_pass(1000)
            town.house.database.bell.ring()
        await until(lambda: town.row("tries, state") == (13, "waiting"))
        town.run("update message set tries = :tries", tries=MOST_TRIES - 1)
        town.let_pass(1000)
        await until(lambda: town.states() == ["failed"])
    assert pauses[0] == pytest.approx(2.3, abs=0.6)
    assert all(later > earlier for earlier, later in itertools.pairwise(pauses[:8]))
    assert max(pauses) < 601 * 4 / 3
    assert town.row("error") == (Unreachable.sentence,)
    assert len(town.channel.tried) == 14


async def test_what_the_provider_refuses_for_good_is_not_tried_again_and_frees_the_chat(town: Town) -> None:
    chat = town.chat("fussy")
    town.channel.answers["fussy"].append(Rejected())
    town.say(chat, "bad", "good")
    async with relaying(town):
        await until(lambda: town.states() == ["failed", "sent"])
    assert town.channel.to("fussy") == ["good"]


def test_a_provider_that_asks_for_an_hour_gets_it() -> None:
    assert pause(1, Throttled(after=3600)) == 3600


async def test_outside_the_window_answers_are_held_until_the_citizen_writes(town: Town) -> None:
    town.channel.limits = Limits(text=1000, session_hours=24)
    chat = town.chat("silent", last_in_at=NOW - timedelta(hours=25))
    town.say(chat, "first", "second")
    async with relaying(town):
        await until(lambda: town.states() == ["held", "held"])
        with town.house.database.transaction() as tx:
            window.let_go(tx, chat.id)
        town.run("update conversation set last_in_at = :now", now=NOW)
        await until(lambda: town.channel.to("silent") == ["first", "second"])


async def test_who_stopped_gets_no_pushes_but_answers_to_what_he_asks(town: Town) -> None:
    chat = town.chat("stopped")
    town.run("update address set opted_out_at = now()")
    town.say(chat, "news", priority=outbound.PUSH)
    town.say(chat, "answer")
    town.say(chat, "to everybody", priority=outbound.MASS)
    async with relaying(town):
        await until(lambda: town.states() == ["cancelled", "sent", "cancelled"])
    assert town.channel.to("stopped") == ["answer"]


async def test_without_any_bell_the_poll_finds_what_waits(town: Town) -> None:
    async with relaying(town):
        await asyncio.sleep(0.3)
        before = time.monotonic()
        town.say(town.chat("quiet"), "hello")  # say() rings no bell
        await until(lambda: town.channel.sent, 3)
    assert town.channel.at[0] - before < 2.0


async def test_a_bell_wakes_the_relay_at_once(town: Town) -> None:
    async with relaying(town):
        town.house.database.bell.ring()
        await asyncio.sleep(1.3)
        waits = []
        for n in range(5):
            before = time.monotonic()
            town.say(town.chat(f"n{n}"), "hello")
            town.house.database.bell.ring()
            await until(lambda n=n: len(town.channel.sent) == n + 1)  # type: ignore[misc]
            waits.append(town.channel.at[-1] - before)
    assert sorted(waits)[2] < 0.4


async def test_the_sweep_finds_what_nothing_announces(town: Town) -> None:
    town.say(town.chat("lost"), "hello")
    town.run("update conversation set out_due_at = null")
    async with relaying(town):
        await asyncio.sleep(1.3)
        assert town.channel.sent == []
        with town.house.database.transaction() as tx:
            assert claims.sweep(tx) == 1
        await until(lambda: town.channel.to("lost") == ["hello"])
    with town.house.database.transaction() as tx:
        assert claims.sweep(tx) == 0


async def test_an_answer_in_a_live_chat_goes_before_a_mass_update_even_behind_one(town: Town) -> None:
    town.house.settings.send_concurrency = 1
    for n in range(10):
        town.say(town.chat(f"n{n}"), "to everybody", priority=outbound.MASS)
    busy = town.chat("busy")
    town.say(busy, "one", "two", priority=outbound.MASS)
    town.say(busy, "three")
    town.say(town.chat("news"), "news", priority=outbound.PUSH)
    town.say(town.chat("live"), "answer")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 15)
    before = [to for to, _ in town.channel.sent[:5]]
    assert sorted(before[:4]) == ["busy", "busy", "busy", "live"]
    assert before[4] == "news"
    assert town.channel.to("busy") == ["one", "two", "three"]
