"""What every use-case stands on, put together once by app.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channel import Channel
from bot.cities.city import City
from bot.clock import Clock
from bot.settings import Settings
from bot.understanding import Understanding
from bot.wording import Wording
from storage.database import Database


@dataclass(frozen=True, slots=True)
class House:
    """The running product: settings, database, city, clock, and the channels that have credentials."""

    settings: Settings
    database: Database
    city: City
    understanding: Understanding
    wording: Wording
    clock: Clock
    channels: Mapping[str, Channel]


def files_url(house: House) -> str:
    """Where files are kept."""
    return house.settings.files_url or str(house.settings.data_dir.absolute() / "files")
