"""Reports that staff type in: what the tests of them have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

import panel
from bot.care import desk
from bot.care.typed import Typed
from bot.house import House
from handlers import simulator
from storage import queries
from tests.panel_house import PASSWORD, house_on

DINKES, DPU, BOSS, ADMIN = "dinkes@kota.test", "dpu@kota.test", "koordinator@kota.local", "admin@kota.test"
STORY = "Lubang besar di Jalan Mangga Dalam, kemarin motor jatuh"
PHONE = "0812 2999 0042"


@contextmanager
def staffed(url: str, folder: Path) -> Iterator[House]:
    """A house with simulated phones, officers of two offices and a coordinator."""
    with house_on(url, folder) as made:
        for email, office in ((DINKES, "DINKES"), (DPU, "DPU")):
            panel.add_staff(made, email, "officer", office, PASSWORD)
        panel.add_staff(made, BOSS, "coordinator", None, PASSWORD)
        yield replace(made, channels=simulator.phones(made.settings))


def reader(house: House, email: str = DINKES) -> queries.Reader:
    with house.database.reading() as tx:
        return desk.staff_reader(tx, email)


def typed(**values: Any) -> Typed:
    return Typed(**{"token": "t1", "story": STORY, "origin": "walk_in", "place": "Tugurejo", **values})


def rows(house: House, query: str, **values: Any) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(text(query), values))
