"""An officer's work on a ticket's page: templates, drafts, a form on an older state, notes, the window."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from bot.house import House
from storage.deskwork import reply_draft, reply_template
from storage.models import conversation
from tests.panel_house import (
    NOW,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    rows_of,
    submit,
)

OFFICER, BOSS = "dinkes@kota.test", "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    return client_of(app, OFFICER)


def page_of(client: FlaskClient, number: str) -> str:
    return str(client.get(f"/panel/tickets/{number}").text)


def marks(page: str) -> dict[str, str]:
    """What the page's forms say about the state that was read."""
    return {name: re.findall(rf'name="{name}" value="(\d+)"', page)[0] for name in ("version", "seen")}


# --- templates --------------------------------------------------------------------------------------------


def test_ten_templates_are_there_from_the_start_with_the_reports_own_words(
    house: House, officer: FlaskClient
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    page = page_of(officer, number)
    assert "Pekerjaan di Tugurejo sudah dimulai. Kami usahakan selesai sebelum 30 November 2026." in page
    with house.database.reading() as tx:
        assert len(tx.execute(select(reply_template)).all()) == 10


def test_a_template_is_offered_for_its_category_and_status_alone(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="received", category="kesehatan")
    page_of(officer, number)
    rows = [("satu", "kesehatan", ""), ("dua", "jalan", ""), ("tiga", "", "answered")]
    with house.database.transaction() as tx:
        for code, category, status in rows:
            values = {"code": code, "category": category, "status": status, "text": f"Kata {code}."}
            tx.execute(insert(reply_template).values(**values, changed_at=NOW))
    page = page_of(officer, number)
    assert [word in page for word in ("Kata satu.", "Kata dua.", "Kata tiga.")] == [True, False, False]


def test_a_template_is_put_in_without_scripts(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    answered = submit(officer, number, "template", note="Selamat siang.", template="selesai")
    assert "Selamat siang.\nPekerjaan di Tugurejo sudah selesai." in answered.text
    assert submit(officer, number, "template", note="Selamat siang.", template="tak-ada").status_code == 409


def test_what_is_called_by_colons_and_every_variable_is_put_in_before_it_is_sent(
    house: House, officer: FlaskClient
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    assert submit(officer, number, "answer", note="::jadwal Nomor {nomor}.").status_code == 302
    said = rows_of(house, number)[1][0].text
    assert "masuk jadwal kerja Dinas Kesehatan. Batas waktunya 30 November 2026." in said
    assert f"Nomor {number}." in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Selesai {tanggal}.", "{tanggal} tidak dikenal"),
        ("Selesai sebelum {batas}.", "{batas} kosong atau sudah lewat"),
    ],
)
def test_an_unknown_or_empty_variable_stops_the_answer_and_keeps_the_text(
    house: House, officer: FlaskClient, words: str, why: str
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress", due_at=None)
    answered = submit(officer, number, "answer", note=words)
    assert answered.status_code == 409
    assert why in answered.text
    assert f">{words}</textarea>" in answered.text
    assert rows_of(house, number)[1] == []


def test_no_template_promises_a_date_that_has_passed(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", status="in_progress", due_at=NOW - timedelta(days=1))
    assert "Kami usahakan selesai sebelum {batas}." in page_of(officer, number)
    assert submit(officer, number, "answer", note="::jadwal").status_code == 409


# --- drafts -----------------------------------------------------------------------------------------------


def test_a_draft_is_kept_for_its_writer_alone_and_goes_when_it_is_sent(
    house: House, app: Flask, officer: FlaskClient
) -> None:
    number = file_ticket(house, "DINKES")
    saved = submit(officer, number, "draft", kind="answer", note="Kami cek <b>besok</b>")
    assert saved.text == "Draf tersimpan 14.05"
    assert "Kami cek &lt;b&gt;besok&lt;/b&gt;</textarea>" in page_of(officer, number)
    assert "Kami cek" not in page_of(client_of(app, BOSS), number)
    assert number in officer.get("/panel/?queue=typing").text
    submit(officer, number, "answer", note="Kami cek besok")
    with house.database.reading() as tx:
        assert tx.execute(select(reply_draft)).all() == []


def test_an_emptied_field_keeps_no_draft(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES")
    submit(officer, number, "draft", kind="note", note="sebentar")
    assert submit(officer, number, "draft", kind="note", note=" ").text == ""
    assert "sebentar" not in page_of(officer, number)


@pytest.mark.parametrize("action", ["draft", "template", "undo", "note", "tags"])
def test_another_offices_report_is_not_there(house: House, officer: FlaskClient, action: str) -> None:
    foreign, own = file_ticket(house, "DPU"), file_ticket(house, "DINKES")
    page = page_of(officer, own)
    form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
    form |= {"kind": "answer", "note": "x", "tag": "satu"}
    assert officer.post(f"/panel/tickets/{foreign}/{action}", data=form).status_code == 404
    assert officer.post(f"/panel/tickets/{own}/{action}", data={"note": "x"}).status_code == 400  # no token
    assert officer.get(f"/panel/tickets/{foreign}/here").status_code == 404


# --- a form on an older state, and who else is here -------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("answer", {"note": "Sudah kami periksa."}),
        ("move", {"status": "waiting", "note": "Di mana tepatnya?"}),
        ("return", {"note": "Bukan wewenang kami", "unknown": "yes"}),
    ],
)
def test_what_was_written_on_an_older_state_is_held_back_with_what_changed(
    house: House, app: Flask, officer: FlaskClient, action: str, fields: dict[str, str]
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    read = marks(page_of(officer, number))
    submit(client_of(app, BOSS), number, "answer", note="Sudah selesai kemarin.")
    sent = len(rows_of(house, number)[1])
    held = submit(officer, number, action, **fields, **read)
    assert held.status_code == 409
    assert "berubah sejak Anda membukanya" in held.text
    assert "Sudah selesai kemarin." in held.text.partition("Yang baru sejak")[2].partition("</ul>")[0]
    assert f"{fields['note']}</textarea>" in held.text
    assert len(rows_of(house, number)[1]) == sent
    if action == "answer":
        assert submit(officer, number, action, **fields, **marks(held.text)).status_code == 302


def test_one_sees_who_else_has_the_report_open_and_nothing_new_costs_nothing(
    house: House, app: Flask, officer: FlaskClient
) -> None:
    number = file_ticket(house, "DINKES")
    where = f"/panel/tickets/{number}/here?version=1"
    page_of(client_of(app, BOSS), number)
    first = officer.get(where)
    assert f"<strong>{BOSS}</strong> juga membuka laporan ini" in first.text
    assert officer.get(where, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    house.clock.moment = NOW + timedelta(minutes=1)  # type: ignore[attr-defined]
    later = officer.get(where, headers={"If-None-Match": first.headers["ETag"]})
    assert (later.status_code, BOSS in later.text) == (200, False)
    submit(officer, number, "answer", note="Kami cek.")
    assert "baru saja berubah" in officer.get(where).text


# --- notes and tags ---------------------------------------------------------------------------------------


def test_a_note_is_seen_by_staff_and_never_sent(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES")
    assert submit(officer, number, "note", note="Warga ini sudah menelepon dua kali.").status_code == 302
    page = page_of(officer, number)
    assert "catatan internal, tidak dikirim" in page.partition("Warga ini sudah menelepon")[0]
    assert rows_of(house, number)[1] == []
    assert submit(officer, number, "note", note=" ").status_code == 409


def test_tags_are_single_words_put_on_and_taken_off(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES")
    submit(officer, number, "tags", tag="#Pasar-Johar banjir")
    page = page_of(officer, number)
    assert ("#pasar-johar" in page, "#banjir" in page) == (True, True)
    submit(officer, number, "tags", remove="banjir")
    assert "Hapus #banjir" not in page_of(officer, number)
    assert submit(officer, number, "tags", tag="<b>").status_code == 409


# --- queues and the window --------------------------------------------------------------------------------


def test_due_today_is_a_queue_of_its_own(house: House, officer: FlaskClient) -> None:
    numbers = [file_ticket(house, "DINKES", due_at=NOW + timedelta(hours=n)) for n in (-1, 3, 12)]
    page = officer.get("/panel/?queue=today").text
    assert [number in page for number in numbers] == [False, True, False]


@pytest.mark.parametrize(
    ("hours", "words"),
    [(21, "Dapat dibalas bebas 3 jam lagi."), (25, "Jawaban menunggu sampai warga membuka percakapan")],
)
def test_the_page_says_how_long_whatsapp_may_be_answered_freely(
    house: House, officer: FlaskClient, hours: int, words: str
) -> None:
    number = file_ticket(house, "DINKES", channel="whatsapp")
    with house.database.transaction() as tx:
        chat = conversation.c.id == rows_of(house, number)[0].conversation_id
        tx.execute(update(conversation).where(chat).values(last_in_at=NOW - timedelta(hours=hours)))
    assert words in page_of(officer, number)
