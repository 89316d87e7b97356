"""R17: what lies for five minutes is alarmed, tried again and sent."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import plain_url
from tests.drill_case import Stage, answers, post_until_taken, staged, wait_until, whatsapp
from tests.drills.ledger import UNSENT, figure, timed

pytestmark = [pytest.mark.drill, pytest.mark.timeout(400)]
COUNT = 50


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def test_what_lies_for_five_minutes_is_alarmed_and_goes_out(stage: Stage) -> None:
    """Answers that nothing announces any more, as after a fault of ours, and events that failed once."""
    stage.web()
    for n in range(COUNT):
        what = whatsapp(stage.base_url, f"+62818{n:08}", f"CEK {n:09}")
        post_until_taken(stage.port, what)
    with psycopg.connect(plain_url(stage.database_url)) as connection:
        connection.execute("update message set created_at = now() - interval '6 minutes'")
        connection.execute("update conversation set out_due_at = null")
    assert len(stage.rows(UNSENT)) == COUNT
    worker = stage.start("worker")
    log = stage.folder / "worker.log"
    wait_until(lambda: answers(stage.port, "/readyz"), 60)
    ready = time.monotonic()
    alarmed = timed(lambda: "waits for more than five minutes" in log.read_text(), 90)
    sent = timed(lambda: not stage.rows(UNSENT), 60)
    assert len(stage.twilio.sent) == COUNT and worker.poll() is None
    figure(
        "R17",
        f"{COUNT} forgotten answers: alarm {alarmed:.1f} s after the worker was ready, all sent "
        f"{time.monotonic() - ready:.1f} s after ({sent:.1f} s after the alarm)",
    )
