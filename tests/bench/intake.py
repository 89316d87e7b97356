"""Intake: how many messages web takes when 16 connections write without a pause, and how soon it says so."""

from typing import Any

from tests.bench.standing import Standing, percentiles

AIM_MS, AIM_RATIO = 100.0, 0.25


def measure(here: Standing, connections: int, seconds: float) -> None:
    """With web and one worker as `run` starts them; each answer sent meanwhile brings two receipts."""
    with here.running() as running:
        rate, table = timed(here, "product", running, connections, seconds)
    ((followed, citizens),) = here.stage.rows(_TWINS)
    here.raw.take()
    messages = rate * seconds
    for name, value in table.items():
        print(f"          {value / messages * 1000:.2f} ms of processor a message: {name}")
    print(f"          {followed} of {citizens} citizens followed another's report instead of their own")
    print(f"ratio     {here.raw.share(rate)} (aim: at least {AIM_RATIO})", flush=True)


_TWINS = """select count(*) filter (where closed_how = 'followed'), count(*) from ticket
            where closed_how <> 'withdrawn'"""


def timed(
    here: Standing, name: str, running: dict[str, Any], connections: int, seconds: float
) -> tuple[float, dict[str, float]]:
    """Messages a second, told with the percentiles, and the processor seconds of each group of processes."""
    here.load(connections, 2.0)  # what a process does only once is done
    with here.spent(running) as table:
        told = here.load(connections, seconds)
    rate = len(told["took"]) / seconds
    p50, p95, p99 = percentiles(told["took"], 0.5, 0.95, 0.99)
    print(f"{name:9} {rate:.0f} messages/s on {connections} connections for {seconds:.0f} s")
    print(f"          p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms (aim: p99 below {AIM_MS:.0f} ms)")
    print(f"          {told['failed']} requests failed", flush=True)
    table["stand-ins and citizens"] += told["processor"]
    return rate, table
