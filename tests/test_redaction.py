"""What staff close in a report is gone for all readers; the original is kept apart, its openings noted."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import text, update

from bot.house import House, files_url
from bot.people import retention
from storage import originals
from storage.files import Files
from storage.models import ticket
from tests.panel_house import (
    NOW,
    attach,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    submit,
    token,
)
from tests.redaction_case import (
    BOX,
    COORDINATOR,
    OFFICER,
    SECRET,
    audited,
    custodian,
    every_file,
    history,
    photo,
    press,
    reddest,
)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture
def shown(house: House) -> tuple[str, int]:
    """A report with the photo: its number, the file's id."""
    number = file_ticket(house, "DINKES")
    return number, attach(house, number, photo(), "image/jpeg", "jpg")


# --- photos -------------------------------------------------------------------------------------------------
def test_a_closed_photo_holds_none_of_its_pixels_and_nothing_hidden(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    number, file_id = shown
    officer = client_of(app, OFFICER)
    assert reddest(officer.get(f"/panel/files/{file_id}").data) > 200
    assert press(officer, f"/panel/files/{file_id}/redact", **BOX).status_code == 302
    copy = officer.get(f"/panel/files/{file_id}").data
    with Image.open(io.BytesIO(copy)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (640, 480))
        assert opened.getpixel((320, 240)) == (0, 0, 0) and opened.getpixel((160, 120)) == (0, 0, 0)
        assert not opened.getexif() and set(opened.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
        }
        red, green, blue = opened.getpixel((20, 20))  # type: ignore[misc]
        assert max(abs(red - 128), abs(green - 128), abs(blue - 128)) < 4
    assert reddest(copy) < 8 and SECRET.encode() not in copy
    assert copy.count(b"\xff\xd8\xff") == 1  # no second picture in it
    files = every_file(house)
    assert len(files) == 2  # the copy and the sealed original, nothing else anywhere
    for name, data in files.items():
        assert data == copy or (name.endswith(".sealed") and b"JFIF" not in data and data[:1] == b"g")
    assert "Bagian foto ditutup" in officer.get(f"/panel/tickets/{number}").text
    assert len(history(house, "redacted")) == audited(house, "redacted") == 1


def test_a_second_closing_keeps_the_first_and_one_original(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    _, file_id = shown
    officer = client_of(app, OFFICER)
    press(officer, f"/panel/files/{file_id}/redact", left="0", top="0", width="10", height="10")
    press(officer, f"/panel/files/{file_id}/redact", **BOX)
    with Image.open(io.BytesIO(officer.get(f"/panel/files/{file_id}").data)) as opened:
        assert opened.getpixel((5, 5)) == opened.getpixel((320, 240)) == (0, 0, 0)
    assert len(every_file(house)) == 2
    opened_one = press(client_of(app, COORDINATOR), f"/panel/files/{file_id}/original", reason="Bukti polisi")
    assert opened_one.data == photo()


def test_several_parts_at_once_and_the_same_photo_sent_again(app: Flask, house: House, shown: Any) -> None:
    number, file_id = shown
    again = attach(house, number, photo(), "image/jpeg", "jpg")
    elsewhere = attach(house, file_ticket(house, "DPU"), photo(), "image/jpeg", "jpg")
    officer = client_of(app, OFFICER)
    form = {"csrf_token": token(officer, "/panel/account")}
    many = {
        "left": ["0", "25,5", ""],
        "top": ["0", "25", ""],
        "width": ["5", "50", ""],
        "height": ["5", "50", ""],
    }
    assert officer.post(f"/panel/files/{file_id}/redact", data={**form, **many}).status_code == 302
    for one in (file_id, again):
        with Image.open(io.BytesIO(officer.get(f"/panel/files/{one}").data)) as opened:
            assert opened.getpixel((5, 5)) == opened.getpixel((320, 240)) == (0, 0, 0)
    assert client_of(app, "dpu@kota.test").get(f"/panel/files/{elsewhere}").data == photo()


def test_what_is_no_part_of_a_photo_is_refused_and_nothing_changes(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    _, file_id = shown
    officer = client_of(app, OFFICER)
    whole = {"left": "0", "top": "0", "width": "5", "height": "5"}
    wrong = ({"left": "x"}, {"width": "0"}, {"left": "nan"}, {"left": "100"}, {"top": "-1"}, {"height": ""})
    for boxes in ({}, *({**whole, **one} for one in wrong)):
        refused = press(officer, f"/panel/files/{file_id}/redact", **boxes)
        assert refused.status_code == 409 and 'role="alert"' in refused.text, boxes
    assert officer.get(f"/panel/files/{file_id}").data == photo() and len(every_file(house)) == 1


def test_the_original_is_opened_by_few_with_a_reason_and_each_time_noted(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    number, file_id = shown
    officer = client_of(app, OFFICER)
    press(officer, f"/panel/files/{file_id}/redact", **BOX)
    page = f"/panel/files/{file_id}/original"
    assert press(officer, page, reason="ingin tahu").status_code == 403
    for client in (client_of(app, COORDINATOR), custodian(app, house)):
        assert client.get(page).status_code in (404, 405)
        assert press(client, page, reason=" ", number=number).status_code == 409
        before = len(history(house, "original_opened")), audited(house, "original_opened")
        answer = press(client, page, reason="Diminta penyidik")
        assert answer.data == photo() and answer.headers["Cache-Control"] == "no-store"
        now = len(history(house, "original_opened")), audited(house, "original_opened")
        assert now == (before[0] + 1, before[1] + 1)
    assert {row["note"] for row in history(house, "original_opened")} == {"Diminta penyidik"}
    assert reddest(officer.get(f"/panel/files/{file_id}").data) < 8


def test_only_a_coordinator_shows_the_original_again_with_a_reason(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    number, file_id = shown
    officer, boss = client_of(app, OFFICER), client_of(app, COORDINATOR)
    press(officer, f"/panel/files/{file_id}/redact", **BOX)
    page = f"/panel/files/{file_id}/restore"
    for client in (officer, custodian(app, house)):
        assert press(client, page, reason="salah foto").status_code == 403
    assert press(boss, page, reason="", number=number).status_code == 409
    assert press(boss, page, reason="Salah foto").status_code == 302
    assert officer.get(f"/panel/files/{file_id}").data == photo()
    assert [*every_file(house).values()] == [photo()]
    assert "Isi asli ditampilkan lagi" in officer.get(f"/panel/tickets/{number}").text
    assert audited(house, "original_restored") == 1
    assert press(boss, page, reason="sekali lagi").status_code == 404


def test_nobody_closes_or_opens_what_is_another_office_s_or_in_the_lane(app: Flask, house: House) -> None:
    file_id = attach(house, file_ticket(house, "DPU"), photo(), "image/jpeg", "jpg")
    officer = client_of(app, OFFICER)
    assert officer.get(f"/panel/files/{file_id}/redact").status_code == 404
    assert press(officer, f"/panel/files/{file_id}/redact", **BOX).status_code == 404
    number = file_ticket(house, "DINKES", supervised=True, confidential=True)
    hidden = attach(house, number, photo(), "image/jpeg", "jpg")
    for client in (officer, client_of(app, COORDINATOR)):
        assert press(client, f"/panel/files/{hidden}/redact", **BOX).status_code == 404
    assert number not in client_of(app, "admin@kota.test").get("/panel/audit").text
    assert len(every_file(house)) == 1  # equal photos share a file, and it is as it was


# --- the end ------------------------------------------------------------------------------------------------
def test_originals_go_with_what_is_over_its_time(app: Flask, house: House, shown: tuple[str, int]) -> None:
    number, file_id = shown
    officer = client_of(app, OFFICER)
    press(officer, f"/panel/files/{file_id}/redact", **BOX)
    submit(officer, number, "mask", words="Lampu")
    assert len(every_file(house)) == 2
    with house.database.transaction() as tx:
        tx.execute(update(ticket).values(status="closed", changed_at=NOW))
    retention.let_go(house, NOW + timedelta(days=731))
    retention.delete_files(house, Files(files_url(house)))
    assert every_file(house) == {}
    with house.database.reading() as tx:
        for table in ("original_file", "masked_text", "leftover_file"):
            assert tx.scalar(text(f"select count(*) from {table}")) == 0, table
    assert (
        press(client_of(app, COORDINATOR), f"/panel/files/{file_id}/original", reason="x").status_code == 404
    )


def test_a_plain_original_that_a_dying_process_left_behind_goes_with_the_next_run(
    app: Flask, house: House, shown: tuple[str, int]
) -> None:
    _, file_id = shown
    press(client_of(app, OFFICER), f"/panel/files/{file_id}/redact", **BOX)
    files = Files(files_url(house))
    with house.database.transaction() as tx:  # the deed was written down, the file is still there
        originals.leave(tx, [files.keep(photo(), "jpg")])
    assert photo() in every_file(house).values()
    assert retention.delete_files(house, files) == 1
    assert photo() not in every_file(house).values() and len(every_file(house)) == 2
