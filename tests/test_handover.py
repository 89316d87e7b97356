"""Somebody leaves: what he holds goes to a colleague or back to the office, once; the account may end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

import panel
from bot.care import desk, handover, officers
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries
from tests.panel_house import NOW, PASSWORD, client_of, file_ticket, house_on, log_in, panel_app, token

BOSS, ADMIN, DPU = "koordinator@kota.local", "admin@kota.test", "dpu@kota.test"
SARI, BUDI = "sari@kota.test", "budi@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        for email in (SARI, BUDI):
            panel.add_staff(house, email, "officer", "DINKES", PASSWORD)
        panel.add_staff(house, DPU, "officer", "DPU", PASSWORD)
        panel.add_staff(house, BOSS, "coordinator", None, PASSWORD)
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def reader(house: House, email: str) -> queries.Reader:
    with house.database.reading() as tx:
        return desk.staff_reader(tx, email)


def rows(house: House, query: str, **values: Any) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(text(query), values))


def given(house: House, code: str, email: str, **values: Any) -> str:
    """A ticket that is somebody's."""
    return file_ticket(house, code, assignee_id=reader(house, email).staff_id, **values)


def holds(house: House, email: str) -> set[str]:
    query = "select t.number from ticket t join staff s on s.id = t.assignee_id where s.email = :email"
    return {row.number for row in rows(house, query, email=email)}


def hand_over(house: House, by: str = BOSS, **how: Any) -> handover.HandedOver:
    return handover.hand_over(house, reader(house, by), SARI, **how)


def test_everything_goes_to_a_colleague_who_is_told_once(house: House) -> None:
    open_ones = {given(house, code, SARI) for code in ("DINKES", "PKM-MANGKANG", "DINKES")}
    done = given(house, "DINKES", SARI, status="closed", closed_how="confirmed")
    other = given(house, "DINKES", BUDI)
    assert hand_over(house, to=BUDI) == handover.HandedOver(3, 0, disabled=False)
    assert holds(house, BUDI) == open_ones | {other}
    assert holds(house, SARI) == {done}, "who dealt with what is finished stays known"
    notices = rows(house, "select s.email, n.kind, n.note from notice n join staff s on s.id = n.staff_id")
    assert [tuple(row) for row in notices] == [(BUDI, "handover", f"3 laporan dari {SARI}")]
    events = rows(house, "select note, detail from event where kind = 'assigned'")
    assert len(events) == 3 and all(row.note == BUDI and row.detail["handover"] for row in events)
    assert hand_over(house, to=BUDI) == handover.HandedOver(0, 0, disabled=False), "again: nothing"
    assert len(rows(house, "select 1 from event where kind = 'assigned'")) == 3
    assert len(rows(house, "select 1 from notice")) == 1


def test_back_to_the_office_nobody_has_them(house: House) -> None:
    number = given(house, "PKM-MANGKANG", SARI)
    assert hand_over(house, office_code="DINKES").tickets == 1
    assert holds(house, SARI) == set() and rows(house, "select 1 from notice") == []
    with house.database.reading() as tx:
        found = queries.ticket_list(tx, reader(house, BUDI), queue="unassigned", now=NOW)
    assert [row["number"] for row in found] == [number]


def test_who_would_not_see_all_of_them_gets_none(house: House) -> None:
    mine = {given(house, "DINKES", SARI), given(house, "DPU", SARI)}
    for how, name in (({"to": DPU}, DPU), ({"office_code": "DPU"}, "Dinas Pekerjaan Umum")):
        with pytest.raises(NotAllowed, match=f"1 dari 2 laporan di luar wewenang {name}"):
            hand_over(house, **how, disable=True)
        assert holds(house, SARI) == mine
    assert rows(house, "select active from staff where email = :email", email=SARI)[0].active
    assert hand_over(house, to=BOSS).tickets == 2, "a coordinator sees every office's"


def test_a_chat_that_was_taken_over_goes_back_to_the_bot(house: House) -> None:
    number = given(house, "DINKES", SARI)
    officers.take(house, reader(house, SARI), number)
    assert hand_over(house, to=BUDI).chats == 1
    assert rows(house, "select 1 from conversation where taken_by is not null") == []
    said = rows(house, "select text from message where direction = 'out' order by id desc limit 1")[0].text
    assert said == "Petugas sudah selesai di percakapan ini. Sekarang bot menjawab lagi."
    assert hand_over(house, to=BUDI).chats == 0


def test_an_account_that_ends_ends_everywhere(app: Flask, house: House) -> None:
    given(house, "DINKES", SARI)
    client = app.test_client()
    assert log_in(client, SARI).status_code == 302 and client.get("/panel/").status_code == 200
    assert hand_over(house, office_code="DINKES", disable=True).disabled
    assert client.get("/panel/").status_code == 302, "the open session is worth nothing"
    assert "Alamat email atau kata sandi salah." in log_in(app.test_client(), SARI).text
    assert not hand_over(house, office_code="DINKES", disable=True).disabled, "again: nothing"


def test_who_may_hand_over_and_whose_account_may_end(house: House) -> None:
    panel.add_staff(house, ADMIN, "administrator", None, PASSWORD)
    with pytest.raises(NotAllowed, match="Hanya koordinator"):
        hand_over(house, by=BUDI, to=BUDI)
    with pytest.raises(NotAllowed, match="Pilih penerima"):
        hand_over(house)
    with pytest.raises(NotAllowed, match="orang lain"):
        hand_over(house, to=SARI)
    with pytest.raises(desk.NotFound):
        hand_over(house, to="tidak@ada.test")
    with pytest.raises(desk.NotFound):
        handover.hand_over(house, reader(house, BOSS), "tidak@ada.test", to=BUDI)
    boss, admin = reader(house, BOSS), reader(house, ADMIN)
    with pytest.raises(NotAllowed, match="sendiri"):
        handover.hand_over(house, boss, BOSS, to=BUDI, disable=True)
    with pytest.raises(NotAllowed, match="hanya dinonaktifkan oleh administrator"):
        handover.hand_over(house, boss, ADMIN, to=BUDI, disable=True)
    assert handover.hand_over(house, admin, BOSS, to=BUDI, disable=True).disabled


def test_three_hundred_reports_go_at_once(house: House) -> None:
    staff_id = reader(house, SARI).staff_id
    with house.database.transaction() as tx:
        tx.execute(
            text(
                """insert into ticket (number, status, text, created_at, changed_at, office_id, assignee_id)
                   select 'n' || n, 'in_progress', 'jalan', :now, :now, o.id, :staff
                   from generate_series(1, 300) n, office o where o.code = 'DINKES'"""
            ),
            {"now": NOW, "staff": staff_id},
        )
    assert hand_over(house, to=BUDI, disable=True) == handover.HandedOver(300, 0, disabled=True)
    assert len(holds(house, BUDI)) == 300
    assert len(rows(house, "select 1 from event where kind = 'assigned'")) == 300
    assert len(rows(house, "select 1 from notice")) == 1


def test_the_page_shows_what_everybody_holds_and_moves_it(app: Flask, house: House) -> None:
    numbers = {given(house, "DINKES", SARI), given(house, "DINKES", SARI)}
    boss = client_of(app, BOSS)
    assert "Serah terima" in boss.get("/panel/").text
    page = boss.get(f"/panel/handover?from={SARI}").text
    assert f'<option value="{SARI}" selected>{SARI} (Dinkes): 2 laporan</option>' in page
    form = {"from": SARI, "to": DPU, "disable": "yes"}
    assert boss.post("/panel/handover", data=form).status_code == 400, "no token"
    form["csrf_token"] = token(boss, "/panel/handover")
    refused = boss.post("/panel/handover", data=form)
    assert refused.status_code == 409 and "2 dari 2 laporan di luar wewenang" in refused.text
    assert boss.post("/panel/handover", data={**form, "from": "x@y.test"}).status_code == 404
    moved = boss.post("/panel/handover", data={**form, "to": "office:DINKES"}, follow_redirects=True)
    assert "2 laporan dan 0 percakapan diserahterimakan. Akun dinonaktifkan." in moved.text
    assert holds(house, SARI) == set() and numbers and "nonaktif" in moved.text


def test_the_page_is_not_for_officers(app: Flask, house: House) -> None:
    officer = client_of(app, DPU)
    assert officer.get("/panel/handover").status_code == 403
    form = {"from": SARI, "to": DPU, "csrf_token": token(officer, "/panel/")}
    assert officer.post("/panel/handover", data=form).status_code == 403
    assert "Serah terima" not in officer.get("/panel/").text
