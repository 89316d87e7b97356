"""Drills of intake: what comes while something is away is there afterwards, once and in order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from tests.drill_case import Stage, post, staged, wait_until, whatsapp
from tests.drills.ledger import figure
from tests.processes import seconds_until
from tests.twilio_server import SENDER

pytestmark = pytest.mark.drill
AWAY = 100


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


# --- web is away and the provider does not try again (R16) ----------
def write_while_web_is_away(stage: Stage) -> dict[str, list[str]]:
    """Ten citizens write over ten minutes; every webhook fails once and is never made again."""
    said: dict[str, list[str]] = {}
    for n in range(AWAY):
        citizen, words = f"+62812000{n % 10:05}", f"CEK {n:09}"
        at = datetime.now(UTC) - timedelta(minutes=12) + timedelta(seconds=6 * n)
        stage.twilio.inbox.write(f"whatsapp:{citizen}", SENDER, words, at)
        said.setdefault(f"whatsapp:{citizen}", []).append(words)
    assert post(stage.port, whatsapp(stage.base_url, "+6281299999999", "tidak sampai")) == 0
    return said


def test_what_came_while_web_was_away_at_a_provider_that_does_not_try_again_is_taken(stage: Stage) -> None:
    stage.start("worker")
    web = stage.web()
    marks = "select value from position where channel = 'list:whatsapp'"
    wait_until(lambda: stage.rows(marks), 60)
    web.kill()
    web.wait()
    with psycopg.connect(plain_url(stage.database_url)) as connection:  # as if it had run for an hour
        connection.execute("update position set value = value - 3600")
    said = write_while_web_is_away(stage)
    stage.web()
    took = seconds_until(lambda: len(stage.rows("select from message where direction = 'in'")) >= AWAY, 120)
    assert stage.wrote() == said
    wait_until(lambda: len(stage.twilio.sent) >= AWAY, 60)
    assert stage.start("reconcile").wait(60) == 0
    assert stage.wrote() == said
    assert len(stage.twilio.sent) == AWAY
    figure("R16", f"{AWAY} messages taken {took:.1f} s after web answered again; a second run took none")
