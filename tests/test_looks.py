"""Who looked at a report is written down with every opening, and told to the citizen as offices."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from bot.house import House
from storage import looks
from tests.panel_house import NOW, attach, client_of, file_ticket, house_on, panel_app, submit

TODAY = date(2026, 11, 23)


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    with house_on(city_database, tmp_path) as made:
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def seen(house: House) -> list[tuple[Any, ...]]:
    with house.database.reading() as tx:
        rows = tx.execute(
            text(
                """select t.number, s.email, l.day, l.times from look l join ticket t on t.id = l.ticket_id
                   join staff s on s.id = l.staff_id order by 1, 2, 3"""
            )
        )
        return [tuple(row) for row in rows]


def test_every_opening_of_a_page_counts_for_its_reader_and_business_day(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    officer, boss = client_of(app, "dpu@kota.test"), client_of(app, "koordinator@kota.local")
    for _ in range(3):
        assert officer.get(f"/panel/tickets/{number}").status_code == 200
    boss.get(f"/panel/tickets/{number}")
    house.clock.moment = NOW + timedelta(hours=12)  # type: ignore[attr-defined]  # past midnight there
    officer.get(f"/panel/tickets/{number}")
    assert seen(house) == [
        (number, "dpu@kota.test", TODAY, 3),
        (number, "dpu@kota.test", TODAY + timedelta(days=1), 1),
        (number, "koordinator@kota.local", TODAY, 1),
    ]


def test_a_page_that_is_refused_and_a_list_are_no_looks(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    stranger, officer = client_of(app, "dinkes@kota.test"), client_of(app, "dpu@kota.test")
    assert stranger.get(f"/panel/tickets/{number}").status_code == 404
    assert officer.get("/panel/").status_code == 200
    assert seen(house) == []


def test_the_photos_of_an_open_page_do_not_count_twice_but_a_photo_alone_does(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DPU")
    photo = attach(house, number, b"\xff\xd8\xff" + b"x" * 20, "image/jpeg", "jpg")
    officer, boss = client_of(app, "dpu@kota.test"), client_of(app, "koordinator@kota.local")
    officer.get(f"/panel/tickets/{number}")
    for client in (officer, officer, boss, boss):
        assert client.get(f"/panel/files/{photo}").status_code == 200
    assert client_of(app, "dinkes@kota.test").get(f"/panel/files/{photo}").status_code == 404
    assert seen(house) == [
        (number, "dpu@kota.test", TODAY, 1),
        (number, "koordinator@kota.local", TODAY, 1),
    ]


def test_writing_it_down_is_one_statement(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    officer = client_of(app, "dpu@kota.test")
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    officer.get(f"/panel/tickets/{number}")
    event.remove(house.database.engine, "before_cursor_execute", note)
    assert len([statement for statement in said if "look" in statement.lower().split()]) == 1


def test_coordinators_read_who_looked_and_officers_do_not(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    officer, boss = client_of(app, "dpu@kota.test"), client_of(app, "koordinator@kota.local")
    officer.get(f"/panel/tickets/{number}")
    page = boss.get(f"/panel/tickets/{number}").text
    assert "Dilihat oleh" in page and "dpu@kota.test" in page and "1x, terakhir 23-11-2026" in page
    assert "Dilihat oleh" not in officer.get(f"/panel/tickets/{number}").text


def test_rows_of_an_export_are_looks_too_all_in_one_go(house: House) -> None:
    numbers = [file_ticket(house, "DPU") for _ in range(3)]
    client_of(panel_app(house), "dpu@kota.test")
    with house.database.transaction() as tx:
        ids = list(tx.scalars(text("select id from ticket order by id")))
        staff = tx.scalar(text("select id from staff where email = 'dpu@kota.test'"))
        looks.note_page(tx, [*ids, ids[0]], staff, TODAY)
        looks.note_page(tx, ids[:1], staff, TODAY)
        told = looks.by_office(tx, ids)
    assert sorted((number, times) for number, _, _, times in seen(house)) == sorted(
        zip(numbers, (2, 1, 1), strict=True)
    )
    assert [(row["office"], row["times"], row["last"]) for row in told] == [
        ("DPU", 2, TODAY),
        ("DPU", 1, TODAY),
        ("DPU", 1, TODAY),
    ]


def test_a_move_that_brings_the_page_back_is_one_look(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    officer = client_of(app, "dpu@kota.test")
    before = submit(officer, number, "answer", note="")  # refused: the page comes again with the reason
    assert before.status_code == 409
    assert seen(house) == [(number, "dpu@kota.test", TODAY, 1)]
