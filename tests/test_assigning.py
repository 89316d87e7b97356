"""Who of an office deals with a ticket: take, assign, lay down; queues; what another office sees of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import panel
from bot import tickets
from bot.care import assigning, desk
from bot.care.notices import tell as tell_notice
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries
from tests.panel_house import (
    NOW,
    PASSWORD,
    StandingClock,
    client_of,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    submit,
    token,
)

HEAD, SARI, BUDI = "kepala@kota.test", "sari@kota.test", "budi@kota.test"
BOSS, CLINIC = "koordinator@kota.local", "puskesmas@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    """The head of Dinkes and two officers there, one at a puskesmas below, one at DPU, a coordinator."""
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, HEAD, "officer", "DINKES", PASSWORD, head=True)
        for email in (SARI, BUDI):
            panel.add_staff(house, email, "officer", "DINKES", PASSWORD)
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def reader(house: House, email: str) -> queries.Reader:
    with house.database.reading() as tx:
        return desk.staff_reader(tx, email)


def browser(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, email).status_code == 302
    return client


def page_of(app: Flask, house: House, number: str, email: str) -> Any:
    return browser(app, email).get(f"/panel/tickets/{number}")


def listed(house: House, email: str, queue: str) -> set[str]:
    by = reader(house, email)
    with house.database.reading() as tx:
        rows = queries.ticket_list(tx, by, queue=queue, now=NOW)
        assert queries.queue_counts(tx, by, NOW)[queue] == len(rows)
    return {row["number"] for row in rows}


def later(house: House) -> None:
    assert isinstance(house.clock, StandingClock)
    house.clock.moment += timedelta(hours=1)


def notices(house: House, email: str) -> list[str]:
    query = (
        """select n.kind from notice n join staff s on s.id = n.staff_id where s.email = %s order by n.id"""
    )
    with house.database.engine.connect() as tx:
        return [row[0] for row in tx.exec_driver_sql(query, (email,))]


def test_an_officer_takes_a_report_and_lays_it_down(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = browser(app, SARI)
    page = client.get(f"/panel/tickets/{number}").text
    assert "Belum ditugaskan." in page and "Ambil" in page and "Tugaskan ke" not in page
    assert submit(client, number, "assign", to=SARI).status_code == 302
    page = client.get(f"/panel/tickets/{number}").text
    assert "Laporan ini tugas Anda sekarang." in page and "Tugas Anda." in page and "Lepaskan" in page
    assert listed(house, SARI, "mine") == {number} and listed(house, BUDI, "mine") == set()
    assert listed(house, SARI, "unassigned") == set() == listed(house, HEAD, "unassigned")
    assert f"Ditangani <strong>{SARI}</strong>" in page_of(app, house, number, BUDI).text
    submit(client, number, "assign", to="")
    page = client.get(f"/panel/tickets/{number}").text
    assert "Belum ditugaskan." in page and listed(house, SARI, "unassigned") == {number}
    assert page.index("Tidak lagi ditugaskan") < page.index(">Ditugaskan<"), "the history keeps both"
    assert notices(house, SARI) == [], "who takes it himself is told nothing"


def test_the_head_assigns_and_an_officer_does_not(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    refused = submit(browser(app, BUDI), number, "assign", to=SARI)
    assert refused.status_code == 409 and "Hanya kepala instansi atau koordinator" in refused.text
    assert listed(house, SARI, "mine") == set()
    head = browser(app, HEAD)
    page = head.get(f"/panel/tickets/{number}").text
    assert f'<option value="{BUDI}">' in page and "dpu@kota.test" not in page
    submit(head, number, "assign", to=SARI)
    assert listed(house, SARI, "mine") == {number} and notices(house, SARI) == ["assigned"]
    submit(head, number, "assign", to=BUDI)
    later(house)
    submit(head, number, "assign", to=SARI)
    assert notices(house, SARI) == ["assigned", "assigned"], "given again is told again"
    taken = submit(browser(app, BUDI), number, "assign", to="")
    assert taken.status_code == 409 and listed(house, SARI, "mine") == {number}, "not his to lay down"


def test_a_report_is_given_only_to_who_may_see_it(app: Flask, house: House) -> None:
    client_of(app, "dpu@kota.test")
    clinic = client_of(app, CLINIC)
    boss = client_of(app, BOSS)
    number, below = file_ticket(house, "DINKES"), file_ticket(house, "PKM-MANGKANG")
    for nobody in ("dpu@kota.test", CLINIC, "pimpinan@kota.test", "tidak@ada.test"):
        refused = submit(boss, number, "assign", to=nobody)
        assert refused.status_code == 409 and "bukan petugas aktif yang boleh melihat" in refused.text
    for email in (CLINIC, SARI):  # its own officer, and one of the office above
        submit(boss, below, "assign", to=email)
        assert listed(house, email, "mine") == {below}
    assert clinic.get(f"/panel/tickets/{number}").status_code == 404
    form = {"csrf_token": token(clinic, "/panel/"), "to": CLINIC}
    assert clinic.post(f"/panel/tickets/{number}/assign", data=form).status_code == 404
    assert clinic.post(f"/panel/tickets/{below}/assign", data={"to": CLINIC}).status_code == 400, "no token"
    assert listed(house, SARI, "mine") == {below}
    with pytest.raises(desk.NotFound):
        assigning.assign(house, reader(house, CLINIC), number, CLINIC)


def test_only_the_assigned_officer_is_told_of_what_comes_later(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    assigning.assign(house, reader(house, HEAD), number, SARI)
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, reader(house, HEAD), number, lock=True)
        assert row is not None
        tell_notice(tx, row, "due", ("office",), NOW)
    assert notices(house, SARI) == ["assigned", "due"] and notices(house, BUDI) == []


def test_another_office_finds_it_unassigned(app: Flask, house: House) -> None:
    boss, officer = client_of(app, BOSS), client_of(app, "dpu@kota.test")
    number = file_ticket(house, "DINKES")
    submit(boss, number, "assign", to=SARI)
    assert submit(boss, number, "forward", office="DPU").status_code == 302
    assert listed(house, SARI, "mine") == set() and listed(house, "dpu@kota.test", "unassigned") == {number}
    page = officer.get(f"/panel/tickets/{number}").text
    assert "Belum ditugaskan." in page
    assert page.index("Tidak lagi ditugaskan") < page.index(">Ditugaskan<")


def test_an_assigned_report_stays_with_its_office_when_its_place_is_corrected(house: House) -> None:
    number = file_ticket(house, "DINKES", category="pemerintahan_wilayah")
    assigning.assign(house, reader(house, SARI), number, SARI)
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, reader(house, SARI), number, lock=True)
        assert row is not None
        place = {"name": "Tugurejo", "code": "33.74.16.1002"}
        tickets.set_place(tx, house.city, row["id"], NOW, place)
    assert listed(house, SARI, "mine") == {number}


def test_what_is_finished_is_assigned_to_nobody_and_a_reader_assigns_nothing(house: House) -> None:
    number = file_ticket(house, "DINKES", status="closed", closed_how="confirmed")
    with pytest.raises(NotAllowed, match="selesai"):
        assigning.assign(house, reader(house, HEAD), number, SARI)
    panel.add_staff(house, "lihat@kota.test", "inspector", "DINKES", PASSWORD)
    seen = file_ticket(house, "DINKES")
    with pytest.raises(NotAllowed, match="tidak berwenang"):
        assigning.assign(house, reader(house, "lihat@kota.test"), seen, SARI)
    assert assigning.assign(house, reader(house, SARI), seen, SARI)
    assert not assigning.assign(house, reader(house, SARI), seen, SARI), "a second time changes nothing"
