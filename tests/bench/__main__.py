"""The bench: the product, and beside it the same statements without the product, on the same PostgreSQL.

    make bench        (or: python -m tests.bench [--only intake] [--minutes 1])

Prints what each part measured, most as a share of what the database alone did in the same run. Needs nothing
but this machine; the providers are stand-ins on loopback.
"""

import argparse
import os
import platform

from storage.postgres import attached
from tests.bench import delivery, growth, handover, intake, webs
from tests.bench.load import turns
from tests.bench.standing import standing
from tests.conftest import new_data_dir

# Minutes on two quiet CPUs, without those of --minutes.
PARTS = {"intake": 1.5, "delivery": 3.0, "handover": 1.0, "processes": 3.0, "growth": 15.0}


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("--only", choices=PARTS, help="one part; all if left out")
    asked.add_argument("--seconds", type=float, default=30.0, help="of intake")
    asked.add_argument("--connections", type=int, default=16, help="of intake")
    asked.add_argument("--minutes", type=float, default=10.0, help="of handover")
    asked.add_argument("--messages", type=int, default=24_000, help="of delivery")
    asked.add_argument("--hands", type=int, default=128, help="SEND_CONCURRENCY of delivery's workers")
    asked.add_argument("--rows", type=int, default=5_000_000, help="messages of growth; a fifth are reports")
    chosen = asked.parse_args()
    parts = [chosen.only] if chosen.only else list(PARTS)
    takes = sum(PARTS[part] for part in parts) + chosen.minutes * ("handover" in parts)
    print(f"{', '.join(parts)}: about {takes:.0f} minutes", flush=True)
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    if parts != ["growth"]:
        with_product(parts, chosen)
    if "growth" in parts:
        with new_data_dir() as folder, attached(folder) as url:
            growth.tell(growth.measure(url, max(chosen.rows // 5, 1), chosen.rows))
    print(f"load after {os.getloadavg()[0]:.1f}")


def with_product(parts: list[str], chosen: argparse.Namespace) -> None:
    """The parts that share a server with the replay of the statements."""
    with standing() as here:
        steps = len(here.raw.steps)
        print(f"a citizen's {len(turns(0, 0))} turns are {steps} statements and commits", flush=True)
        if "intake" in parts:
            intake.measure(here, chosen.connections, chosen.seconds)
        if "delivery" in parts:
            delivery.measure(here, chosen.messages, chosen.hands)
        if "handover" in parts:
            handover.measure(here, chosen.minutes)
        if "processes" in parts:
            webs.measure(here, chosen.connections, chosen.seconds / 2)


if __name__ == "__main__":
    main()
