"""What a message costs: how often a turn asks the database, whatever the machine's mood."""

from pathlib import Path

from storage.keys import make_keys
from tests.bench.recording import record


def test_a_turn_asks_the_database_a_few_times_only(city_database: str, tmp_path: Path) -> None:
    asked = [0]
    for step in record(city_database, tmp_path, make_keys()):
        if step.statement:
            asked[-1] += 1
        else:
            asked.append(0)
    story, sent, status, over = asked
    assert over == 0  # nothing goes on after a turn's commit
    assert story <= 10 and sent <= 10 and status <= 5, asked
