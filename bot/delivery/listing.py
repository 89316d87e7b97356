"""What a provider's own list of received messages offers, for channels that have one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.channel import Inbound


@dataclass(frozen=True, slots=True)
class Listed:
    """A citizen's message as the provider's list shows it.

    Attributes:
        provider_id: the same id that its webhook has.
        at: when the provider got it.
        whole: the list shows what the webhook would have said; not so for a place.
        fields: what the list says, for the channel alone.
    """

    provider_id: str
    at: datetime
    whole: bool
    fields: Mapping[str, str] = field(repr=False)


@runtime_checkable
class Lists(Protocol):
    """A channel whose provider can be asked which messages it took for us."""

    name: str
    account: str  # our number: with it and the channel's name what was seen is remembered

    def listed(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what citizens sent in between, the newest first; raises a SendError."""

    async def of_list(self, one: Listed) -> Sequence[Inbound]:
        """The message as its webhook would have brought it, with its files; raises a SendError."""
