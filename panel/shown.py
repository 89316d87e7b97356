"""Rows in the words and signs that staff see: chips with icon and text, times, authors, states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from bot import deadlines, workflow
from bot.cities.city import City
from storage.models import FINISHED

Row = Mapping[Any, Any]

CHANNELS = {"whatsapp": "WhatsApp", "telegram": "Telegram", "sms": "SMS", "simulator": "Simulator"}
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
    "forwarded": "Diteruskan",
    "added": "Pelapor menambahkan keterangan",
    "place": "Tempat dicatat",
    "note": "Catatan",
    "human": "Pelapor meminta petugas",
    "confidential": "Laporan menjadi rahasia",
    "numbers_kept": "Pelapor menyimpan nomor pribadi untuk petugas",
    "hidden": "Nomor pribadi dibuka",
    "rated": "Pelapor memberi penilaian",
    "category": "Kategori diubah",
    "taken": "Percakapan diambil alih petugas",
    "handed_back": "Percakapan dikembalikan ke bot",
}


def status_chip(status: str) -> Chip:
    """A ticket's status with its sign."""
    icon, tone = STATUSES[status]
    return Chip(workflow.NAMES[status], icon, tone)


# Events that the reporter sets off.
REPORTERS = ("added", "human", "filed", "rated", "confidential", "numbers_kept")


def secrecy_chips(row: Row) -> list[Chip]:
    """Signs of a report that is not open to the public, or whose reporter nobody is to know."""
    signs = {"confidential": Chip("rahasia", "lock", "warn"), "anonymous": Chip("anonim", "person", "off")}
    return [sign for name, sign in signs.items() if row[name]]


def due_chip(row: Row, now: datetime, city: City) -> Chip:
    """How much time a ticket has left, in working days of the city; a paused clock says so."""
    if row["status"] in FINISHED:
        return Chip("tuntas", "check", "off")
    if row["status"] == "answered":
        return Chip("sudah dijawab", "reply", "off")
    if row["due_at"] is None:
        return Chip("tanpa batas waktu", "clock", "off")
    moment = row["paused_at"] or now
    left = deadlines.working_days_left(moment, row["due_at"], city.calendar, city.timezone)
    words = _left(left)
    if row["paused_at"]:
        return Chip(f"jeda, {words}", "pause", "off")
    if left < 0:
        return Chip(words, "alert", "bad")
    return Chip(words, "clock", "warn" if left <= 1 else "calm")


def _left(days: int) -> str:
    if days < 0:
        return f"lewat {-days} hari kerja"
    return f"sisa {days} hari kerja" if days else "batas hari ini"


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
    if row["error"] and row["direction"] == "out" and row["state"] in ("failed", "waiting", "held"):
        return Chip(f"{state.text}: {row['error']}", state.icon, state.tone)
    return state


def when(moment: datetime, timezone: ZoneInfo) -> str:
    """A time as staff read it: "Senin, 23 Nov 2026 14.05 WIB"."""
    local = moment.astimezone(timezone)
    return f"{format_datetime(local, 'EEEE, d MMM yyyy HH.mm', locale='id')} {local.tzname()}"


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit: "3 hari"."""
    return format_timedelta(max(now - moment, now - now), locale="id", threshold=1)


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
        return f"Pelapor: belum selesai (ke-{times}), dinaikkan ke {level}"
    if row["kind"] == "rated":
        return f"{EVENTS['rated']}: {row['detail'].get('stars')} dari 5"
    if row["kind"] == "status":
        reached = f"Status: {workflow.NAMES.get(row['status'], row['status'])}"
        how = HOW_CLOSED.get(row["detail"].get("how", ""), "")
        return f"{reached} ({how})" if how else reached
    if row["kind"] == "category" and row["detail"].get("from") == row["detail"].get("to"):
        return "Kategori dibenarkan"
    return EVENTS.get(row["kind"], str(row["kind"]))


def who_did(row: Row) -> str:
    """Who made an event happen."""
    if row["detail"].get("by") == "follower":
        return "Pengikut"
    by_reporter = row["kind"] in REPORTERS or "objection" in row["detail"]
    return str(row["staff_email"] or "") or ("Pelapor" if by_reporter else "Sistem")
