"""A small simulated month: every report ends where the rules say. The big one is `make month`."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.month.audit import differences
from tests.month.simulation import Month, counted, month_town
from tests.streets import Town

TICKETS = 25


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with month_town(city_database, tmp_path) as made:
        yield made


def test_after_a_month_every_report_is_where_the_rules_say(town: Town) -> None:
    month = Month(town, TICKETS, random.Random(8))
    month.run()
    assert differences(month) == []
    counts = counted(town)
    assert sum(counts.values()) == TICKETS
    assert {"closed confirmed", "closed no_answer"} <= set(counts), "citizens and time both ended some"
