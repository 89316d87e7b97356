"""The invented month beside a running product: no pass meets one half made, no lock keeps it from going."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import jobs
from bot.channel import MediaReference
from bot.demo import apart, filling, removing
from bot.demo.people import account_of
from bot.house import House
from bot.outbound import channel_key
from handlers.simulator import CHANNEL, LOOKS, Phone
from storage.database import DatabaseBusy
from tests.house import SetClock
from tests.panel_house import NOW, house_on

REPORTS = 8


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        yield made


def passes(house: House) -> bool:
    """What a worker a year ahead does, to whom everything is late; whether it was let."""
    ahead = replace(house, clock=SetClock(NOW + timedelta(days=365)))
    return jobs.pass_over(ahead, (*jobs.EVERY_QUARTER, *jobs.EVERY_HOUR))


def fill(house: House, folder: Path) -> list[bool]:
    """Make the month; which passes were made meanwhile, one at every photo."""
    phones = {look: Phone(look, folder / "simulator") for look in LOOKS}
    channels = {channel_key(CHANNEL, account_of(look)): one for look, one in phones.items()}
    made = []

    def keep(data: bytes) -> MediaReference:
        made.append(passes(house))
        return phones["whatsapp"].keep_file(data)

    filling.fill(replace(house, channels=channels), keep, REPORTS)
    return made


def count(house: House, query: str) -> int:
    with house.database.reading() as tx:
        return int(tx.scalar(text(query), {"later": NOW + timedelta(days=1)}) or 0)


def test_a_pass_waits_for_the_month_and_the_month_for_a_pass(house: House, data_dir: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with apart.passing(house) as may:
            assert may
            filled = pool.submit(fill, house, data_dir)
            while not count(
                house, "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            ):
                pass
            assert count(house, "select count(*) from ticket") == 0
        made = filled.result()
    assert made and not any(made)
    assert count(house, "select count(*) from event where at > :later") == 0
    assert passes(house)
    assert count(house, "select count(*) from event where at > :later") > 0  # so it would have been seen


def test_a_deadlock_with_the_life_beside_it_does_not_keep_the_month_from_going(
    house: House, data_dir: Path
) -> None:
    fill(house, data_dir)
    holds, wants = threading.Event(), threading.Event()

    def life() -> None:
        with suppress(DatabaseBusy), house.database.transaction() as tx:
            tx.execute(text("lock table event in row exclusive mode"))  # as who writes a line of history
            holds.set()
            wants.wait(30)
            tx.execute(text("select id from conversation order by id for update"))

    with ThreadPoolExecutor(2) as pool:
        pool.submit(life)
        assert holds.wait(30)
        gone = pool.submit(removing.remove, house)
        while not count(house, "select count(*) from pg_locks where not granted"):
            pass
        wants.set()
        assert gone.result().reports >= REPORTS
    assert count(house, "select count(*) from ticket") == 0
