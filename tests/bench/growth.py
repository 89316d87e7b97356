"""What one message costs the database when the tables are empty, and when they are full.

    python -m tests.bench.growth [--tickets 1000000] [--messages 5000000]

Loads years of reports by insert-select, then explains every statement of three turns with
its own values. Pages touched say what grows, whatever else the machine does; milliseconds are the server's.
"""

import argparse
import json
import re
import time
from typing import Any

import psycopg

from storage.database import plain_url
from storage.keys import make_keys
from storage.postgres import attached
from tests.bench.recording import Step, record
from tests.conftest import new_data_dir
from tests.house import make_house

FIRST = 200_000_000  # ids of what is loaded lie above those of the recording


def main() -> None:
    """Measure, load, measure again, print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    asked.add_argument("--tickets", type=int, default=1_000_000)
    asked.add_argument("--messages", type=int, default=5_000_000)
    chosen = asked.parse_args()
    with new_data_dir() as folder, attached(folder) as url:
        steps = record(url, folder, make_keys())
        make_house(url, folder).database.engine.dispose()
        with psycopg.connect(plain_url(url), autocommit=True) as connection:
            empty = measure(connection, steps)
            begun = time.monotonic()
            fill(connection, chosen.tickets, chosen.messages)
            print(f"loaded in {time.monotonic() - begun:.0f} s", flush=True)
            full = measure(connection, steps)
    tell(empty, full)


def fill(connection: psycopg.Connection[Any], tickets: int, messages: int) -> None:
    """Reports of three years, five messages each; one in a hundred is unfinished; each citizen has ten."""
    people = max(tickets // 10, 1)
    values = {"first": FIRST, "people": people, "tickets": tickets, "messages": messages}
    values["each"] = max(messages // tickets, 1)
    for name, statement in FILL:
        begun = time.monotonic()
        connection.execute(statement.encode(), values)
        print(f"  {name}: {time.monotonic() - begun:.0f} s", flush=True)
    connection.execute("vacuum analyze")


PERIOD = "now() - interval '3 years' * (1 - n::float8 / %(tickets)s)"
FILL = (
    (
        "person",
        "insert into person (id) overriding system value "
        "select %(first)s + n from generate_series(1, %(people)s) n",
    ),
    (
        "address",
        "insert into address (id, person_id, channel, lookup, sealed) overriding system value "
        "select %(first)s + n, %(first)s + n, 'whatsapp', sha256(n::text::bytea), sha256(n::text::bytea) "
        "from generate_series(1, %(people)s) n",
    ),
    (
        "conversation",
        "insert into conversation (id, channel, account, address_id) overriding system value "
        "select %(first)s + n, 'whatsapp', 'whatsapp:+6281170800001', %(first)s + n "
        "from generate_series(1, %(people)s) n",
    ),
    (
        "ticket",
        "insert into ticket (id, number, status, closed_how, category, office_id, person_id, "
        "conversation_id, channel, text, place, place_code, created_at, filed_at, changed_at, due_at) "
        "overriding system value "
        "select %(first)s + n, 'L' || n, case when n %% 100 = 0 then 'received' else 'closed' end, "
        "case when n %% 100 = 0 then '' else 'confirmed' end, "
        "(select code from category order by code offset n %% 20 limit 1), "
        "(select id from office order by id offset n %% 20 limit 1), %(first)s + 1 + n %% %(people)s, "
        "%(first)s + 1 + n %% %(people)s, 'whatsapp', "
        "'lampu mati dan sampah nomor ' || n || ' dekat pasar ' || n %% 977, 'Jalan ' || n %% 5000, "
        f"'33.74.' || n %% 16, {PERIOD}, {PERIOD}, {PERIOD}, {PERIOD} + interval '5 days' "
        "from generate_series(1, %(tickets)s) n",
    ),
    (
        "event",
        "insert into event (ticket_id, at, kind, status) "
        "select id, created_at, 'filed', 'received' from ticket where id > %(first)s",
    ),
    (
        "message",
        "insert into message (conversation_id, ticket_id, direction, state, author, text, provider_id, "
        "created_at, sent_at) "
        "select t.conversation_id, t.id, case when k %% 2 = 0 then 'out' else 'in' end, "
        "case when k %% 2 = 0 then 'read' else 'received' end, "
        "case when k %% 2 = 0 then 'bot' else 'citizen' end, "
        "'pesan ' || k || ' tentang laporan ' || t.number, 'SMx' || t.id || '-' || k, "
        "t.created_at, t.created_at "
        "from ticket t, generate_series(1, %(each)s) k where t.id > %(first)s",
    ),
    (
        "seen",
        "insert into seen (channel, account, provider_id, at) "
        "select 'whatsapp', 'whatsapp:+6281170800001', 'SMy' || n, "
        "now() - interval '400 days' * (1 - n::float8 / %(messages)s) "
        "from generate_series(1, %(messages)s) n",
    ),
)


def measure(connection: psycopg.Connection[Any], steps: list[Step]) -> list[tuple[str, int, float]]:
    """Each statement explained, warm: its beginning, pages touched, milliseconds."""
    found = []
    for _ in range(2):  # the second time what it needs is in memory
        found = [explain(connection, step) for step in steps if step.statement]
    return found


def explain(connection: psycopg.Connection[Any], step: Step) -> tuple[str, int, float]:
    """Run it inside a transaction that is taken back."""
    values = step.values[0] if step.many else step.values
    name = " ".join(re.sub(r"%\(\w+\)s(::\w+)?", "?", step.statement).split())[:70]
    if not re.match(r"\s*(select|insert|update|delete|with)", step.statement, re.IGNORECASE):
        return name, 0, 0.0
    with connection.transaction(force_rollback=True):
        try:
            query = f"explain (analyze, buffers, format json) {step.statement}"
            row = connection.execute(query.encode(), values).fetchone()
        except psycopg.errors.IntegrityError:
            return name, 0, 0.0
    assert row
    (plan,) = row[0] if isinstance(row[0], list) else json.loads(row[0])
    pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return name, int(pages), float(plan["Planning Time"] + plan["Execution Time"])


def tell(empty: list[tuple[str, int, float]], full: list[tuple[str, int, float]]) -> None:
    """Both sums, and the statements that grew most."""
    pages = sum(one[1] for one in empty), sum(one[1] for one in full)
    took = sum(one[2] for one in empty), sum(one[2] for one in full)
    print(f"pages touched in three turns: {pages[0]} empty, {pages[1]} full ({_growth(*pages)})")
    print(f"server's milliseconds:        {took[0]:.1f} empty, {took[1]:.1f} full ({_growth(*took)})")
    grown = sorted(zip(empty, full, strict=True), key=lambda pair: pair[0][1] - pair[1][1])
    for before, after in grown[:8]:
        if after[1] > before[1]:
            print(
                f"  {before[1]:>5} -> {after[1]:>5} pages, {before[2]:.2f} -> {after[2]:.2f} ms  {after[0]}"
            )


def _growth(before: float, after: float) -> str:
    return f"{(after / before - 1) * 100:+.0f} %"


if __name__ == "__main__":
    main()
