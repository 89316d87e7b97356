"""Brings a city's files into the database: offices, categories and places. Idempotent; deletes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.cities.city import City
from storage.models import FINISHED, category, office, place, ticket

# How a changed column is told to whoever loads the files.
COLUMNS = {
    "path": "letak",
    "name": "nama",
    "short_name": "nama pendek",
    "kind": "jenis",
    "place_code": "tempat",
    "national": "kategori nasional",
    "level": "tingkat",
    "latitude": "lintang",
    "longitude": "bujur",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the files and the database, as a sentence for whoever loads them."""

    sentence: str


class StillNeeded(Exception):
    """An office that is gone from the files has open tickets; the text names it, and what to do."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done to one table: rows to write, codes to switch off, and both in words."""

    table: Table
    rows: list[Mapping[str, object]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def plan(tx: Connection, city: City) -> list[Change]:
    """What `load` would change, in words; empty when the database has it all."""
    return [change for one in _plans(tx, city) for change in one.changes]


def require_free(tx: Connection, city: City) -> None:
    """Raise StillNeeded when an office with open tickets is gone from the files."""
    _require_free(tx, [code for one in _plans(tx, city) if one.table is office for code in one.gone])


def load(tx: Connection, city: City) -> list[Change]:
    """Bring the database in line with the files; returns what changed.

    What is gone from the files is switched off, never deleted; what comes back is switched on again. Raises
    StillNeeded for an office with open tickets: hand them over first.
    """
    # One at a time, or two that load the same city wait for each other's rows; readers and tickets pass.
    tx.execute(text("lock table office in share row exclusive mode"))
    plans = _plans(tx, city)
    for one in plans:
        if one.table is office:
            _require_free(tx, one.gone)
        if one.rows:
            statement = insert(one.table)
            changed = {name: statement.excluded[name] for name in one.rows[0] if name != "code"}
            tx.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed), one.rows)
        if one.gone:
            tx.execute(update(one.table).where(one.table.c.code.in_(one.gone)).values(active=False))
        if one.table is office and one.changes:
            _join_tree(tx, city)
    return [change for one in plans for change in one.changes]


def _plans(tx: Connection, city: City) -> list[_Plan]:
    return [_plan(tx, table, word, wanted) for table, word, wanted in _tables(city)]


def _plan(tx: Connection, table: Table, word: str, wanted: dict[str, dict[str, object]]) -> _Plan:
    made = _Plan(table)
    found = tx.execute(select(table).order_by(table.c.code)).mappings()
    kept: dict[str, Mapping[str, object]] = {row["code"]: dict(row) for row in found}
    for code, values in wanted.items():
        if sentence := _difference(kept.get(code), values):
            made.rows.append({"code": code, **values})
            made.changes.append(Change(f"{word} {code} {sentence}"))
    # Places have no such switch: old tickets go on naming them.
    made.gone.extend(code for code, row in kept.items() if code not in wanted and row.get("active"))
    made.changes.extend(
        Change(f"{word} {code} tidak dipakai lagi: {kept[code]['name']}") for code in made.gone
    )
    return made


def _difference(row: Mapping[str, object] | None, values: Mapping[str, object]) -> str:
    """What is different, in words; empty when nothing is."""
    if row is None:
        return f"baru: {values['name']}"
    if not row.get("active", True):
        return f"dipakai lagi: {values['name']}"
    told = (
        f"{COLUMNS[name]} {_shown(row[name])} menjadi {_shown(value)}"
        for name, value in values.items()
        if row[name] != value
    )
    changed = ", ".join(told)
    return f"berubah: {changed}" if changed else ""


def _shown(value: object) -> str:
    return "(kosong)" if value in (None, "") else str(value)


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
    up = [code]
    while parent := city.offices[up[-1]].parent:
        up.append(parent)
    return f"/{'/'.join(reversed(up))}/"


def _join_tree(tx: Connection, city: City) -> None:
    """Point each office to the one above it, then let what is switched off below follow its parent."""
    tree = {
        "codes": [one.code for one in city.offices.values()],
        "parents": [one.parent for one in city.offices.values()],
    }
    tx.execute(
        text(
            """update office set parent_id = above.id
               from unnest(cast(:codes as text[]), cast(:parents as text[])) as tree (code, parent)
                 left join office as above on above.code = tree.parent
               where office.code = tree.code and office.parent_id is distinct from above.id"""
        ),
        tree,
    )
    tx.execute(
        text(
            """with recursive tree (id, path) as (
                 select id, '/' || code || '/' from office where parent_id is null
                 union all
                 select below.id, tree.path || below.code || '/'
                 from tree join office as below on below.parent_id = tree.id)
               update office set path = tree.path from tree
               where office.id = tree.id and office.path <> tree.path"""
        )
    )


def _require_free(tx: Connection, gone: list[str]) -> None:
    open_ = func.count()
    held = tx.execute(
        select(office.c.code, open_.label("open"))
        .join(ticket, ticket.c.office_id == office.c.id)
        .where(office.c.code.in_(gone), ticket.c.status.not_in(FINISHED))
        .group_by(office.c.code)
        .order_by(office.c.code)
    ).all()
    if held:
        named = ", ".join(f"{row.code} ({row.open})" for row in held)
        raise StillNeeded(
            f"Masih memegang laporan terbuka: instansi {named}; serahkan dahulu tiap laporan dengan "
            "`python app.py move NOMOR forwarded --office KODE --as EMAIL`, lalu muat lagi."
        )
