"""The reconciler: asks providers that do not try again what they took for us, and takes what is missing."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import inbound
from bot.channel import SendError
from bot.delivery.listing import Listed, Lists
from bot.delivery.room import room_of
from bot.house import House
from bot.queue import put_once
from storage.database import DatabaseAway

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(hours=1)  # a list may show a message late, and clocks differ
LONGEST = timedelta(days=30)  # how far a mark may lie back: an archive restored after a year asks for no year
# Twilio waits 15 s for a webhook's answer: what is younger may be on its way to us.
# Source: https://www.twilio.com/docs/messaging/guides/webhook-request
ON_ITS_WAY = timedelta(seconds=60)
# A place is not in the list: its webhook may still wait in a spool, and says more.
ON_ITS_WAY_IN_PART = timedelta(minutes=10)
MARK = "list"
JOB = "reconcile"


def ask_for_it(house: House) -> None:
    """Have a worker reconcile soon: after a start, and when the database was away. Never fails."""
    try:
        put_once(house.database, JOB, timestamp=0)
    except (DatabaseAway, SQLAlchemyError, ConnectorException):
        log.warning("reconciling is left to the next five minutes")


async def reconcile(house: House, since: datetime | None = None) -> int:
    """Take every message that a provider has and we have not, in order; answers go out as ever.

    Args:
        house: the running product.
        since: from when; None: from an hour before the last time, so after an outage from its beginning. The
            very first time nothing is taken: what was sent before we were there is not ours to answer.

    Returns:
        How many messages were taken.

    Raises:
        SendError: a provider cannot be asked; what was taken stays.
        DatabaseAway: the same for the database.
    """
    count = 0
    for channel in house.channels.values():
        if isinstance(channel, Lists):
            count += await _reconcile(house, channel, since)
    return count


async def reconcile_if_possible(house: House) -> int:
    """The same as far as there is room and providers answer; what was left out is asked for next time."""
    if room_of(house).is_short():
        return 0
    try:
        return await reconcile(house)
    except SendError as error:
        log.warning("provider's list cannot be read", extra={"reason": type(error).__name__})
        return 0


async def _reconcile(house: House, channel: Lists, since: datetime | None) -> int:
    now, mark = await asyncio.to_thread(_now_and_mark, house, channel)
    count = 0
    start = (since or max(mark, now - LONGEST)).replace(microsecond=0)  # a list knows whole seconds
    for begin, end in _days(start, now - ON_ITS_WAY):
        missing: list[Listed] = []
        async for page in channel.listed(begin, end):
            missing += await asyncio.to_thread(_missing, house, channel, page, now)
        count += await _take(house, channel, missing)
    await asyncio.to_thread(_set_mark, house, channel, max(mark, now - LOOK_BACK))
    if count:
        log.warning(
            "messages taken from the provider's list", extra={"channel": channel.name, "count": count}
        )
    return count


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The span day by day (UTC), the oldest first: a list is newest first, its order has to be turned."""
    while since < until:
        midnight = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight + timedelta(days=1), until)
        yield since, end
        since = end


async def _take(house: House, channel: Lists, missing: Sequence[Listed]) -> int:
    count = 0
    for one in sorted(reversed(missing), key=lambda each: each.at):
        for event in await channel.of_list(one):
            count += await asyncio.to_thread(inbound.receive, house, event) != "repeat"
    return count


def _missing(house: House, channel: Lists, page: Sequence[Listed], now: datetime) -> list[Listed]:
    """Those of a page that we do not know."""
    values = {"channel": channel.name, "account": channel.account}
    values["ids"] = [one.provider_id for one in page]  # type: ignore[assignment]
    with house.database.reading() as tx:
        known = set(tx.scalars(_KNOWN, values))
    fresh = [one for one in page if one.provider_id not in known]
    return [one for one in fresh if one.whole or one.at < now - ON_ITS_WAY_IN_PART]


def _now_and_mark(house: House, channel: Lists) -> tuple[datetime, datetime]:
    """The database's time, and since when messages may be missing."""
    with house.database.reading() as tx:
        now: datetime = tx.execute(text("select now()")).scalar_one()
        mark = tx.scalar(_MARK, {"channel": f"{MARK}:{channel.name}", "account": channel.account})
    return now, datetime.fromtimestamp(mark, UTC) if mark else now


def _set_mark(house: House, channel: Lists, mark: datetime) -> None:
    values = {"channel": f"{MARK}:{channel.name}", "account": channel.account}
    with house.database.transaction() as tx:
        tx.execute(_SET_MARK, values | {"value": int(mark.timestamp())})


_KNOWN = text(
    """select provider_id from seen
       where channel = :channel and account = :account and provider_id = any(:ids)"""
)
_MARK = text("select value from position where channel = :channel and account = :account")
_SET_MARK = text(
    """insert into position (channel, account, value) values (:channel, :account, :value)
       on conflict (channel, account) do update set value = greatest(position.value, excluded.value)"""
)
