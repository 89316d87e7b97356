"""Everything the database and the files hold, as text: where a word must not be any more, it is not there."""

from typing import Any

from sqlalchemy import text

from bot.house import House


def where(house: House, *words: str) -> list[str]:
    """Tables and columns (and files) in which one of the words stands, encrypted columns opened."""
    found = set[str]()
    with house.database.reading() as tx:
        tables = tx.execute(_COLUMNS).all()
        for table, column in tables:
            values = tx.scalars(text(f'select distinct "{column}" from "{table}"'))
            if any(word in shown for value in values for shown in _shown(house, value) for word in words):
                found.add(f"{table}.{column}")
    folder = house.settings.data_dir / "files"
    for file in folder.rglob("*") if folder.exists() else []:
        if file.is_file() and any(word.encode() in file.read_bytes() for word in words):
            found.add(f"file {file.name}")
    # Raw payloads are not searched but dropped after 30 days: see docs/adr/0007.
    return sorted(one for one in found if not one.startswith("raw_event"))


_COLUMNS = text(
    """select c.table_name, c.column_name from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE' order by 1, 2"""
)


def _shown(house: House, value: Any) -> list[str]:
    """A value as text; bytes also as what our keys make of them."""
    if not isinstance(value, bytes):
        return [str(value)]
    try:
        return [value.decode("latin-1"), house.database.keys.open(value)]
    except Exception:
        return [value.decode("latin-1")]
