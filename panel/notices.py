"""The page of notices: what the reader should look at, newest first; marking as read; the menu's count."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from panel.access import audience, house, in_panel
from panel.staff import ROLES
from panel.steps import CLOCKS, STEPS
from storage import notices

PAGE = 30
LAST_PAGE = 10_000
LARGEST_ID = 2**63 - 1
# What a notice is about, by its kind, with a sign of icons.svg.
KINDS = {
    "before": (STEPS["before"], "clock"),
    "due": (STEPS["due"], "clock"),
    "overdue": (STEPS["overdue"], "alert"),
    "late": (STEPS["late"], "alert"),
    "nudge": ("Koordinator mengingatkan laporan ini", "alert"),
    "objection": ("Pelapor: belum selesai", "alert"),
    "away": ("Di luar kota: tanyakan kabarnya di sana", "arrow"),
    "returned": ("Dikembalikan: bukan kewenangan", "back"),
    "part": ("Satu bagian laporan belum beres", "merge"),
    "assigned": ("Ditugaskan kepada Anda", "person"),
    "handover": ("Serah terima: laporan kini tugas Anda", "person"),
    "undelivered": ("Kabar belum sampai ke pelapor", "alert"),
    "lane_proposed": ("Diusulkan ke jalur pengawasan", "lock"),
    "lane_placed": ("Masuk jalur pengawasan", "lock"),
    "lane_released": ("Keluar dari jalur pengawasan", "lock"),
    "unlock_asked": ("Identitas pelapor diminta", "lock"),
    "unlock_granted": ("Permintaan identitas disetujui", "lock"),
    "unlock_refused": ("Permintaan identitas ditolak", "lock"),
    "proof_repeat": ("Foto bukti mirip foto sebelumnya", "alert"),
    "no_proof": ("Selesai tanpa foto bukti", "question"),
}
KINDS |= {
    "year": ("Tahun anggarannya sudah mulai", "calendar"),
    "crisis": ("Mode darurat", "alert"),
    "trapped": ("Ada yang terjebak", "alert"),
}
UNKNOWN = ("Pemberitahuan", "inbox")

pages = Blueprint("notices", __name__, url_prefix="/panel/notices")


@pages.get("")
@audience(*ROLES)
def listed() -> str:
    """A page of notices: those not read yet, or all."""
    everything = request.args.get("show") == "all"
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    with house().database.reading() as tx:
        # One more tells whether there is a next page.
        first = (page - 1) * PAGE
        rows = notices.listed(tx, g.reader, everything=everything, limit=PAGE + 1, offset=first)
    return render_template(
        "panel/notices.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        page=page,
        everything=everything,
        what=lambda row: KINDS.get(row["kind"], UNKNOWN),
        clock=lambda row: CLOCKS.get(row["about"].partition(" ")[0], ""),
    )


@pages.post("/<int:notice_id>/read")
@audience(*ROLES)
def read(notice_id: int) -> ResponseReturnValue:
    """Mark one of the reader's notices as read."""
    with house().database.transaction() as tx:
        known = notice_id <= LARGEST_ID
        if not known or not notices.mark_read(tx, g.reader.staff_id, house().clock.now(), notice_id):
            abort(404)
    return redirect(url_for("notices.listed"))


@pages.post("/read")
@audience(*ROLES)
def read_all() -> ResponseReturnValue:
    """Mark all of the reader's notices as read."""
    with house().database.transaction() as tx:
        notices.mark_read(tx, g.reader.staff_id, house().clock.now())
    flash("Semua pemberitahuan ditandai sudah dibaca.")
    return redirect(url_for("notices.listed"))


@pages.app_context_processor
def unread() -> dict[str, Any]:
    """What the menu counts."""
    return {"unread_notices": _unread} if in_panel() else {}


def _unread() -> str:
    """How many notices wait, as the menu says it; empty when there are none."""
    with house().database.reading() as tx:
        count = notices.unread(tx, g.reader.staff_id)
    most = notices.MOST_COUNTED
    return f"{most - 1}+" if count >= most else str(count or "")
