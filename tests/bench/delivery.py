"""Delivery: how fast workers hand messages over. Part of `python -m tests.bench`.

Real `worker` processes, SMS by the Kannel adapter to a gateway on loopback that answers after 20 ms, 800
chats. One worker and two, each without and with a backlog of 100,000 messages of other chats whose turn is in
an hour. Prints messages a second and the processor time that each took.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import text

from storage.database import Database, plain_url
from storage.keys import make_keys, parse_keys
from tests.bench.standing import Standing, ended, own_folder
from tests.drill_case import wait_until
from tests.house import ROOT, make_house
from tests.towns import new_database

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


def measure(here: Standing, messages: int, hands: int) -> None:
    """On tables of its own; `hands` is SEND_CONCURRENCY of each worker."""
    with new_database(here.server) as url, gateway() as port:
        env = here.stage.env | {"DATABASE_URL": url, "DATA_KEYS": make_keys(), "SEND_CONCURRENCY": str(hands)}
        env = {name: value for name, value in env.items() if not name.startswith(("TWILIO_", "TELEGRAM_"))}
        env |= {"KANNEL_SENDSMS_URL": f"http://127.0.0.1:{port}/cgi-bin/sendsms", "KANNEL_USERNAME": "lapor"}
        env |= {"KANNEL_PASSWORD": "sandi", "KANNEL_CALLBACK_SECRET": "rahasia"}
        house = make_house(url, here.stage.folder, data_keys=env["DATA_KEYS"])
        people(house.database, env["DATA_KEYS"])
        print(f"delivery  {CHATS} chats, a provider that takes 20 ms, {hands} in hand", flush=True)
        free = [rate(house.database, env, n, messages) for n in (1, 2)]
        with house.database.transaction() as tx:
            tx.execute(text(LATER), {"n": BACKLOG})
        full = [rate(house.database, env, n, messages) for n in (1, 2)]
        house.database.engine.dispose()
    here.raw.take()
    for n, (quick, slow) in enumerate(zip(free, full, strict=True), 1):
        print(
            f"          {n} worker(s): {slow / quick - 1:+.0%} with {BACKLOG:,} waiting (aim: -20 % at most)"
        )
    print(f"          two workers: {free[1] / free[0]:.2f} x one; one is {here.raw.share(free[0])}")
    print(f"          aim: {AIM:.0f}/s with one worker", flush=True)


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
        ended(running)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with psycopg.connect(plain_url(env["DATABASE_URL"])) as connection:
        ((speed,),) = connection.execute(SPEED, [last, WARM]).fetchall()
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / messages
    print(
        f"          {workers} worker(s): {float(speed):.0f} messages/s; {spent * 1000:.2f} ms of processor a "
        f"message in workers; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return float(speed)


def own(env: dict[str, str], n: int) -> dict[str, str]:
    """Each worker on a folder of its own, as on a machine of its own."""
    return env | {"DATA_DIR": str(own_folder(f"worker{n}", Path(env["DATA_DIR"])))}


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
