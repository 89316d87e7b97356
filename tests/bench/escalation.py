"""How long the periodic pass takes over 100,000 open tickets of 50 offices: python -m tests.bench.escalation.

The dates lie between 15 working days ago and 15 ahead, so that the first pass finds every step; each ticket
has the history of a report that is worked on. Printed are the first pass, which finds a backlog of weeks, one
at once after it, and that of the next morning.
"""

import argparse
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.care import escalation, ombudsman
from bot.house import House
from panel.staff import add_staff
from storage.postgres import attached
from tests.conftest import new_data_dir
from tests.house import SetClock, make_house

NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
AIM_SECONDS = 10.0
STAFF = (
    ("koordinator", "coordinator", None),
    ("pimpinan", "supervisor", None),
    ("sekda", "officer", "PEMKOT"),
)
GATEWAY: dict[str, Any] = {  # nobody is there: messages are drawn and put into the outbox, not sent
    "kannel_sendsms_url": "http://127.0.0.1:9/cgi-bin/sendsms",
    "kannel_username": "bench",
    "kannel_password": "bench-bench",
    "kannel_callback_secret": "bench-bench-bench",
}


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.escalation")
    asked.add_argument("--tickets", type=int, default=100_000)
    asked.add_argument("--offices", type=int, default=50)
    chosen = asked.parse_args()
    print(f"{os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    with new_data_dir() as folder, attached(folder) as url:
        clock = SetClock(NOW)
        house = make_house(url, folder, clock=clock, **GATEWAY)
        hire(house, chosen.offices)
        fill(house, chosen.tickets, chosen.offices)
        for name, days in (("first", 0), ("idle", 0), ("next day's", 1)):
            clock.moment = NOW + timedelta(days=days)
            steps = timed(f"{name} pass, staff", lambda: escalation.escalate(house))
            told = timed(f"{name} pass, citizens", lambda: ombudsman.tell(house))
            print(f"{name} pass: {steps} steps, {told} citizens, {count(house, 'notice')} notices in all")
        house.database.engine.dispose()


def timed(name: str, call: Callable[[], int]) -> int:
    """Call it and print how long it took."""
    begun = time.perf_counter()
    found = call()
    print(f"{name}: {time.perf_counter() - begun:.2f} s (aim: below {AIM_SECONDS:.0f} s)", flush=True)
    return found


def hire(house: House, offices: int) -> None:
    """An officer and a head in every office, and who is above them."""
    for name, role, office in STAFF:
        add_staff(house, f"{name}@kota.test", role, office, "kata-sandi-uji")
    with house.database.reading() as tx:
        codes = tx.scalars(_OFFICES, {"offices": offices}).all()
    for code in codes:
        for name in ("petugas", "kepala"):
            add_staff(house, f"{name}.{code.lower()}@kota.test", "officer", code, "kata-sandi-uji")
    with house.database.transaction() as tx:
        tx.execute(text("update staff set head = email like 'kepala%'"))


_OFFICES = text("select code from office where code <> 'PEMKOT' order by code limit :offices")


def fill(house: House, tickets: int, offices: int) -> None:
    """Tickets at work, each with a chat of its own and five lines of history."""
    values = {"tickets": tickets, "offices": offices, "now": NOW}
    with house.database.transaction() as tx:
        for statement in _FILL:
            tx.execute(text(statement), values)
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


_FILL = (
    "insert into person (language) select 'id' from generate_series(1, :tickets)",
    """insert into address (person_id, channel, lookup, sealed)
       select id, 'sms', convert_to(cast(id as text), 'UTF8'), 'x' from person""",
    """insert into conversation (channel, account, address_id, language)
       select 'sms', '1708', id, 'id' from address""",
    """insert into ticket (number, status, kind, category, office_id, conversation_id, channel, text, place,
                           created_at, filed_at, changed_at, due_at)
       select lpad(cast(c.id as text), 9, '0'), 'in_progress', 'complaint', 'jalan_rusak', o.id, c.id, 'sms',
              'jalan rusak', 'Sekayu', :now, :now, :now,
              date_trunc('day', cast(:now as timestamptz)) + interval '23:59:59'
                  + make_interval(days => cast(c.id % 43 as int) - 21)
       from conversation c
       join (select id, row_number() over (order by code) - 1 as place from office
             where code <> 'PEMKOT' order by code limit :offices) o on o.place = c.id % :offices""",
    """insert into event (ticket_id, at, kind, status)
       select t.id, :now, 'status', 'in_progress' from ticket t cross join generate_series(1, 5)""",
)


def count(house: House, table: str) -> int:
    """Rows of a table."""
    with house.database.reading() as tx:
        return int(tx.execute(text(f"select count(*) from {table}")).scalar_one())


if __name__ == "__main__":
    main()
