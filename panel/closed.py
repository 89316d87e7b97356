"""What a ticket's page says of closed parts: which photos, how many texts, who may see the originals."""

from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care.originals import COORDINATOR
from storage import originals
from storage.queries import Reader


def about(tx: Connection, by: Reader, row: RowMapping) -> dict[str, Any]:
    """For the templates: `closed.files` (ids), `closed.masked` (texts), `closed.may_open`."""
    ids = originals.family_ids(tx, row)
    files = {one["id"] for one in originals.blacked_out(tx, ids)}
    masked = originals.masked(tx, ids)
    may_open = COORDINATOR in by.roles and bool(files or masked)
    return {"closed": {"files": files, "masked": masked, "may_open": may_open}}
