"""What is queued or received for more than five minutes: tried again, alarmed, counted."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import jobs
from bot.channel import Unreachable
from tests.relay_case import Town, relaying, town_on, until


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


def aged(town: Town, minutes: float) -> None:
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    town.run("update message set created_at = :at", at=at)


def warned(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    lines = [one for one in caplog.records if "five minutes" in one.getMessage()]
    assert all(one.levelno == logging.WARNING for one in lines)
    return [(str(one.__dict__["kind"]), int(one.__dict__["count"])) for one in lines]


async def test_a_message_that_waits_too_long_is_alarmed_each_minute_until_it_is_gone(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.say(town.chat("unlucky"), "hello")
    town.channel.answers["unlucky"].append(Unreachable(after=3600))
    async with relaying(town):
        await until(lambda: town.row("state, tries") == ("waiting", 1))
    aged(town, 4)
    jobs.look_after(town.house)
    assert warned(caplog) == []
    aged(town, 6)
    jobs.look_after(town.house)
    assert warned(caplog) == [("message", 1)]
    town.let_pass(3600)
    async with relaying(town):
        await until(lambda: town.states() == ["sent"])
    caplog.clear()
    jobs.look_after(town.house)
    assert warned(caplog) == []


async def test_what_nothing_announces_any_more_is_sent_after_the_next_minute(town: Town) -> None:
    town.say(town.chat("lost"), "hello")
    town.run("update conversation set out_due_at = null")
    jobs.look_after(town.house)
    async with relaying(town):
        await until(lambda: town.channel.to("lost") == ["hello"])


def test_an_event_and_a_file_that_wait_are_alarmed(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.say(town.chat("n"), "hello")
    town.run(
        """update message set state = 'sent';
           insert into raw_event (channel, sealed, state, at)
           values ('sms', '', 'failed', now() - interval '6 minutes');
           insert into attachment (message_id, channel, created_at)
           select id, 'sms', now() - interval '6 minutes' from message"""
    )
    jobs.look_after(town.house)
    assert sorted(warned(caplog)) == [("event", 1), ("file", 1)]
