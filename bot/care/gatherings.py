"""Events: a meeting or a stand at which one of the staff types in many reports in a row."""

from sqlalchemy import insert, text, update

from bot.care.typed import MAY_TYPE
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries, typed_in
from storage.deskwork import gathering

LONGEST = 120  # characters of its name, and of its place


def begin(house: House, by: queries.Reader, name: str, place: str) -> int:
    """Begin an event; returns its id. Raises NotAllowed: one is on already, or it has no name."""
    if not by.roles & MAY_TYPE:
        raise NotAllowed("Hanya koordinator, petugas, atau administrator yang memulai acara.")
    if not name or len(name) > LONGEST or len(place) > LONGEST:
        raise NotAllowed(f"Isi nama acara; nama dan tempat paling banyak {LONGEST} huruf.")
    with house.database.transaction() as tx:
        tx.execute(text("select id from staff where id = :id for no key update"), {"id": by.staff_id})
        if typed_in.open_gathering(tx, by.staff_id):
            raise NotAllowed("Masih ada acara yang berjalan; akhiri dulu.")
        row = {"name": name, "place": place, "staff_id": by.staff_id, "started_at": house.clock.now()}
        return int(tx.execute(insert(gathering).values(row).returning(gathering.c.id)).scalar_one())


def end(house: House, by: queries.Reader, gathering_id: int) -> bool:
    """End one's own event; whether there is one. Again: changes nothing."""
    own = (gathering.c.id == gathering_id) & (gathering.c.staff_id == by.staff_id)
    with house.database.transaction() as tx:
        ended = update(gathering).where(own, gathering.c.ended_at.is_(None))
        tx.execute(ended.values(ended_at=house.clock.now()))
        return tx.execute(gathering.select().where(own)).one_or_none() is not None
