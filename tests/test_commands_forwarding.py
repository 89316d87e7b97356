"""The commands about reports on their way: several offices, numbers elsewhere, and what bounces."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import panel
from bot.house import House
from tests.house import SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell

BOSS, SARI, BUDI = "boss@kota.test", "sari@kota.test", "budi@kota.test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})


@pytest.fixture
def house(here: Installation) -> House:
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, BOSS, "coordinator", None, "kata-sandi")
    panel.add_staff(house, SARI, "officer", "DPU", "kata-sandi")
    panel.add_staff(house, BUDI, "officer", "DISHUB", "kata-sandi")
    tell(house, STORY)
    return house


def parts(house: House) -> dict[str, str]:
    with house.database.reading() as tx:
        query = (
            "select o.code, t.number from ticket t join office o on o.id = t.office_id where t.parent_id > 0"
        )
        return {row.code: row.number for row in tx.exec_driver_sql(query)}


def test_move_takes_several_offices_and_the_list_has_it_once(here: Installation, house: House) -> None:
    number = here.tickets()[0]["number"]
    several = ("--office", "DPU", "--office", "DISHUB")
    assert here.ok("move", number, "forwarded", "--as", BOSS, *several) == f"{number}: forwarded\n"
    (row,) = here.tickets()
    assert (row["number"], row["status"]) == (number, "forwarded")
    assert "DPU dan Dishub" in row["messages"][-1]["text"]
    found = parts(house)
    here.ok("answer", found["DPU"], "Jalan ditambal.", "--as", SARI)
    refused = here.command("answer", found["DPU"], "Bukan saya.", "--as", BUDI)
    assert refused.code == 1 and is_one_sentence(refused.errors)
    assert here.tickets()[0]["status"] == "forwarded"
    here.ok("answer", found["DISHUB"], "Rambu dipasang.", "--as", BUDI)
    (row,) = here.tickets()
    assert row["status"] == "answered" and "Dishub: Rambu dipasang." in row["messages"][-1]["text"]


def test_external_prints_what_to_give_them_and_notes_their_number(here: Installation, house: House) -> None:
    number = here.tickets()[0]["number"]
    refused = here.command("external", number, "LG-1", "--as", BOSS)
    assert refused.code == 1 and is_one_sentence(refused.errors)
    moved = ("--office", "PROV-JATENG", "--external-number", "LG-1")
    here.ok("move", number, "forwarded", "--as", BOSS, *moved)
    assert "nomor mereka LG-1" in here.tickets()[0]["messages"][-1]["text"]
    assert f"Laporan warga nomor {number}" in here.ok("external", number, "--as", BOSS)
    assert here.ok("external", number, "LG-2", "--as", BOSS) == f"{number}: LG-2\n"
    assert "LG-2" in here.tickets()[0]["messages"][-1]["text"]


def test_bounces_counts_what_offices_sent_back(here: Installation, house: House) -> None:
    number = here.tickets()[0]["number"]
    assert here.ok("bounces") == "0 reports bouncing now.\n"
    here.ok("move", number, "returned", "--as", SARI, "--note", "Ini rambu.", "--office", "DISHUB")
    here.ok("move", number, "forwarded", "--as", BOSS, "--office", "DISHUB")
    here.ok("move", number, "returned", "--as", BUDI, "--note", "Ini lubang.")
    told = here.ok("bounces", "--since", "2026-11-20").splitlines()
    assert [line.split()[:2] for line in told[:2]] == [["DISHUB", "1"], ["DPU", "1"]]
    assert told[2:] == [f"{number}  2x  DISHUB -> unknown", "1 reports bouncing now."]
    refused = here.command("bounces", "--since", "kemarin")
    assert refused.code == 1 and is_one_sentence(refused.errors)
