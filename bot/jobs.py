"""Jobs on the queue, a few lines each: media, and what is swept up every minute, hour and day."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procrastinate import JobContext, RetryStrategy
from sqlalchemy import RowMapping, select, text, update

from bot import inbound
from bot.care import (
    crisis_switch,
    crowd,
    digest,
    escalation,
    ombudsman,
    planning,
    reminders,
    reporters,
    silence,
    takeover,
    upward,
    vocabulary,
)
from bot.channel import SendError
from bot.delivery import claims, overdue, parked, receipts, reconciling, refusals, second_way
from bot.delivery.media import NOT_FETCHED, Refused, prepare
from bot.delivery.room import room_of
from bot.demo import apart
from bot.house import House, files_url
from bot.people import farewell, persons, retention
from bot.queue import queue
from storage import logins
from storage.database import DatabaseAway
from storage.files import Files
from storage.models import attachment
from storage.partitions import drop_old, make_partitions

log = logging.getLogger(__name__)
MOST_TRIES = 5
JOBS_KEPT_HOURS = 30 * 24
RECONCILE = reconciling.JOB
# What the clock brings about: each a use-case that may run at any time, and again.
EVERY_QUARTER: tuple[Callable[[House], object], ...] = (escalation.escalate, ombudsman.tell, digest.send)
EVERY_HOUR: tuple[Callable[[House], object], ...] = (
    takeover.let_silent_go,
    reminders.remind,
    planning.begin_year,
    silence.look_after,
    upward.remind,
    second_way.send,
    vocabulary.gather,
)
NO_FILE = "Berkas tidak dapat diambil dari penyedia layanan; mungkin terlalu besar."


def house_of(context: JobContext) -> House:
    """The running product, which the worker put beside its jobs."""
    house: House = context.additional_context["house"]
    return house


class TryAgain(Exception):
    """The job did not work out this time."""


@queue.task(name="fetch_media", pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def fetch_media(context: JobContext, *, attachment_id: int) -> None:
    """Fetch one file from its provider and keep it, or say why not. A second run changes nothing."""
    house = house_of(context)
    row = await asyncio.to_thread(_attachment, house, attachment_id)
    if row is None or row["state"] != "waiting":
        return
    channel = house.channels.get(row["channel"])
    if channel is None:
        raise TryAgain("channel is switched off")
    if room_of(house).is_short():
        raise TryAgain("too little room on the disk")
    try:
        fetched = await channel.fetch(row["reference"])
        kept = await asyncio.to_thread(prepare, fetched.data)
    except Refused as error:
        await asyncio.to_thread(refusals.refuse, house, attachment_id, str(error), error.key)
        return
    except SendError as error:
        if error.again:
            raise TryAgain(type(error).__name__) from None
        await asyncio.to_thread(refusals.refuse, house, attachment_id, NO_FILE, NOT_FETCHED)
        return
    path = await asyncio.to_thread(Files(files_url(house)).keep, kept.data, kept.ending)
    values = {"state": "stored", "path": path, "media_type": kept.media_type, "size": len(kept.data)}
    values["look_hash"] = kept.look
    await asyncio.to_thread(_note, house, attachment_id, values)


def files_folder(house: House) -> Path | None:
    """The folder of files that a backup takes along; None when they lie in a store of their own."""
    return None if house.settings.files_url else house.settings.data_dir.absolute() / "files"


def _attachment(house: House, attachment_id: int) -> RowMapping | None:
    with house.database.reading() as tx:
        return tx.execute(select(attachment).where(attachment.c.id == attachment_id)).mappings().one_or_none()


def _note(house: House, attachment_id: int, values: dict[str, Any]) -> None:
    waits = (attachment.c.id == attachment_id) & (attachment.c.state == "waiting")
    with house.database.transaction() as tx:
        if tx.execute(update(attachment).where(waits).values(values)).rowcount:
            return
        # Its sender had it deleted while it was fetched: the path alone is noted, for `delete_files`.
        refused = (attachment.c.id == attachment_id) & (attachment.c.state == "refused")
        tx.execute(update(attachment).where(refused).values(path=values["path"]))


@queue.periodic(cron="* * * * *")
@queue.task(name="every_minute", pass_context=True, queueing_lock="every_minute")
async def every_minute(context: JobContext, timestamp: int) -> None:
    """Sweep up what got lost: chats that nothing announces, events that failed, jobs of dead workers."""
    house = house_of(context)
    await asyncio.to_thread(look_after, house)
    await asyncio.to_thread(farewell.forget_addresses, house)
    await asyncio.to_thread(retry_failed, house)
    for job in await queue.job_manager.get_stalled_jobs():
        await queue.job_manager.retry_job(job)


def look_after(house: House) -> None:
    """Wake chats that nothing announces, and raise the alarm over what waits too long."""
    with house.database.transaction() as tx:
        if woken := claims.sweep(tx):
            log.warning("chats woken by the sweep", extra={"count": woken})
    house.database.bell.ring()
    pass_over(house, (overdue.alarm,))  # what an invented month leaves lying is older than it is late


def retry_failed(house: House) -> None:
    """Try events again that the brain could not handle, each at most five times, then set them aside."""
    with house.database.reading() as tx:
        ids = tx.scalars(text("select id from raw_event where state = 'failed' order by at limit 100")).all()
    for raw_id in ids:
        inbound.replay(house, raw_id, most=MOST_TRIES)


@queue.periodic(cron="*/5 * * * *")
@queue.task(name=RECONCILE, pass_context=True, queueing_lock=RECONCILE, lock=RECONCILE)
async def reconcile(context: JobContext, timestamp: int) -> None:
    """Take what a provider has and we have not; run also when a process starts and after a spool."""
    await reconciling.reconcile_if_possible(house_of(context))


@queue.periodic(cron="*/15 * * * *")
@queue.task(name="every_quarter", pass_context=True, queueing_lock="every_quarter")
async def every_quarter(context: JobContext, timestamp: int) -> None:
    """Tell staff of dates that come near or passed, citizens of long delays; send the daily digests."""
    await asyncio.to_thread(pass_over, house_of(context), EVERY_QUARTER)


@queue.periodic(cron="7 * * * *")
@queue.task(name="every_hour", pass_context=True, queueing_lock="every_hour")
async def every_hour(context: JobContext, timestamp: int) -> None:
    """Keep the tables small, remind citizens of their drafts, and answer where an officer fell silent."""
    await asyncio.to_thread(tidy, house_of(context))
    await asyncio.to_thread(pass_over, house_of(context), EVERY_HOUR)
    await forget_jobs()


async def forget_jobs() -> None:
    """Remove jobs that ended a month ago; successful ones went at once, failed ones wait for an engineer."""
    await queue.job_manager.delete_old_jobs(
        nb_hours=JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def pass_over(house: House, passes: Sequence[Callable[[House], object]]) -> bool:
    """Make passes over all reports; none while the invented month is made or taken out: False."""
    with apart.passing(house) as may:
        for one in passes if may else ():
            one(house)
    return may


@queue.periodic(cron="41 2 * * *")
@queue.task(name="every_day", pass_context=True, queueing_lock="every_day")
async def every_day(context: JobContext, timestamp: int) -> None:
    """Let go of personal data whose time is over, and of files that nobody needs."""
    house = house_of(context)
    for over in await asyncio.to_thread(retention.let_go, house, house.clock.now()):
        if over.count:
            log.info("personal data let go", extra={"kind": over.name, "count": over.count})
    await asyncio.to_thread(delete_unneeded_files, house)


@queue.task(name="tell_listeners", pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def tell_listeners(context: JobContext, *, ticket_id: int, status: str, but: int | None) -> None:
    """Tell followers and joined reporters what a reporter did."""

    def told(house: House) -> None:
        reporters.tell_listeners(house, ticket_id, status, but)

    if not await asyncio.to_thread(pass_over, house_of(context), (told,)):
        raise TryAgain("the invented month is being made")


@queue.task(name="tell_crowd", pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def tell_crowd(context: JobContext, /, **told: Any) -> None:
    """Tell very many followers of a report. A second run goes on where one stopped."""
    await asyncio.to_thread(crowd.tell, house_of(context), **told)


@queue.task(name="tell_area", pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def tell_area(context: JobContext, *, crisis_id: int, words: str, ended: bool) -> None:
    """Tell everybody in an area of its emergency, each chat once. A second run goes on where one stopped."""
    await asyncio.to_thread(crisis_switch.tell_area, house_of(context), crisis_id, words, ended=ended)


@queue.task(name=parked.JOB, pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def apply_receipt(context: JobContext, *, receipt: dict[str, Any], waits: int) -> None:
    """Apply a receipt that came too early. A second run changes nothing."""
    await asyncio.to_thread(look_again, house_of(context), receipt, waits)


def look_again(house: House, receipt: dict[str, Any], waits: int) -> bool:
    """Whether a parked receipt has found its message; else it is parked once more, a few times."""
    with house.database.transaction() as tx:
        return receipts.note_receipt(tx, house, parked.from_row(receipt), waits)


@queue.task(name="delete_files", pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
async def delete_files(context: JobContext) -> None:
    """Delete the files of somebody whose data were deleted. A second run changes nothing."""
    await asyncio.to_thread(delete_unneeded_files, house_of(context))


def delete_unneeded_files(house: House) -> int:
    """Delete files whose rows were emptied; returns how many."""
    return retention.delete_files(house, Files(files_url(house)))


def tidy(house: House) -> None:
    """Make the coming partitions and drop what is older than its time."""
    with house.database.transaction() as tx:
        make_partitions(tx)
    with house.database.transaction() as tx:
        drop_old(tx)
        logins.forget_old(tx, datetime.now(UTC))  # not business time: see storage/logins.py
        persons.forget_codes(tx, house.clock.now())


def tidy_if_possible(house: House) -> None:
    """At the start of a worker. Without a partition of its day an event lies in raw_event_rest meanwhile."""
    try:
        tidy(house)
    except DatabaseAway:
        log.warning("the database is away or busy; tidying is left to the hourly job")
