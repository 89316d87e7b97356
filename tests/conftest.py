"""Fixtures that every test file may ask for."""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url


def _without_a_server(reason: str) -> None:
    """On CI a missing server is a failure: a skipped proof would look like a passed one."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.exit(reason, returncode=1)
    pytest.skip(reason)


@contextmanager
def new_data_dir() -> Iterator[Path]:
    """Make a data folder with a short path; when tests run as root, the server's user may walk through it."""
    folder = Path(tempfile.mkdtemp(prefix="kentongan-test-", dir="/tmp"))
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
    with new_data_dir() as folder, attached(folder) as url:
        yield url


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a database of this test alone, without a single table."""
    url = make_url(postgres_url)
    maintenance = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield url.set(database=name).render_as_string(hide_password=False)
        _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a test's database; an autovacuum that is at work in it cannot be ended by us, only waited for."""
    limit = time.monotonic() + 30
    while True:
        try:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            assert time.monotonic() < limit, f"{name} cannot be dropped"
            time.sleep(0.2)
