"""The commands about who deals with a ticket: assign, tier, staff handover, staff add --head."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

import panel
from bot.house import House
from storage.models import staff, ticket
from tests.house import SEMARANG, SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell

BOSS, SARI, BUDI = "boss@kota.test", "sari@kota.test", "budi@kota.test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def here(city_database: str, data_dir: Path, tmp_path: Path) -> Installation:
    """Semarang with light, medium and heavy complaints."""
    city = Path(shutil.copytree(SEMARANG, tmp_path / "kota"))
    tiers = ("complaint,light,resolve,3,", "complaint,medium,resolve,10,", "complaint,heavy,resolve,30,")
    with (city / "clocks.csv").open("a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in tiers)
    settings = {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat(), "CITY": str(city)}
    return Installation(data_dir, settings)


@pytest.fixture
def house(here: Installation) -> House:
    """A report to DPU, two officers there, a coordinator."""
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, BOSS, "coordinator", None, "kata-sandi")
    for email in (SARI, BUDI):
        panel.add_staff(house, email, "officer", "DPU", "kata-sandi")
    tell(house, STORY)
    return house


def number_of(house: House) -> str:
    with house.database.reading() as tx:
        return str(tx.scalar(select(ticket.c.number)))


def holder(house: House) -> str | None:
    with house.database.reading() as tx:
        query = select(staff.c.email).join(ticket, ticket.c.assignee_id == staff.c.id)
        return tx.scalar(query)


def test_assign_gives_a_report_to_an_officer_and_back(here: Installation, house: House) -> None:
    number = number_of(house)
    assert here.ok("assign", number, SARI, "--as", SARI) == f"{number}: {SARI}\n"
    assert here.ok("assign", number, SARI, "--as", BOSS) == f"{number}: nothing to change\n"
    assert here.ok("assign", number, BUDI, "--as", BOSS) == f"{number}: {BUDI}\n" and holder(house) == BUDI
    refused = here.command("assign", number, SARI, "--as", SARI.replace("sari", "tidak"))
    assert refused.code == 1 and is_one_sentence(refused.errors)
    refused = here.command("assign", number, BUDI, "--as", SARI)
    assert (refused.code, holder(house)) == (1, BUDI) and is_one_sentence(refused.errors)
    assert here.ok("assign", number, "", "--as", BOSS) == f"{number}: nobody\n" and holder(house) is None


def test_tier_moves_the_date_and_tells_the_citizen(here: Installation, house: House) -> None:
    number = number_of(house)
    said = here.ok("tier", number, "heavy", "--as", BOSS, "--note", "Perlu alat berat.")
    assert said == f"{number}: heavy, the citizen is told the new date\n"
    (row,) = here.tickets()
    assert row["due_at"].startswith("2027-01-08"), "30 working days from its filing"
    assert "Target barunya" in row["messages"][-1]["text"]
    for wrong in (("heavy", BOSS, "Lagi."), ("light", SARI, "Saya saja."), ("light", BOSS, " ")):
        refused = here.command("tier", number, wrong[0], "--as", wrong[1], "--note", wrong[2])
        assert refused.code == 1 and is_one_sentence(refused.errors)
    assert here.tickets() == [row]


def test_handover_moves_everything_once_and_ends_the_account(here: Installation, house: House) -> None:
    number = number_of(house)
    here.ok("assign", number, SARI, "--as", SARI)
    for wrong in (("--to", SARI), ("--to", BUDI, "--office", "DPU"), (), ("--office", "XYZ")):
        refused = here.command("staff", "handover", SARI, "--as", BOSS, *wrong)
        assert refused.code == 1 and is_one_sentence(refused.errors), refused
    assert holder(house) == SARI
    said = here.ok("staff", "handover", SARI, "--to", BUDI, "--disable", "--as", BOSS)
    assert said == "1 tickets, 0 chats; account disabled\n" and holder(house) == BUDI
    assert (
        here.ok("staff", "handover", SARI, "--to", BUDI, "--disable", "--as", BOSS) == "0 tickets, 0 chats\n"
    )
    refused = here.command("answer", number, "Saya masih di sini.", "--as", SARI)
    assert refused.code == 1 and is_one_sentence(refused.errors)
    assert here.ok("staff", "handover", BUDI, "--office", "DPU", "--as", BOSS) == "1 tickets, 0 chats\n"
    assert holder(house) is None


def test_staff_add_makes_the_head_of_an_office(here: Installation, house: House) -> None:
    here.ok("staff", "add", "kepala@kota.test", "--role", "officer", "--office", "DPU", "--head")
    with house.database.reading() as tx:
        assert list(tx.scalars(text("select email from staff where head"))) == ["kepala@kota.test"]
    number = number_of(house)
    assert here.ok("assign", number, BUDI, "--as", "kepala@kota.test") == f"{number}: {BUDI}\n"
    refused = here.command("staff", "add", "x@kota.test", "--role", "coordinator", "--head")
    assert refused.code == 1 and is_one_sentence(refused.errors)
