"""How long staff wait for a search and for the figures with 1,000,000 tickets: python -m tests.bench.search.

The words are drawn as people use them: a few in every second report, most in hardly any. Every twentieth
ticket is open. Printed are p50 and p95 as waited for, each query made five times after one that warms up, and
the worst in processor time of the server, which does not depend on what else the machine does.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.care.searching import meant
from bot.house import House
from storage import figures, queries
from storage.postgres import attached
from tests.bench.growth import played
from tests.bench.meter import Meter
from tests.conftest import new_data_dir
from tests.house import SetClock, make_house

NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
AIM_MS = 100.0
TIMES = 5
QUERIES = (
    "jalan rusak,lampu mati,sampah menumpuk,banjir,air pdam keruh,pohon tumbang johar,trotoar ambles,"
    "trotaor ambles,lampu tugurejo,jalan rusak tugurejo,parkir liar pasar,kata01234,kata04999 jalan,"
    "kata00100 kata00200,selokan mampet,mranggen,#adipura,yang di dan,LAP-000500,000000777"
).split(",")
COORDINATOR = queries.Reader(0, "", "", frozenset({"coordinator"}), "")
OFFICER = queries.Reader(0, "", "", frozenset({"officer"}), "/PEMKOT/DPU/")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.search")
    asked.add_argument("--tickets", type=int, default=1_000_000)
    chosen = asked.parse_args()
    print(f"{os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    with new_data_dir() as folder, attached(folder) as url:
        make_house(url, folder).database.engine.dispose()
        with played(url, folder, clock=SetClock(NOW)) as house:
            fill(house, chosen.tickets)
            told(house)


def told(house: House) -> None:
    """All times, one line each."""
    meter = Meter(house.database.engine)
    for name, by in (("coordinator", COORDINATOR), ("officer", OFFICER)):
        for queue in ("open", "all"):
            tell(house, meter, f"{name}, {queue}", by, queue)
        panel(house, meter, name, by)
    meter.close()


def tell(house: House, meter: Meter, name: str, by: queries.Reader, queue: str) -> None:
    """One reader's times in one queue."""
    every: list[float] = []
    worst: list[tuple[float, str]] = []
    for typed in QUERIES:
        times = [timed(lambda typed=typed: search(house, by, queue, typed)) for _ in range(TIMES + 1)][1:]  # type: ignore[misc]
        every += times
        worst.append((max(times), typed))
    slow = ", ".join(f"{typed} {took:.0f}" for took, typed in sorted(worst, reverse=True)[:4])
    cut = statistics.quantiles(every, n=20)
    meter.forget()
    for typed in QUERIES:
        with meter.of(typed):
            search(house, by, queue, typed)
    cost, most = max((cost.ms, typed) for typed, cost in meter.each().items())
    told = f"p50 {statistics.median(every):.0f} ms, p95 {cut[-1]:.0f} ms (aim {AIM_MS:.0f})"
    told += f", most processor time {cost:.0f} ms ({most})"
    print(f"{name}: {told}; {slow}; load {os.getloadavg()[0]:.1f}", flush=True)


def panel(house: House, meter: Meter, name: str, by: queries.Reader) -> None:
    """What the pages of figures and the numbers beside the queues take, each twice: the second counts."""
    zone = NOW.tzinfo
    month = datetime(2026, 10, 1, tzinfo=zone), datetime(2026, 11, 1, tzinfo=zone)
    year = datetime(2025, 11, 1, tzinfo=zone), datetime(2026, 11, 1, tzinfo=zone)

    def figures_of(since: datetime, until: datetime) -> Callable[[], object]:
        return lambda: figures.of_period(tx, by, since, until, NOW, "Asia/Jakarta")

    with house.database.reading() as tx:
        asked: dict[str, Callable[[], object]] = {
            "figures of a month": figures_of(*month),
            "figures of a year": figures_of(*year),
            "wall": lambda: figures.of_now(tx, by, NOW.replace(hour=0), NOW, "Asia/Jakarta"),
            "counts of the queues": lambda: queries.queue_counts(tx, by, NOW),
        }
        for what, call in asked.items():
            timed(call)
            begun = meter.processor()
            took = timed(call)
            print(
                f"{name}, {what}: {took:.0f} ms, {meter.processor() - begun:.0f} ms of processor", flush=True
            )


def search(house: House, by: queries.Reader, queue: str, typed: str) -> int:
    """What the list page asks of the database for a search."""
    with house.database.reading() as tx:
        query = meant(tx, typed).query
        return len(queries.ticket_list(tx, by, queue=queue, now=NOW, search=query, limit=31))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def fill(house: House, tickets: int) -> None:
    """Tickets of five years with their history, words and tags."""
    begun = time.perf_counter()
    with house.database.transaction() as tx:
        for statement in _FILL:
            tx.execute(text(statement), {"tickets": tickets, "now": NOW, "days": timedelta(days=1)})
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    print(f"{tickets:,} tickets laid in {time.perf_counter() - begun:.0f} s", flush=True)


_TOPICS = (
    "jalan rusak berlubang|lampu jalan mati|sampah menumpuk bau|banjir selokan mampet|air pdam keruh mati|"
    "pohon tumbang|parkir liar pasar|trotoar ambles|jalan gelap lampu padam|pelayanan lambat antre"
)
_FILL = (
    """create temporary table made on commit drop as
       select n, :now - cast(:days as interval) * (1825.0 * (:tickets - n) / :tickets) as at,
              n % 20 = 0 as open,
              (string_to_array('TOPICS', '|'))[1 + cast(power(random(), 2) * 9 as int)]
              || ' sudah lama sekali '
              || 'kata' || lpad(cast(cast(power(random(), 3) * 5000 as int) as text), 5, '0') || ' '
              || 'kata' || lpad(cast(cast(power(random(), 2) * 20000 as int) as text), 5, '0') as words
       from generate_series(1, :tickets) n""".replace("TOPICS", _TOPICS),
    """insert into ticket (number, status, closed_how, kind, category, office_id, channel, text, place,
                           place_code,
                           created_at, filed_at, changed_at, due_at, external_number, rating)
       select lpad(cast(n as text), 9, '0'), case when open then (array['received', 'in_progress', 'waiting',
                  'forwarded', 'answered'])[1 + n / 20 % 5] else 'closed' end,
              case when open then '' else (array['confirmed', 'no_answer', 'withdrawn'])[1 + n % 3] end,
              'complaint', (array['jalan_rusak', 'penerangan_jalan', 'sampah_lingkungan'])[1 + n % 3], o.id,
              (array['whatsapp', 'telegram', 'sms'])[1 + n % 3], words, p.name || ' RT ' || n % 12, p.code,
              at, at, at + cast(:days as interval) * (n % 9), at + cast(:days as interval) * 14,
              case when n % 50 = 0 then 'LAP-' || lpad(cast(n as text), 6, '0') else '' end,
              case when n % 7 = 0 then 1 + n % 5 end
       from made
       join (select id, row_number() over (order by code) - 1 as place from office) o
            on o.place = n % (select count(*) from office)
       join (select code, name, row_number() over (order by code) - 1 as place from place) p
            on p.place = n % (select count(*) from place)
       order by n""",
    """insert into event (ticket_id, at, kind, status)
       select t.id, t.created_at + cast(:days as interval) * s.days, 'status', s.status from ticket t
       cross join (values (0, 'received'), (1, 'forwarded'), (3, 'in_progress'), (6, 'answered'))
           s (days, status)
       where t.status = 'closed' or s.days < 2 order by t.id""",
    "insert into ticket_tag (ticket_id, tag) select id, 'adipura' from ticket where id % 1000 = 0",
    """insert into term (word, times, letters)
       select word, 10 * count(*), length(word) from ticket, regexp_split_to_table(
           text || ' ' || lower(place), '[^a-z]+') word
       where length(word) between 4 and 24 and id % 10 = 0 group by word on conflict do nothing""",
    # As many different words as a city's citizens use.
    """insert into term (word, times, letters)
       select word, 3, length(word) from (
           select distinct translate(md5(cast(n as text)), '0123456789', 'aeiourstln') as long, 4 + n % 9 as l
           from generate_series(1, 60000) n) d, lateral (select left(long, l) as word) w
       on conflict do nothing""",
)


if __name__ == "__main__":
    main()
