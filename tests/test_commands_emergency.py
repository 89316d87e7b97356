"""The commands of emergencies and of mergers that are taken back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import panel
from bot.house import House
from tests.house import SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell

BOSS, SARI = "boss@kota.test", "sari@kota.test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})


@pytest.fixture
def house(here: Installation) -> House:
    """Two reports, a coordinator and an officer."""
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, BOSS, "coordinator", None, "kata-sandi")
    panel.add_staff(house, SARI, "officer", "DPU", "kata-sandi")
    tell(house, STORY)
    tell(house, STORY.replace("Johar", "Bulu"), address="warga-2")
    return house


def test_an_emergency_is_switched_on_listed_and_switched_off(here: Installation, house: House) -> None:
    assert here.ok("emergency", "list") == "No emergency is on.\n"
    said = here.ok("emergency", "on", "33.74", "--as", BOSS, "--notice", "Posko di balai kota.")
    assert said == "33.74: on, 0 reports of the last day belong to it\n"
    (line,) = here.ok("emergency", "list").splitlines()
    assert line.startswith("33.74 ") and house.city.name in line and line.endswith(f"by {BOSS}")
    for words, why in (
        (("emergency", "on", "33.74", "--as", BOSS), "sudah menyala"),
        (("emergency", "on", "99.99", "--as", BOSS), "bukan kode"),
        (("emergency", "off", "33.74", "--as", SARI), "berwenang"),
    ):
        refused = here.command(*words)
        assert refused.code == 1 and is_one_sentence(refused.errors) and why in refused.errors
    assert here.ok("emergency", "off", "33.74", "--as", BOSS) == "33.74: off\n"
    assert here.ok("emergency", "list") == "No emergency is on.\n"


def test_a_merger_is_taken_back(here: Installation, house: House) -> None:
    number, other = (row["number"] for row in here.tickets())
    here.ok("move", number, "merged", "--into", other, "--as", BOSS)
    refused = here.command("unmerge", other, "--as", BOSS)
    assert refused.code == 1 and is_one_sentence(refused.errors) and "tidak digabung" in refused.errors
    assert here.ok("unmerge", number, "--as", BOSS) == f"{number}: stands on its own again\n"
    assert here.tickets()[0]["status"] == "received"
