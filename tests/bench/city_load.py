"""How long it takes to load a city: `python -m tests.bench.city_load`, in seconds, for 300 and 3,000 offices.

Each made-up city goes into tables of its own on a fresh embedded PostgreSQL: read and checked, loaded,
loaded a second time, and loaded after its kecamatan have moved under another office.
"""

import os
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bot.cities import load as city_load
from bot.cities.city import City, read_city
from storage.database import Database, open_database
from storage.keys import make_keys, parse_keys
from storage.migrate import migrate
from storage.postgres import attached
from tests.conftest import new_data_dir
from tests.made_up_city import write_city
from tests.towns import new_database

SIZES = (300, 3_000)
AIM_SECONDS = 5.0  # for 300


def main() -> None:
    """Measure and print."""
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load before {os.getloadavg()[0]:.1f}", flush=True)
    with new_data_dir() as folder, attached(folder) as url:
        for units in SIZES:
            with new_database(url) as empty:
                tell(empty, units)
    print(f"aim: a first load of {SIZES[0]} offices in less than {AIM_SECONDS:.0f} s")


def tell(url: str, units: int) -> None:
    """One city's seconds."""
    database = open_database(url, parse_keys(make_keys()))
    migrate(database.engine)
    with tempfile.TemporaryDirectory() as folder:
        written = write_city(Path(folder) / "rekaan", units)
        began = time.monotonic()
        city = read_city(written)
        read = time.monotonic() - began
    first, second, moved = (load(database, one) for one in (city, city, moving(city)))
    print(
        f"{units:5} offices: read {read:.2f}, first load {first:.2f}, again {second:.2f}, moved {moved:.2f} s"
    )
    database.engine.dispose()


def load(database: Database, city: City) -> float:
    """Seconds of one load, with its commit."""
    began = time.monotonic()
    with database.transaction() as tx:
        city_load.load(tx, city)
    return time.monotonic() - began


def moving(city: City) -> City:
    """The city with its kecamatan, and so most of its offices, under one of its services."""
    moved = {
        code: replace(one, parent="DINAS-1") if one.kind == "kecamatan" else one
        for code, one in city.offices.items()
    }
    return replace(city, offices=moved)


if __name__ == "__main__":
    main()
