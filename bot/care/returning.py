"""Sent back as "bukan kewenangan": with a reason and, if it is known, the office that should have the report.

The first return goes to the coordinator's queue, where one click passes it on to the proposed office. From
the second on the coordinators get a notice, the stage clock "return" is theirs, and the citizen is told until
when they decide. A returned report keeps its office until it is passed on: nobody loses sight of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from bot.care import notices
from bot.care.moved import Moved
from bot.workflow import NotAllowed
from storage.models import office

BOUNCES = 2  # returns from which on a report is said to bounce


def checked(tx: Connection, row: RowMapping, given: Mapping[str, Any]) -> dict[str, Any]:
    """What comes with a return; its `office` is the one that is proposed, empty when nobody knows.

    Raises:
        NotAllowed: the proposed office is unknown, the same one, or the one that returned it before; or this
            office returned it for the same reason before.
    """
    if len(given.get("offices") or ()) > 1:
        raise NotAllowed("Usulkan satu instansi saja.")
    rest = {name: value for name, value in given.items() if name not in ("office", "offices")}
    proposed = given.get("office") or ""
    if proposed:
        _check_proposed(tx, row, proposed)
    note = _plain(given.get("note") or "")
    if note and note in _reasons(tx, row):
        raise NotAllowed("Instansi ini sudah mengembalikan dengan alasan yang sama; tulis alasan yang baru.")
    return {**rest, "proposed": proposed}


def _check_proposed(tx: Connection, row: RowMapping, code: str) -> None:
    found = tx.scalar(select(office.c.id).where(office.c.code == code, office.c.active))
    if found is None:
        raise NotAllowed(f"Instansi dengan kode {code} tidak ada.")
    if found == row["office_id"]:
        raise NotAllowed("Laporan ini ada di instansi itu; pilih instansi lain, atau tidak tahu.")
    if found == tx.scalar(_LAST_RETURN, {"ticket": row["id"]}):
        raise NotAllowed("Instansi itu baru saja mengembalikan laporan ini; pilih lain, atau tidak tahu.")


_LAST_RETURN = text(
    """select office_id from event where ticket_id = :ticket and kind = 'status' and status = 'returned'
       order by id desc limit 1"""
)
_REASONS = text(
    """select note from event where ticket_id = :ticket and kind = 'status' and status = 'returned'
       and office_id = :office"""
)


def _reasons(tx: Connection, row: RowMapping) -> set[str]:
    values = {"ticket": row["id"], "office": row["office_id"]}
    return {_plain(note) for note in tx.scalars(_REASONS, values)}


def _plain(note: str) -> str:
    return " ".join(note.casefold().split()).strip(" .!")


def tell_of_return(moved: Moved) -> None:
    """From the second return on the coordinators are told: it must not bounce unseen."""
    row = moved.row
    if row["status"] == "returned" and row["return_count"] >= BOUNCES:
        times = str(row["return_count"])
        notices.tell(moved.tx, row, "returned", ["coordinator"], moved.now, about=times, note=f"{times} kali")


# --- the report on bouncing ---------------------------------------------------------------------------------
def by_office(tx: Connection, since: datetime | None = None) -> list[RowMapping]:
    """Per office how often it `returned`, how many `reports`, and how many of them `bounced`."""
    return list(tx.execute(_BY_OFFICE, {"since": since, "bounces": BOUNCES}).mappings())


def bouncing(tx: Connection) -> list[RowMapping]:
    """The open reports that were returned twice or more, the worst first."""
    return list(tx.execute(_BOUNCING, {"bounces": BOUNCES}).mappings())


# The supervised lane is the inspectors' alone, so it is in no report of this kind.
_BY_OFFICE = text(
    """select o.code, o.name, count(*) as returned, count(distinct t.id) as reports,
              count(distinct t.id) filter (where t.return_count >= :bounces) as bounced
       from event e join ticket t on t.id = e.ticket_id and not t.supervised
       left join office o on o.id = e.office_id
       where e.kind = 'status' and e.status = 'returned'
         and (cast(:since as timestamptz) is null or e.at >= :since)
       group by o.id, o.code, o.name order by returned desc, o.code"""
)
_BOUNCING = text(
    """select t.number, t.status, t.return_count, t.stage_due_at, o.code as office, p.code as proposed
       from ticket t left join office o on o.id = t.office_id
       left join office p on p.id = t.proposed_office_id
       where t.status not in ('closed', 'rejected', 'merged') and t.return_count >= :bounces
         and not t.supervised
       order by t.return_count desc, t.id"""
)
