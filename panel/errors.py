"""What staff read when a page cannot be shown: one heading, one sentence, in Indonesian."""

import math

from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from panel.access import in_panel
from panel.routes import words
from storage.database import DatabaseAway

PAGES = {
    400: (
        "Formulir tidak dapat diterima",
        "Sesi atau formulir ini sudah kedaluwarsa dan tidak ada yang diubah. "
        "Tekan tombol Kembali, salin teks Anda, lalu muat ulang halaman.",
    ),
    403: ("Tidak berwenang", "Peran Anda tidak boleh membuka halaman ini."),
    404: ("Tidak ditemukan", "Halaman atau laporan ini tidak ada atau bukan wewenang Anda."),
    405: ("Tidak dapat dilakukan", "Halaman ini tidak menerima permintaan seperti itu."),
    413: (
        "Terlalu besar",
        "Isian atau foto Anda terlalu besar. Pendekkan, atau pilih foto yang lebih kecil.",
    ),
    415: ("Tidak dapat dibaca", "Halaman ini hanya menerima formulir."),
    429: ("Terlalu banyak percobaan", "Tunggu {0} menit, lalu coba masuk lagi."),
    500: ("Terjadi gangguan", "Ada kesalahan di sistem. Coba lagi; bila berulang, hubungi pengelola sistem."),
    503: ("Sedang tidak tersedia", "Basis data sedang tidak dapat dihubungi. Coba lagi sebentar lagi."),
    507: (
        "Ruang penyimpanan hampir penuh",
        "Tidak ada yang diubah; yang tersimpan tetap dapat dibaca. Hubungi pengelola sistem.",
    ),
}


def install(app: Flask) -> None:
    """Show the panel's own error pages under /panel/; errors elsewhere stay as they are."""
    app.register_error_handler(HTTPException, _page)


def _minutes(error: HTTPException) -> int:
    """How long somebody has to wait before he may try again, rounded up."""
    seconds = getattr(error, "retry_after", None) or 60
    return math.ceil(seconds / 60) if isinstance(seconds, int) else 1


def _page(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if not in_panel() or code < 400:
        return error
    if isinstance(getattr(error, "original_exception", None), (DatabaseAway, OperationalError)):
        code = 503
    title, sentence = PAGES.get(code, PAGES[500])
    sentence = sentence.format(_minutes(error))
    # Not render_template: it asks the database who is logged in, and the database may be what failed.
    page = current_app.jinja_env.get_template("panel/error.html")
    headers = {"Retry-After": str(_minutes(error) * 60)} if code == 429 else {}
    return page.render(code=code, title=title, sentence=sentence, **words()), code, headers
