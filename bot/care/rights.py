"""What one of the staff is for a ticket that he sees: who acts on it, and who only reads."""

from collections.abc import Mapping
from typing import Any

from bot import workflow
from bot.workflow import STAFF, Actor, NotAllowed
from storage.queries import Reader

INSPECTOR = "inspector"
# In the lane nothing is passed on: whoever got it would see nothing of it.
NOT_IN_LANE = frozenset({"forwarded", "returned"})
NOT_IN_LANE_SENTENCE = "Laporan di jalur pengawasan tidak diteruskan atau dikembalikan; keluarkan dulu."

Ticket = Mapping[Any, Any]


def actors(by: Reader, row: Ticket) -> frozenset[Actor]:
    """As what a reader acts on a ticket within his scope; empty for who only reads.

    In the supervised lane an inspector is desk and office in one; elsewhere he reads.
    """
    if row["supervised"]:
        return frozenset({"coordinator", "officer"}) if INSPECTOR in by.roles else frozenset()
    return frozenset(actor for actor in STAFF if actor in by.roles)


def choices(by: Reader, row: Ticket) -> list[str]:
    """The statuses that a reader may move a ticket to, in the order of the workflow's table."""
    left_out = NOT_IN_LANE if row["supervised"] else frozenset()
    return [end for end in workflow.choices(row["status"], actors(by, row)) if end not in left_out]


def check_lane(row: Ticket, status: str) -> None:
    """Raise NotAllowed for a move that makes no sense in the supervised lane."""
    if row["supervised"] and status in NOT_IN_LANE:
        raise NotAllowed(NOT_IN_LANE_SENTENCE)
