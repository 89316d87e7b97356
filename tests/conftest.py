"""Fixtures that every test file may ask for."""

import gc
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy.engine import make_url

from storage import locks
from storage.database import plain_url
from tests.towns import new_database

if TYPE_CHECKING:
    from tests.streets import Town

# No property may fail because the machine is busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Databases are made and dropped by the hundred: in memory that costs a fifth of what it costs on a disk.
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 1 << 30  # what must be free there; a run's server uses about a quarter of it
PREFIX = "kentongan-test-"
LEFT_SECONDS = 3600  # a younger folder may be about to be locked


gc.disable()  # until the tests are collected


def pytest_collection_finish() -> None:
    """What thousands of tests import stays to the end: rubbish is not looked for among it."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files, so that no worker is left alone with one at the end.

    The transcripts are the longest; of the others those with few tests are the long ones.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name != "test_journeys.py", tests[item.path]))


def _without_a_server(reason: str) -> None:
    """On CI a missing server is a failure: a skipped proof would look like a passed one."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.exit(reason, returncode=1)
    pytest.skip(reason)


@contextmanager
def new_data_dir(where: Path = Path("/tmp")) -> Iterator[Path]:
    """Make a data folder with a short path; when tests run as root, the server's user may walk through it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data folder of this test alone."""
    with new_data_dir() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of the one server of this test run; its role may create databases."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    from storage.postgres import NoEmbeddedPostgres, attached, find_binaries

    try:
        find_binaries()
    except NoEmbeddedPostgres as missing:
        _without_a_server(str(missing))
    with new_data_dir(_quick_place()) as folder, attached(folder) as url:
        _ease_logins(url)
        yield url


def _ease_logins(url: str) -> None:
    """Keep the role's password with one round of hashing: the tests connect by the thousand.

    Source: https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-SCRAM-ITERATIONS
    """
    query = make_url(url).query
    password = Path(str(query["passfile"])).read_text().strip().rpartition(":")[2]
    with psycopg.connect(plain_url(url)) as connection:
        connection.execute("set scram_iterations = 1")
        words = sql.SQL("alter role current_user password {}").format(sql.Literal(password))
        connection.execute(words)


def _quick_place() -> Path:
    for folder in MEMORY.glob(f"{PREFIX}*"):
        _clear(folder)
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
        return MEMORY
    return Path("/tmp")


def _clear(folder: Path) -> None:
    """Give back what a killed run left in memory; a run that lives holds the lock."""
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime < LEFT_SECONDS:
            return
        with locks.opened(folder, "users.lock") as users:
            if users.take():
                shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _city_template(postgres_url: str) -> Iterator[str]:
    """Name of a database with tables and Semarang, made once to be copied."""
    from storage.database import open_database
    from storage.keys import make_keys, parse_keys
    from tests.house import fill

    with new_database(postgres_url) as url:
        database = open_database(url, parse_keys(make_keys()))
        fill(database)
        database.engine.dispose()  # who copies it must be alone with it
        yield str(make_url(url).database)


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a database of this test alone, without a single table."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
def city_database(postgres_url: str, _city_template: str) -> Iterator[str]:
    """SQLAlchemy URL of a database of this test alone, with tables and Semarang."""
    with new_database(postgres_url, _city_template) as url:
        yield url


@pytest.fixture(scope="module")
def shared_database(postgres_url: str, _city_template: str) -> Iterator[str]:
    """The same for the tests of one file, where each test brings its own citizens."""
    with new_database(postgres_url, _city_template) as url:
        yield url


@pytest.fixture(scope="module")
def _spoken_town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Town"]:
    from tests.streets import open_town

    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder, languages="id,en,jv,su") as made:
        yield made


@pytest.fixture
def spoken_town(_spoken_town: "Town") -> "Town":
    """A town that speaks all languages, shared by the tests of one file, on its first morning again."""
    from tests.streets import NOW

    _spoken_town.clock.moment = NOW
    return _spoken_town
