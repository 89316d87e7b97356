"""What a report needs before staff may call it finished, and who says that it is."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from bot.workflow import NotAllowed

NO_RESULT = "Laporan ini belum dijawab: tulis dulu hasilnya dalam keterangan (--note), baru diselesaikan."
BY_STAFF = {"said_by": "staff"}  # in the history: who says that the citizen is content


def checked(tx: Connection, row: RowMapping, status: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What came with a move by staff; "confirmed" is marked as their word, not the citizen's.

    Raises:
        NotAllowed: it is to be closed, was never answered, and nothing says how it ended.
    """
    if status != "closed" or not given.get("how"):
        return dict(given)
    if not given.get("note") and not tx.scalar(_ANSWERED, {"ticket": row["id"]}):
        raise NotAllowed(NO_RESULT)
    return {**given, **(BY_STAFF if given.get("how") == "confirmed" else {})}


_ANSWERED = text(
    """select exists (select from event e
                      where e.ticket_id = :ticket and e.kind = 'status' and e.status = 'answered'
                        and not exists (select from event u
                                        where u.ticket_id = e.ticket_id and u.kind = 'undone'
                                          and u.detail -> 'event' = to_jsonb(e.id)))"""
)


def confirmed_by_citizens(tx: Connection, ticket_ids: list[int]) -> int:
    """How many of these reports are closed because their citizen said so himself; staff's word is none."""
    return int(tx.scalar(_CONFIRMED, {"ids": ticket_ids}) or 0)


_CONFIRMED = text(
    """select count(*) from ticket t
       where t.id = any(:ids) and t.status = 'closed' and t.closed_how = 'confirmed'
         and not exists (select from event e where e.ticket_id = t.id and e.kind = 'status'
                         and e.detail ->> 'said_by' = 'staff'
                         and e.id = (select max(id) from event
                                     where ticket_id = t.id and kind = 'status' and status = 'closed'))"""
)
