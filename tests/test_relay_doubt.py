"""Where a message may be lost or repeated: lost answers, dead workers, a database that goes away."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from bot import outbound
from bot.channel import Receipt, Unknown
from bot.delivery import claims, receipts
from tests.house import ROOT
from tests.relay_case import Town, relaying, town_on, until

SIGNS = """
import sys, pathlib, storage.roll as roll
ours = roll.Roll(pathlib.Path(sys.argv[1]))
print(ours.number, flush=True)
input()
"""


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


async def test_a_send_in_doubt_that_the_receipt_confirms_is_not_repeated(town: Town) -> None:
    town.channel.receipts = True
    chat = town.chat("doubt")
    town.channel.answers["doubt"].append(Unknown())
    town.say(chat, "first", "second")
    async with relaying(town):
        await until(lambda: town.states()[0] == "unknown")
        (first,) = town.row("id")
        with town.house.database.transaction() as tx:
            assert receipts.note_receipt(tx, town.house, Receipt("sms", "sent", message_id=int(str(first))))
        await until(lambda: town.states() == ["sent", "sent"])
        town.let_pass(3600)
        await asyncio.sleep(1.5)
    assert town.channel.to("doubt") == ["second"]


async def test_a_send_in_doubt_without_a_receipt_goes_out_again_after_its_time_and_not_before(
    town: Town,
) -> None:
    town.channel.receipts = True
    town.channel.answers["doubt"].append(Unknown())
    town.say(town.chat("doubt"), "first", "second")
    async with relaying(town):
        await until(lambda: town.states()[0] == "unknown")
        town.let_pass(claims.RECEIPT_SECONDS - 3)
        await asyncio.sleep(1.5)
        assert town.channel.sent == []
        town.let_pass(3)
        await until(lambda: town.channel.to("doubt") == ["first", "second"])


async def test_a_receipt_that_overtakes_a_lost_answer_stays(town: Town) -> None:
    town.channel.receipts = True
    town.say(town.chat("quick"), "hello")
    (claimed,) = town.claim_as(worker=7)
    with town.house.database.transaction() as tx:
        receipts.note_receipt(tx, town.house, Receipt("sms", "sent", message_id=claimed.id))
        lost = outbound.Outcome(claimed.id, claimed.conversation_id, "unknown", error="?", pause=20)
        outbound.record(tx, 7, [lost])
    assert town.row("state, error") == ("sent", "")


async def test_what_a_dead_worker_elsewhere_had_in_hand_goes_out_when_its_lease_ends(town: Town) -> None:
    town.say(town.chat("waiting"), "first", "second")
    assert town.claim_as(worker=7)
    async with relaying(town):
        await asyncio.sleep(1.5)
        assert town.channel.sent == []
        town.let_pass(claims.LEASE_SECONDS)
        await until(lambda: town.channel.to("waiting") == ["first", "second"])


@contextmanager
def neighbour(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another worker process on this data folder, and its number."""
    argv = [sys.executable, "-c", SIGNS, str(folder)]
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.drill
async def test_a_killed_worker_of_this_machine_is_replaced_without_waiting_for_its_lease(town: Town) -> None:
    town.say(town.chat("waiting"), "hello")
    with neighbour(town.house.settings.data_dir) as (process, number):
        assert town.claim_as(number)
        async with relaying(town):
            await asyncio.sleep(1.5)
            assert town.channel.sent == [], "its neighbour lives and has it in hand"
        process.kill()
        process.wait()
        async with relaying(town):
            await until(lambda: town.channel.to("waiting") == ["hello"], 3)


@pytest.mark.drill
async def test_what_a_killed_worker_may_have_sent_waits_for_its_receipt(town: Town) -> None:
    town.channel.receipts = True
    town.say(town.chat("waiting"), "hello")
    with neighbour(town.house.settings.data_dir) as (process, number):
        assert town.claim_as(number)
        process.kill()
        process.wait()
    async with relaying(town):
        await until(lambda: town.states() == ["unknown"], 3)
        await asyncio.sleep(1.2)
        assert town.channel.sent == []
        town.let_pass(claims.RECEIPT_SECONDS)
        await until(lambda: town.channel.to("waiting") == ["hello"], 3)


@contextmanager
def away(town: Town) -> Iterator[None]:
    """The database cannot be reached: connections are cut and new ones refused."""
    url = make_url(town.house.settings.database_url)
    maintenance = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    allow = sql.SQL("alter database {} allow_connections {}")
    name = sql.Identifier(str(url.database))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(allow.format(name, sql.SQL("false")))
        cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        connection.execute(cut, [url.database])
        try:
            yield
        finally:
            connection.execute(allow.format(name, sql.SQL("true")))


async def test_a_result_is_written_down_once_the_database_is_back_and_nothing_is_sent_twice(
    town: Town,
) -> None:
    town.channel.hanging["slow"] = asyncio.Event()
    town.say(town.chat("slow"), "first")
    async with relaying(town):
        await until(lambda: town.channel.tried)
        town.let_pass(claims.LEASE_SECONDS)  # the outage lasts longer than our lease
        with away(town):
            town.channel.hanging["slow"].set()
            await until(lambda: town.channel.sent)
            await asyncio.sleep(1.2)
        await until(lambda: town.states() == ["sent"])
        town.say(town.chat("later"), "second")
        await until(lambda: len(town.states()) == 2 and town.states()[1] == "sent")
    assert town.channel.sent == [("slow", "first"), ("later", "second")]
