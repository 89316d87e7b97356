"""The category of a ticket as an officer sees it: set or confirmed, and what is learnt from that.

An officer's word is an event of kind "category" with {"from", "to"}; the same twice means "this is right".
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, text, update

from bot import tickets
from bot.care import rights
from bot.care.desk import NotFound
from bot.cities.city import City
from bot.house import House
from bot.reading.learning import Row, learn, place_words
from bot.reading.measuring import FOLDS, folds_of
from bot.reading.topics import Topics
from bot.words import OWN, SHIPPED, Table, WordRanker, read_table, write_table
from bot.workflow import NotAllowed
from storage import family, queries
from storage.models import ticket

# So few reports say nothing about how good the new table is.
FEWEST = 20


class NotLearnt(Exception):
    """Nothing was learnt; the text is one Indonesian sentence that says why."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of learning: reports taught, and the share of right first guesses on reports not taught."""

    reports: int
    before: float
    after: float


def set_category(house: House, by: queries.Reader, number: str, category: str) -> bool:
    """Set or confirm a ticket's category; its office follows as long as nobody has taken it up.

    Args:
        house: The running product.
        by: Who says so.
        number: The ticket's public number.
        category: Category code of the city.

    Returns:
        Whether the category changed; False: it was confirmed.

    Raises:
        NotFound: no such ticket within the reader's scope.
        NotAllowed: the reader may not, or there is no such category.
    """
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None:
            raise NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        if not rights.actors(by, row):
            raise NotAllowed("Anda tidak berwenang mengubah kategori.")
        if row["parent_id"]:
            raise NotAllowed("Kategori dicatat pada laporan induknya.")
        if category not in house.city.categories:
            known = ", ".join(house.city.categories)
            raise NotAllowed(f"Kategori '{category}' tidak dikenal. Pilih: {known}.")
        _write(tx, house, row, category, by.staff_id)
    return bool(row["category"] != category)


def _write(tx: Connection, house: House, row: RowMapping, category: str, staff_id: int) -> None:
    now = house.clock.now()
    values = {"category": category, "changed_at": now, "version": ticket.c.version + 1}
    taken = row["supervised"] or row["assignee_id"] is not None
    moved = row["status"] == "received" and row["category"] != category and not taken
    if moved:
        values["office_id"] = tickets.office_id(tx, house.city.route(category, row["place_code"]))
    tickets.append(
        tx,
        row["id"],
        now,
        "category",
        staff_id=staff_id,
        office_id=values.get("office_id", row["office_id"]),
        detail={"from": row["category"], "to": category},
    )
    tx.execute(update(ticket).where(ticket.c.id == row["id"]).values(values))
    family.hand_down(tx, row["id"])


def confirmed(events: Iterable[RowMapping], category: str) -> bool:
    """Return whether the last word of an officer about the category was this one."""
    said = [event["detail"].get("to") for event in events if event["kind"] == "category"]
    return bool(said) and said[-1] == category


def taught(tx: Connection, categories: Collection[str]) -> list[Row]:
    """Return text and category of every ticket whose category an officer has set or confirmed, oldest first.

    Confidential reports are left out, and those whose text is gone.
    """
    found = tx.execute(_TAUGHT, {"categories": list(categories)})
    return [(row.text, row.category) for row in found]


_TAUGHT = text(
    """select ticket.text, said.category
       from ticket
       join (select distinct on (ticket_id) ticket_id, detail ->> 'to' as category
             from event where kind = 'category' order by ticket_id, id desc) said
         on said.ticket_id = ticket.id
       where ticket.text <> '' and not ticket.confidential and said.category = any(:categories)
       order by ticket.id"""
)


def learn_from_officers(house: House) -> Lesson:
    """Teach the shipped table what officers said, and write it into DATA_DIR.

    Always from the shipped table and from all reports, so that a corrected correction leaves no trace.

    Raises:
        NotLearnt: too few reports, or the new table does worse on reports it was not taught.
    """
    with house.database.reading() as tx:
        rows = taught(tx, house.city.categories)
    if len(rows) < FEWEST:
        raise NotLearnt(
            f"Baru {len(rows)} laporan yang kategorinya diperiksa petugas; perlu sedikitnya {FEWEST}."
        )
    lesson, table = teach(rows, house.city)
    if lesson.after < lesson.before:
        raise NotLearnt(
            f"Dari {lesson.reports} laporan, tebakan pertama yang benar turun dari {lesson.before:.0%}"
            f" menjadi {lesson.after:.0%}: tabel lama tetap dipakai."
        )
    write_table(table, own_table(house))
    return lesson


def own_table(house: House) -> Path:
    """Return where the table lies that a city taught."""
    return house.settings.data_dir / OWN


def teach(rows: list[Row], city: City) -> tuple[Lesson, Table]:
    """Return the table that follows these reports, and how good it is by cross-validation on them."""
    base, places = read_table(SHIPPED), place_words(city)
    listed = tuple(city.categories.values())

    def ranker(table: Table) -> WordRanker:
        return WordRanker(table, Topics(listed), city.categories)

    folds = folds_of([words for words, _ in rows])
    right = 0
    for fold in range(FOLDS):
        rest = [row for row, number in zip(rows, folds, strict=True) if number != fold]
        own = [row for row, number in zip(rows, folds, strict=True) if number == fold]
        right += _right(ranker(learn(rest, base, listed, places)), own)
    before = _right(ranker(base), rows)
    table = learn(rows, base, listed, places)
    return Lesson(len(rows), before / len(rows), right / len(rows)), table


def _right(ranker: WordRanker, rows: Iterable[Row]) -> int:
    return sum(category in [code for code, _ in ranker.rank(words)[:1]] for words, category in rows)
