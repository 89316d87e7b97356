"""Brings a city's files into the database: offices, categories and places. Idempotent; deletes nothing."""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.cities.city import City
from storage.models import FINISHED, category, office, place, ticket


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the files and the database, as a sentence for whoever loads them."""

    sentence: str


class StillNeeded(Exception):
    """An office that is gone from the files has open tickets; the text names it."""


def plan(tx: Connection, city: City) -> list[Change]:
    """What `load` would change, in words; empty when the database has it all."""
    changes: list[Change] = []
    for table, word, wanted in _tables(city):
        key = table.c.code
        kept = {row["code"]: row for row in tx.execute(select(table).order_by(key)).mappings()}
        for code, values in wanted.items():
            if code not in kept:
                changes.append(Change(f"{word} {code} baru: {values['name']}"))
            elif any(kept[code][name] != value for name, value in values.items()):
                changes.append(Change(f"{word} {code} berubah: {values['name']}"))
        gone = [code for code, row in kept.items() if code not in wanted and row.get("active", True)]
        changes += [Change(f"{word} {code} tidak dipakai lagi") for code in gone]
    return changes


def load(tx: Connection, city: City) -> list[Change]:
    """Bring the database in line with the files; returns what changed.

    What is gone from the files is switched off, never deleted. Raises StillNeeded for an office with open
    tickets: hand them over first.
    """
    changes = plan(tx, city)
    if not changes:
        return []
    _refuse_needed(tx, city)
    for table, _, wanted in _tables(city):
        rows = [{"code": code, **values} for code, values in wanted.items()]
        statement = insert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name != "code"}
        tx.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed), rows)
        if "active" in table.c:
            gone = table.c.code.not_in(list(wanted))
            tx.execute(update(table).where(gone).values(active=False))
    _join_tree(tx, city)
    return changes


def _tables(city: City) -> list[tuple[Table, str, dict[str, dict[str, object]]]]:
    offices: dict[str, dict[str, object]] = {
        one.code: {
            "path": _path(city, one.code),
            "name": one.name,
            "short_name": one.short_name or one.name,
            "kind": one.kind,
            "place_code": one.place_code,
            "active": True,
        }
        for one in city.offices.values()
    }
    categories: dict[str, dict[str, object]] = {
        one.code: {"name": one.name, "national": one.national, "active": True}
        for one in city.categories.values()
    }
    places: dict[str, dict[str, object]] = {
        one.code: {"name": one.name, "level": one.level, "latitude": one.latitude, "longitude": one.longitude}
        for one in city.places.values()
    }
    return [(office, "Instansi", offices), (category, "Kategori", categories), (place, "Tempat", places)]


def _path(city: City, code: str) -> str:
    """The codes from the root down, so that "own office and below" is a prefix."""
    parent = city.offices[code].parent
    return (_path(city, parent) if parent else "/") + f"{code}/"


def _join_tree(tx: Connection, city: City) -> None:
    ids = {row.code: row.id for row in tx.execute(select(office.c.code, office.c.id))}
    for one in city.offices.values():
        tx.execute(update(office).where(office.c.code == one.code).values(parent_id=ids.get(one.parent)))


def _refuse_needed(tx: Connection, city: City) -> None:
    needed = (
        select(office.c.code)
        .join(ticket, ticket.c.office_id == office.c.id)
        .where(office.c.code.not_in(list(city.offices)), ticket.c.status.not_in(FINISHED))
        .limit(1)
    )
    if (code := tx.scalar(needed)) is not None:
        raise StillNeeded(
            f"Instansi {code} masih memegang laporan terbuka; serahkan dahulu ke instansi lain."
        )
