"""What a move was, for whatever follows from it: see bot/care/consequences.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.house import House
from bot.tickets import Person


@dataclass(frozen=True, slots=True)
class Moved:
    """A ticket that was moved in this transaction: as it was, as it is, by whom and with what.

    `given` is what came with the move (note, office, how, into, year ...); a citizen's "belum" has its count
    there as `objection`.
    """

    tx: Connection
    house: House
    before: RowMapping
    row: RowMapping
    by: Person
    now: datetime
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Further:
    """A move that follows from another one, of the whole or of its parts; `row` is locked."""

    row: RowMapping
    status: str
    by: Person
    given: Mapping[str, Any] = field(default_factory=dict)
