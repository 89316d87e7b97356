"""Two machines, one database by TCP: what a machine held that is cut off, and who polls in its place."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from storage.database import open_database
from storage.keys import parse_keys
from tests.conftest import new_data_dir
from tests.drill_case import wait_until, whatsapp
from tests.drills.ledger import figure
from tests.drills.site import AWAY, BACK, WORKING, Site, site
from tests.processes import seconds_until

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
TWILIO_WAITS = (
    15.0  # seconds. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
)


@pytest.fixture
def whole() -> Iterator[Site]:
    with new_data_dir() as folder, site(folder) as made:
        yield made


# --- what a cut machine holds ------------------------------------------------------------------------------
def held_on(whole: Site, machine: str) -> Connection:
    """A connection of that machine's, in the middle of a turn of every chat, with a lock of its own."""
    with whole.machines.inside(machine):
        database = open_database(whole.database_url, parse_keys(whole.env["DATA_KEYS"]))
        held = database.engine.connect()
        held.execute(text("select 1 from conversation for update"))
        held.scalar(text("select pg_try_advisory_lock(1708)"))
    return held


def test_what_a_cut_machine_had_locked_is_free_before_a_provider_gives_up(whole: Site) -> None:
    whole.on("a", "web")
    wait_until(lambda: whole.reaches("a"), 90)
    citizen = "+6281234567890"
    assert whole.tell(whatsapp(whole.base_url, citizen, "halo"), "a") == 204
    held = held_on(whole, "b")
    whole.machines.cut("b", "back")
    cut = time.monotonic()
    with ThreadPoolExecutor(1) as provider:
        again = provider.submit(whole.tell, whatsapp(whole.base_url, citizen, "halo lagi"), "a", 100.0)
        locked = "select from pg_locks where locktype = 'advisory' and objid = 1708"
        took = seconds_until(lambda: not whole.rows(locked), 100)
        status = again.result()
    waited = time.monotonic() - cut
    held.invalidate()
    figure("two machines", f"locks of a cut machine free {took:.1f} s after the cut, its chat {waited:.1f} s")
    assert status == 204
    assert waited < TWILIO_WAITS


# --- who asks Telegram -------------------------------------------------------------------------------------
OWNER = """select host(a.client_addr) from pg_locks l join pg_stat_activity a using (pid)
           where l.locktype = 'advisory' and l.objid = 17080002 and l.granted"""


def test_when_the_machine_that_asks_telegram_is_cut_off_the_other_asks(whole: Site) -> None:
    whole.start_all("worker", TELEGRAM_MODE="polling")
    wait_until(lambda: whole.rows(OWNER), 60)
    addresses = {whole.machines.address(name, "back"): name for name in WORKING}
    first = addresses[whole.rows(OWNER)[0][0]]
    other = "b" if first == "a" else "a"
    whole.bot.push_text(42, "halo")
    wait_until(lambda: len(whole.bot.sent) == 1, 60)
    for network in ("front", "back"):
        whole.machines.cut(first, network)
    number = whole.bot.push_text(42, "BANTUAN")
    there = [(whole.machines.address(other, "back"),)]
    took = seconds_until(lambda: whole.rows(OWNER) == there, 100)
    taken = took + seconds_until(lambda: len(whole.bot.sent) == 2, 100)
    whole.wait_said(f"worker-{first}", AWAY)
    for network in ("front", "back"):
        whole.machines.join(first, network)
    whole.wait_said(f"worker-{first}", BACK)
    whole.bot.push_text(42, "CEK 000000000")
    wait_until(lambda: len(whole.bot.sent) == 3, 60)
    said = f"other machine asks Telegram {took:.1f} s after the cut, answer {taken:.1f} s after it"
    figure("two machines", said)
    assert number
    assert whole.rows(OWNER) == there
    assert whole.rows("select count(*) from message where direction = 'in'") == [(3,)]
