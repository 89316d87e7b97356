"""Telegram without a webhook: one worker asks for updates. An advisory lock decides which one."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bot import inbound
from bot.channel import Inbound, SendError, Unreadable
from bot.delivery.room import room_of
from bot.house import House
from handlers.telegram import Telegram
from storage.database import DatabaseAway

log = logging.getLogger(__name__)
LOCK = 1708_0002
WAIT_SECONDS = 20  # how long Telegram holds the question open when there is nothing new
PAUSE_SECONDS = 3.0  # after a failure, and between tries to become the owner


async def keep_polling(house: House, telegram: Telegram) -> None:
    """Ask Telegram for updates for ever, whenever this process is the one that may. Cancel it to stop."""
    while True:
        try:
            owner = await asyncio.to_thread(_become_owner, house.database.engine)
            if owner:
                try:
                    await telegram.start_polling()
                    await _poll(house, telegram, owner)
                finally:
                    await asyncio.to_thread(_step_down, owner)
        except SendError as error:
            log.warning("telegram cannot be polled", extra={"reason": type(error).__name__})
        except (DatabaseAway, OperationalError):
            log.warning("telegram is not polled while the database is away")
        except Exception:
            log.exception("polling of telegram failed")
        await asyncio.sleep(PAUSE_SECONDS)


def _become_owner(engine: Engine) -> Connection | None:
    """Take the lock on a connection of its own; when that connection dies, so does the ownership."""
    owner = engine.connect()
    taken = owner.scalar(text("select pg_try_advisory_lock(:key)"), {"key": LOCK})
    owner.commit()
    if taken:
        return owner
    owner.close()
    return None


def _step_down(owner: Connection) -> None:
    """Close the connection for good: in the pool it would keep the lock from everybody, ourselves too."""
    owner.invalidate()
    owner.close()


async def _poll(house: House, telegram: Telegram, owner: Connection) -> None:
    offset = await asyncio.to_thread(_stored, house, telegram.account)
    room = room_of(house)
    while True:
        while room.is_short():  # Telegram keeps them for 24 hours
            await asyncio.sleep(PAUSE_SECONDS)
        updates = await telegram.poll(offset, WAIT_SECONDS)
        await asyncio.to_thread(_still_owner, owner)
        for update in updates:
            offset = int(update["update_id"]) + 1
            for event in await asyncio.to_thread(take, house, telegram, update, offset):
                await telegram.settle(event)


def _still_owner(owner: Connection) -> None:
    owner.execute(text("select 1"))
    owner.commit()


def _stored(house: House, account: str) -> int | None:
    with house.database.reading() as tx:
        value: int | None = tx.scalar(_POSITION, {"account": account})
    return value


def take(house: House, telegram: Telegram, update: Mapping[str, Any], offset: int) -> list[Inbound]:
    """Take one update; returns its events that want an answer (pressed buttons).

    The new offset is written in the transaction of the update: a kill between the two cannot lose it.
    """
    try:
        events = list(telegram.read_update(update))
    except Unreadable as error:
        inbound.keep_junk(house, telegram.name, str(update), str(error))
        events = []
    for event in events:
        inbound.receive(house, event, also=lambda tx: _store(tx, telegram.account, offset))
    if not events:
        with house.database.transaction() as tx:
            _store(tx, telegram.account, offset)
    return [event for event in events if event.settle]


def _store(tx: Connection, account: str, offset: int) -> None:
    tx.execute(_MOVE, {"account": account, "value": offset})


_POSITION = text("select value from position where channel = 'telegram' and account = :account")
_MOVE = text(
    """insert into position (channel, account, value) values ('telegram', :account, :value)
       on conflict (channel, account) do update set value = excluded.value"""
)
