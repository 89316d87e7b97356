"""Reports as a sheet, one row a case, for planning and budget: the filter is the list's; taking it is noted.

No name and no number of a citizen is in it; personal numbers in a text were masked when it came in.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from flask import Response, g, request
from sqlalchemy import RowMapping, Select

from bot import workflow
from bot.care import searching, typed
from bot.care.tiering import TIERS
from bot.house import House
from panel import figures, forms, periods, sheets, shown
from panel.access import audience, house
from panel.routes import ACTORS, pages
from storage import audit, queries, sheet
from storage.figures import counted_as
from storage.models import FINISHED, ticket

A_PIECE = 64 * 1024
Shown = Callable[[RowMapping, "_Around"], sheets.Cell]


class _Around:
    """What a row is read against: the time, and the city's zone."""

    def __init__(self, running: House) -> None:
        self.now = running.clock.now()
        self.zone = running.city.timezone

    def at(self, moment: datetime | None) -> str:
        return sheets.moment(moment.astimezone(self.zone) if moment else None)


def _overdue(row: RowMapping, around: _Around) -> str:
    ended = row["status"] in (*FINISHED, "answered") or row["paused_at"]
    return "ya" if row["due_at"] and row["due_at"] < around.now and not ended else ""


COLUMNS: dict[str, Shown] = {
    "Nomor": lambda row, _: row["number"],
    "Masuk": lambda row, around: around.at(row["created_at"]),
    "Lengkap": lambda row, around: around.at(row["filed_at"]),
    "Kanal": lambda row, _: shown.CHANNELS.get(row["channel"], row["channel"]),
    "Asal": lambda row, _: figures.named("origin", row["origin"]),
    "Klasifikasi": lambda row, _: shown.KINDS.get(row["kind"], row["kind"]),
    "Kategori": lambda row, _: row["category_name"] or "",
    "Kategori nasional": lambda row, _: row["national"] or "",
    "Instansi": lambda row, _: row["office_name"] or "",
    "Status": lambda row, _: workflow.NAMES.get(row["status"], row["status"]),
    "Cara selesai": lambda row, _: shown.HOW_CLOSED.get(row["closed_how"], ""),
    "Tingkat": lambda row, _: TIERS.get(row["tier"], ""),
    "Isi": lambda row, _: row["text"],
    "Tempat": lambda row, _: row["place"],
    "Kode tempat": lambda row, _: row["place_code"],
    "Lintang": lambda row, _: row["latitude"],
    "Bujur": lambda row, _: row["longitude"],
    "Anonim": lambda row, _: "ya" if row["anonymous"] else "",
    "Rahasia": lambda row, _: "ya" if row["confidential"] else "",
    "Batas waktu": lambda row, around: around.at(row["due_at"]),
    "Lewat batas": _overdue,
    "Dijawab": lambda row, around: around.at(row["answered_at"]),
    "Tahun anggaran": lambda row, _: row["planned_year"],
    "Kali dikembalikan": lambda row, _: row["return_count"],
    "Kali belum selesai": lambda row, _: row["objections"],
    "Kepuasan": lambda row, _: row["rating"],
    "Nomor di sistem lain": lambda row, _: row["external_number"],
}


@pages.get("/reports.<any(csv, xlsx):kind>")
@audience(*ACTORS)
def reports_sheet(kind: str) -> Response:
    """The reports of a queue, a search or a period, all of them, as a file."""
    running, now = house(), house().clock.now()
    with running.database.transaction() as tx:
        search = forms.tidy(request.args.get("q", ""))[:200]
        tickets = _chosen(searching.meant(tx, search).query if search else "", now)
        audit.note(
            tx, g.reader.staff_id, "export", now, what="reports", kind=kind, filters=sorted(request.args)
        )
    rows = _rows(running, tickets)
    name = f"laporan-{now.astimezone(running.city.timezone):%Y-%m-%d}"
    if kind == "csv":
        return figures.sheet(sheets.csv_lines(list(COLUMNS), rows), kind, name)
    book = tempfile.TemporaryFile()  # closed when it was sent
    sheets.write_xlsx(book, list(COLUMNS), rows)
    book.seek(0)
    answer = figures.sheet(_pieces(book), kind, name)
    answer.call_on_close(book.close)
    return answer


def _chosen(search: Any, now: datetime) -> Select[Any]:
    """The reports that the address asks for, within the reader's scope; never of the supervised lane."""
    zone = house().city.timezone
    queue = request.args.get("queue", "all")
    tickets = queries.selection(
        counted_as(g.reader),
        queue=queue,
        now=now.astimezone(zone),
        search=search,
        origin=typed.known_origin(request.args.get("origin", "")),
    )
    if g.reader.sees_all:
        tickets = tickets.where(ticket.c.parent_id.is_(None))  # the whole stands for its parts
    if "period" in request.args:
        since, until = periods.of(request.args, now.astimezone(zone).date()).instants(zone)
        tickets = tickets.where(ticket.c.created_at >= since, ticket.c.created_at < until)
    return tickets


def _rows(running: House, tickets: Select[Any]) -> Iterator[sheets.Row]:
    """Portion by portion, each in a transaction of its own: a long sheet keeps no old rows alive."""
    around, last = _Around(running), 0
    while True:
        with running.database.reading() as tx:
            found = sheet.portion(tx, tickets, last)
        for row in found:
            yield [show(row, around) for show in COLUMNS.values()]
        if len(found) < sheet.A_PORTION:
            return
        last = found[-1]["id"]


def _pieces(book: IO[bytes]) -> Iterator[bytes]:
    while piece := book.read(A_PIECE):
        yield piece
