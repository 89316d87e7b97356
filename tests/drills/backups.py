"""R11: a backup is made while four citizens write, and brought back on an empty machine."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from storage.keys import parse_keys
from tests.conftest import new_data_dir
from tests.drill_case import Stage, staged, wait_until
from tests.drills.ledger import Ledger, figure
from tests.drills.writers import writing

pytestmark = [pytest.mark.drill, pytest.mark.timeout(400)]


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def run(stage: Stage, archive: Path, command: str, **settings: str) -> float:
    """Run `backup` or `restore`; returns how long it took, seconds."""
    begun = time.monotonic()
    assert stage.start(command, str(archive), **settings).wait(120) == 0
    return time.monotonic() - begun


def test_a_backup_while_citizens_write_comes_back_on_an_empty_machine(
    stage: Stage, empty_database: str
) -> None:
    stage.web()
    stage.start("worker")
    ledger, archive = Ledger(stage), stage.folder / "cadangan.tar"
    with writing(ledger, 0.02), new_data_dir() as elsewhere:
        wait_until(lambda: len(ledger.acknowledged) > 100, 60)
        before = set(ledger.acknowledged)
        made = run(stage, archive, "backup")
        during = len(ledger.acknowledged) - len(before)
        brought = run(stage, archive, "restore", DATABASE_URL=empty_database, DATA_DIR=str(elsewhere))
    assert during, "nobody wrote meanwhile"
    with psycopg.connect(plain_url(empty_database)) as restored:
        kept = {row[0] for row in restored.execute("select provider_id from seen")}
        said = restored.execute("select count(*) from message where direction = 'in'").fetchone()
        keys = parse_keys(stage.env["DATA_KEYS"])
        clear = [keys.open(row[0]) for row in restored.execute("select sealed from address")]
    assert before <= kept and said == (len(kept),)
    assert set(clear) <= {one.address for one in ledger.sent.values()}
    figure("R11", f"backup {made:.1f} s with {during} messages meanwhile, restore {brought:.1f} s")
    ledger.settle(60)
    figure("R11", str(ledger.audit()))
