"""backup and restore: what went in comes out, on another database, and nothing else is touched."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.channel import MediaReference
from bot.house import House
from storage.database import open_database
from storage.files import Files
from storage.keys import parse_keys
from storage.models import address, attachment
from tests.conftest import new_data_dir
from tests.installation import STORY, Installation, is_one_sentence, tell

CITIZEN = "+6281229990001"
PHOTO = b"\xff\xd8\xff\xe0 as if it were a photo"


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    """With one report that has a photo."""
    here = Installation(data_dir, {"DATABASE_URL": city_database})
    house = here.house()
    photo = (MediaReference("0" * 32, "image/jpeg"),)
    tell(house, STORY, address=CITIZEN)
    tell(house, "Ini fotonya", address=CITIZEN, kind="photo", media=photo)
    path = Files(str(here.folder / "files")).keep(PHOTO, "jpg")
    with house.database.transaction() as tx:
        tx.execute(attachment.update().values(state="stored", path=path))
    house.database.engine.dispose()
    return here


@pytest.fixture
def there(here: Installation, empty_database: str) -> Iterator[Installation]:
    """An empty installation with the same keys."""
    with new_data_dir() as folder:
        yield Installation(folder, {"DATABASE_URL": empty_database, "DATA_KEYS": here.settings["DATA_KEYS"]})


def known(installation: Installation) -> tuple[str, bytes]:
    """The one citizen's address in clear and the one photo, as the installation would find them."""
    database = open_database(
        installation.settings["DATABASE_URL"], parse_keys(installation.settings["DATA_KEYS"])
    )
    with database.reading() as tx:
        sealed, path = tx.scalar(select(address.c.sealed)), tx.scalar(select(attachment.c.path))
    database.engine.dispose()
    assert sealed is not None and path is not None
    return database.keys.open(sealed), Files(str(installation.folder / "files")).open(path)


def test_a_backup_comes_back_whole_in_another_place(here: Installation, there: Installation) -> None:
    archive = str(here.folder / "cadangan.tar")
    here.ok("backup", archive)
    there.ok("migrate")  # tables without tickets do not stand in the way
    there.ok("restore", archive)
    assert there.tickets() == here.tickets() != []
    assert known(there) == (CITIZEN, PHOTO)
    tell_again(there.house())
    assert len(there.tickets()) == 2
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if "keys" in name]
        dump = tar.extractfile("database.sql")
        assert dump and CITIZEN.encode() not in dump.read()


def tell_again(house: House) -> None:
    """The restored database goes on working, its sequences too."""
    tell(house, "Lapor lampu jalan mati di Tugurejo sejak Senin", address="warga-lain")
    house.database.engine.dispose()


def test_restore_refuses_a_database_that_is_in_use(here: Installation, there: Installation) -> None:
    archive = str(here.folder / "cadangan.tar")
    here.ok("backup", archive)
    before = here.tickets()
    full = here.command("restore", archive)
    assert full.code == 1 and is_one_sentence(full.errors) and "holds tickets" in full.errors
    assert here.tickets() == before
    there.ok("migrate")
    database = open_database(there.settings["DATABASE_URL"], parse_keys(there.settings["DATA_KEYS"]))
    with database.transaction() as tx:
        tx.execute(text("insert into heartbeat (name) values ('worker')"))
    busy = there.command("restore", archive)
    assert busy.code == 1 and is_one_sentence(busy.errors) and "worker" in busy.errors
    with database.transaction() as tx:
        tx.execute(text("create table resep (nama text)"))
    foreign = there.command("restore", archive)
    assert foreign.code == 1 and is_one_sentence(foreign.errors) and "resep" in foreign.errors
    database.engine.dispose()


def test_restore_refuses_what_is_no_archive_of_ours(there: Installation) -> None:
    plain, empty, odd = (there.folder / name for name in ("a.tar", "b.tar", "c.tar"))
    plain.write_text("bukan arsip")
    with tarfile.open(empty, "w"):
        pass
    with tarfile.open(odd, "w") as tar:
        member = tarfile.TarInfo("database.sql")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"oops"))
    for archive in (plain, empty, odd, there.folder / "tidak-ada.tar"):
        refused = there.command("restore", str(archive))
        assert refused.code == 1 and is_one_sentence(refused.errors), refused
