"""Processes: how throughput changes from one web process to two, alone and with everything else running."""

from tests.bench.intake import timed
from tests.bench.standing import Standing


def measure(here: Standing, connections: int, seconds: float) -> None:
    """Web alone (nothing is sent, so no receipts come), then with one worker that sends."""
    for workers, beside in ((0, "alone"), (1, "with a worker")):
        rates = []
        for webs in (1, 2):
            with here.running(webs=webs, workers=workers) as running:
                rates.append(timed(here, f"{webs} web", running, connections, seconds)[0])
        here.raw.take()
        first, second = rates
        print(f"two webs  {beside}: {second / first:.2f} x one; {here.raw.share(second)}", flush=True)
