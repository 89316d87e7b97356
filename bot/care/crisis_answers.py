"""What was answered to the two questions of an emergency, as staff read it. Pure."""

from collections.abc import Mapping
from typing import Any

OWN = "own"  # said in other words, which stand in the line's note
DEPTHS = {
    "knee": "air di bawah lutut",
    "waist": "air sampai pinggang",
    "deep": "air di atas pinggang",
    "none": "tidak ada genangan",
    OWN: "kedalaman dengan kata sendiri",
}
TRAPPED = {"yes": "ADA YANG TERJEBAK", "no": "tidak ada yang terjebak"}


def in_words(answers: Mapping[str, Any]) -> str:
    """Both answers in one line, the trapped first; empty when nothing was answered."""
    trapped = TRAPPED.get(answers.get("trapped", ""), "")
    depth = str(answers.get("depth") or "")
    told = DEPTHS.get(depth, f"\u201c{depth}\u201d" if depth not in ("", "skip") else "")
    return ", ".join(filter(None, [trapped, told]))
