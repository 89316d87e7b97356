"""Lines of a ticket's history about mergers, budget years and emergencies, in the words that staff read."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.care.crisis_answers import in_words

Row = Mapping[Any, Any]


def _parted(row: Row) -> str:
    line = f"Laporan {row['detail'].get('from')} berdiri sendiri lagi"
    count = row["detail"].get("messages")
    return f"{line}; {count} pesan pelapornya kembali ke sana" if count else line


def _crisis(row: Row) -> str:
    answers = in_words(row["detail"])
    return f"Mode darurat: {answers}" if answers else "Masuk mode darurat, jam darurat berlaku"


IN_WORDS: Mapping[str, Callable[[Row], str]] = {
    "joined": lambda row: f"Digabung ke laporan {row['detail'].get('into')}",
    "gained": lambda row: f"Laporan {row['detail'].get('from')} digabung ke sini",
    "unmerged": lambda row: f"Penggabungan dengan laporan {row['detail'].get('into')} dibatalkan",
    "parted": _parted,
    "crisis": _crisis,
    "year": lambda row: f"Tahun anggaran {row['detail'].get('year')} dimulai",
}


def by_joined(row: Row) -> str:
    """Who speaks when staff joined his report with this one; empty for everybody else."""
    joined = row["detail"].get("by") == "joined"
    return f"Pelapor laporan {row['detail'].get('of')}" if joined else ""
