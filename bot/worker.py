"""The worker process: the relay, the queue's jobs, a heartbeat, and what polls a provider, side by side."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from procrastinate import PsycopgConnector
from psycopg import AsyncConnection
from sqlalchemy import text

from bot import jobs
from bot.delivery import reconciling
from bot.house import House
from bot.queue import queue
from bot.relay import Relay
from storage.database import DatabaseAway, plain_url
from storage.patience import ASK_PATIENCE, PATIENCE

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0
AGAIN_SECONDS = 2.0
JOBS_PATIENCE = 5.0  # the pool's own 30 s would be waited for by a queue that wants to begin anew
END_SECONDS = 1.5  # what runs beside the relay has its time to end already while messages land


async def work(house: House, beside: Sequence[Coroutine[Any, Any, None]] = ()) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in flight.

    Args:
        house: the running product.
        beside: further endless work of this process (polling); cancelled at the end.
    """
    relay = Relay(house)
    await asyncio.to_thread(jobs.tidy_if_possible, house)
    await asyncio.to_thread(reconciling.ask_for_it, house)
    tasks = [asyncio.create_task(one) for one in (_run_jobs(house), _beat(house), *beside)]

    def stop() -> None:
        relay.stop()
        for task in tasks:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await relay.run()
    finally:
        stop()
        await asyncio.wait(tasks, timeout=END_SECONDS)
        for channel in house.channels.values():
            await channel.close()


async def _run_jobs(house: House) -> None:
    """Run the queue's jobs; begins anew when the database went away under it."""
    url = plain_url(house.database.engine.url.render_as_string(hide_password=False))
    while True:
        try:
            # A connector of its own for each beginning: one that failed keeps its closed pool for ever.
            connector = PsycopgConnector(
                conninfo=url,
                min_size=1,
                max_size=4,
                timeout=JOBS_PATIENCE,
                kwargs=PATIENCE,
                configure=_ask_patience,
            )
            with queue.replace_connector(connector):
                await _work_off(house)
        except Exception as error:
            log.warning("queue begins anew", extra={"reason": type(error).__name__})
        await asyncio.sleep(AGAIN_SECONDS)


async def _ask_patience(connection: AsyncConnection[Any]) -> None:
    await connection.execute(ASK_PATIENCE)
    await connection.commit()


async def _work_off(house: House) -> None:
    async with queue.open_async():
        await queue.run_worker_async(
            concurrency=4,
            install_signal_handlers=False,
            additional_context={"house": house},
            delete_jobs="successful",
            shutdown_graceful_timeout=2,
        )


async def _beat(house: House) -> None:
    """Write down that this worker lives."""
    name = f"worker {socket.gethostname()} {os.getpid()}"
    while True:
        try:
            with suppress(DatabaseAway):
                await asyncio.to_thread(_write_beat, house, name)
        except Exception:
            log.exception("heartbeat could not be written")
        await asyncio.sleep(BEAT_SECONDS)


def _write_beat(house: House, name: str) -> None:
    with house.database.transaction() as tx:
        tx.execute(_BEAT, {"name": name})
        tx.execute(text("delete from heartbeat where at < now() - interval '1 day'"))


_BEAT = text(
    """insert into heartbeat (name, at) values (:name, now())
       on conflict (name) do update set at = excluded.at"""
)
