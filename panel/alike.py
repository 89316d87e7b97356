"""On a ticket's page: what may be about the same thing, for staff to look at. Nothing is merged by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from bot.care import twins
from bot.house import House
from storage import likes, queries
from storage.models import FINISHED

# Likeness from which on it is said so; below the first, "agak mirip". 0.5 is where citizens are asked.
IN_WORDS = ((0.75, "sangat mirip"), (twins.SAME, "mirip"))


@dataclass(frozen=True, slots=True)
class Similar:
    """A ticket that may be about the same thing, in words that staff read."""

    number: str
    text: str
    place: str
    status: str
    likeness: str


def similar(tx: Connection, house: House, by: queries.Reader, row: RowMapping) -> Sequence[Similar]:
    """Up to five tickets within the reader's scope, the likeliest first; none for a finished ticket."""
    if row["status"] in FINISHED:
        return ()
    found = twins.for_staff(tx, house.city, by, row)
    return tuple(
        Similar(
            one.row["number"], one.row["text"], one.row["place"], one.row["status"], in_words(one.likeness)
        )
        for one in found
    )


def in_words(likeness: float) -> str:
    """How alike, as staff read it."""
    return next((words for least, words in IN_WORDS if likeness >= least), "agak mirip")


def people(tx: Connection, row: RowMapping) -> int:
    """How many citizens stand behind a ticket: who filed it, and its followers."""
    return likes.people(tx, [row["id"]])[row["id"]]
