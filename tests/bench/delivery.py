"""How fast workers hand messages over: `python -m tests.bench.delivery [--messages 24000] [--hands 64]`.

Real `worker` processes on a fresh embedded PostgreSQL, SMS by the Kannel adapter to a gateway on loopback
that answers after 20 ms, 800 chats. One worker and two, each without and with a backlog of 100,000 messages
of other chats whose turn is in an hour. Prints messages a second and the processor time that each took.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import text

from storage.database import Database, plain_url
from storage.keys import make_keys, parse_keys
from storage.postgres import attached
from tests.conftest import new_data_dir
from tests.drill_case import OUR_SETTINGS, wait_until
from tests.house import ROOT, make_house

CHATS, LATENCY, BACKLOG = 800, 0.020, 100_000
WARM = 0.4  # of the messages, until a worker has earned its hands: docs/adr/0005
AIM = 1_500.0
TO_SEND = """insert into message (conversation_id, direction, state, text, payload, created_at)
             select c.id, 'out', 'waiting', 'Laporan Anda diteruskan.',
                    '{"text": "Laporan Anda diteruskan.\\n123456782"}', now()
             from conversation c, generate_series(1, :each) where c.account = '1708' order by 1"""
WAKE = "update conversation set out_due_at = now(), out_priority = 1 where account = '1708'"
LATER = """with p as (insert into person (language) select '' from generate_series(1, :n) returning id),
     a as (insert into address (person_id, channel, lookup, sealed)
           select id, 'sms', decode(md5(id::text), 'hex'), '' from p returning id),
     c as (insert into conversation (channel, account, address_id, out_due_at, out_priority)
           select 'sms', 'later', id, now() + interval '1 hour', (array[0, 1, 5])[1 + id % 3]
           from a returning id)
 insert into message (conversation_id, direction, state, text, payload, created_at, due_at)
 select id, 'out', 'waiting', 'nanti', '{"text": "nanti"}', now(), now() + interval '1 hour' from c"""
# Messages a second while the workers were at full speed and still had enough to do.
SPEED = """select count(*) / extract(epoch from max(sent_at) - min(sent_at)) from (
             select sent_at, percent_rank() over (order by sent_at) as share from message
             where id > %s and state = 'sent') as timed where share between %s and 0.95"""


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.delivery")
    asked.add_argument("--messages", type=int, default=24_000)
    asked.add_argument("--hands", type=int, default=64, help="SEND_CONCURRENCY of each worker")
    chosen = asked.parse_args()
    print(f"{os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}; {chosen.hands} in hand", flush=True)
    with new_data_dir() as folder, attached(folder) as url, gateway() as port:
        env = {name: value for name, value in os.environ.items() if not OUR_SETTINGS.match(name)}
        env |= {"DATABASE_URL": url, "DATA_DIR": str(folder), "DATA_KEYS": make_keys()}
        env |= {"KANNEL_SENDSMS_URL": f"http://127.0.0.1:{port}/cgi-bin/sendsms", "KANNEL_USERNAME": "lapor"}
        env |= {"KANNEL_PASSWORD": "sandi", "KANNEL_CALLBACK_SECRET": "rahasia"}
        env |= {"SEND_CONCURRENCY": str(chosen.hands)}
        house = make_house(url, folder, data_keys=env["DATA_KEYS"])
        people(house.database, env["DATA_KEYS"])
        rates = [rate(house.database, env, n, chosen.messages) for n in (1, 2)]
        with house.database.transaction() as tx:
            tx.execute(text(LATER), {"n": BACKLOG})
        behind = [rate(house.database, env, n, chosen.messages) for n in (1, 2)]
        house.database.engine.dispose()
    for n, (free, full) in enumerate(zip(rates, behind, strict=True), 1):
        print(f"{n} worker(s): {full / free - 1:+.0%} with {BACKLOG:,} waiting")
    print(f"two workers: {rates[1] / rates[0]:.2f} x one; aim: {AIM:.0f}/s with one, at most -20 %")


def people(database: Database, keys: str) -> None:
    """The chats, each with an address of its own."""
    with database.transaction() as tx:
        for n in range(CHATS):
            number = f"+62811{n:07}"
            sealing = parse_keys(keys)
            values = {"lookup": sealing.index("sms", number), "sealed": sealing.seal(number)}
            tx.execute(text(PERSON), values)


PERSON = """with p as (insert into person (language) values ('') returning id),
     a as (insert into address (person_id, channel, lookup, sealed)
           select id, 'sms', :lookup, :sealed from p returning id)
 insert into conversation (channel, account, address_id) select 'sms', '1708', id from a"""


def rate(database: Database, env: dict[str, str], workers: int, messages: int) -> float:
    """Messages a second of so many workers; prints them with the processor time."""
    with database.transaction() as tx:
        last = tx.scalar(text("select coalesce(max(id), 0) from message"))
        tx.execute(text(TO_SEND), {"each": messages // CHATS})
        tx.execute(text(WAKE))
    with psycopg.connect(plain_url(env["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute("vacuum analyze")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    argv = [sys.executable, "app.py", "worker"]
    running = [subprocess.Popen(argv, cwd=ROOT, env=own(env, n)) for n in range(workers)]
    waits = text(
        "select 1 from message where id > :last and state <> 'sent' and direction = 'out' "
        "and text <> 'nanti' limit 1"
    )
    try:
        wait_until(lambda: not scalar(database, waits, last=last), 300)
    finally:
        end(running)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with psycopg.connect(plain_url(env["DATABASE_URL"])) as connection:
        ((speed,),) = connection.execute(SPEED, [last, WARM]).fetchall()
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / messages
    print(
        f"{workers} worker(s): {float(speed):.0f} messages/s; {spent * 1000:.2f} ms of processor a message "
        f"in workers; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return float(speed)


def own(env: dict[str, str], n: int) -> dict[str, str]:
    """Each worker on a folder of its own, as on a machine of its own."""
    folder = Path(env["DATA_DIR"]) / f"worker{n}"
    folder.mkdir(exist_ok=True)
    return env | {"DATA_DIR": str(folder)}


def end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(20)


def scalar(database: Database, query: object, **values: object) -> object:
    """The first value that a query finds."""
    with database.reading() as tx:
        return tx.scalar(query, values)  # type: ignore[call-overload]


@contextmanager
def gateway() -> Iterator[int]:
    """The stand-in, for as long as the block runs; gives its port."""
    argv = [sys.executable, "-m", "tests.bench.sendsms", str(LATENCY)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    main()
