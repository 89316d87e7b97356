"""What follows from every move of a ticket, whoever makes it: followers, the officer's chat, notices.

A consequence is a function of a `Moved`. It writes in the move's transaction, and finds out itself whether
the move concerns it.
"""

from collections.abc import Callable

from bot.care import following, notices, takeover
from bot.care.moved import Moved
from bot.care.notices import Audience


def _take_followers_along(moved: Moved) -> None:
    if moved.row["status"] == "merged" and moved.by.staff_id is not None:
        following.take_along(moved.tx, moved.row)


def _give_chat_back(moved: Moved) -> None:
    if moved.by.staff_id is not None:
        takeover.end_with(moved.tx, moved.house, moved.row, moved.now, moved.by.staff_id)


def _tell_of_objection(moved: Moved) -> None:
    """A "belum" goes to the officer and to the level above; from the second on to the coordinator too."""
    if times := moved.given.get("objection"):
        told: list[Audience] = ["office", "head", "superior", *(("coordinator",) if times > 1 else ())]
        notices.tell(moved.tx, moved.row, "objection", told, moved.now, about=str(times))


AFTER: tuple[Callable[[Moved], None], ...] = (
    _take_followers_along,
    _give_chat_back,
    _tell_of_objection,
)


def follow(moved: Moved) -> None:
    """Do everything that a move brings with it."""
    for consequence in AFTER:
        consequence(moved)
