"""The commands about tickets: list, answer, move; what is refused is one sentence."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

import panel
from bot.house import House
from storage.models import message, ticket
from tests.house import SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell
from tests.photos import jpeg, scene

BOSS, SARI, BUDI = "boss@kota.test", "sari@kota.test", "budi@kota.test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FIELDS = (
    "number status closed_how kind category text place place_code latitude longitude channel anonymous "
    "confidential office created_at due_at overdue attachments messages"
).split()


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})


@pytest.fixture
def house(here: Installation) -> House:
    """Two reports by SMS to DPU, a coordinator, and an officer each of DPU and DISHUB."""
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, BOSS, "coordinator", None, "kata-sandi")
    panel.add_staff(house, SARI, "officer", "DPU", "kata-sandi")
    panel.add_staff(house, BUDI, "officer", "DISHUB", "kata-sandi")
    tell(house, STORY)
    tell(house, STORY.replace("Johar", "Bulu"), address="warga-2")
    return house


def told(house: House, number: str) -> str:
    """The last thing that a ticket's citizen was told."""
    with house.database.reading() as tx:
        query = (
            select(message.c.text)
            .join(ticket, ticket.c.id == message.c.ticket_id)
            .where(ticket.c.number == number, message.c.direction == "out")
            .order_by(message.c.id.desc())
        )
        return str(tx.scalars(query).first())


def test_tickets_as_json_hold_every_field_one_object_a_line(here: Installation, house: House) -> None:
    tell(house, "Masih di sana.\u2028Baris lain 😡")
    first, second = here.tickets()
    assert list(first) == FIELDS or sorted(first) == sorted(FIELDS)
    assert (first["status"], first["office"], first["kind"], first["channel"]) == (
        "received",
        "DPU",
        "complaint",
        "simulator",
    )
    assert (first["text"].startswith(STORY), first["overdue"], first["attachments"]) == (True, False, 0)
    assert datetime.fromisoformat(first["created_at"]) == NOW
    assert datetime.fromisoformat(first["due_at"]) > NOW
    assert {"direction": "in", "text": STORY, "state": "received", "at": NOW.isoformat()} in first["messages"]
    assert all(sorted(one) == ["at", "direction", "state", "text"] for one in first["messages"])
    assert [one["direction"] for one in first["messages"]][:2] == ["in", "out"]
    listed = here.ok("tickets").splitlines()
    assert [line.split()[:3] for line in listed] == [
        [one["number"], "received", "DPU"] for one in (first, second)
    ]


def test_tickets_are_overdue_after_their_day(here: Installation, house: House) -> None:
    late = (NOW + timedelta(days=40)).isoformat()
    said = here.ok("tickets", "--json", KENTONGAN_TEST_CLOCK=late)
    assert [json.loads(line)["overdue"] for line in said.splitlines()] == [True, True]
    assert here.ok("tickets", KENTONGAN_TEST_CLOCK=late).count("OVERDUE") == 2


def test_since_leaves_older_tickets_out(here: Installation, house: House) -> None:
    with house.database.transaction() as tx:
        older = update(ticket).where(ticket.c.id == tx.scalar(select(ticket.c.id).limit(1)))
        tx.execute(older.values(created_at=NOW - timedelta(days=2)))
    assert len(here.tickets("--since", "2026-11-22T09:00:00+07:00")) == 1
    assert len(here.tickets("--since", "2026-11-20")) == 2
    refused = here.command("tickets", "--since", "kemarin")
    assert refused.code == 1 and is_one_sentence(refused.errors)


def test_answer_reaches_the_chat_that_filed(here: Installation, house: House) -> None:
    number = here.tickets()[0]["number"]
    assert here.ok("answer", number, "Besok pagi ditambal.", "--as", SARI) == f"{number}: answered\n"
    row = here.tickets()[0]
    assert row["status"] == "answered" and not row["overdue"]
    assert "Besok pagi ditambal." in told(house, number)
    assert [one["state"] for one in row["messages"] if "ditambal" in one["text"]][-1] == "waiting"


def test_an_answer_by_command_takes_photos_and_names_one_seen_before(
    here: Installation, house: House, tmp_path: Path
) -> None:
    number = here.tickets()[0]["number"]
    photo = tmp_path / "selesai.jpg"
    photo.write_bytes(jpeg(scene(9)))
    first = here.command("answer", number, "Sudah ditambal.", "--as", SARI)
    assert first.code == 0 and "--photo" in first.errors, "without one it says that one is wished for"
    again = here.command("answer", number, "Sudah ditambal.", "--as", SARI, "--photo", str(photo))
    assert again.code == 0 and "--photo" not in again.errors
    seen = here.command("answer", number, "Sudah.", "--as", SARI, "--photo", str(photo))
    assert (
        seen.code == 1 and "mirip dengan foto di laporan ini" in seen.errors and is_one_sentence(seen.errors)
    )
    here.ok("answer", number, "Sudah.", "--as", SARI, "--photo", str(photo), "--repeat")


def test_a_ticket_goes_through_every_status(here: Installation, house: House) -> None:
    number, other = (row["number"] for row in here.tickets())
    way = (
        ("forwarded", "--office", "DISHUB"),
        ("in_progress",),
        ("waiting", "--note", "Di jalur mana?"),
        ("planned", "--note", "Masuk anggaran.", "--year", "2027"),
        ("returned", "--note", "Bukan jalan kota."),
        ("answered", "--note", "Sudah diperbaiki."),
        ("closed", "--how", "confirmed"),
        ("in_progress",),
        ("rejected", "--note", "Sudah pernah dijawab."),
        ("received",),
        ("merged", "--into", other),
    )
    said = []
    for status, *options in way:
        assert here.ok("move", number, status, "--as", BOSS, *options) == f"{number}: {status}\n"
        said.append(told(house, number))
    assert "diteruskan ke Dishub." in said[0] and "dikerjakan Dishub." in said[1]
    assert ("Di jalur mana?" in said[2], "2027" in said[3], "Dishub" in said[4]) == (True, True, True)
    assert "Sudah diperbaiki." in said[5] and other in said[10]
    assert len(set(said)) == len(way) - 1  # only being worked on comes twice
    row = here.tickets()[0]
    assert (row["status"], row["office"]) == ("merged", "DISHUB")


REFUSED = (
    (("answer", "{number}", "Halo.", "--as", BUDI), "bukan wewenang"),
    (("answer", "{number}", "  ", "--as", SARI), "--note"),
    (("answer", "123", "Halo.", "--as", SARI), "123"),
    (("move", "{number}", "closed", "--as", BOSS), "--how"),
    (("move", "{number}", "in_progress", "--as", "tidak@ada.test"), "tidak@ada.test"),
    (("move", "{number}", "forwarded", "--as", BOSS, "--office", "XYZ"), "XYZ"),
    (("move", "{number}", "forwarded", "--as", SARI, "--office", "DISHUB"), "berwenang"),
    (("move", "{number}", "merged", "--as", BOSS, "--into", "{number}"), "{number}"),
    (("move", "{number}", "planned", "--as", BOSS, "--note", "Nanti", "--year", "99999999999"), "angka"),
)


def test_a_refusal_is_one_sentence_and_changes_nothing(here: Installation, house: House) -> None:
    with house.database.reading() as tx:
        number = tx.scalars(select(ticket.c.number).order_by(ticket.c.id)).first()
    for words, why in REFUSED:
        refused = here.command(*(word.format(number=number) for word in words))
        assert refused.code == 1 and is_one_sentence(refused.errors), refused
        assert why.format(number=number) in refused.errors
    with house.database.reading() as tx:
        assert set(tx.scalars(select(ticket.c.status))) == {"received"}
