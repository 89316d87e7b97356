"""The product put together for a test, on a database of its own."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channel import Channel
from bot.cities import load as city_load
from bot.cities.city import read_city
from bot.clock import Clock, SystemClock
from bot.house import House
from bot.settings import Settings
from bot.understanding import Understanding
from bot.wording import Wording
from handlers import open_channels, simulator
from storage.database import open_database
from storage.keys import make_keys, parse_keys
from storage.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
SEMARANG = ROOT / "city" / "semarang"


class SetClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment


def make_house(
    url: str,
    data_dir: Path,
    *,
    clock: Clock | None = None,
    channels: Mapping[str, Channel] | None = None,
    **chosen: Any,
) -> House:
    """A house on an empty database: tables made, Semarang loaded, the simulator's phones and what is chosen.

    Args:
        url: an empty database, as the fixture `empty_database` gives it.
        data_dir: a folder of the test's own.
        clock: business time; the machine's own if none is given.
        channels: used in place of those that the settings open.
        chosen: settings by name, lower case.
    """
    settings = Settings(_env_file=None, data_dir=data_dir, city=SEMARANG, database_url=url, **chosen)
    city = read_city(SEMARANG)
    database = open_database(url, parse_keys(settings.data_keys or make_keys()))
    migrate(database.engine)
    with database.transaction() as tx:
        city_load.load(tx, city)
    return House(
        settings,
        database,
        city,
        Understanding(city),
        Wording(SEMARANG, settings.language_list),
        clock or SystemClock(),
        channels if channels is not None else open_channels(settings) | simulator.phones(settings),
    )
