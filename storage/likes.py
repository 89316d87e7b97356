"""Which tickets may be about the same thing: words they share, near each other, of the last weeks.

Only candidates: how alike they are is for the caller to judge. The words are looked up in ix_ticket_words, so
the cost follows the tickets of those weeks that share a word, not the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
)

from storage.models import TICKET_WORDS, office, ticket
from storage.queries import Reader, in_scope

MOST = 100  # candidates that are looked at, the newest first
MOST_WORDS = 12
MOST_PEOPLE = 1000
# A degree of latitude is 111 km; near the equator a degree of longitude is hardly less.
# Source: https://en.wikipedia.org/wiki/Latitude#Meridian_distance_on_the_ellipsoid
DEGREES_OF_A_KM = 1 / 110.5


@dataclass(frozen=True, slots=True)
class Around:
    """Where to look: a district by its code, and a point in degrees; nothing known: everywhere."""

    district: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def __bool__(self) -> bool:
        """Whether anything is known of where."""
        return bool(self.district) or self.latitude is not None


def like(words: Sequence[str], since: datetime, around: Around, statuses: Sequence[str]) -> Select[Any]:
    """The newest tickets that share a word, nearby, filed or begun since then; at most MOST.

    Args:
        words: Lower-case words of letters a to z; the first MOST_WORDS count.
        since: Older tickets are left out.
        around: Where.
        statuses: Statuses a ticket may have.
    """
    asked = func.to_tsquery("indonesian", " | ".join(words[:MOST_WORDS]))
    return (
        select(ticket)
        .where(
            literal_column(TICKET_WORDS).op("@@", return_type=Boolean())(asked),
            ticket.c.created_at >= since,
            ticket.c.status.in_(statuses),
            ticket.c.parent_id.is_(None),  # the whole stands for its parts
            _near(around),
        )
        .order_by(ticket.c.created_at.desc())
        .limit(MOST)
    )


def open_to_all(tx: Connection, found: Select[Any], categories: Sequence[str], but: int) -> list[RowMapping]:
    """Of the candidates those that anybody may follow: neither without a name nor confidential.

    Args:
        tx: a transaction.
        found: from `like`.
        categories: Codes that a ticket may have.
        but: Id of the person whose own tickets are left out.
    """
    query = found.where(
        ticket.c.category.in_(categories),
        not_(ticket.c.anonymous),
        not_(ticket.c.confidential),
        ticket.c.person_id.is_distinct_from(but),
    )
    return list(tx.execute(query).mappings())


def seen_by(tx: Connection, by: Reader, found: Select[Any], but: int) -> list[RowMapping]:
    """Of the candidates those within a reader's scope, without the ticket he is looking at."""
    query = found.outerjoin(office, office.c.id == ticket.c.office_id)
    return list(tx.execute(query.where(in_scope(by), ticket.c.id != but)).mappings())


def _near(around: Around) -> ColumnElement[bool]:
    if not around:
        return true()
    district = (
        ticket.c.place_code.startswith(around.district, autoescape=True) if around.district else false()
    )
    if around.latitude is None or around.longitude is None:
        return district
    point = and_(
        ticket.c.latitude.between(around.latitude - DEGREES_OF_A_KM, around.latitude + DEGREES_OF_A_KM),
        ticket.c.longitude.between(around.longitude - DEGREES_OF_A_KM, around.longitude + DEGREES_OF_A_KM),
    )
    return or_(district, point)


def people(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, int]:
    """How many citizens stand behind each ticket: who filed it, and the other chats that follow it.

    Counted up to MOST_PEOPLE: a flood that ten thousand follow is asked about ten thousand times.
    """
    rows = tx.execute(_PEOPLE, {"ids": list(ticket_ids), "most": MOST_PEOPLE - 1})
    return {row.id: row.people for row in rows}


_PEOPLE = text(
    """select t.id, 1 + (select count(*) from (
           select from follower f
           where f.ticket_id = t.id and f.conversation_id is distinct from t.conversation_id
           limit :most) others) as people
       from ticket t where t.id = any(:ids)"""
)
