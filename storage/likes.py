"""Which tickets may be about the same thing: words they share, near each other, of the last weeks.

Only candidates: how alike they are is for the caller to judge. Words and district are looked up among
what is unfinished alone (ix_ticket_open_words, ix_ticket_open_place), however many are finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
)

from storage.models import TICKET_WORDS, UNFINISHED, office, ticket
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

    def bounds(self) -> dict[str, Any]:
        """The parameters of a search; a point and a district that are not known match nothing."""
        point = None if self.longitude is None else self.latitude
        known = {"anywhere": not self.district and self.latitude is None, "district": self.district or "-"}
        if point is None or self.longitude is None:
            return known | dict.fromkeys(("south", "north", "west", "east"))
        known |= {"south": point - DEGREES_OF_A_KM, "north": point + DEGREES_OF_A_KM}
        return known | {"west": self.longitude - DEGREES_OF_A_KM, "east": self.longitude + DEGREES_OF_A_KM}


# Made once, for every report that is written is looked for: to put it together takes longer than to run it.
_LIKE = (
    select(ticket)
    .where(
        literal_column(TICKET_WORDS).op("@@", return_type=Boolean())(
            func.to_tsquery("indonesian", bindparam("words"))
        ),
        ticket.c.created_at >= bindparam("since"),
        literal_column(f"ticket.{UNFINISHED}", Boolean),  # as ix_ticket_open_words has it
        ticket.c.status.in_(bindparam("statuses", expanding=True)),
        ticket.c.parent_id.is_(None),  # the whole stands for its parts
        or_(
            bindparam("anywhere", type_=Boolean()),
            ticket.c.place_code.startswith(bindparam("district")),
            and_(
                ticket.c.latitude.between(bindparam("south"), bindparam("north")),
                ticket.c.longitude.between(bindparam("west"), bindparam("east")),
            ),
        ),
    )
    .order_by(ticket.c.created_at.desc())
    .limit(MOST)
)
_OPEN_TO_ALL = _LIKE.where(
    ticket.c.category.in_(bindparam("categories", expanding=True)),
    not_(ticket.c.anonymous),
    not_(ticket.c.confidential),
    ticket.c.person_id.is_distinct_from(bindparam("but")),
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for.

    Attributes:
        words: Lower-case words of letters a to z; the first MOST_WORDS count.
        since: Older tickets are left out.
        around: Where.
        statuses: Statuses a ticket may have, all of them unfinished ones.
    """

    words: Sequence[str]
    since: datetime
    around: Around
    statuses: Sequence[str]

    def values(self) -> dict[str, Any]:
        """The parameters of a search."""
        words = " | ".join(self.words[:MOST_WORDS])
        return {"words": words, "since": self.since, "statuses": self.statuses, **self.around.bounds()}


def like(sought: Sought) -> Select[Any]:
    """The newest tickets that share a word, nearby, filed or begun since then; at most MOST."""
    return _LIKE.params(**sought.values())


def open_to_all(tx: Connection, sought: Sought, categories: Sequence[str], but: int) -> list[RowMapping]:
    """Of the candidates those that anybody may follow: neither without a name nor confidential.

    Args:
        tx: a transaction.
        sought: what is looked for.
        categories: Codes that a ticket may have.
        but: Id of the person whose own tickets are left out.
    """
    values = {**sought.values(), "categories": categories, "but": but}
    return list(tx.execute(_OPEN_TO_ALL, values).mappings())


def seen_by(tx: Connection, by: Reader, sought: Sought, but: int) -> list[RowMapping]:
    """Of the candidates those within a reader's scope, without the ticket he is looking at."""
    query = _LIKE.outerjoin(office, office.c.id == ticket.c.office_id)
    return list(tx.execute(query.where(in_scope(by), ticket.c.id != but), sought.values()).mappings())


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
