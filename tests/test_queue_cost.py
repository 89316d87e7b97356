"""What staff's queues cost: pages touched, which follow the unfinished tickets and not the finished ones."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from bot.house import House
from panel import charts
from storage import queries
from tests.house import make_house

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LIVE, FEW, MANY = 300, 3_000, 30_000
EVERYBODY = queries.Reader(0, "", "", frozenset({"coordinator"}), "")
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    made = make_house(city_database, tmp_path)
    yield made
    made.database.engine.dispose()


# Every tenth asked for a person and was answered by nobody; each has a message.
_TICKETS = text(
    """with made as (
           insert into ticket (number, status, text, created_at, changed_at, due_at)
           select :prefix || n, (cast(:statuses as text[]))[1 + n % 3], 'jalan rusak', :now, :now, :now
           from generate_series(1, :count) n returning id),
       asked as (
           insert into event (ticket_id, at, kind)
           select id, :now, case when id % 10 = 0 then 'human' else 'filed' end from made)
       select count(*) from made"""
)


def tickets(tx: Connection, prefix: str, count: int, *statuses: str) -> None:
    values = {"prefix": prefix, "count": count, "statuses": list(statuses), "now": NOW}
    tx.execute(_TICKETS, values)


class _Asked(Exception):
    """The query that was about to be made."""


class _Listening:
    def execute(self, query: Any) -> None:
        raise _Asked(query)


def plan(house: House, queue: str) -> dict[str, Any]:
    """How PostgreSQL reads a page of a queue, the second time, when the catalogues are known."""
    with pytest.raises(_Asked) as asked:
        queries.ticket_list(_Listening(), EVERYBODY, queue=queue, now=NOW)  # type: ignore[arg-type]
    compiled = asked.value.args[0].compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    statement = f"explain (analyze, buffers, format json) {compiled}"
    with house.database.engine.connect() as tx:
        tx.exec_driver_sql(statement, compiled.params)
        (found,) = tx.exec_driver_sql(statement, compiled.params).scalar_one()
    return dict(found["Plan"])


def read_in_full(node: dict[str, Any]) -> set[str]:
    own = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    return own.union(*map(read_in_full, node.get("Plans", [])))


@pytest.mark.parametrize(
    "queue", ["open", "mine", "unassigned", "human", "overdue", "returned", "objected", "undelivered"]
)
def test_a_queue_costs_what_waits_in_it_however_much_is_finished(house: House, queue: str) -> None:
    touched = []
    with house.database.transaction() as tx:
        tickets(tx, "1", LIVE, "received", "in_progress", "waiting")
    for prefix, count in (("2", FEW), ("3", MANY - FEW)):
        with house.database.transaction() as tx:
            tickets(tx, prefix, count, "closed", "merged", "rejected")
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            tx.execute(text("vacuum analyze ticket, event"))
        done = plan(house, queue)
        assert not read_in_full(done) & {"ticket", "event", "message"}, done
        touched.append(done["Shared Hit Blocks"] + done["Shared Read Blocks"])
    # Of the finished ones only the numbers of those who ever asked for a person are read, side by side.
    assert touched[1] <= touched[0] + MANY / 100, touched


def test_the_counts_are_those_of_the_lists(house: House) -> None:
    with house.database.transaction() as tx:
        tickets(tx, "1", 30, "received", "draft", "waiting")
        tickets(tx, "2", 15, "closed", "merged", "rejected")
    with house.database.reading() as tx:
        counts = queries.queue_counts(tx, EVERYBODY, NOW)
        listed = {
            queue: len(queries.ticket_list(tx, EVERYBODY, queue=queue, now=NOW)) for queue in queries.QUEUES
        }
    assert counts == listed
    assert listed["human"] == 3 and listed["all"] == 45


def test_finished_reports_are_counted_as_far_as_anybody_wants_to_know(house: House) -> None:
    with house.database.transaction() as tx:
        tickets(tx, "1", 30, "received", "draft", "waiting")
        tickets(tx, "2", queries.MOST_COUNTED + 500, "closed", "merged", "rejected")
    with house.database.reading() as tx:
        counts = queries.queue_counts(tx, EVERYBODY, NOW)
    shown = {queue: charts.counted(counts, queue) for queue in ("open", "finished", "all")}
    assert shown == {"open": "20", "finished": "10.000+", "all": "10.030+"}
