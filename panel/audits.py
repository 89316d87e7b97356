"""The audit log for administrators and inspectors: who did what and what was refused, as page and sheet."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import RowMapping, select

from bot.house import House
from panel import language, sheets
from panel.access import audience, house
from storage import audit
from storage.audit import Sought
from storage.models import staff
from storage.queries import Reader

AUDITORS = ("administrator", "inspector")
PAGE = 50
SHEET_PAGE = 1000
LARGEST_ID = 2**63 - 1
ACTIONS = {
    "login": "masuk",
    "login_failed": "kata sandi salah",
    "logout": "keluar",
    "logout_everywhere": "keluar dari semua perangkat",
    "second_factor_failed": "kode kedua salah",
    "second_factor_changed": "pengaman kedua diubah",
    "passkey_added": "passkey didaftarkan",
    "passkey_removed": "passkey dihapus",
    "passkey_failed": "passkey ditolak",
    "password_changed": "kata sandi diganti",
    "staff_added": "petugas ditambah",
    "staff_invited": "petugas diundang",
    "invitation_accepted": "undangan diterima",
    "staff_changed": "peran atau instansi petugas diubah",
    "staff_disabled": "akun dinonaktifkan",
    "role_refused": "ditolak: bukan perannya",
    "outside_scope": "ditolak: bukan wewenangnya atau tidak ada",
    "power_in_form": "diabaikan: peran atau instansi diselipkan di formulir",
    "unlock_asked": "minta buka identitas",
    "unlock_granted": "buka identitas disetujui",
    "unlock_refused": "buka identitas ditolak",
    "unlock_opened": "identitas dibuka",
    "redacted": "bagian foto ditutup",
    "masked": "kata ditutup",
    "original_opened": "isi asli yang ditutup dibuka",
    "original_restored": "isi asli ditampilkan lagi",
    "export": "data diekspor",
    "phone_searched": "laporan dicari dengan nomor telepon",
    "handover": "serah terima",
    "settings": "pengaturan diubah",
    "typed_in": "laporan diketik untuk pelapor",
    "event_retried": "pesan tersisih dicoba lagi",
}
# What stands in a row's detail; a name that no list has is shown as it was written.
DETAILS = {
    "agent": "peramban",
    "by": "dengan",
    "method": "cara",
    "endpoint": "halaman",
    "fields": "kolom",
    "whom": "petugas nomor",
    "tickets": "laporan",
    "chats": "percakapan",
    "disabled": "dinonaktifkan",
    "what": "isi",
    "kind": "bentuk",
    "filters": "saringan",
    "period": "periode",
    "found": "ditemukan",
    "readable": "nomor terbaca",
    "origin": "asal",
    "event": "pesan nomor",
    "unlock": "permintaan nomor",
    "code": "kode",
    "role": "peran",
    "office": "instansi",
}

pages = Blueprint("audits", __name__, url_prefix="/panel")


@pages.get("/audit")
@audience(*AUDITORS)
def listed() -> str:
    """One page of the log; the filter is the address."""
    sought = _sought()
    before = min(max(request.args.get("before", 0, int), 0), LARGEST_ID) or None
    with house().database.reading() as tx:
        rows = audit.listed(tx, g.reader, sought, before=before, limit=PAGE + 1)
        people = tx.execute(select(staff.c.id, staff.c.email).order_by(staff.c.email)).mappings().all()
    return render_template(
        "panel/audit.html",
        rows=rows[:PAGE],
        older=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        people=people,
        actions=ACTIONS,
        name_of=name_of,
        detail_of=detail_of,
        chosen={name: request.args.get(name, "") for name in FIELDS},
        person=sought.staff_id,
    )


@pages.get("/audit.csv")
@audience(*AUDITORS)
def as_sheet() -> Response:
    """The same rows as CSV, all of them; that it was taken is itself a row."""
    sought, at = _sought(), house().clock.now()
    with house().database.transaction() as tx:
        audit.note(tx, g.reader.staff_id, "export", at, what="audit", filters=sorted(request.args))
    heads = ["Waktu", "Petugas", "Tindakan", "Laporan", "Rincian"]
    headers = {"Content-Disposition": "attachment; filename=catatan-audit.csv"}
    return Response(
        sheets.csv_lines(heads, _rows(house(), g.reader, sought)), mimetype="text/csv", headers=headers
    )


FIELDS = ("who", "action", "from", "to")


def _rows(running: House, by: Reader, sought: Sought) -> Iterator[sheets.Row]:
    """Page by page, each in a transaction of its own: a long sheet keeps no old rows alive.

    It runs while the answer goes out, when the request is over.
    """
    before: int | None = None
    zone = running.city.timezone
    while True:
        with running.database.reading() as tx:
            rows = audit.listed(tx, by, sought, before=before, limit=SHEET_PAGE)
        for row in rows:
            at = sheets.moment(row["at"].astimezone(zone))
            yield at, row["email"] or "", name_of(row["action"]), row["number"] or "", detail_of(row)
        if len(rows) < SHEET_PAGE:
            return
        before = rows[-1]["id"]


def name_of(action: str) -> str:
    """An action as it is read; what no list has is shown as it was written."""
    return ACTIONS.get(action, action)


def detail_of(row: RowMapping) -> str:
    """The detail in one line."""
    return ", ".join(
        f"{language.text(DETAILS.get(name, name))}: {language.text(_plain(one))}"
        for name, one in row["detail"].items()
        if one not in ("", [])
    )


def _plain(one: Any) -> str:
    if isinstance(one, bool):
        return "ya" if one else "tidak"
    return " ".join(str(part) for part in one) if isinstance(one, list) else str(one)


def _sought() -> Sought:
    who = request.args.get("who", 0, int)
    until = _day("to")
    return Sought(
        staff_id=who if 0 < who <= LARGEST_ID else None,
        action=request.args.get("action", "").replace("\x00", "")[:60],
        since=_day("from"),
        until=until + timedelta(days=1) if until else None,
    )


def _day(name: str) -> datetime | None:
    """The beginning of a day in the city; None when it is none."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
        return datetime.combine(day, time(), house().city.timezone) if 2000 <= day.year <= 2200 else None
    except ValueError:
        return None
