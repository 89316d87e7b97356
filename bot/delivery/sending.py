"""One claimed message to its provider, and what became of it in the outbox's words."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import outbound
from bot.channel import Channel, OptedOut, SendError, Throttled, Unknown, Unreachable, WindowShut
from bot.delivery import pictures
from bot.delivery.claims import RECEIPT_SECONDS, Outgoing
from bot.delivery.pace import LONGEST_HOLD, NotNow, Pace
from bot.house import House
from bot.outbound import Outcome
from bot.people.secret import revealed

log = logging.getLogger(__name__)
SEND_SECONDS = 12.0  # with pace.PATIENCE_SECONDS shorter than claims.LEASE_SECONDS: nobody else takes it
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0  # seconds between tries, doubling
LONGEST_WISH = LONGEST_HOLD  # seconds; a provider that asks for more is asked again after an hour
MOST_TRIES = 130  # with the pauses above about a day; then it is failed and staff see why


class Sender:
    """Hands messages over; keeps nothing but the paces of the accounts."""

    def __init__(self, house: House, paces: Mapping[str, Pace]) -> None:
        """Speak for a house.

        Args:
            house: the running product.
            paces: by the house's name of a channel.
        """
        self._house = house
        self._paces = paces

    async def send(self, one: Outgoing) -> Outcome:
        """Hand a message over; raises CancelledError alone."""
        try:
            provider_id = await self._hand_over(one)
        except _Stopped:
            return Outcome(one.id, one.conversation_id, "cancelled", error=OptedOut.sentence)
        except NotNow as later:
            wait = {"pause": later.seconds, "counted": False}
            return Outcome(one.id, one.conversation_id, "waiting", **wait)  # type: ignore[arg-type]
        except TimeoutError:
            return self.failed(one, Unknown("no answer in time"))
        except SendError as error:
            return self.failed(one, error)
        except Exception:
            log.exception("channel broke its contract", extra={"message_id": one.id})
            return self.failed(one, Unreachable("unexpected"))
        return Outcome(one.id, one.conversation_id, "sent", _storable(provider_id))

    async def _hand_over(self, one: Outgoing) -> str:
        channel = self._house.channels.get(one.channel_key)
        if channel is None:
            raise Unreachable(sentence="Kanal sedang tidak aktif.")
        if one.opted_out and one.priority >= outbound.PUSH:
            raise _Stopped
        self._check_window(channel, one)
        pace = self._paces.get(one.channel_key)
        if pace:
            await pace.turn()
        keys = self._house.database.keys
        address, payload = keys.open(one.sealed_address), revealed(one.payload, keys)
        if payload.photo:
            payload = await asyncio.to_thread(pictures.opened, self._house, payload)
        async with asyncio.timeout(SEND_SECONDS):
            return await channel.send(address, payload, one.id)

    def _check_window(self, channel: Channel, one: Outgoing) -> None:
        hours = channel.limits.session_hours
        if not hours or one.payload.opens:
            return
        # Who never wrote there (staff typed his report in) has no window open either.
        if one.last_in_at is None or self._house.clock.now() - one.last_in_at > timedelta(hours=hours):
            raise WindowShut

    def failed(self, one: Outgoing, error: SendError) -> Outcome:
        """What an error means: wait for another try, for the receipt or the citizen, or staff see why."""
        if error.alarm:
            log.error("channel needs an engineer", extra={"channel": one.channel_key})
        stopped = isinstance(error, OptedOut)
        outcome = Outcome(one.id, one.conversation_id, "failed", error=error.sentence, stopped=stopped)
        if isinstance(error, WindowShut) and not one.payload.opens:
            channel = self._house.channels[one.channel_key]
            return replace(outcome, state="held", knock=channel.knock(one.language))
        outcome = replace(outcome, **self._hold(one, error))
        if not error.again or one.tries >= MOST_TRIES:
            return outcome
        wait = pause(one.tries, error)
        if isinstance(error, Unknown):
            return replace(outcome, state="unknown", pause=max(RECEIPT_SECONDS, wait))
        return replace(outcome, state="waiting", pause=wait)

    def _hold(self, one: Outgoing, error: SendError) -> dict[str, Any]:
        """A provider that brakes us means the account, not this message: everybody waits."""
        pace = self._paces.get(one.channel_key)
        if not isinstance(error, Throttled) or pace is None:
            return {}
        seconds = pause(1, error)
        pace.learn(seconds)
        return {"account": pace.account, "hold": seconds}


class _Stopped(Exception):
    """The citizen stopped what nobody asked for."""


def pause(tries: int, error: SendError, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before the next try: what the provider asks for, else doubling, plus up to a third."""
    if error.after is not None:
        return min(max(error.after, 0.1), LONGEST_WISH)
    grown = min(FIRST_PAUSE * 2.0 ** min(tries - 1, 20), LONGEST_PAUSE)
    return float(grown * (1 + jitter() / 3))


def _storable(provider_id: str) -> str:
    """What PostgreSQL takes of a text: a result that cannot be written down would be sent again for ever."""
    return provider_id.replace("\x00", "").encode("utf-8", "replace").decode()
