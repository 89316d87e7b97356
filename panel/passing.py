"""A report on its way between offices: what the ticket's page shows and offers, and its signs."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bot.care import away, upward
from bot.care.charge import EXTERNAL
from bot.house import House
from panel.shown import Chip
from storage import family, queries
from storage.models import office
from storage.queries import Reader

MOST_TYPED = 5  # offices that a form takes at once


def about(tx: Connection, house: House, by: Reader, row: RowMapping) -> dict[str, Any]:
    """What the templates _forward, _return, _parts and _external need, under one name.

    `source` is the report whose conversation and files are shown: of a part the whole.
    """
    every = queries.offices(tx)
    own = next((one for one in every if one["id"] == row["office_id"]), None)
    outside = own is not None and own["kind"] == EXTERNAL
    whole = family.whole(tx, row)
    return {
        "source": whole,
        "passing": {
            "targets": targets(by, every),
            "others": [one for one in every if one["id"] != row["office_id"]],
            "more": range(MOST_TYPED - 1),
            "proposed": _proposed(tx, row),
            "outside": outside,
            "letter": upward.words_for(house, row) if outside else "",
            "parts": family.parts(tx, row["id"]),
            "whole": whole["number"] if row["parent_id"] else "",
            "sees_whole": bool(row["parent_id"]) and queries.one_ticket(tx, by, whole["number"]) is not None,
        },
    }


def targets(by: Reader, every: Sequence[RowMapping]) -> list[RowMapping]:
    """The offices that a reader may pass a report on to."""
    if by.sees_all:
        return list(every)
    return [one for one in every if by.path and one["path"].startswith(by.path) and one["path"] != by.path]


def _proposed(tx: Connection, row: RowMapping) -> RowMapping | None:
    if row["status"] != "returned" or row["proposed_office_id"] is None:
        return None
    query = select(office).where(office.c.id == row["proposed_office_id"], office.c.active)
    return tx.execute(query).mappings().one_or_none()


def code_of(typed: str, every: Sequence[RowMapping]) -> str:
    """The code of the office that was typed: by code or by name; what nobody knows as it was typed."""
    wanted = typed.casefold()
    for one in every:
        if wanted in (one["code"].casefold(), one["name"].casefold(), one["short_name"].casefold()):
            return str(one["code"])
    return typed


def signs(row: Mapping[Any, Any]) -> list[Chip]:
    """Signs of a report on its way: sent back how often, a part of another, with another government."""
    found = []
    if row["return_count"]:
        tone = "warn" if row["return_count"] < 2 else "bad"
        found.append(Chip(f"dikembalikan {row['return_count']}x", "back", tone))
    if row["parent_id"]:
        found.append(Chip("bagian laporan", "merge", "off"))
    if row["stage"] == away.STAGE:
        found.append(Chip("di luar kota", "arrow", "off"))
    return found
