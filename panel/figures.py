"""The pages of figures: of a period, of this moment for a monitoring room, and both as sheets.

Not one word of a report is on them. What is in the supervised lane is not counted: it might be about
whoever reads the figures.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from flask import Response, abort, g, render_template, request
from sqlalchemy import Connection

from bot.care.typed import ORIGINS
from panel import charts, periods, sheets, shown
from panel.access import audience, house
from panel.periods import Period
from panel.routes import ACTORS, SUPERVISOR, pages
from storage import audit, figures, queries

READERS = (SUPERVISOR, *ACTORS)
REFRESH_SECONDS = 60
MOST_ROWS = 400  # of a table on the page; a sheet has all
MOST_SLOW = 10
LEAST_ANSWERED = 3  # answers by which an office's days say something
OWN = "warga sendiri"  # no origin: the citizen wrote himself
TABLES = {
    "office": "Per instansi",
    "category": "Per kategori",
    "national": "Per kategori nasional",
    "channel": "Per kanal",
    "origin": "Per asal",
    "month": "Per bulan",
}
UNNAMED = {
    "office": "Belum ada instansi",
    "category": "Tanpa kategori",
    "national": "Tanpa kategori nasional",
}
# What is shown of each office, category and so on; a sheet has these columns, too.
COLUMNS = {
    "inflow": "Masuk",
    "open": "Terbuka",
    "overdue": "Lewat batas",
    "stuck": "Tidak bergerak 7 hari",
    "acted": "Ditindaklanjuti",
    "action_mean": "Hari ke tindakan pertama, rata-rata",
    "action_median": "Hari ke tindakan pertama, median",
    "answered": "Dijawab",
    "answer_mean": "Hari ke jawaban, rata-rata",
    "answer_median": "Hari ke jawaban, median",
    "confirmed": "Selesai menurut warga",
    "by_staff": "Selesai menurut petugas",
    "no_answer": "Ditutup: warga tidak menanggapi",
    "withdrawn": "Ditarik warga",
    "rejected": "Ditolak",
    "merged": "Digabung",
    "rated": "Penilaian",
    "stars": "Kepuasan, rata-rata dari 5",
    "returned": "Pernah dikembalikan",
    "returns": "Kali dikembalikan",
}


@pages.get("/figures", endpoint="figures")
@audience(*READERS)
def figures_page() -> str:
    """What became of the reports of a period: of the own office and below, without an office of the city."""
    now, period = house().clock.now(), _period()
    with house().database.reading() as tx:
        found = _found(tx, period, now)
        counts = queries.queue_counts(tx, figures.counted_as(g.reader), now)
    return render_template(
        "panel/figures.html",
        period=period,
        periods=periods.NAMES,
        years=range(now.year, now.year - 6, -1),
        all=found.total,
        tables={name: (TABLES[name], found.by[name][:MOST_ROWS]) for name in TABLES},
        slow=slowest(found.by["office"]),
        months=charts.lines(found.by["month"], ("inflow", "answered")),
        columns=COLUMNS,
        named=named,
        queues=queries.QUEUES,
        counts=counts,
        charts=charts,
    )


@pages.get("/figures.<any(csv, xlsx):kind>")
@audience(*READERS)
def figures_sheet(kind: str) -> Response:
    """The same figures as a sheet: one row for all, then one for each office, category and so on."""
    now, period = house().clock.now(), _period()
    with house().database.transaction() as tx:
        found = _found(tx, period, now)
        audit.note(tx, g.reader.staff_id, "export", now, what="figures", period=period.title)
    header = ["Pembagian", "Nama", *COLUMNS.values()]
    name = f"angka-{period.first}-{period.last}"
    if kind == "csv":
        return sheet(b"".join(sheets.csv_lines(header, _rows(found))), kind, name)
    book = io.BytesIO()
    sheets.write_xlsx(book, header, _rows(found))
    return sheet(book.getvalue(), kind, name)


@pages.get("/wall")
@audience(*READERS)
def wall() -> Response:
    """What is open now, in large figures; the page loads itself anew every minute, without a script.

    By a header, and not in the page: who reads slowly, or by ear, can switch it off.
    Source: https://www.w3.org/WAI/WCAG22/Understanding/timing-adjustable.html
    """
    still = request.args.get("refresh") == "off"
    now = house().clock.now()
    zone = house().city.timezone
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    with house().database.reading() as tx:
        found = figures.of_now(tx, g.reader, today, now, zone.key)
    page = render_template("panel/wall.html", wall=found, now=now, still=still, charts=charts, named=named)
    return Response(page, headers={} if still else {"Refresh": str(REFRESH_SECONDS)})


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def sheet(body: Any, kind: str, name: str) -> Response:
    """A sheet to be kept as a file."""
    headers = {"Content-Disposition": f"attachment; filename={name}.{kind}"}
    return Response(body, content_type=TYPES.get(kind) or abort(404), headers=headers)


def named(table: str, name: str) -> str:
    """The name of a row of a table, as staff read it."""
    if table == "channel":
        return shown.CHANNELS.get(name, name or "-")
    if table == "origin":
        return str(ORIGINS.get(name, name)) if name else OWN
    return name or UNNAMED.get(table, "-")


def slowest(offices: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Offices with answers enough to judge by, those who take longest first."""
    judged = [row for row in offices if row["answered"] >= LEAST_ANSWERED]
    return sorted(judged, key=lambda row: -row["answer_mean"])[:MOST_SLOW]


def _period() -> Period:
    today = house().clock.now().astimezone(house().city.timezone).date()
    return periods.of(request.args, today)


def _found(tx: Connection, period: Period, now: datetime) -> figures.Figures:
    zone = house().city.timezone
    since, until = period.instants(zone)
    return figures.of_period(tx, g.reader, since, until, now, zone.key)


def _rows(found: figures.Figures) -> Iterator[list[sheets.Cell]]:
    yield ["Semua", "", *_cells(found.total)]
    for table, title in TABLES.items():
        for row in found.by[table]:
            yield [title, named(table, row["name"]), *_cells(row)]


def _cells(row: Mapping[str, Any]) -> list[sheets.Cell]:
    return [row[name] if row[name] is None else round(float(row[name]), 2) for name in COLUMNS]
