"""Which reports may belong into the supervised lane: inspectors and coordinators are told, a person decides.

Not put there by itself: a false alarm would be out of sight of the office that could help, for sixty days.
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping

from bot.care import notices
from bot.care.moved import Moved
from bot.reading.sensitive import smell
from storage import queries

CATEGORY = "aparatur"  # whose office is the inspectorate


def propose(tx: Connection, row: RowMapping, now: datetime, words: str = "") -> None:
    """Tell inspectors and coordinators of a filed report that may belong there; nobody is told twice.

    Args:
        tx: the caller's transaction.
        row: the report.
        now: business time.
        words: what its citizen adds, besides its text.
    """
    corrupt = "corruption" in (smell(row["text"]), smell(words))
    theirs = row["confidential"] and row["category"] == CATEGORY
    if (corrupt or theirs) and not row["supervised"] and row["status"] != "draft":
        notices.tell(tx, row, queries.LANE_PROPOSED, ("inspector", "coordinator"), now)


def propose_taken_up(moved: Moved) -> None:
    """The same for a draft that staff took up."""
    if moved.before["status"] == "draft" and moved.by.staff_id is not None:
        propose(moved.tx, moved.row, moved.now)
