"""What follows from every move of a ticket, whoever makes it: followers, the officer's chat, notices.

A consequence is a function of a `Moved`. It writes in the move's transaction, and finds out itself whether
the move concerns it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot import tickets
from bot.care import (
    assignees,
    holding,
    merging,
    notices,
    proofs,
    proposing,
    reporters,
    returning,
    sharing,
    takeover,
    telling,
    years,
)
from bot.care.moved import Moved
from bot.care.notices import Audience
from bot.house import House
from bot.tickets import Person


def _give_chat_back(moved: Moved) -> None:
    if moved.by.staff_id is not None:
        takeover.end_with(moved.tx, moved.house, moved.row, moved.now, moved.by.staff_id)


def _tell_of_objection(moved: Moved) -> None:
    """A "belum" goes to the officer and to the level above; from the second on to the coordinator too."""
    if times := moved.given.get("objection"):
        level = tickets.level(moved.tx, moved.row, int(times))
        further: list[Audience] = ["coordinator"] if level == "coordinator" else []
        told: list[Audience] = ["office", "head", "superior", *further]
        notices.tell(moved.tx, moved.row, "objection", told, moved.now, about=str(times))


AFTER: tuple[Callable[[Moved], None], ...] = (
    assignees.let_go,  # before anybody is told: a notice goes to whose the ticket is
    merging.follow,
    reporters.follow,
    proofs.follow,
    _give_chat_back,
    _tell_of_objection,
    returning.tell_of_return,
    proposing.propose_taken_up,
    years.note_planned,
    holding.hold,  # after all that is said
)


def follow(moved: Moved) -> None:
    """Do everything that a move brings with it, further moves of a whole or its parts among it."""
    for consequence in AFTER:
        consequence(moved)
    for further in sharing.after(moved):
        carry_out(moved.tx, moved.house, further.row, further.status, further.by, moved.now, further.given)


def carry_out(
    tx: Connection,
    house: House,
    row: RowMapping,
    status: str,
    by: Person,
    now: datetime,
    given: Mapping[str, Any],
) -> RowMapping:
    """Move a locked ticket, tell everybody who is to know, and do what follows; returns it as it is now.

    Whoever calls it has locked the chats of the ticket before the ticket (`desk.lock_with_chats`), and rings
    the bell after the commit. `given` holds what `tickets.move` needs, names turned into rows.

    Raises:
        NotAllowed: the workflow refuses; the text says why.
    """
    words = dict(given)
    changed, reached = tickets.move(tx, house.city, row, status, by, now, words)
    telling.tell(tx, house, changed, reached, words, by.staff_id)
    follow(Moved(tx, house, row, changed, by, now, words))
    return changed
