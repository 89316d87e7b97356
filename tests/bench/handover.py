"""Hand-over: how long a citizen waits for his answer at an ordinary rate, and what memory that takes."""

from tests.bench.machine import memory
from tests.bench.standing import Standing, percentiles
from tests.drill_case import wait_until

RATE, CONNECTIONS = 20.0, 64  # messages a second; a citizen's three words are three seconds apart
AIM_SECONDS = 10.0


def measure(here: Standing, minutes: float) -> None:
    """At 20 messages a second for so many minutes, with web and one worker as `run` starts them."""
    here.stage.twilio.latency = here.stage.bot.latency = 0.02
    with here.running() as running:
        here.load(CONNECTIONS, 10.0, RATE)
        ((last,),) = here.stage.rows("select max(id) from message")
        before = {name: memory(pids()) for name, pids in running.items()}
        told = here.load(CONNECTIONS, minutes * 60, RATE)
        wait_until(lambda: not here.stage.rows(_UNSENT), 60)
        after = {name: memory(pids()) for name, pids in running.items()}
    waits = [float(wait) for (wait,) in here.stage.rows(_WAITS + str(last))]
    p50, p95, p99 = percentiles(waits, 0.5, 0.95, 0.99)
    rate = len(told["took"]) / (minutes * 60)
    late = sum(wait > AIM_SECONDS for wait in waits)
    print(f"hand-over {len(waits)} answers at {rate:.1f} messages/s for {minutes:g} min: webhook to provider")
    print(f"          p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s; {late} after {AIM_SECONDS:.0f} s")
    for name, at_first in before.items():
        print(f"          memory of {name}: {at_first:.0f} MB at the start, {after[name]:.0f} MB at the end")
    here.raw.take()
    print(f"          {here.raw.share(rate)}", flush=True)


_UNSENT = "select 1 from message where state in ('waiting', 'sending', 'unknown') limit 1"
# An answer is made with the moment its webhook came; it is sent when the provider has said so.
_WAITS = """select extract(epoch from sent_at - created_at) from message
            where direction = 'out' and sent_at is not null and id > """
