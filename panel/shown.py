"""Rows in the words and signs that staff see: chips with icon and text, times, authors, states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from bot import workflow
from bot.care.secrecy import NAMES as SECRECY
from bot.care.tiering import TIERS
from panel import joins, language, steps
from storage.models import FINISHED

Row = Mapping[Any, Any]

CHANNELS = {
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "sms": "SMS",
    "simulator": "Simulator",
    "panel": "lewat petugas",
}
KINDS = {"complaint": "pengaduan", "aspiration": "aspirasi", "information": "permintaan informasi"}
HOW_CLOSED = {
    "confirmed": "warga menyatakan selesai",
    "no_answer": "warga tidak menanggapi",
    "withdrawn": "warga menarik laporan",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A short text with an icon of icons.svg and a tone: calm, good, warn, bad or off."""

    text: str
    icon: str
    tone: str = "calm"


STATUSES = {
    "draft": ("pencil", "off"),
    "received": ("inbox", "calm"),
    "forwarded": ("arrow", "calm"),
    "in_progress": ("gear", "calm"),
    "waiting": ("pause", "warn"),
    "planned": ("calendar", "off"),
    "returned": ("back", "warn"),
    "answered": ("reply", "good"),
    "closed": ("check", "good"),
    "rejected": ("cross", "bad"),
    "merged": ("merge", "off"),
}
STATES = {
    "received": Chip("diterima", "check", "off"),
    "waiting": Chip("menunggu dikirim", "clock", "off"),
    "held": Chip("tertahan sampai warga menulis lagi", "pause", "warn"),
    "sending": Chip("sedang dikirim", "arrow", "off"),
    "sent": Chip("terkirim", "check", "calm"),
    "delivered": Chip("sampai", "checks", "calm"),
    "read": Chip("dibaca", "checks", "good"),
    "failed": Chip("gagal", "alert", "bad"),
    "unknown": Chip("belum pasti terkirim", "question", "warn"),
    "cancelled": Chip("dibatalkan", "cross", "off"),
}
EVENTS = {
    "filed": "Laporan masuk",
    "typed": "Diketik petugas untuk pelapor",
    "forwarded": "Diteruskan",
    "added": "Pelapor menambahkan keterangan",
    "place": "Tempat dicatat",
    "note": "Catatan internal",
    "undone": "Diurungkan sebelum terkirim",
    "tagged": "Label diubah",
    "human": "Pelapor meminta petugas",
    "external": "Nomor di sistem lain dicatat",
    "confidential": "Laporan menjadi rahasia",
    "numbers_kept": "Pelapor menyimpan nomor pribadi untuk petugas",
    "hidden": "Nomor pribadi dibuka",
    "rated": "Pelapor memberi penilaian",
    "category": "Kategori diubah",
    "secrecy": "Kerahasiaan dinaikkan",
    "supervised": "Masuk jalur pengawasan",
    "unsupervised": "Keluar dari jalur pengawasan",
    "unlock_asked": "Identitas pelapor diminta",
    "unlock_granted": "Permintaan identitas disetujui; pelapor diberi tahu",
    "unlock_refused": "Permintaan identitas ditolak",
    "unlock_opened": "Identitas pelapor dibuka",
    "tier": "Tingkat diubah",
    "assigned": "Ditugaskan",
    "taken": "Percakapan diambil alih petugas",
    "handed_back": "Percakapan dikembalikan ke bot",
    "nudged": "Koordinator mengingatkan instansi",
    "ombudsman": "Pelapor diberi tahu keterlambatan dan jalur Ombudsman",
    "silence": "Pelapor diingatkan bahwa laporan akan ditutup",
    "proof_repeat": "Foto bukti mirip dengan foto yang sudah ada",
    "no_proof": "Selesai tanpa foto bukti",
    "resent": "Pesan yang gagal dikirim lagi",
    "redacted": "Bagian foto ditutup",
    "masked": "Kata ditutup",
    "original_opened": "Isi asli yang ditutup dibuka",
    "original_restored": "Isi asli ditampilkan lagi",
    "undelivered": "Kabar belum sampai ke pelapor; laporan tidak ditutup",
}


def status_chip(status: str) -> Chip:
    """A ticket's status with its sign."""
    icon, tone = STATUSES[status]
    return Chip(workflow.NAMES[status], icon, tone)


# Events that the reporter sets off.
REPORTERS = ("added", "human", "filed", "rated", "confidential", "numbers_kept")


def secrecy_chips(row: Row) -> list[Chip]:
    """Signs of a report that is not open to the public, or whose reporter nobody is to know."""
    signs = {
        "supervised": Chip("jalur pengawasan", "lock", "bad"),
        "confidential": Chip("rahasia", "lock", "warn"),
        "anonymous": Chip("anonim", "person", "off"),
    }
    return [sign for name, sign in signs.items() if row[name]]


LEVELS = {"superior": "instansi atasan", "coordinator": "koordinator"}


def objections_chip(row: Row) -> Chip | None:
    """How often the reporter said that it is not solved; None when he never did."""
    times = row["objections"]
    if not times:
        return None
    return Chip(f"pelapor: belum selesai ({times}x)", "alert", "off" if row["status"] in FINISHED else "bad")


def state_chip(row: Row) -> Chip:
    """What became of a message, with the reason when it failed or must be tried again."""
    state = STATES[row["state"]]
    if (
        row["error"]
        and row["direction"] == "out"
        and row["state"] in ("failed", "waiting", "held", "cancelled")
    ):
        return Chip(f"{language.text(state.text)}: {language.text(row['error'])}", state.icon, state.tone)
    return state


def when(moment: datetime, timezone: ZoneInfo) -> str:
    """A time as staff read it: "Senin, 23 Nov 2026 14.05 WIB"."""
    local = moment.astimezone(timezone)
    words = format_datetime(local, "EEEE, d MMM yyyy", locale=language.current())
    return f"{words} {hour(moment, timezone)} {local.tzname()}"


def hour(moment: datetime, timezone: ZoneInfo) -> str:
    """The time of a day as staff read it: "14.05"."""
    return format(moment.astimezone(timezone), "%H:%M" if language.current() == "en" else "%H.%M")


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit: "3 hari"."""
    return format_timedelta(max(now - moment, now - now), locale=language.current(), threshold=1)


def author(row: Row, ticket: Row) -> str:
    """Who wrote a message. Never a name or number of a citizen: officers write to a report."""
    if row["direction"] == "in":
        if ticket["conversation_id"] and row["conversation_id"] != ticket["conversation_id"]:
            return "Pengikut laporan"
        return "Pelapor (anonim)" if ticket["anonymous"] else "Pelapor"
    if row["author"] == "staff":
        return str(row["staff_name"] or row["staff_email"] or "Petugas")
    return "Kentongan (otomatis)"


def side(row: Row) -> str:
    """Whose words these are, for the look of a message: citizen, bot or staff."""
    return "citizen" if row["direction"] == "in" else "staff" if row["author"] == "staff" else "bot"


def happened(row: Row) -> str:
    """One line of a ticket's history."""
    if row["detail"].get("by") == "follower":
        return "Pengikut menambahkan keterangan"
    if times := row["detail"].get("objection"):
        level = LEVELS.get(row["detail"].get("level", ""), "")
        return f"{joins.by_joined(row) or 'Pelapor'}: belum selesai (ke-{times}), dinaikkan ke {level}"
    if row["kind"] == "added" and (who := joins.by_joined(row)):
        return f"{who} menambahkan keterangan"
    in_words = _IN_WORDS.get(row["kind"])
    return in_words(row) if in_words else EVENTS.get(row["kind"], str(row["kind"]))


def _status(row: Row) -> str:
    reached = f"Status: {workflow.NAMES.get(row['status'], row['status'])}"
    how = HOW_CLOSED.get(row["detail"].get("how", ""), "")
    if row["detail"].get("said_by") == "staff":
        how = "dinyatakan petugas, bukan oleh pelapor"
    return f"{reached} ({how})" if how else reached


def _category(row: Row) -> str:
    same = row["detail"].get("from") == row["detail"].get("to")
    return "Kategori dibenarkan" if same else EVENTS["category"]


def _assigned(row: Row) -> str:
    return EVENTS["assigned"] if row["detail"].get("to") else "Tidak lagi ditugaskan"


# Kinds of events that need more than a name.
_IN_WORDS: Mapping[str, Callable[[Row], str]] = {
    "status": _status,
    "category": _category,
    "assigned": _assigned,
    "secrecy": lambda row: f"Dijadikan {SECRECY.get(row['detail'].get('flag', ''), 'lebih rahasia')}",
    "escalated": lambda row: steps.happened(row["detail"]),
    "rated": lambda row: f"{EVENTS['rated']}: {row['detail'].get('stars')} dari 5",
    "tier": lambda row: f"Tingkat menjadi {TIERS.get(row['detail'].get('to', ''), '')}",
    **joins.IN_WORDS,
}


def who_did(row: Row) -> str:
    """Who made an event happen."""
    if row["detail"].get("by") == "follower":
        return "Pengikut"
    if who := joins.by_joined(row):
        return who
    by_reporter = row["kind"] in REPORTERS or "objection" in row["detail"]
    return str(row["staff_email"] or "") or ("Pelapor" if by_reporter else "Sistem")
