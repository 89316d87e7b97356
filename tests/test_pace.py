"""However many workers there are: no account is fed too fast, or while it asked us to wait, nor any chat."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channel import Throttled
from bot.delivery import claims, pace
from bot.delivery.pace import LATE_SECONDS, NotNow, Pace
from bot.outbound import MASS, Outcome, record
from storage.database import open_database
from tests.relay_case import Recorder, Town, relaying, town_on, until

WORKERS = 3


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


def telegram_beside(town: Town) -> Town:
    """The same house with a Telegram beside its SMS; what is said there goes by Telegram."""
    slow = Recorder(name="telegram", account="17", answers=defaultdict(town.channel.answers.default_factory))
    other = Town(replace(town.house, channels={"sms": town.channel, "telegram": slow}), slow)
    town.house = other.house
    return other


def most_in_a_second(at: list[float]) -> int:
    """The most that began within any one second."""
    return max(sum(begun <= one < begun + 1 for one in at) for begun in at)


def test_what_workers_may_begin_in_a_second_is_no_more_than_the_provider_allows() -> None:
    allowed = {"telegram": 30, "whatsapp": 80}
    assert set(pace.RATES) == set(allowed)
    assert all(rate * (1 + LATE_SECONDS) <= allowed[name] for name, rate in pace.RATES.items())


async def test_three_workers_together_feed_an_account_no_faster_than_its_rate(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pace.RATES, "telegram", 20.0)
    slow = telegram_beside(town)
    for n in range(80):
        slow.say(slow.chat(f"t{n}"), "hello")
    async with AsyncExitStack() as workers:
        for _ in range(WORKERS):
            await workers.enter_async_context(relaying(slow))
        await until(lambda: len(slow.channel.sent) == 80, 30)
    assert most_in_a_second(slow.channel.at) <= 20 * (1 + LATE_SECONDS) + 1
    assert set(slow.states()) == {"sent"}


async def test_a_slow_channel_does_not_fill_the_hands_that_a_quick_one_needs(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pace.RATES, "telegram", 4.0)
    slow = telegram_beside(town)
    for n in range(60):
        slow.say(slow.chat(f"t{n}"), "hello")
    for n in range(100):
        town.say(town.chat(f"s{n}"), "hello")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 100, 12)
        assert len(slow.channel.sent) < 60


async def test_a_gateway_is_fed_at_the_rate_of_its_setting(town: Town) -> None:
    town.house.settings.sms_rate = 10
    for n in range(25):
        town.say(town.chat(f"s{n}"), "hello")
    async with relaying(town), relaying(town):
        await until(lambda: len(town.channel.sent) == 25, 12)
    assert most_in_a_second(town.channel.at) <= 13


async def test_no_worker_asks_a_provider_that_wants_us_to_wait(town: Town) -> None:
    """The others did not hear the answer: they know it from the database."""
    for n in range(40):
        town.say(town.chat(f"n{n}"), "hello")
    town.channel.answers["n0"].append(Throttled(after=2.0))
    async with AsyncExitStack() as workers:
        await workers.enter_async_context(relaying(town))
        await until(lambda: "n0" in town.channel.tried)
        await until(lambda: town.row("state") == ("waiting",))
        begun, tried = time.monotonic(), len(town.channel.tried)
        for _ in range(WORKERS):
            await workers.enter_async_context(relaying(town))
        await asyncio.sleep(1.2)
        assert len(town.channel.tried) == tried
        await until(lambda: len(town.channel.sent) == 40)
    assert min(at for at in town.channel.at if at > begun) > begun + 1.3
    assert town.channel.tried.count("n0") == 2


async def test_what_a_worker_has_in_hand_goes_back_when_another_is_braked(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as no try, and goes out when the wait is over."""
    monkeypatch.setattr(pace, "FRESH_SECONDS", 0.0)
    mine = Pace(town.house.database, "sms/1708", 0.0)
    await mine.turn()
    with town.house.database.transaction() as tx:
        pace.hold(tx, "sms/1708", 30.0)
    with pytest.raises(NotNow) as later:
        await mine.turn()
    assert 29 < later.value.seconds <= 30
    town.say(town.chat("patient"), "hello")
    (claimed,) = town.claim_as(worker=7)
    with town.house.database.transaction() as tx:
        record(tx, 7, [Outcome(claimed.id, claimed.conversation_id, "waiting", pause=30, counted=False)])
    assert town.row("state, tries") == ("waiting", 0)


async def test_a_turn_that_a_worker_slept_through_is_not_used(town: Town) -> None:
    """Else all that slept would begin together with those of the others."""
    begun, slept = time.monotonic(), iter([0.0, 0.0, 0.0, 0.0, 5.0])
    late = Pace(town.house.database, "sms/1708", 5.0, lambda: next(slept, 10.0))
    await late.turn()
    with town.house.database.reading() as tx:
        other = Pace(town.house.database, "sms/1708", 5.0)
        pace.look(tx, [other])
    assert time.monotonic() - begun + other.lag >= 0.4  # two turns of a fifth of a second were drawn for one


async def test_while_the_database_is_away_nobody_sends_by_guess(town: Town) -> None:
    nowhere = open_database("postgresql+psycopg://127.0.0.1:1/none", town.house.database.keys)
    for rate in (0.0, 5.0):
        with pytest.raises(NotNow):
            await Pace(nowhere, "sms/1708", rate).turn()


async def test_a_clock_that_was_set_back_stops_nobody(town: Town) -> None:
    later = "clock_timestamp() + interval '2 days'"
    town.run(f"insert into pace (account, next_at, held_until) values ('sms/1708', {later}, {later})")
    town.house.settings.sms_rate = 50
    town.say(town.chat("n"), "hello")
    async with relaying(town):
        await until(lambda: town.channel.sent)


def test_one_chat_of_telegram_gets_one_message_a_second_and_others_do_not_wait(town: Town) -> None:
    slow = telegram_beside(town)
    chat = slow.chat("busy")
    slow.say(chat, "first", "second")
    (first,) = slow.claim_as(worker=7)
    with slow.house.database.transaction() as tx:
        record(tx, 7, [Outcome(first.id, first.conversation_id, "sent", "1")])
    slow.say(slow.chat("other"), "hello")
    assert [one.payload.text for one in slow.claim_as(worker=7)] == ["hello"]
    slow.run(
        """update message set sent_at = sent_at - interval '1 second' where state = 'sent';
           update conversation set out_due_at = out_due_at - interval '1 second' where id = :id""",
        id=chat.id,
    )
    assert [one.payload.text for one in slow.claim_as(worker=7)] == ["second"]


def test_a_chat_by_sms_need_not_wait_a_second(town: Town) -> None:
    town.say(town.chat("busy"), "first", "second")
    (first,) = town.claim_as(worker=7)
    with town.house.database.transaction() as tx:
        record(tx, 7, [Outcome(first.id, first.conversation_id, "sent", "1")])
    assert [one.payload.text for one in town.claim_as(worker=7)] == ["second"]


async def test_a_conversation_finds_a_hand_free_while_mass_messages_hang_at_their_provider(
    town: Town,
) -> None:
    town.house.settings.send_concurrency = 8
    for n in range(60):
        town.say(town.chat(f"warm{n}"), "hello")
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 60)
        for n in range(20):
            town.channel.hanging[f"mass{n}"] = asyncio.Event()
            town.say(town.chat(f"mass{n}"), "to everybody", priority=MASS)
        await until(lambda: town.channel.busy == 6)
        for n in range(5):
            town.say(town.chat(f"live{n}"), "answer")
        await until(lambda: len(town.channel.sent) == 65)
        assert town.channel.busy == 6
        for gate in town.channel.hanging.values():
            gate.set()


def test_a_reply_is_the_next_to_be_claimed_with_20_000_mass_messages_waiting(town: Town) -> None:
    chats = """with p as (insert into person (language)
                          select '' from generate_series(1, 20000) returning id),
               a as (insert into address (person_id, channel, lookup, sealed)
                     select id, 'sms', decode(md5(id::text), 'hex'), '' from p returning id),
               c as (insert into conversation (channel, account, address_id, out_due_at, out_priority)
                     select 'sms', '1708', id, now() - interval '1 hour', 5 from a returning id)
               insert into message (conversation_id, direction, state, text, payload, priority, created_at)
               select id, 'out', 'waiting', 'to everybody', '{"text": "to everybody"}', 5, now() from c"""
    town.run(chats)
    live = town.chat("live")
    town.say(live, "answer")
    with town.house.database.transaction() as tx:
        first = claims.claim(tx, worker=7, limit=1, channels={"sms": 1}, reporting=())
    assert [one.conversation_id for one in first] == [live.id]
