"""The same statements without the product: `python -m tests.bench.raw`, told what to do by a pickle on stdin.

Four connections in threads replay a citizen's three turns again and again, each time for a new citizen: ids
that the database gives take the place of the recorded ones. Prints how many turns were committed.
"""

import pickle
import secrets
import sys
import threading
import time
from typing import Any

import psycopg

from tests.bench.recording import FIRST_ID, Step

THREADS = 4


def new_value(value: Any, known: dict[Any, Any]) -> Any:
    """What stands in the place of a recorded value in this replay."""
    if isinstance(value, psycopg.Binary):
        value = value.obj
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value >= FIRST_ID:
        return known.get(value, value)
    if isinstance(value, bytes) and len(value) == 32:  # the look-up of an address
        return known.setdefault(value, secrets.token_bytes(32))
    if isinstance(value, str) and value.startswith("SM"):  # the provider's id
        return known.setdefault(value, secrets.token_hex(17))
    if isinstance(value, str) and len(value) == 9 and value.isdigit():  # a ticket's number
        return known.setdefault(value, f"{secrets.randbelow(10**9):09}")
    return value


def replay(connection: psycopg.Connection[Any], steps: list[Step]) -> int:
    """One citizen; returns how many turns were committed."""
    known: dict[Any, Any] = {}
    turns = 0
    for step in steps:
        if not step.statement:
            connection.commit()
            turns += 1
            continue
        with connection.cursor() as cursor:
            if step.many:
                cursor.executemany(step.statement, [_values(one, known) for one in step.values])
                continue
            cursor.execute(step.statement, _values(step.values, known))
            for old, new in zip(step.rows, cursor.fetchall() if step.rows else (), strict=False):
                known |= {
                    was: is_
                    for was, is_ in zip(old, new, strict=True)
                    if isinstance(was, int) and was >= FIRST_ID
                }
    return turns


def _values(values: Any, known: dict[Any, Any]) -> Any:
    if values is None:
        return None
    return {name: new_value(value, known) for name, value in values.items()}


def work(url: str, steps: list[Step], seconds: float, counts: list[int]) -> None:
    """Replay on one connection until the time is up."""
    turns = 0
    end = time.monotonic() + seconds
    with psycopg.connect(url) as connection:
        while time.monotonic() < end:
            turns += replay(connection, steps)
    counts.append(turns)


def main() -> None:
    """Four connections, as told."""
    url, steps, seconds = pickle.load(sys.stdin.buffer)
    counts: list[int] = []
    threads = [threading.Thread(target=work, args=(url, steps, seconds, counts)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == THREADS, "a connection failed"
    print(sum(counts))


if __name__ == "__main__":
    main()
