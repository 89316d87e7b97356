"""Writes down every statement that the product sends for three turns of a citizen, with what came back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, event, text

from bot import inbound
from bot.channel import Inbound
from bot.house import House
from storage.database import Bell, Database, plain_url
from tests.bench.load import turns
from tests.house import make_house

FIRST_ID = 10_000_000  # ids begin here, each table with its own tens of millions: they are replaced by value
STARTS = ("person", "address", "conversation", "ticket", "message", "event", "raw_event")


@dataclass
class Step:
    """A statement, or a commit (no statement); `rows` is what came back."""

    statement: str = ""
    values: Any = None
    many: bool = False
    rows: tuple[tuple[Any, ...], ...] = ()


STEPS: list[Step] = []


class Recorder(psycopg.Cursor[Any]):
    """A cursor that notes what it is given."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        super().execute(query, params, **more)
        rows: tuple[tuple[Any, ...], ...] = ()
        if self.description:
            rows = tuple(self.fetchall())
            if rows:
                self.scroll(0, "absolute")
        STEPS.append(Step(str(query), params, rows=rows))
        return self

    def executemany(self, query: Any, params_seq: Any, **more: Any) -> None:
        given = list(params_seq)
        super().executemany(query, given, **more)
        STEPS.append(Step(str(query), given, many=True))


class Silent(Bell):
    """Rings for nobody: the bell has a connection of its own and is no part of a turn."""

    def ring(self) -> None:
        """Do nothing."""


def record(url: str, folder: Path, data_keys: str, **settings: Any) -> list[Step]:
    """The statements of a citizen's three turns; leaves his rows in the database."""
    house = make_house(url, folder, data_keys=data_keys, **settings)
    with house.database.transaction() as tx:
        for n, table in enumerate(STARTS):
            tx.execute(text(f"alter table {table} alter column id restart with {FIRST_ID * (n + 1)}"))
    _turn(house, 0, "halo")  # what a connection does only once is done
    engine = create_engine(url, connect_args={"cursor_factory": Recorder}, pool_size=1)
    recorded = Database(engine, house.database.keys, Silent(plain_url(url)))
    other = House(**{name: getattr(house, name) for name in House.__slots__} | {"database": recorded})
    _turn(other, 1, "halo")
    STEPS.clear()
    event.listen(engine, "commit", lambda _connection: STEPS.append(Step()))
    for words in turns(0, 0):
        _turn(other, 2, words)
    engine.dispose()
    house.database.engine.dispose()
    return list(STEPS)


def _turn(house: House, citizen: int, words: str) -> None:
    said = Inbound(
        channel="whatsapp",
        account="whatsapp:+6281170800001",
        provider_id=f"SM{citizen}-{words}",
        address=f"whatsapp:+62899{citizen:07}",
        text=words,
        name="Warga",
        raw="x" * 400,
    )
    assert inbound.receive(house, said) == "taken"
