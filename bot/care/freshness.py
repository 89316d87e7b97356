"""A form filled in on an older state of a report is held back: its writer reads first what changed."""

from collections.abc import Mapping
from typing import Any

from bot.workflow import NotAllowed

CHANGED = "Laporan ini berubah sejak Anda membukanya. Teks Anda masih ada: baca yang baru, lalu kirim lagi."


class Stale(NotAllowed):
    """The report is not as its reader saw it; nothing was done."""


def check(row: Mapping[Any, Any], given: Mapping[str, Any]) -> None:
    """Raise Stale when a locked report is not of the version that came with a form.

    Args:
        row: the report, locked.
        given: what came with the form; without `version` (a command, another program) nothing is compared.
    """
    if (seen := given.get("version")) and int(seen) != row["version"]:
        raise Stale(CHANGED)
