"""The page "Laporan baru": what it shows, refuses and keeps; events; how typed-in reports are found again."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import panel
from bot.care import typing_in
from bot.care.typed import ORIGINS
from bot.house import House
from tests.panel_house import PASSWORD, client_of, file_ticket, log_in, panel_app, token
from tests.photos import jpeg, scene
from tests.typed_reports import BOSS, DINKES, DPU, PHONE, STORY, reader, rows, staffed, typed


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with staffed(city_database, data_dir) as made:
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def send(client: FlaskClient, **fields: Any) -> Any:
    page = client.get("/panel/type-in").text
    mine = page.partition('name="token" value="')[2].partition('"')[0]
    form = {"csrf_token": token(client, "/panel/type-in"), "token": mine, "do": "save", "origin": "walk_in"}
    return client.post("/panel/type-in", data={**form, "story": STORY, **fields})


def test_the_page_files_shows_the_number_and_what_may_be_the_same(app: Flask, house: House) -> None:
    code = next(one.code for one in house.city.places.values() if one.name == "Tugurejo")
    place = {"place": "Tugurejo", "place_code": code, "category": "jalan"}
    twin = file_ticket(house, "DPU", text="Lubang besar di Jalan Mangga Dalam bikin motor jatuh", **place)
    boss = client_of(app, BOSS)
    page = send(boss, place="Tugurejo", phone=PHONE, consent="yes", way="sms")
    assert page.status_code == 302
    shown = boss.get(page.location).text
    number = rows(house, "select number from ticket where origin <> ''")[0].number
    assert f"Laporan {number} tersimpan. Tanda terima dikirim lewat SMS." in shown
    assert f"/panel/tickets/{number}" in shown and "tanda terima menunggu dikirim" in shown
    assert "mungkin sama dengan" in shown and twin in shown


def test_what_would_be_filed_is_shown_first_and_nothing_is_kept(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    page = send(client, story="Kebakaran rumah di Tugurejo, tolong", do="propose")
    assert page.status_code == 200 and 'value="keamanan_darurat" selected' in page.text
    assert 'value="Tugurejo"' in page.text and "Bahaya?" in page.text
    assert "Kebakaran rumah di Tugurejo, tolong" in page.text
    assert rows(house, "select 1 from ticket") == []


def test_a_photo_comes_along_drawn_anew_and_no_other_file(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    refused = send(client, photos=(io.BytesIO(b"GIF89a"), "x.jpg"))
    assert refused.status_code == 409 and "bukan foto" in refused.text and STORY in refused.text
    assert send(client, photos=(io.BytesIO(jpeg(scene(1))), "x.jpg")).status_code == 302
    (row,) = rows(
        house, "select a.state, a.media_type, t.number from attachment a join ticket t on t.id = a.ticket_id"
    )
    assert (row.state, row.media_type) == ("stored", "image/jpeg")
    assert "/panel/files/" in client_of(app, BOSS).get(f"/panel/tickets/{row.number}").text


def test_a_report_of_another_office_is_named_but_not_opened(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    page = client.get(send(client, place="Tugurejo").location).text
    number = rows(house, "select number from ticket")[0].number
    assert number in page and f"/panel/tickets/{number}" not in page
    assert client.get(f"/panel/tickets/{number}").status_code == 404
    assert number not in client_of(app, DPU).get("/panel/type-in").text, "of what he typed himself"


def test_forms_need_a_token_and_a_role(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    assert (
        client.post("/panel/type-in", data={"story": STORY, "token": "x", "origin": "phone"}).status_code
        == 400
    )
    for role in ("supervisor", "custodian", "inspector"):
        panel.add_staff(house, f"{role}@kota.test", role, "DPU", PASSWORD)
        other = app.test_client()
        log_in(other, f"{role}@kota.test")
        assert other.get("/panel/type-in").status_code == 403, role
    assert app.test_client().get("/panel/type-in").status_code == 302
    assert rows(house, "select 1 from ticket") == []


def test_odd_fields_are_refused_with_what_was_typed(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    for field in ({"origin": "x"}, {"category": "x"}, {"kind": "x"}, {"story": "?"}, {"gathering": "77"}):
        page = send(client, **{"place": "Jalan Anggur", **field})
        assert page.status_code == 409 and 'value="Jalan Anggur"' in page.text, field
    assert rows(house, "select 1 from ticket") == []


def test_an_event_keeps_place_and_origin_and_ends_with_a_summary(app: Flask, house: House) -> None:
    client = client_of(app, DINKES)
    form = {"csrf_token": token(client, "/panel/type-in"), "name": "Rembuk warga RW 4", "where": "Tugurejo"}
    assert client.post("/panel/type-in/event", data=form).status_code == 302
    assert "masih ada acara" in client.post("/panel/type-in/event", data=form).text.lower()
    page = client.get("/panel/type-in").text
    assert 'value="Tugurejo"' in page and '<option value="meeting" selected>' in page
    event = page.partition('name="gathering" value="')[2].partition('"')[0]
    for place in ("Tugurejo", "Jalan Anggur"):
        assert send(client, gathering=event, place=place, origin="meeting").status_code == 302
    assert 'value="Jalan Anggur"' in client.get("/panel/type-in").text, "the place stays as it was"
    ends = {"csrf_token": token(client, "/panel/type-in")}
    assert client_of(app, DPU).get(f"/panel/type-in/event/{event}").status_code == 404
    stranger = client_of(app, DPU)
    theirs = {"csrf_token": token(stranger, "/panel/type-in")}
    assert stranger.post(f"/panel/type-in/event/{event}/end", data=theirs).status_code == 404
    summary = client.post(f"/panel/type-in/event/{event}/end", data=ends, follow_redirects=True).text
    assert "<strong>2</strong>" in summary and "0 dari 2" in summary and "Rembuk warga RW 4" in summary
    assert client_of(app, BOSS).get(f"/panel/type-in/event/{event}").status_code == 200
    assert "Rembuk warga RW 4</a>: 2 laporan" in client.get("/panel/type-in").text


def test_how_it_came_stands_on_the_ticket_and_in_the_list(app: Flask, house: House) -> None:
    numbers = {}
    for place, origin in enumerate(("phone", "letter")):
        one = typed(token=f"t{place}", origin=origin)
        numbers[origin] = typing_in.type_in(house, reader(house), one).number
    boss = client_of(app, BOSS)
    assert ORIGINS["phone"] in boss.get(f"/panel/tickets/{numbers['phone']}").text
    assert "Diketik petugas" in boss.get(f"/panel/tickets/{numbers['phone']}").text
    listed = boss.get("/panel/?queue=open&origin=letter").text
    assert numbers["letter"] in listed and numbers["phone"] not in listed
