"""What staff see of a reporter's "belum" and of his mark: a queue with its count, a sign, the history."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select

from bot.house import House
from storage.models import event, ticket
from tests.panel_house import NOW, client_of, file_ticket, house_on, panel_app


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def test_belum_stands_in_a_queue_of_the_office_its_superior_and_the_coordinator(
    app: Flask, house: House
) -> None:
    once = file_ticket(house, "PKM-MANGKANG", status="in_progress", objections=1)
    twice = file_ticket(house, "PKM-MANGKANG", status="answered", objections=2)
    quiet = file_ticket(house, "PKM-MANGKANG")
    done = file_ticket(house, "PKM-MANGKANG", status="closed", closed_how="confirmed", objections=1)
    for email in ("puskesmas@kota.test", "dinkes@kota.test", "koordinator@kota.local"):
        page = client_of(app, email).get("/panel/?queue=objected").text
        assert 'Belum selesai</span> <span class="count">2</span>' in page
        assert page.index(twice) < page.index(once) and quiet not in page and done not in page
        assert "pelapor: belum selesai (2x)" in page and "pelapor: belum selesai (1x)" in page
    other = client_of(app, "dpu@kota.test").get("/panel/?queue=objected").text
    assert 'Belum selesai <span class="count">0</span>' in other and twice not in other


def test_the_page_of_a_report_tells_how_often_and_how_far_up_and_the_mark(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", status="closed", closed_how="confirmed", objections=2, rating=4)
    with house.database.transaction() as tx:
        ticket_id = tx.scalar(select(ticket.c.id).where(ticket.c.number == number))
        for times, level in ((1, "superior"), (2, "coordinator")):
            detail = {"objection": times, "level": level}
            row = {"ticket_id": ticket_id, "at": NOW, "kind": "status", "status": "in_progress"}
            tx.execute(insert(event).values(**row, note="masih gelap", detail=detail))
        row = {"ticket_id": ticket_id, "at": NOW, "kind": "rated", "detail": {"stars": 4}}
        tx.execute(insert(event).values(**row))
    page = client_of(app, "dinkes@kota.test").get(f"/panel/tickets/{number}").text
    assert "pelapor: belum selesai (2x)" in page and "dinyatakan pelapor 2 kali" in page
    assert "belum selesai (ke-1), dinaikkan ke instansi atasan" in page
    assert "belum selesai (ke-2), dinaikkan ke koordinator" in page
    assert "masih gelap" in page and "<dd>4 dari 5</dd>" in page
    assert "Pelapor memberi penilaian: 4 dari 5" in page
