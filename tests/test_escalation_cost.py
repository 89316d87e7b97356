"""What a pass over the dates costs: pages touched, which follow the open reports, not the finished ones."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.care import escalation, ombudsman
from bot.house import House
from tests.house import SetClock, make_house

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LIVE, FEW, MANY = 300, 3_000, 30_000
PASSES = {"escalation": escalation.escalate, "ombudsman": ombudsman.tell}


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    made = make_house(city_database, tmp_path, clock=SetClock(NOW))
    with made.database.transaction() as tx:
        tx.execute(_CHAT)
    yield made
    made.database.engine.dispose()


_CHAT = text(
    """with who as (insert into person (language) values ('') returning id),
            lives as (insert into address (person_id, channel, lookup, sealed)
                      select id, 'sms', 'x', 'x' from who returning id)
       insert into conversation (channel, account, address_id) select 'sms', '1708', id from lives"""
)
# All are past their date, and each has a history.
_TICKETS = text(
    """with made as (
           insert into ticket (number, status, text, conversation_id, created_at, changed_at, due_at)
           select :prefix || n, :status, 'jalan rusak', c.id, :now, :now,
                  cast(:now as timestamptz) - interval '90 days'
           from generate_series(1, :count) n, conversation c returning id)
       insert into event (ticket_id, at, kind) select id, :now, 'status' from made, generate_series(1, 4)"""
)


def tickets(house: House, prefix: str, status: str, count: int) -> None:
    with house.database.transaction() as tx:
        tx.execute(_TICKETS, {"prefix": prefix, "status": status, "count": count, "now": NOW})
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze ticket, event"))


def touched(house: House, name: str) -> int:
    """Pages that the one query of an idle pass reads, the second time, when the catalogues are known."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(house.database.engine, "before_cursor_execute", note)
    assert PASSES[name](house) == 0
    event.remove(house.database.engine, "before_cursor_execute", note)
    ((statement, values),) = [one for one in asked if "from ticket" in one[0]]
    with house.database.engine.connect() as tx:
        for _ in range(2):
            explain = f"explain (analyze, buffers, format json) {statement}"
            (found,) = tx.exec_driver_sql(explain, values).scalar_one()
    plan = found["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("name", PASSES)
def test_an_idle_pass_costs_what_is_open_however_much_is_finished(house: House, name: str) -> None:
    tickets(house, "1", "in_progress", LIVE)
    assert escalation.escalate(house) == LIVE == ombudsman.tell(house)
    tickets(house, "2", "closed", FEW)
    few = touched(house, name)
    tickets(house, "3", "closed", MANY - FEW)
    assert touched(house, name) <= 1.5 * few
