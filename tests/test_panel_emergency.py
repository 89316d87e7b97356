"""The pages of emergencies and the forms of mergers, as staff use them in a browser without JavaScript."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from bot.care import crisis_switch
from bot.house import House
from storage.models import event, ticket
from tests.panel_house import NOW, client_of, file_ticket, house_on, panel_app, rows_of, token

BOSS, OFFICER = "koordinator@kota.local", "dpu@kota.test"
VILLAGE = "33.74.01.1007"
FLOOD = {"category": "drainase_banjir", "place_code": VILLAGE, "filed_at": NOW - timedelta(hours=1)}


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def post(client: FlaskClient, page: str, address: str, **form: Any) -> Any:
    """Send a form of a page, and go where it leads."""
    form["csrf_token"] = token(client, page)
    return client.post(address, data=form, follow_redirects=True)


def emergency(house: House, number: str, **said: str) -> None:
    with house.database.transaction() as tx:
        found = tx.execute(select(ticket).where(ticket.c.number == number)).one()
        tx.execute(insert(event).values(ticket_id=found.id, at=NOW, kind="crisis", detail=said))


# --- emergencies --------------------------------------------------------------------------------------------
def test_the_desk_switches_an_area_on_and_off_and_everybody_sees_the_banner(app: Flask) -> None:
    boss, officer = client_of(app, BOSS), client_of(app, OFFICER)
    page = "/panel/emergency"
    assert "Tidak ada mode darurat" in boss.get(page).text
    said = post(boss, page, f"{page}/on", place=VILLAGE, notice="Posko di balai kelurahan.")
    assert "Mode darurat menyala; 0 laporan" in said.text
    banner = re.compile(r'role="status">.*Mode darurat: <a href="/panel/emergency/\d+">Kelurahan Sekayu</a>')
    for client in (boss, officer):
        assert banner.search(client.get("/panel/").text)
    again = post(boss, page, f"{page}/on", place=VILLAGE, notice="<b>Dua kali</b>")
    assert again.status_code == 409 and "sudah menyala" in again.text
    assert "&lt;b&gt;Dua kali&lt;/b&gt;" in again.text  # what was typed is kept, and escaped
    assert "dimatikan" in post(boss, page, f"{page}/off", place=VILLAGE).text
    assert not banner.search(officer.get("/panel/").text)


def test_nobody_else_switches(app: Flask) -> None:
    officer = client_of(app, OFFICER)
    assert officer.get("/panel/emergency").status_code == 403
    form = {"csrf_token": token(officer, "/panel/"), "place": VILLAGE}
    assert officer.post("/panel/emergency/on", data=form).status_code == 403
    assert officer.post("/panel/emergency/off", data=form).status_code == 403
    assert officer.get("/panel/emergency/999").status_code == 404
    assert officer.get("/panel/emergency/99999999999999999999").status_code == 404


def test_reports_are_grouped_by_street_with_trapped_people_first_and_no_word_of_a_citizen(
    app: Flask, house: House
) -> None:
    told = ("Jl. Pemuda no 4, Sekayu", "jalan pemuda", "jln Gajahmada", "Sekayu")
    numbers = [
        file_ticket(house, "DPU", **FLOOD, place=place, text="rumah Bapak Joko terendam") for place in told
    ]
    emergency(house, numbers[2], depth="knee", trapped="yes")
    emergency(house, numbers[0], depth="waist", trapped="no")
    emergency(house, numbers[1], depth="di atas kasur Bapak Joko")
    boss = client_of(app, BOSS)
    post(boss, "/panel/emergency", "/panel/emergency/on", place=VILLAGE)
    with house.database.reading() as tx:
        crisis = crisis_switch.open_now(tx)[0]["id"]
    page = boss.get(f"/panel/emergency/{crisis}").text
    heads = re.findall(r'<h2 id="s-\d+">([^<]+)', page)
    assert [head.strip() for head in heads] == ["Jalan Gajahmada", "Jalan Pemuda", "Sekayu"]
    assert "2 laporan · terdalam: air sampai pinggang" in page
    assert "1 laporan · <strong>" in page and "1 dengan orang terjebak" in page
    assert all(number in page for number in numbers) and "Joko" not in page
    officer = client_of(app, "puskesmas@kota.test")  # of another office: nothing there for him
    assert not [number for number in numbers if number in officer.get(f"/panel/emergency/{crisis}").text]


def test_what_was_answered_stands_first_on_the_page_of_a_report(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", **FLOOD)
    emergency(house, number, depth="deep", trapped="yes")
    page = client_of(app, OFFICER).get(f"/panel/tickets/{number}").text
    chips = page.partition('class="chips">')[2]
    assert chips.index("ADA YANG TERJEBAK") < chips.index("air di atas pinggang") < chips.index("diterima")
    assert "Mode darurat: ADA YANG TERJEBAK, air di atas pinggang" in page  # in the history


# --- mergers ------------------------------------------------------------------------------------------------
STORY = "got mampet dan meluap di depan pasar Johar, bau sekali"


def test_ticked_duplicates_are_joined_with_the_report_of_the_page(app: Flask, house: House) -> None:
    target, *others = (file_ticket(house, "DPU", **FLOOD, text=STORY, place="Pasar Johar") for _ in range(3))
    boss, page = client_of(app, BOSS), f"/panel/tickets/{target}"
    shown = boss.get(page).text
    assert all(f'name="duplicate" value="{number}"' in shown for number in others)
    assert "Centang dulu" in post(boss, page, f"{page}/merge").text
    said = post(boss, page, f"{page}/merge", duplicate=others).text
    assert "2 laporan digabung ke laporan ini." in said
    assert [rows_of(house, number)[0].status for number in others] == ["merged", "merged"]
    assert "Penggabungan" in said and all(f'">{number}</a>' in said for number in others)


def test_a_report_is_joined_with_an_alike_one_by_one_click_and_parted_again(app: Flask, house: House) -> None:
    target, number = (file_ticket(house, "DPU", **FLOOD, text=STORY, place="Pasar Johar") for _ in range(2))
    boss, page = client_of(app, BOSS), f"/panel/tickets/{number}"
    assert f'name="into" value="{target}"' in boss.get(page).text
    said = post(boss, page, f"{page}/merge", into=target).text
    assert f"Laporan digabung dengan {target}." in said and "Batalkan penggabungan" in said
    assert (
        f"Digabung ke laporan {target}" in said
        and f"{number} digabung ke sini" in boss.get(f"/panel/tickets/{target}").text
    )
    said = post(boss, page, f"{page}/unmerge").text
    assert "Penggabungan dibatalkan" in said and rows_of(house, number)[0].status == "received"
    post(boss, page, f"{page}/merge", into=target)
    house.clock.moment += timedelta(hours=25)  # type: ignore[attr-defined]
    assert "Batalkan penggabungan" not in boss.get(page).text
    late = post(boss, f"/panel/tickets/{target}", f"{page}/unmerge")
    assert late.status_code == 409 and "24 jam" in late.text


def test_a_confidential_report_is_not_joined_and_an_officer_joins_nothing(app: Flask, house: House) -> None:
    target, number = (file_ticket(house, "DPU", **FLOOD, text=STORY, place="Pasar Johar") for _ in range(2))
    with house.database.transaction() as tx:
        tx.execute(text("update ticket set confidential = true where number = :n"), {"n": number})
    boss, page = client_of(app, BOSS), f"/panel/tickets/{target}"
    refused = post(boss, page, f"{page}/merge", duplicate=[number])
    assert refused.status_code == 409 and "kerahasiaannya hilang" in refused.text
    officer = client_of(app, OFFICER)
    assert 'name="duplicate"' not in officer.get(page).text
    refused = post(officer, page, f"{page}/merge", duplicate=[number])
    assert refused.status_code == 409 and rows_of(house, number)[0].status == "received"


def test_messages_say_which_reporter_wrote_and_never_a_name(app: Flask, house: House) -> None:
    target, number = (file_ticket(house, "DPU", **FLOOD, text=STORY, place="Pasar Johar") for _ in range(2))
    boss = client_of(app, BOSS)
    post(boss, f"/panel/tickets/{number}", f"/panel/tickets/{number}/merge", into=target)
    with house.database.transaction() as tx:
        tx.execute(
            text(
                """insert into message
                       (conversation_id, ticket_id, direction, state, author, text, created_at)
                   select o.conversation_id, t.id, 'in', 'received', 'citizen', 'tambah parah', :now
                   from ticket t, ticket o where t.number = :target and o.number = :number"""
            ),
            {"target": target, "number": number, "now": NOW},
        )
    page = boss.get(f"/panel/tickets/{target}").text
    assert re.search(r"<strong>Pelapor 2</strong>[\s\S]{0,400}tambah parah", page)
    assert "Sri" not in page
