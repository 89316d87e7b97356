"""What it costs to look for reports of the same thing: pages touched, whatever the machine's mood."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from bot.care import twins
from bot.house import House
from bot.workflow import OPEN
from storage import likes
from storage.likes import Around, Sought
from tests.house import make_house

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FEW, MANY, OF_LATE = 2_000, 20_000, 2_000
STORY, PLACE = "lampu penerangan jalan mati sudah seminggu, gelap sekali", "Jalan Pemuda, Kelurahan Sekayu"
SEKAYU = "33.74.01.1007"
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    made = make_house(city_database, tmp_path)
    yield made
    made.database.engine.dispose()


# Every twentieth report is about a lamp; they come from all over sixteen districts.
_REPORTS = text(
    """insert into ticket (number, status, category, text, place, place_code, created_at, changed_at)
       select :prefix || n, (array['received', 'in_progress', 'closed', 'answered'])[1 + n % 4],
              'penerangan_jalan',
              case when n % 20 = 0 then 'lampu jalan mati ' else 'perkara' || n % 20 end || ' nomor ' || n,
              'Jalan ' || md5((n % 997)::text) || ', Kelurahan ' || md5((n % 177)::text),
              '33.74.' || lpad((1 + n % 16)::text, 2, '0') || '.1007',
              cast(:newest as timestamptz) - n * cast(:apart as interval), cast(:newest as timestamptz)
       from generate_series(1, :count) n"""
)


def report(tx: Connection, prefix: str, count: int, newest: datetime, apart: timedelta) -> None:
    tx.execute(_REPORTS, {"prefix": prefix, "count": count, "newest": newest, "apart": apart})


def plan(house: House) -> dict[str, Any]:
    """How PostgreSQL goes about it, with what it touches; the second time, when the catalogues are known."""
    words = twins.words_of(STORY, PLACE, "Kota Semarang")
    query = likes.like(Sought(words, NOW - twins.WINDOW, Around(twins.district_of(SEKAYU)), OPEN))
    compiled = query.compile(dialect=DIALECT)
    asked = compiled.construct_expanded_state(compiled.params)
    statement = f"explain (analyze, buffers, format json) {asked.statement}"
    with house.database.engine.connect() as tx:
        tx.exec_driver_sql(statement, asked.parameters)
        (found,) = tx.exec_driver_sql(statement, asked.parameters).scalar_one()
    return dict(found["Plan"])


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", []):
        yield from nodes(part)


def test_the_search_reads_the_index_and_the_last_weeks_however_many_reports_there_are(house: House) -> None:
    touched = {}
    with house.database.transaction() as tx:
        report(tx, "1", OF_LATE, NOW, timedelta(minutes=20))
    for count in (FEW, MANY - FEW):
        with house.database.transaction() as tx:
            report(tx, f"2{count}", count, NOW - timedelta(days=31), timedelta(minutes=20))
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            tx.execute(text("vacuum analyze ticket"))
        done = plan(house)
        used = {node.get("Index Name") for node in nodes(done)}
        assert not [
            node
            for node in nodes(done)
            if node.get("Relation Name") == "ticket" and node["Node Type"] == "Seq Scan"
        ]
        touched[count] = done["Shared Hit Blocks"] + done["Shared Read Blocks"]
        assert used & {"ix_ticket_words", "ix_ticket_open_words", "ix_ticket_open_place"}, done
    assert touched[MANY - FEW] <= 2 * touched[FEW], touched


def test_what_is_found_is_of_these_weeks_and_this_district(house: House) -> None:
    with house.database.transaction() as tx:
        report(tx, "1", OF_LATE, NOW, timedelta(hours=1))
        report(tx, "2", FEW, NOW - timedelta(days=31), timedelta(minutes=20))
    query = likes.like(Sought(["lampu"], NOW - twins.WINDOW, Around("33.74.01"), OPEN))
    with house.database.reading() as tx:
        rows = tx.execute(query).mappings().all()
    assert rows and all(row["place_code"].startswith("33.74.01.") for row in rows)
    assert all("lampu" in row["text"] and row["number"].startswith("1") for row in rows)
    assert {row["status"] for row in rows} <= set(OPEN) and len(rows) <= likes.MOST
