"""Administration in the panel: staff, offices, templates, the city's files, channels, events set aside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot import inbound
from bot.channel import Inbound
from bot.house import House
from handlers import simulator
from panel.access import SAFE, declared
from storage.partitions import make_partitions
from tests.panel_house import (
    NOW,
    PASSWORD,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    send_out,
    token,
)

ADMIN, BOSS, DINKES = "admin@kota.test", "koordinator@kota.local", "dinkes@kota.test"
NEW = "rina@kota.test"
ROOT = "/panel/admin"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        yield replace(made, channels=simulator.phones(made.settings))


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def rows(house: House, query: str, **values: Any) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(text(query), values))


def send(client: FlaskClient, page: str, **fields: str) -> Any:
    return client.post(ROOT + page, data={"csrf_token": token(client, f"{ROOT}/staff"), **fields})


def staff_id(house: House, email: str) -> int:
    return int(rows(house, "select id from staff where email = :email", email=email)[0].id)


def audited(house: House, action: str) -> int:
    return len(rows(house, "select 1 from audit where action = :action", action=action))


# --- who may ------------------------------------------------------------------------------------------------
READ_BY_COORDINATORS = {f"{ROOT}/offices", f"{ROOT}/city"}


def test_every_page_is_the_administrators_alone(app: Flask, house: House) -> None:
    clients = {email: client_of(app, email) for email in (BOSS, DINKES, "pimpinan@kota.test")}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(ROOT)]
    assert len(rules) >= 12
    for rule in rules:
        page = rule.rule.replace("<int:staff_id>", "1").replace("<int:template_id>", "1")
        page = page.replace("<int:event_id>", "1")
        who = declared(app, rule.endpoint) or frozenset()
        assert who <= {"administrator", "coordinator"}, page
        changes = bool(set(rule.methods or ()) - SAFE)
        for email, client in clients.items():
            form = {"csrf_token": token(client, "/panel/account")}
            answer = client.post(page, data=form) if changes else client.get(page)
            allowed = email == BOSS and page in READ_BY_COORDINATORS
            assert answer.status_code == (200 if allowed else 403), (page, email)
        if changes:
            assert client_of(app, ADMIN).post(page, data={}).status_code == 400, f"{page} without a token"


def test_what_is_not_there_is_no_page(app: Flask) -> None:
    admin = client_of(app, ADMIN)
    for page in ("/staff/99", "/staff/99999999999999999999"):
        assert admin.get(ROOT + page).status_code == 404
    for page in ("/staff/99/disable", "/templates/99/switch", "/events/99/retry", f"/events/{2**70}/retry"):
        assert send(admin, page).status_code == 404, page


# --- staff --------------------------------------------------------------------------------------------------
def test_somebody_is_invited_by_a_link_that_is_shown_once(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    page = send(admin, "/staff", email=NEW, role="officer", office="DINKES")
    link = page.text.partition('readonly value="')[2].partition('"')[0]
    assert "/panel/invite/" in link and "72 jam" in page.text
    assert "undangan belum dipakai" in page.text and link not in admin.get(f"{ROOT}/staff").text
    path = "/panel" + link.partition("/panel")[2]
    guest = app.test_client()
    form = {"csrf_token": token(guest, path), "password": PASSWORD, "again": PASSWORD}
    assert guest.post(path, data=form).status_code == 302
    assert log_in(guest, NEW).status_code == 302
    assert guest.get("/panel/").status_code == 200
    again = send(admin, "/staff", email=NEW, role="administrator")
    assert again.status_code == 409 and "sudah punya akun" in again.text
    assert audited(house, "staff_invited") == 1 and "terakhir terlihat " in admin.get(f"{ROOT}/staff").text


def test_an_unusable_invitation_keeps_what_was_typed(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    for wrong in (
        {"email": "rina", "role": "officer", "office": "DINKES"},
        {"email": NEW, "role": "officer"},
    ):
        page = send(admin, "/staff", **wrong)
        assert page.status_code == 409 and f'value="{wrong["email"]}"' in page.text
    assert rows(house, "select 1 from staff where email = :email", email=NEW) == []


def test_a_role_is_changed_and_an_account_ends_and_begins_again(app: Flask, house: House) -> None:
    admin, officer = client_of(app, ADMIN), client_of(app, DINKES)
    one = f"/staff/{staff_id(house, DINKES)}"
    assert send(admin, f"{one}/change", role="officer", office="DPU").status_code == 302
    assert officer.get("/panel/").status_code == 302, "he logs in again"
    assert log_in(officer, DINKES).status_code == 302 and officer.get("/panel/").status_code == 200
    assert send(admin, f"{one}/disable").status_code == 302
    assert officer.get("/panel/").status_code == 302 and "nonaktif" in admin.get(f"{ROOT}/staff").text
    assert send(admin, f"{one}/change", role="officer", office="DPU").status_code == 302
    assert log_in(officer, DINKES).status_code == 302 and officer.get("/panel/").status_code == 200
    assert (audited(house, "staff_changed"), audited(house, "staff_disabled")) == (2, 1)


def test_nobody_takes_his_own_power_and_who_holds_reports_hands_over_first(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    own = f"/staff/{staff_id(house, ADMIN)}"
    assert send(admin, f"{own}/disable").status_code == 409
    assert send(admin, f"{own}/change", role="officer", office="DPU").status_code == 409
    assert send(admin, f"{own}/invite").status_code == 409
    client_of(app, DINKES)
    holder = staff_id(house, DINKES)
    file_ticket(house, "DINKES", assignee_id=holder)
    page = admin.get(f"{ROOT}/staff/{holder}").text
    assert "Masih memegang 1 laporan" in page and f"/panel/handover?from={DINKES}" in page
    assert send(admin, f"/staff/{holder}/disable").status_code == 409
    assert rows(house, "select active from staff where id = :id", id=holder)[0].active


# --- templates ----------------------------------------------------------------------------------------------
def test_a_template_is_made_changed_and_switched_off(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    form = {"code": "::Lampu", "text": "Laporan {nomor} kami kerjakan.", "category": "", "status": ""}
    assert send(admin, "/templates", **form).status_code == 302
    (row,) = rows(house, "select * from reply_template where code = 'lampu'")
    assert send(admin, "/templates", **form).status_code == 409, "a code is used once"
    changed = {**form, "id": str(row.id), "text": "Lampu {nomor} diganti."}
    assert send(admin, "/templates", **changed).status_code == 302
    client_of(app, DINKES)
    officer, number = client_of(app, DINKES), file_ticket(house, "DINKES")
    assert f"Lampu {number} diganti." in officer.get(f"/panel/tickets/{number}").text
    assert send(admin, f"/templates/{row.id}/switch").status_code == 302
    assert f"Lampu {number} diganti." not in officer.get(f"/panel/tickets/{number}").text
    assert "Pakai lagi" in admin.get(f"{ROOT}/templates").text


@pytest.mark.parametrize(
    "wrong",
    [{"code": "dua kata"}, {"text": ""}, {"text": "Untuk {nama}"}, {"category": "x"}, {"status": "x"}],
)
def test_a_template_that_could_not_be_sent_is_refused(
    app: Flask, house: House, wrong: dict[str, str]
) -> None:
    form = {"code": "baru", "text": "Terima kasih, {petugas}.", "category": "", "status": "", **wrong}
    page = send(client_of(app, ADMIN), "/templates", **form)
    assert page.status_code == 409 and 'role="alert"' in page.text
    assert rows(house, "select 1 from reply_template where code in ('baru', 'dua kata')") == []


# --- the city's files ---------------------------------------------------------------------------------------
def test_offices_and_files_are_shown_with_where_they_come_from(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    client_of(app, DINKES)
    file_ticket(house, "DINKES")
    offices = admin.get(f"{ROOT}/offices").text
    assert "DINKES · 1 petugas · 1 laporan terbuka" in offices and "offices.csv" in offices
    files = admin.get(f"{ROOT}/city").text
    first = house.city.answers[0]
    assert first.question in files and "answers.csv:2" in files
    assert "semua berkas sah" in files


# --- channels and events ------------------------------------------------------------------------------------
def test_a_channels_page_tells_what_came_and_what_failed(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", channel="telegram")
    send_out(house, number, "failed", error="Nomor tidak terdaftar.")
    send_out(house, number, "waiting")
    page = client_of(app, ADMIN).get(f"{ROOT}/channels").text
    assert "pengirim tidak bekerja" in page and page.count("belum dipasang") == 3
    with house.database.transaction() as tx:
        tx.execute(text("insert into heartbeat (name, detail) values ('worker', '')"))
    again = client_of(app, ADMIN).get(f"{ROOT}/channels").text
    assert "pengirim bekerja" in again
    telegram = again.partition(">Telegram<")[2].partition(">SMS<")[0]
    assert ">1</a>" in telegram and "<dt>Menunggu</dt><dd>1</dd>" in telegram
    assert '<dt>Sebab terakhir</dt><dd class="words">Nomor tidak terdaftar.</dd>' in telegram
    send_out(house, number, "waiting", created_at=NOW - timedelta(days=2))
    assert "1 lebih dari 5 menit" in client_of(app, ADMIN).get(f"{ROOT}/channels").text


def test_an_event_set_aside_is_listed_without_its_words_and_tried_again(app: Flask, house: House) -> None:
    said = Inbound("simulator", "sms", "q1", "+6281229990077", text="Selokan mampet di Tugurejo")
    with house.database.transaction() as tx:
        make_partitions(tx)
        tx.execute(
            text(
                """insert into raw_event (channel, account, provider_id, sealed, state, error, tries)
                   values ('simulator', 'sms', 'q1', :sealed, 'quarantined', 'KeyError', 5),
                          ('simulator', 'sms', 'q2', :broken, 'failed', 'KeyError', 1)"""
            ),
            {"sealed": house.database.keys.seal(inbound.to_json(said)), "broken": b"x"},
        )
    ids = {one.provider_id: one.id for one in rows(house, "select id, provider_id from raw_event")}
    admin = client_of(app, ADMIN)
    page = admin.get(f"{ROOT}/events").text
    assert "2 menunggu" in page and "KeyError" in page and "5 kali" in page and "Selokan" not in page
    done = send(admin, f"/events/{ids['q1']}/retry")
    assert done.status_code == 302 and "Pesan diproses." in admin.get(f"{ROOT}/events").text
    assert [one.text for one in rows(house, "select text from ticket")] == ["Selokan mampet di Tugurejo"]
    send(admin, f"/events/{ids['q2']}/retry")
    assert "Masih gagal" in admin.get(f"{ROOT}/events").text
    assert send(admin, f"/events/{ids['q1']}/retry").status_code == 404, "it went through"
    assert audited(house, "event_retried") == 2


# --- the first day ------------------------------------------------------------------------------------------
def test_an_empty_house_says_what_to_do_next(app: Flask, house: House) -> None:
    admin = client_of(app, ADMIN)
    page = admin.get("/panel/").text
    assert "Belum ada laporan" in page and f"{ROOT}/staff" in page and f"{ROOT}/channels" in page
    assert "Undang petugas" in admin.get(ROOT).text
    panel.add_staff(house, DINKES, "officer", "DINKES", PASSWORD)
    officer = client_of(app, DINKES)
    shown = officer.get("/panel/").text
    assert "/panel/type-in" in shown and ROOT not in shown
    file_ticket(house, "DINKES")
    assert "Tidak ada yang lewat batas" in officer.get("/panel/?queue=overdue").text
    assert "Tidak ada laporan yang cocok" in officer.get("/panel/?q=zebra").text
