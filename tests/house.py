"""The product put together for a test, on a database of its own."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.channel import Channel
from bot.cities import load as city_load
from bot.cities.city import City, read_city
from bot.clock import Clock, SystemClock
from bot.house import House
from bot.settings import Settings
from bot.understanding import Understanding
from bot.wording import Wording
from handlers import open_channels, simulator
from storage.database import Database, open_database
from storage.keys import make_keys, parse_keys
from storage.migrate import current, migrate

ROOT = Path(__file__).resolve().parents[1]
SEMARANG = ROOT / "city" / "semarang"


class SetClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment


@cache
def city() -> City:
    """Semarang, read once a process; nobody can change it."""
    return read_city(SEMARANG)


@cache
def understanding() -> Understanding:
    """What understands Semarang's citizens; it learns nothing, so all houses of a process share one."""
    return Understanding(city())


def fill(database: Database) -> None:
    """Make the tables and load Semarang, unless it is a copy of a database that has them."""
    if current(database.engine):
        return
    migrate(database.engine)
    with database.transaction() as tx:
        city_load.load(tx, city())


def make_house(
    url: str,
    data_dir: Path,
    *,
    clock: Clock | None = None,
    channels: Mapping[str, Channel] | None = None,
    **chosen: Any,
) -> House:
    """A house with tables, Semarang, the simulator's phones and what is chosen.

    Args:
        url: a database as the fixture `city_database` gives it, or an empty one.
        data_dir: a folder of the test's own.
        clock: business time; the machine's own if none is given.
        channels: used in place of those that the settings open.
        chosen: settings by name, lower case.
    """
    settings = Settings(_env_file=None, data_dir=data_dir, city=SEMARANG, database_url=url, **chosen)
    database = open_database(url, parse_keys(settings.data_keys or make_keys()))
    fill(database)
    return House(
        settings,
        database,
        city(),
        understanding(),
        Wording(SEMARANG, settings.language_list),
        clock or SystemClock(),
        channels if channels is not None else open_channels(settings) | simulator.phones(settings),
    )
