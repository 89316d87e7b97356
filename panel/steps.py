"""The steps of an escalation in the words that staff read; see bot/care/escalation.py."""

from collections.abc import Mapping
from typing import Any

CLOCKS = {
    "promise": "jawaban untuk pelapor",
    "verify": "pemeriksaan awal",
    "follow_up": "mulai dikerjakan",
    "return": "keputusan atas pengembalian",
}
STEPS = {
    "before": "Batas sudah dekat",
    "due": "Batasnya hari ini",
    "overdue": "Lewat batas",
    "late": "Lama lewat batas",
}
RAISED = ("overdue", "late")
AUDIENCES = {
    "office": "petugas instansi",
    "head": "kepala instansi",
    "superior": "instansi atasan",
    "coordinator": "koordinator",
    "supervisor": "pimpinan",
    "inspector": "pengawas",
}


def happened(detail: Mapping[str, Any]) -> str:
    """The line of a ticket's history for one step."""
    step = detail.get("step", "")
    told = ", ".join(AUDIENCES[one] for one in str(detail.get("told", "")).split() if one in AUDIENCES)
    name, clock = STEPS.get(step, ""), CLOCKS.get(detail.get("clock", ""), "")
    return (
        f"{name} ({clock}), dinaikkan ke {told}"
        if step in RAISED
        else f"{name} ({clock}), diingatkan: {told}"
    )
