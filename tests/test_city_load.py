"""`city load`: says what will change, changes only that, takes nothing away that somebody still needs."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.cities import load as city_load
from bot.cities.city import check_city, read_city
from storage.database import Database, open_database
from storage.keys import make_keys, parse_keys
from storage.migrate import migrate
from storage.models import office, place, ticket
from tests.house import ROOT, SEMARANG
from tests.installation import Installation, is_one_sentence
from tests.made_up_city import write_city

NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


@pytest.fixture
def database(city_database: str) -> Iterator[Database]:
    """With tables and Semarang."""
    database = open_database(city_database, parse_keys(make_keys()))
    yield database
    database.engine.dispose()


@pytest.fixture
def bare(empty_database: str) -> Iterator[Database]:
    """With tables and nothing in them."""
    database = open_database(empty_database, parse_keys(make_keys()))
    migrate(database.engine)
    yield database
    database.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEMARANG, tmp_path / "kota"))


def load(database: Database, folder: Path) -> list[str]:
    assert check_city(folder) == []
    with database.transaction() as tx:
        return [change.sentence for change in city_load.load(tx, read_city(folder))]


def planned(database: Database, folder: Path) -> list[str]:
    with database.transaction() as tx:
        return [change.sentence for change in city_load.plan(tx, read_city(folder))]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def without(file: Path, beginning: str) -> str:
    """Take one line out of a file; returns it."""
    lines = file.read_text("utf-8").splitlines(keepends=True)
    gone = [line for line in lines if line.startswith(beginning)]
    assert len(gone) == 1
    file.write_text("".join(line for line in lines if line not in gone), "utf-8")
    return gone[0]


def kept(database: Database, code: str) -> Mapping[str, object]:
    above = office.alias("above")
    with database.transaction() as tx:
        found = tx.execute(
            select(office.c.path, office.c.active, office.c.name, above.c.code.label("parent"))
            .outerjoin(above, above.c.id == office.c.parent_id)
            .where(office.c.code == code)
        )
        return dict(found.mappings().one())


def give(database: Database, code: str, *statuses: str) -> None:
    """Tickets of an office in these statuses."""
    with database.transaction() as tx:
        whose = tx.scalar(select(office.c.id).where(office.c.code == code))
        for number, status in enumerate(statuses):
            values = {"number": f"{code}-{number}", "status": status, "office_id": whose}
            tx.execute(insert(ticket).values(values | {"created_at": NOW, "changed_at": NOW}))


def test_what_is_loaded_is_loaded_once(database: Database, folder: Path) -> None:
    assert planned(database, folder) == load(database, folder) == []


def test_the_plan_says_what_then_happens(database: Database, folder: Path) -> None:
    edit(folder / "offices.csv", "Dinas Pekerjaan Umum,DPU,", "Dinas Pekerjaan Umum,PU Kota,")
    edit(folder / "categories.csv", "jalan,Jalan Rusak,", "jalan,Jalan,")
    told = [
        "Instansi DPU berubah: nama pendek DPU menjadi PU Kota",
        "Kategori jalan berubah: nama Jalan Rusak menjadi Jalan",
    ]
    assert planned(database, folder) == planned(database, folder) == told
    assert load(database, folder) == told
    assert load(database, folder) == []


def test_an_office_that_is_gone_is_switched_off_and_can_come_back(database: Database, folder: Path) -> None:
    give(database, "SMPN-01", "closed", "rejected")
    line = without(folder / "offices.csv", "SMPN-01,")
    assert load(database, folder) == ["Instansi SMPN-01 tidak dipakai lagi: SMP Negeri 1 Semarang"]
    assert load(database, folder) == []
    assert not kept(database, "SMPN-01")["active"]
    with (folder / "offices.csv").open("a", encoding="utf-8") as out:
        out.write(line)
    assert load(database, folder) == ["Instansi SMPN-01 dipakai lagi: SMP Negeri 1 Semarang"]
    assert kept(database, "SMPN-01")["active"]


def test_an_office_with_open_tickets_stays_until_they_are_handed_over(
    database: Database, folder: Path
) -> None:
    give(database, "SMPN-01", "received", "waiting", "closed")
    give(database, "SMPN-02", "answered")
    for code in ("SMPN-01", "SMPN-02"):
        without(folder / "offices.csv", f"{code},")
    edit(folder / "offices.csv", "Dinas Pekerjaan Umum,DPU,", "Dinas Pekerjaan Umum,PU Kota,")
    with pytest.raises(city_load.StillNeeded) as refused:
        load(database, folder)
    assert "SMPN-01 (2), SMPN-02 (1)" in str(refused.value) and "forwarded --office" in str(refused.value)
    assert len(planned(database, folder)) == 3, "nothing of it was done"
    with database.transaction() as tx:
        elsewhere = select(office.c.id).where(office.c.code == "DISDIK").scalar_subquery()
        tx.execute(update(ticket).values(office_id=elsewhere))
    assert len(load(database, folder)) == 3


def test_an_office_that_moves_takes_all_below_with_it(database: Database, folder: Path) -> None:
    """Also those that are switched off: old tickets of theirs are still read by who is above."""
    without(folder / "offices.csv", "PKM-MIROTO,")
    load(database, folder)
    edit(folder / "offices.csv", "DINKES,PEMKOT,", "DINKES,SETDA,")
    told = load(database, folder)
    assert "Instansi DINKES berubah: letak /PEMKOT/DINKES/ menjadi /PEMKOT/SETDA/DINKES/" in told
    assert kept(database, "DINKES")["parent"] == "SETDA"
    for code in ("PKM-MANGKANG", "PKM-MIROTO"):
        assert kept(database, code)["path"] == f"/PEMKOT/SETDA/DINKES/{code}/"
        assert kept(database, code)["parent"] == "DINKES"
    assert kept(database, "PEMKOT")["parent"] is None
    assert load(database, folder) == []


def test_a_place_that_is_gone_stays_for_old_tickets(database: Database, folder: Path) -> None:
    without(folder / "places.csv", "33.74.01.1010/l1,")
    assert load(database, folder) == []
    with database.transaction() as tx:
        assert tx.scalar(select(place.c.name).where(place.c.code == "33.74.01.1010/l1")) == "Pasar Johar"


@pytest.mark.parametrize("units", [30, 300])
def test_a_city_of_hundreds_of_units_is_a_tree_in_the_database(
    bare: Database, tmp_path: Path, units: int
) -> None:
    folder = write_city(tmp_path / "rekaan", units)
    told = load(bare, folder)
    assert sum(sentence.startswith("Instansi") for sentence in told) == units
    city = read_city(folder)
    with bare.transaction() as tx:
        rows = tx.execute(select(office.c.code, office.c.path, office.c.parent_id)).all()
    assert len(rows) == units
    assert [row.code for row in rows if row.parent_id is None] == ["KOTA"]
    for row in rows:
        parent = city.offices[row.code].parent
        assert row.path.endswith(f"/{parent}/{row.code}/" if parent else f"/{row.code}/")
    assert load(bare, folder) == []


def test_the_second_demo_city_is_loaded(bare: Database) -> None:
    folder = ROOT / "city" / "banjarmasin"
    city = read_city(folder)
    assert len(load(bare, folder)) == len(city.offices) + len(city.categories) + len(city.places)
    assert kept(bare, "KEL-KELAYAN-LUAR")["path"] == "/PEMKOT/KEC-BANJARMASIN-TENGAH/KEL-KELAYAN-LUAR/"
    assert load(bare, folder) == []


# --- the command
def test_the_command_shows_the_plan_and_a_dry_run_changes_nothing(
    city_database: str, data_dir: Path, folder: Path
) -> None:
    here = Installation(data_dir, {"DATABASE_URL": city_database})
    edit(folder / "offices.csv", "Dinas Pekerjaan Umum,DPU,", "Dinas Pekerjaan Umum,PU Kota,")
    change = "Instansi DPU berubah: nama pendek DPU menjadi PU Kota"
    dry = here.ok("city", "load", "--dry-run", str(folder))
    assert dry.splitlines() == [change, "1 changes to be made; nothing was changed."]
    assert here.ok("city", "load", str(folder)).splitlines() == [change, "1 changes."]
    assert here.ok("city", "load", "--dry-run", str(folder)) == "Nothing to change.\n"


def test_the_command_refuses_in_one_sentence_and_says_which_city_the_settings_name(
    city_database: str, database: Database, data_dir: Path, folder: Path
) -> None:
    here = Installation(data_dir, {"DATABASE_URL": city_database})
    give(database, "SMPN-01", "received")
    without(folder / "offices.csv", "SMPN-01,")
    for words in (("city", "load", str(folder)), ("city", "load", "--dry-run", str(folder))):
        refused = here.command(*words)
        assert refused.code == 1 and is_one_sentence(refused.errors) and "SMPN-01 (1)" in refused.errors
    migrated = here.command("migrate", CITY=str(folder))
    assert migrated.code == 1 and is_one_sentence(migrated.errors) and "SMPN-01 (1)" in migrated.errors
    other = here.command("city", "load", "--dry-run", str(ROOT / "city" / "banjarmasin"))
    assert "CITY names Kota Semarang" in other.errors
