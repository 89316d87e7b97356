"""Passing a report on: to one office, to several at once, to a unit below one's own, to other systems."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bot.care.charge import EXTERNAL, codes_of
from bot.workflow import NotAllowed
from storage import queries
from storage.models import office

__all__ = ["checked", "codes_of", "external_number"]
MOST_OFFICES = 10
THEIR_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./#:_-]{0,29}", re.ASCII)


def checked(
    tx: Connection, by: queries.Reader, row: RowMapping, status: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """What comes with a move to one or several offices, as `tickets.move` takes it.

    Args:
        tx: the transaction that locked the ticket.
        by: who passes it on.
        row: the ticket.
        status: where it is moved.
        given: office or offices, external_number.

    Raises:
        NotAllowed: an office is unknown, or not one that this reader may pass it on to.
    """
    codes = codes_of(given)
    chosen = _offices(tx, codes)
    if not by.sees_all and not all(_is_below(by.path, one.path) for one in chosen):
        raise NotAllowed("Anda tidak berwenang: petugas meneruskan hanya ke unit di bawah instansinya.")
    rest = {name: value for name, value in given.items() if name not in ("offices", "external_number")}
    if len(chosen) == 1:
        return {**rest, "office": codes[0], **_their_number(chosen[0], given)}
    if status != "forwarded":
        raise NotAllowed("Beberapa instansi sekaligus hanya untuk status diteruskan.")
    if row["parent_id"]:
        raise NotAllowed("Bagian laporan tidak dibagi lagi; teruskan laporan induknya.")
    if given.get("external_number"):
        raise NotAllowed("Nomor di sistem lain dicatat pada bagian laporan di sana.")
    return {**rest, "office": _coordinating(tx, chosen), "offices": codes}


def _offices(tx: Connection, codes: Sequence[str]) -> Sequence[Any]:
    if len(codes) > MOST_OFFICES:
        raise NotAllowed(f"Paling banyak {MOST_OFFICES} instansi sekaligus.")
    query = select(office.c.code, office.c.path, office.c.kind).where(
        office.c.code.in_(codes), office.c.active
    )
    found: dict[str, Any] = {one.code: one for one in tx.execute(query)}
    for code in codes:
        if code not in found:
            raise NotAllowed(f"Instansi dengan kode {code} tidak ada.")
    return [found[code] for code in codes]


def _is_below(path: str, other: str) -> bool:
    return bool(path) and other.startswith(path) and other != path


def _coordinating(tx: Connection, chosen: Sequence[Any]) -> str:
    """The office that keeps the whole: the nearest one above all, else the head of the city's tree."""
    paths = [one.path for one in chosen]
    query = (
        select(office.c.code, office.c.path)
        .where(office.c.kind != EXTERNAL, office.c.active)
        .order_by(office.c.parent_id.is_(None).desc(), office.c.id)
    )
    every = tx.execute(query).all()
    above = [one for one in every if all(_is_below(one.path, path) for path in paths)]
    return str(max(above, key=lambda one: len(one.path)).code if above else every[0].code)


def _their_number(one: Any, given: Mapping[str, Any]) -> dict[str, str]:
    number = given.get("external_number") or ""
    if one.kind == EXTERNAL:
        return {"external_number": external_number(number) if number else ""}
    if number:
        raise NotAllowed("Nomor di sistem lain hanya untuk instansi di luar kota.")
    return {}


def external_number(number: str) -> str:
    """A number in another government's system, tidied; raises NotAllowed when it cannot be one."""
    tidy = " ".join(number.split())
    if not THEIR_NUMBER.fullmatch(tidy):
        raise NotAllowed("Nomor di sistem lain: paling banyak 30 huruf, angka, dan tanda . / # : _ -")
    return tidy
