"""What staff type into a ticket's forms: read, tidied, and checked before the desk is asked."""

import re
import unicodedata
from collections.abc import Mapping

from bot.workflow import NAMES, STATUSES, NotAllowed, check_length

FIELDS = ("note", "office", "how", "into", "year")
LABELS = {
    "note": "keterangan",
    "office": "instansi tujuan",
    "how": "cara selesai",
    "into": "nomor laporan tujuan",
    "year": "tahun anggaran",
}


def tidy(text: str) -> str:
    """A text as the database takes it: one kind of line end, no control characters, composed, trimmed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc"
    ).strip()


def read(form: Mapping[str, str]) -> dict[str, str]:
    """The fields a move can carry, tidied; status, office or role of anybody are not among them."""
    return {name: tidy(form.get(name, "")) for name in FIELDS}


def check(status: str, given: Mapping[str, str]) -> None:
    """Raise NotAllowed, in words of the page, when a field that the status needs is missing or unusable."""
    if status not in STATUSES:
        raise NotAllowed("Pilih status baru dulu.")
    missing = [LABELS[name] for name in STATUSES[status].needs if not given.get(name)]
    if missing:
        raise NotAllowed(f"Untuk status {NAMES[status]}, isi dulu: {', '.join(missing)}.")
    check_length(given["note"])
    if given["year"] and not re.fullmatch(r"20[0-9]{2}", given["year"]):
        raise NotAllowed("Tahun anggaran harus empat angka, misalnya 2027.")


def marks(form: Mapping[str, str]) -> dict[str, str]:
    """What a form says about the state it was filled in on: the report's version, the last event shown."""
    found = {name: form.get(name, "")[:18] for name in ("version", "seen")}
    return {name: value if re.fullmatch(r"[0-9]+", value) else "" for name, value in found.items()}
