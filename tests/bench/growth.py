"""What one message costs the database when it is empty, small, and full of years.

    python -m tests.bench.growth [--tickets 1000000] [--messages 5000000]

Citizens write, a worker claims and records, the provider sends receipts and staff open pages, all by the
product's own code on one connection. Pages touched and processor time of its server process count: neither
depends much on what else the machine does.
"""

import argparse
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from bot import inbound, outbound
from bot.channel import Inbound, Receipt
from bot.clock import Clock
from bot.delivery import claims, receipts
from bot.house import House
from bot.outbound import Outcome
from storage import queries
from storage.database import Bell, Database, plain_url
from storage.postgres import attached
from tests.bench.load import TROUBLES
from tests.bench.meter import Cost, Meter
from tests.bench.years import DISTRICT, OLD_CITIZENS, lay
from tests.conftest import new_data_dir
from tests.house import city, make_house

SMALL = (20_000, 100_000)  # three weeks of a large city: its indexes have a second level, as any real one's
WARM = 4  # citizens of each kind before the meter runs
HANDS = 16  # messages that a worker claims at once
EVERYBODY = queries.Reader(0, "", "", frozenset({"coordinator"}), "")
OFFICER = queries.Reader(0, "", "", frozenset({"officer"}), "/PEMKOT/DPU/")
ACCOUNT = "whatsapp:+6281170800001"
WORDS = ("story", "1", "CEK")
PANEL = "panel: "


@dataclass(frozen=True, slots=True)
class Level:
    """What things cost with so many reports and messages.

    Attributes:
        tickets: reports.
        messages: their messages.
        costs: of one turn, one message handed over, one receipt, one page of the panel.
        message: of a citizen's message with all that follows from it: its answer, the delivery, the receipts.
        touched: pages of each table and index for such a message.
        sizes: of each table: rows, bytes, bytes of its indexes.
    """

    tickets: int
    messages: int
    costs: dict[str, Cost]
    message: Cost
    touched: dict[str, float]
    sizes: dict[str, tuple[int, int, int]]


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    asked.add_argument("--tickets", type=int, default=1_000_000)
    asked.add_argument("--messages", type=int, default=5_000_000)
    chosen = asked.parse_args()
    print(f"{os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    with new_data_dir() as folder, attached(folder) as url:
        tell(measure(url, chosen.tickets, chosen.messages))


def measure(url: str, tickets: int, messages: int) -> list[Level]:
    """What a message costs in a city with nothing, in a small one, and with so many reports and messages.

    Args:
        url: a database of its own, with tables or without: all that is in them is thrown away.
        tickets: reports of the largest city.
        messages: its messages.

    Returns:
        A level of each size, the smallest first.
    """
    small = (min(SMALL[0], tickets), min(SMALL[1], messages))
    found = []
    with tempfile.TemporaryDirectory() as folder, played(url, Path(folder)) as house:
        for size in sorted({(0, 0), small, (tickets, messages)}):
            begun = time.monotonic()
            with psycopg.connect(plain_url(url), autocommit=True) as connection:
                lay(connection, *size, lookups(house))
            print(f"{size[0]:,} and {size[1]:,} laid in {time.monotonic() - begun:.0f} s", flush=True)
            found.append(level(house, *size))
    return found


def level(house: House, tickets: int, messages: int) -> Level:
    """What things cost in the tables as they are."""
    meter = Meter(house.database.engine)
    play(house, meter, range(WARM))
    staff(house, meter)
    meter.forget()
    before = meter.by_relation()
    play(house, meter, range(WARM, OLD_CITIZENS))
    after = meter.by_relation()
    turns = (OLD_CITIZENS - WARM) * 2 * len(WORDS)
    spent = meter.whole().values()
    message = Cost(sum(one.pages for one in spent) / turns, sum(one.ms for one in spent) / turns)
    touched = {name: (pages - before.get(name, 0)) / turns for name, pages in after.items()}
    staff(house, meter)
    found = Level(tickets, messages, meter.each(), message, touched, sizes(meter))
    meter.close()
    return found


def play(house: House, meter: Meter, citizens: range) -> None:
    """Each number is a citizen who wrote before, if anybody did, and one who did not."""
    for n in citizens:
        for who, address in (("known", phone(n)), ("new", phone(1_000_000 + secrets.randbelow(90_000_000)))):
            for words in WORDS:
                with meter.of(f"{who} citizen: {words}"):
                    say(house, address, story(n) if words == "story" else words)
    while batch := _claimed(house, meter):
        with meter.of("record", len(batch)), house.database.transaction() as tx:
            sent = [
                Outcome(one.id, one.conversation_id, "sent", f"SM{secrets.token_hex(16)}") for one in batch
            ]
            outbound.record(tx, 1, sent)
        for one in batch:
            with meter.of("delivered"):
                receive(house, Receipt("whatsapp", "delivered", one.id))
            with meter.of("read"):
                receive(house, Receipt("whatsapp", "read", one.id))


def _claimed(house: House, meter: Meter) -> list[claims.Outgoing]:
    with meter.of("claim", HANDS), house.database.transaction() as tx:
        return claims.claim(tx, worker=1, limit=HANDS, channels={"whatsapp": HANDS}, reporting=["whatsapp"])


def _sent(one: claims.Outgoing) -> Outcome:
    return Outcome(one.id, one.conversation_id, "sent", f"SM{secrets.token_hex(16)}")


def lookups(house: House) -> list[bytes]:
    """By what the citizens who wrote before are known."""
    return [house.database.keys.index("whatsapp", phone(n)) for n in range(OLD_CITIZENS)]


def phone(n: int) -> str:
    """The address of a citizen."""
    return f"whatsapp:+62812{n:08}"


def story(n: int) -> str:
    """Something new, in a district where others told of other things."""
    near = [one.name for one in city().places.values() if one.code.startswith(f"{DISTRICT}.")]
    return f"{TROUBLES[n % len(TROUBLES)]} di Kelurahan {near[n % len(near)]}, tolong diperbaiki"


def say(house: House, address: str, words: str) -> None:
    """A message of a citizen comes in."""
    key = f"SM{secrets.token_hex(16)}"
    event = Inbound("whatsapp", ACCOUNT, key, address, text=words, name="Warga", raw="x" * 400)
    assert inbound.receive(house, event) == "taken"


def receive(house: House, receipt: Receipt) -> None:
    """The provider tells what became of a message."""
    with house.database.transaction() as tx:
        assert receipts.note_receipt(tx, house, receipt)


def staff(house: House, meter: Meter) -> None:
    """The panel's pages as far as they read the database."""
    now = house.clock.now()
    for who, by in (("coordinator", EVERYBODY), ("officer", OFFICER)):
        for queue in ("open", "overdue", "all"):
            with meter.of(f"{PANEL}{queue}, {who}"), house.database.reading() as tx:
                rows = queries.ticket_list(tx, by, queue=queue, now=now, limit=31)
        with meter.of(f"{PANEL}counts, {who}"), house.database.reading() as tx:
            queries.queue_counts(tx, by, now)
    for row in rows:
        with meter.of(f"{PANEL}one report"), house.database.reading() as tx:
            queries.one_ticket(tx, EVERYBODY, row["number"])
            queries.ticket_messages(tx, row["id"])
            queries.ticket_events(tx, row["id"])


def sizes(meter: Meter) -> dict[str, tuple[int, int, int]]:
    """Of each large table: rows, bytes, bytes of its indexes."""
    return {name: (rows, whole, indexes) for name, rows, whole, indexes in meter.aside.execute(_SIZES)}


_SIZES = """select relname::text, n_live_tup, pg_total_relation_size(relid), pg_indexes_size(relid)
            from pg_stat_user_tables where n_live_tup > 1000 order by 3 desc"""


class Silent(Bell):
    """Rings for nobody: the bell has a connection of its own and is no part of a turn."""

    def ring(self) -> None:
        """Do nothing."""


@contextmanager
def played(url: str, folder: Path, clock: Clock | None = None) -> Iterator[House]:
    """The product on one connection."""
    house = make_house(url, folder, clock=clock)
    engine = create_engine(url, pool_size=1, max_overflow=0)
    alone = Database(engine, house.database.keys, Silent(plain_url(url)))
    yield House(**{name: getattr(house, name) for name in House.__slots__} | {"database": alone})
    engine.dispose()
    house.database.engine.dispose()


def tell(levels: list[Level]) -> None:
    """A table: a column for each size, and what the largest costs more than the smaller ones."""
    heads = [f"{one.tickets:,}/{one.messages:,}" for one in levels]
    print(f"{'pages touched; ms of processor':38}" + "".join(f"{head:>24}" for head in heads))
    for name in levels[0].costs:
        _line(name, [one.costs[name] for one in levels])
    _line("a message and all that follows", [one.message for one in levels])
    for before in levels[:-1]:
        more = (
            levels[-1].message.pages / before.message.pages - 1,
            levels[-1].message.ms / before.message.ms - 1,
        )
        print(f"against {before.tickets:,} reports: {more[0]:+.0%} pages, {more[1]:+.0%} processor")
    small, full = levels[-2].touched, levels[-1].touched
    for name in sorted(full, key=lambda one: small.get(one, 0.0) - full[one])[:12]:
        print(f"  {name:36} {small.get(name, 0.0):6.2f} -> {full[name]:6.2f} pages a message")
    for name, (rows, whole, indexes) in levels[-1].sizes.items():
        print(
            f"  {name:36} {rows:>10,} rows {whole / 2**20:>8,.0f} MB, {indexes / 2**20:,.0f} MB of it indexes"
        )


def _line(name: str, costs: list[Cost]) -> None:
    print(f"{name:38}" + "".join(f"{cost.pages:>14.1f}; {cost.ms:8.2f}" for cost in costs))


if __name__ == "__main__":
    main()
