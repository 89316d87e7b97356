"""DATA SAYA and the queue of HAPUS DATA: in the engine, in the chat, in the panel and by command."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot.house import House
from bot.talk.deeds import AskToForget, ShowMyData
from storage import looks
from tests import dump
from tests.house import SetClock
from tests.installation import Installation, is_one_sentence, tell
from tests.panel_house import NOW, PASSWORD, client_of, house_on, log_in, panel_app, token
from tests.streets import NOW as NINE
from tests.streets import Town, open_town
from tests.talking import HOLE, Talk

STORY = "Lapor jalan berlubang besar di depan Pasar Johar, sudah dua minggu"


# --- the engine ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["data saya", "DATA SAYA", "Dataku", "my data", "data kula", "data abdi"])
def test_whoever_asks_is_shown_his_data_and_the_draft_waits(words: str) -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    asked = talk.state["answers"]
    talk.hears(words)
    assert talk.deeds == [ShowMyData()] and talk.state["answers"] == asked


@pytest.mark.parametrize(
    "words", ["hapus data", "Cabut persetujuan", "delete my data", "busak data", "hapus data abdi"]
)
@pytest.mark.parametrize("yes", ["1", "ya", "Ya, hapus", "iya betul", "ya hapus saja"])
def test_deleting_is_asked_for_first(words: str, yes: str) -> None:
    talk = Talk()
    talk.hears(words)
    assert not talk.deeds and talk.choices == ["forget_me=yes", "forget_me=no"]
    talk.hears(yes)
    assert talk.deeds == [AskToForget()] and "aside" not in talk.state


@pytest.mark.parametrize("no", ["2", "tidak", "nggak jadi", "jangan hapus", "ga usah hapus", "batal", HOLE])
def test_anything_but_a_yes_deletes_nothing(no: str) -> None:
    talk = Talk()
    talk.hears("hapus data")
    talk.hears(no)
    assert not [deed for deed in talk.deeds if isinstance(deed, AskToForget)] and "aside" not in talk.state


def test_a_word_that_is_no_answer_brings_the_question_again_and_an_old_button_does_not_delete() -> None:
    talk = Talk()
    talk.hears("hapus data")
    said = [talk.hears("hah?"), talk.hears("apa"), talk.hears("hmm")]
    assert all(one[-1].endswith("Hapus data Anda?") for one in said)
    assert all(first[0] != then[0] for first, then in pairwise(said))
    talk.hears("2")
    talk.hears(choice="forget_me=yes")
    assert not talk.deeds


# --- the chat -----------------------------------------------------------------------------------------------
@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        yield made


def test_the_latest_five_of_many_reports_are_listed_and_nobody_elses(town: Town) -> None:
    phone, other = town.phone("telegram"), town.phone("telegram")
    other.writes(HOLE)
    other.writes("kirim")
    phone.writes(HOLE)
    phone.writes("kirim")
    with town.house.database.transaction() as tx:
        tx.execute(_COPIES)
        mine = list(tx.scalars(text("select id from ticket order by id desc limit 7")))
        staff = tx.scalar(text("select id from staff where email = 'dpu@kota.test'"))
        looks.note_page(tx, mine, staff, NINE.date())
    phone.got()
    phone.writes("data saya")
    data, _ = phone.got()
    assert f"Telegram ...{phone.address[-3:]}" in data.text and phone.address not in data.text
    assert "Laporan Anda: 7." in data.text
    lines = data.text.splitlines()[2:]
    assert len(lines) == 5 and all("Dilihat: DPU 1x; terakhir Sen, 23 Nov 2026." in line for line in lines)
    theirs = town.one("select number from ticket order by id limit 1").number
    assert theirs not in data.text
    assert "dpu@kota.test" not in data.text, "offices, not names"


_COPIES = text(
    """insert into ticket (number, status, person_id, conversation_id, channel, text, anonymous, created_at,
                           changed_at, category)
       select '60000000' || n, 'received', person_id, conversation_id, channel, text, n % 2 = 0, created_at,
              changed_at, category
       from ticket, generate_series(1, 6) n where id = (select max(id) from ticket)"""
)


# --- the panel ----------------------------------------------------------------------------------------------
@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    with house_on(city_database, tmp_path) as made:
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def request_on(house: House, hours: int = 0, story: str = STORY, address: str = "warga-1") -> int:
    """A citizen with a report who asked some hours ago; returns the request."""
    for words in (story, "hapus data", "1"):
        tell(house, words, address=address)
    with house.database.transaction() as tx:
        return int(tx.scalar(_EARLIER, {"hours": hours}))


_EARLIER = text(
    """update privacy_request set made_at = made_at - make_interval(hours => :hours),
           due_at = due_at - make_interval(hours => :hours)
       where id = (select max(id) from privacy_request) returning id"""
)


def custodian(app: Flask) -> FlaskClient:
    panel.add_staff(app.extensions["kentongan"], "penjaga@kota.test", "custodian", None, PASSWORD)
    client = app.test_client()
    log_in(client, "penjaga@kota.test")
    return client


def post(client: FlaskClient, request: int, act: str, **fields: str) -> Any:
    form = {"csrf_token": token(client, "/panel/privacy"), **fields}
    return client.post(f"/panel/privacy/{request}/{act}", data=form)


def state_of(house: House, request: int) -> str:
    with house.database.reading() as tx:
        return str(tx.scalar(text("select state from privacy_request where id = :id"), {"id": request}))


def test_the_queue_shows_the_time_left_and_what_is_overdue_beside_the_menu_too(
    app: Flask, house: House
) -> None:
    request_on(house, hours=80, address="warga-1")
    request_on(house, hours=60, address="warga-2")
    request_on(house, address="warga-3")
    boss = client_of(app, "koordinator@kota.local")
    page = boss.get("/panel/privacy").text
    assert page.index("lewat 8 jam") < page.index("sisa 12 jam") < page.index("sisa 72 jam")
    assert "warga-1" not in page and STORY not in page, "nothing says whose it is"
    menu = boss.get("/panel/").text
    assert 'Permintaan data <span class="count">3</span>' in menu and "1 lewat batas" in menu


@pytest.mark.parametrize("who", ["dpu@kota.test", "pimpinan@kota.test"])
def test_others_have_neither_the_page_nor_the_menu_nor_the_deeds(app: Flask, house: House, who: str) -> None:
    request = request_on(house)
    client = client_of(app, who)
    assert client.get("/panel/privacy").status_code == 403
    assert "Permintaan data" not in client.get("/panel/").text
    form = {"csrf_token": token(client, "/panel/"), "note": "x"}
    for act in ("do", "refuse"):
        assert client.post(f"/panel/privacy/{request}/{act}", data=form).status_code in (400, 403)
    assert state_of(house, request) == "open"


def test_the_custodian_carries_out_and_the_page_says_who_and_when(app: Flask, house: House) -> None:
    request = request_on(house)
    client = custodian(app)
    assert post(client, request, "do").status_code == 302
    page = client.get("/panel/privacy").text
    assert "dilaksanakan" in page and "penjaga@kota.test" in page
    assert "ticket.text" not in dump.where(house, STORY)
    assert post(client, request, "do").status_code == 404


def test_a_refusal_needs_a_reason_and_nothing_goes_without_a_token(app: Flask, house: House) -> None:
    request = request_on(house)
    boss = client_of(app, "koordinator@kota.local")
    assert boss.post(f"/panel/privacy/{request}/do").status_code == 400
    refused = post(boss, request, "refuse", note=" ")
    assert refused.status_code == 409 and "Alasan penolakan harus diisi" in refused.text
    long = post(boss, request, "refuse", note="<b>x</b>" * 60)
    assert long.status_code == 409 and "&lt;b&gt;x" in long.text and "<b>x" not in long.text
    assert state_of(house, request) == "open"
    assert post(boss, request, "refuse", note="Masih diperiksa.").status_code == 302
    assert state_of(house, request) == "refused" and "Masih diperiksa." in boss.get("/panel/privacy").text
    for number in (request + 1, 2**63, 0):
        assert post(boss, number, "do").status_code == 404


# --- by command ---------------------------------------------------------------------------------------------
def test_the_queue_by_command(city_database: str, data_dir: Path) -> None:
    here = Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})
    house = here.house(clock=SetClock(NOW))
    panel.add_staff(house, "boss@kota.test", "coordinator", None, PASSWORD)
    panel.add_staff(house, "sari@kota.test", "officer", "DPU", PASSWORD)
    first, second = request_on(house, hours=80), request_on(house, address="warga-2")
    lines = here.ok("privacy", "list").splitlines()
    assert [line.split()[0] for line in lines] == [str(first), str(second)]
    assert lines[0].endswith("OVERDUE") and not lines[1].endswith("OVERDUE")
    for refused in (
        here.command("privacy", "do", str(first), "--as", "sari@kota.test"),
        here.command("privacy", "do", str(first), "--as", "nobody@kota.test"),
        here.command("privacy", "do", "999", "--as", "boss@kota.test"),
        here.command("privacy", "refuse", str(first), "--note", " ", "--as", "boss@kota.test"),
    ):
        assert refused.code == 1 and is_one_sentence(refused.errors)
    here.ok("privacy", "do", str(first), "--as", "boss@kota.test")
    here.ok("privacy", "refuse", str(second), "--note", "Masih diperiksa.", "--as", "boss@kota.test")
    assert [state_of(house, one) for one in (first, second)] == ["done", "refused"]
    assert timedelta(hours=72) == _allowed(house, second)


def _allowed(house: House, request: int) -> timedelta:
    query = text("select due_at - made_at from privacy_request where id = :id")
    with house.database.reading() as tx:
        allowed: timedelta = tx.scalar(query, {"id": request})
    return allowed
