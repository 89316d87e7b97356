"""Runs the month and prints what became of every report."""

import argparse
import random
import sys
import time

from storage.postgres import attached
from tests.conftest import new_data_dir
from tests.month.audit import differences
from tests.month.simulation import Month, counted, month_town


def main() -> None:
    """Simulate, count, compare; exit code 1 when something does not add up."""
    asked = argparse.ArgumentParser(prog="python -m tests.month")
    asked.add_argument("--tickets", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=1)
    chosen = asked.parse_args()
    begun = time.monotonic()
    with new_data_dir() as folder, attached(folder) as url, month_town(url, folder) as town:
        month = Month(town, chosen.tickets, random.Random(chosen.seed))
        month.run()
        wrong = differences(month)
        counts = counted(town)
        took = time.monotonic() - begun
        print(f"{chosen.tickets} reports, {month.wrote} messages of citizens, {took:.0f} s")
        print(f"{month.staff.offices} offices had something to do")
        for name, count in sorted(counts.items()):
            print(f"{count:6} {name}")
        print(f"{sum(counts.values()):6} in all; {len(wrong)} differences")
    print("\n".join(wrong[:20]))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
