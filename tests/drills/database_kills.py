"""R3, R4: the database is killed, or cannot be reached for a minute, while four citizens write."""

import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.database import plain_url
from storage.postgres import EmbeddedServer
from tests.conftest import new_data_dir
from tests.drill_case import Stage, post, staged, wait_until, whatsapp
from tests.drills.ledger import Ledger, figure, milliseconds, timed
from tests.drills.writers import writing

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
KILLS = 10
AWAY_SECONDS = 60


@pytest.fixture
def installation() -> Iterator[Stage]:
    """`run` with a database of its own."""
    with new_data_dir() as folder, staged("", folder) as made:
        yield made


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def is_back(server: EmbeddedServer, former: int | None) -> bool:
    return server.pid() not in {None, former} and server.ready()


def test_the_database_killed_under_four_writers(installation: Stage) -> None:
    installation.run()
    installation.twilio.callbacks = True
    server, dice = EmbeddedServer(installation.folder), random.Random(3)
    ledger, back = Ledger(installation), []
    with writing(ledger, 0.05, 50):
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.5, 2.5))
            if postmaster := server.pid():
                os.kill(postmaster, signal.SIGKILL)
                back.append(timed(partial(is_back, server, postmaster), 30))
    settled = ledger.settle(90)
    balance = ledger.audit()
    figure(
        "R3", f"{len(back)} kills, back after {max(back):.1f} s at most; {balance}; settled {settled:.1f} s"
    )


def let_in(postgres_url: str, database_url: str, allowed: bool) -> None:
    """Let nobody connect to the database, and end the connections there are; or let them in again."""
    name = make_url(database_url).database or ""
    with psycopg.connect(plain_url(postgres_url), autocommit=True) as connection:
        allow = sql.SQL("alter database {} allow_connections {}")
        connection.execute(allow.format(sql.Identifier(name), sql.Literal(allowed)))
        end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        connection.execute(end, (name,))


def test_a_database_that_cannot_be_reached_for_a_minute(stage: Stage, postgres_url: str) -> None:
    web = stage.web()
    stage.start("worker")
    stage.twilio.callbacks = True
    ledger = Ledger(stage)
    with writing(ledger, 0.5, 20):
        wait_until(lambda: stage.handed_over > 10, 60)
        let_in(postgres_url, stage.database_url, False)
        time.sleep(AWAY_SECONDS / 2)
        os.killpg(web.pid, signal.SIGKILL)  # what was acknowledged must lie on the disk, not in a process
        web.wait()
        spooled = len(list((stage.folder / "spool").glob("*.event")))
        assert spooled > 50
        let_in(postgres_url, stage.database_url, True)  # web does not start without its tables
        stage.web()
        let_in(postgres_url, stage.database_url, False)
        time.sleep(AWAY_SECONDS / 2)
        waiting = len(list((stage.folder / "spool").glob("*.event")))
        let_in(postgres_url, stage.database_url, True)
        empty = timed(lambda: not list((stage.folder / "spool").glob("*.event")), 60)
    ledger.settle(60)
    figure("R4", f"{AWAY_SECONDS} s away, {spooled} and {waiting} in the spool, empty {empty:.1f} s after")
    figure("R4", f"{ledger.audit()}; acknowledged meanwhile: {milliseconds(ledger.seconds)}")


def test_without_database_and_spool_nothing_is_acknowledged(stage: Stage, postgres_url: str) -> None:
    web = stage.web()
    assert post(stage.port, whatsapp(stage.base_url, "+6281200000001", "halo")) == 204
    let_in(postgres_url, stage.database_url, False)
    spool = stage.folder / "spool"
    spool.rename(stage.folder / "gone")
    statuses = [post(stage.port, whatsapp(stage.base_url, "+6281200000001", str(n))) for n in range(20)]
    assert set(statuses) <= {503, 500}, statuses
    assert web.poll() is None
    (stage.folder / "gone").rename(spool)
    let_in(postgres_url, stage.database_url, True)
    figure("R4", f"without database and spool: {statuses.count(503)} of {len(statuses)} answered 503")
