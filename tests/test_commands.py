"""The commands about an installation, as its engineer runs them: real processes on a real database."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.keys import make_keys
from storage.migrate import newest
from tests.house import SEMARANG
from tests.installation import STORY, Installation, is_one_sentence, rows_of, tell


@pytest.fixture
def here(empty_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": empty_database})


@pytest.fixture
def ready(city_database: str, data_dir: Path) -> Installation:
    """With tables and city."""
    return Installation(data_dir, {"DATABASE_URL": city_database})


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Path]:
    """A copy of the demo city that a test may spoil."""
    yield shutil.copytree(SEMARANG, tmp_path / "kota")


def test_migrate_makes_the_tables_and_a_second_time_keeps_them(here: Installation) -> None:
    refused = here.command("tickets")
    assert refused.code == 2 and is_one_sentence(refused.errors) and "app.py migrate" in refused.errors
    assert here.ok("migrate") == here.ok("migrate") == f"Tables are at {newest()}.\n"
    assert here.ok("tickets") == ""


def test_without_a_database_url_commands_use_the_embedded_server_and_stop_it(data_dir: Path) -> None:
    folder = data_dir / "dengan spasi"
    folder.mkdir(mode=0o711)
    here = Installation(folder)
    here.ok("migrate")
    here.ok("talk", "--channel", "sms", typed=f"{STORY}\n")
    archive = folder / "cadangan.tar"
    here.ok("backup", str(archive))
    other = data_dir / "lain"
    other.mkdir(mode=0o711)
    there = Installation(other, {"DATA_KEYS": here.settings["DATA_KEYS"]})
    there.ok("restore", str(archive))
    assert [row["text"] for row in there.tickets()] == [STORY]
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_city_load_a_second_time_changes_nothing(ready: Installation, city: Path) -> None:
    assert ready.ok("city", "load", str(city)) == "Nothing to change.\n"
    offices = city / "offices.csv"
    offices.write_text(offices.read_text().replace(",DPU,opd", ",PU Kota,opd"))
    assert ready.ok("city", "load", str(city)).splitlines()[-1] == "1 changes."
    assert ready.ok("city", "load", str(city)) == "Nothing to change.\n"


def test_city_check_names_each_fault_with_its_line(here: Installation, city: Path) -> None:
    assert here.ok("city", "check", str(city)).endswith("no faults.\n")
    routing = city / "routing.csv"
    routing.write_text(routing.read_text().replace("jalan,,DPU", "jalan,,DPUX"))
    checked, loaded = here.command("city", "check", str(city)), here.command("city", "load", str(city))
    assert (checked.code, loaded.code) == (1, 1)
    assert "routing.csv:2: office DPUX is not known." in checked.said
    assert "routing.csv:2: office DPUX is not known." in loaded.errors
    assert here.command("city", "check", str(city / "tidak-ada")).code == 1


def test_an_office_with_open_tickets_cannot_be_loaded_away(ready: Installation, city: Path) -> None:
    tell(ready.house(), STORY)
    for file in ("offices.csv", "routing.csv"):
        path = city / file
        path.write_text(path.read_text().replace("DPU", "DPUPR"))
    refused = ready.command("city", "load", str(city))
    assert refused.code == 1 and is_one_sentence(refused.errors) and "DPU" in refused.errors


def test_staff_add_makes_somebody_who_can_answer(ready: Installation) -> None:
    tell(ready.house(), STORY)
    (row,) = ready.tickets()
    said = ready.ok("staff", "add", "Sari@Kota.test", "--role", "officer", "--office", "DPU")
    assert "password: " in said
    ready.ok("answer", row["number"], "Besok ditambal.", "--as", "sari@kota.test")
    assert "password" not in ready.ok(
        "staff", "add", "b@k.test", "--role", "coordinator", "--password", "rahasia9"
    )
    for wrong in (("c@k.test", "--role", "officer"), ("tanpa-at", "--role", "coordinator")):
        refused = ready.command("staff", "add", *wrong)
        assert refused.code == 1 and is_one_sentence(refused.errors)
    with ready.house().database.reading() as tx:
        hashes = tx.scalars(text("select password from staff")).all()
    assert len(hashes) == 2 and all(one.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for one in hashes)


def test_staff_invite_prints_a_link_that_opens_the_panel(ready: Installation) -> None:
    link = ready.ok("staff", "invite", "Tono@Kota.test", "--role", "officer", "--office", "DPU").strip()
    assert re.fullmatch(r"http://[^/]+/panel/invite/[\w.-]+", link)
    refused = ready.command("staff", "invite", "c@k.test", "--role", "officer")
    assert refused.code == 1 and is_one_sentence(refused.errors)
    with ready.house().database.reading() as tx:
        assert tx.scalar(text("select password from staff where email = 'tono@kota.test'")) is None


def test_understand_answers_every_line_at_once(here: Installation) -> None:
    duplicate = {"text": "Jalan rusak", "place": "Tugurejo", "date": "2026-11-20", "category": "jalan"}
    asked = [
        {"id": 1, "task": "category", "text": "lampu jalan mati"},
        {"id": 2, "task": "intent", "text": "cek 123456789"},
        {"id": 3, "task": "place", "text": "di Tugurejo", "context": "33.74"},
        {"id": 4, "task": "duplicate", "a": duplicate, "b": duplicate},
        {"id": 5, "task": "nothing"},
    ]
    with here.start("understand") as process:
        assert process.stdin and process.stdout
        replies = []
        for one in asked:
            process.stdin.write(json.dumps(one) + "\n")
            process.stdin.flush()
            replies.append(json.loads(process.stdout.readline()))  # before the next one is asked
        process.stdin.close()
        assert process.wait(20) == 0
    assert [reply["id"] for reply in replies] == [1, 2, 3, 4, 5]
    assert replies[0]["category"][0] == "penerangan_jalan" and replies[0]["agency"]
    assert replies[1] == {"id": 2, "intent": "check_status", "ticket": "123456789"}
    assert replies[2]["place"][0].startswith("33.74.")
    assert replies[3]["duplicate"] > 0.7
    assert replies[4]["error"].endswith(".")


def test_understand_survives_lines_that_are_no_json(here: Installation) -> None:
    with here.start("understand") as process:
        assert process.stdin
        os.write(process.stdin.fileno(), b'\xff\xfe\n\n{"id": 7, "task": "intent", "text": "halo"}\n')
        said, errors = process.communicate(timeout=60)
    assert [reply["id"] for reply in rows_of(said)] == [None, 7] and not errors


def test_talk_files_a_report_as_a_phone_does(ready: Installation) -> None:
    said = ready.ok("talk", "--channel", "sms", typed=f"{STORY}\n\nSTATUS\n")
    (row,) = ready.tickets()
    assert (row["channel"], row["text"], row["status"]) == ("simulator", STORY, "received")
    assert said.count(row["number"]) >= 2
    menu = ready.ok("talk", typed="mau lapor\n")
    assert menu.startswith("> ") and len(menu.splitlines()) >= 2


def test_talk_is_refused_where_strangers_can_reach_us(ready: Installation) -> None:
    public = {"PUBLIC_URL": "https://lapor.example.go.id", "SECRET_KEY": "x" * 32, "DATA_KEYS": make_keys()}
    refused = ready.command("talk", **public)
    assert refused.code == 1 and is_one_sentence(refused.errors)


def test_replay_takes_up_what_was_set_aside(ready: Installation) -> None:
    house = ready.house()
    tell(house, STORY)
    with house.database.transaction() as tx:
        tx.execute(text("update raw_event set state = 'quarantined', tries = 5"))
    assert "1 events set aside" in ready.command("doctor").said
    assert ready.ok("replay") == "1 of 1 events went through.\n"
    assert ready.ok("replay") == "0 of 0 events went through.\n"
    unknown = ready.command("replay", "4711")
    assert (unknown.code, unknown.said) == (1, "0 of 1 events went through.\n")


def test_backup_says_where_the_keys_are_not(ready: Installation) -> None:
    began = time.time()
    said = ready.ok("backup", str(ready.folder / "satu.tar"))
    assert "DATA_KEYS" in said and (ready.folder / "satu.tar").stat().st_mtime >= began - 1
    assert (ready.folder / "satu.tar").stat().st_mode & 0o077 == 0
    refused = ready.command("backup", str(ready.folder / "tidak" / "ada.tar"))
    assert refused.code == 1 and is_one_sentence(refused.errors)
