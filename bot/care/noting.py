"""What staff write for each other on a report: internal notes, and tags to find it by. No citizen is told."""

import re
from collections.abc import Collection

from sqlalchemy import Connection, RowMapping

from bot import tickets
from bot.care import rights
from bot.care.desk import NotFound
from bot.house import House
from bot.workflow import NotAllowed, check_length
from storage import presence, queries

MOST_TAGS = 8
TAG = re.compile(r"[\w-]{2,30}")


def note(house: House, by: queries.Reader, number: str, words: str) -> None:
    """Write an internal note into a report's history.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: nothing is written, or the reader only reads.
    """
    words = words.replace("\x00", "").strip()
    if not words:
        raise NotAllowed("Tulis dulu catatannya.")
    check_length(words)
    with house.database.transaction() as tx:
        row = _acted_on(tx, by, number)
        now, own = house.clock.now(), {"staff_id": by.staff_id, "office_id": row["office_id"]}
        tickets.append(tx, row["id"], now, "note", note=words, **own)


def tag(
    house: House, by: queries.Reader, number: str, add: Collection[str], remove: Collection[str] = ()
) -> bool:
    """Give a report tags and take others away; whether anything changed.

    Args:
        house: the running product.
        by: who does it.
        number: the report's public number.
        add: tags as they were typed, with or without "#".
        remove: tags that go.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: a tag is no single word, there are too many, or the reader only reads.
    """
    with house.database.transaction() as tx:
        row = _acted_on(tx, by, number)
        had = set(presence.tags(tx, row["id"]))
        wanted = (had - {_tidy(one) for one in remove}) | {_tidy(one) for one in add}
        if wanted == had:
            return False
        if len(wanted) > MOST_TAGS:
            raise NotAllowed(f"Paling banyak {MOST_TAGS} label untuk satu laporan.")
        presence.set_tags(tx, row["id"], sorted(wanted))
        words = " ".join(f"#{one}" for one in sorted(wanted)) or "tanpa label"
        tickets.append(tx, row["id"], house.clock.now(), "tagged", staff_id=by.staff_id, note=words)
    return True


def _tidy(word: str) -> str:
    found = word.strip().lstrip("#").lower()
    if not TAG.fullmatch(found):
        raise NotAllowed("Label adalah satu kata, 2 sampai 30 huruf, misalnya pasar-johar.")
    return found


def _acted_on(tx: Connection, by: queries.Reader, number: str) -> RowMapping:
    row = queries.one_ticket(tx, by, number, lock=True)
    if row is None:
        raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
    if not rights.actors(by, row):
        raise NotAllowed("Anda hanya dapat membaca laporan ini.")
    return row
