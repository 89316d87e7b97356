"""A citizen's photo is internal, that of an anonymous or confidential report above all: who gets it."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

import panel
from bot.care.export import ticket_rows
from bot.house import House, files_url
from handlers import webhooks
from handlers.webhooks import health, simulator
from storage.files import Files
from storage.models import attachment
from tests.house import make_house
from tests.panel_house import STAFF, attach, client_of, file_ticket

HERE = "http://127.0.0.1:1708"
MAY = {"admin@kota.test", "koordinator@kota.local", "dinkes@kota.test"}
HIDDEN = ("anonymous", "confidential")


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    made = make_house(city_database, data_dir)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def app(house: House, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Everything that answers HTTP."""
    monkeypatch.setattr(
        webhooks.Door, "play_back", lambda _door: None
    )  # a thread that would outlive the test
    app = Flask("files_under_test", static_folder=None)
    for part in (webhooks, health, panel, simulator):
        part.install(app, house)
    return app


def photo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(drawn, "JPEG")
    return drawn.getvalue()


def kept_at(house: House, file_id: int) -> str:
    with house.database.reading() as tx:
        return str(tx.scalar(select(attachment.c.path).where(attachment.c.id == file_id)))


def tries(app: Flask, house: House, file_id: int, number: str) -> list[str]:
    """Every address that can be read, with whatever leads to this file in the places that it leaves open."""
    stored = kept_at(house, file_id)
    given: dict[str, Any] = {"file_id": file_id, "number": number, "phone": "telegram"}
    names = (stored, stored.rpartition("/")[2], f"../files/{stored}", "r", files_url(house) + "/" + stored)
    found = set[str]()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "security.logout":
            continue
        for name in names:
            path = rule.rule
            for argument in rule.arguments:
                converted = str(given.get(argument, name))
                path = path.replace(f"<int:{argument}>", converted).replace(f"<path:{argument}>", converted)
                path = path.replace(f"<{argument}>", converted)
            found.add(path)
    return sorted(found)


def gets_it(client: FlaskClient, paths: list[str]) -> list[str]:
    """The addresses that give this caller the photo's bytes."""
    answers = {path: client.get(path, base_url=HERE if "simulator" in path else None) for path in paths}
    return [path for path, answer in answers.items() if photo() in answer.data]


@pytest.mark.parametrize("kind", HIDDEN)
def test_only_who_may_read_the_report_gets_its_photo_and_only_at_one_address(
    app: Flask, house: House, kind: str
) -> None:
    number = file_ticket(house, "DINKES", **{kind: True})
    file_id = attach(house, number, photo(), "image/jpeg", "jpg")
    assert Files(files_url(house)).open(kept_at(house, file_id)) == photo()
    paths = tries(app, house, file_id, number)
    assert len(paths) > 20
    assert gets_it(app.test_client(), paths) == []
    for email in STAFF:
        expected = [f"/panel/files/{file_id}"] if email in MAY else []
        assert gets_it(client_of(app, email), paths) == expected, email


@pytest.mark.parametrize("kind", HIDDEN)
def test_an_office_that_passed_the_report_on_no_longer_gets_its_photo(
    app: Flask, house: House, kind: str
) -> None:
    number = file_ticket(house, "DINKES", **{kind: True})
    page = f"/panel/files/{attach(house, number, photo(), 'image/jpeg', 'jpg')}"
    before, after = client_of(app, "dinkes@kota.test"), client_of(app, "dpu@kota.test")
    assert (before.get(page).status_code, after.get(page).status_code) == (200, 404)
    ticket_page = client_of(app, "koordinator@kota.local")
    form = {"office": "DPU", "note": "", "csrf_token": _token(ticket_page, number)}
    assert ticket_page.post(f"/panel/tickets/{number}/forward", data=form).status_code == 302
    assert (before.get(page).status_code, after.get(page).status_code) == (404, 200)


def _token(client: FlaskClient, number: str) -> str:
    shown = client.get(f"/panel/tickets/{number}").text
    return shown.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_file_of_no_report_is_nobody_s(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    file_id = attach(house, number, photo(), "image/jpeg", "jpg")
    with house.database.transaction() as tx:
        tx.execute(attachment.update().where(attachment.c.id == file_id).values(ticket_id=None))
    assert client_of(app, "admin@kota.test").get(f"/panel/files/{file_id}").status_code == 404


def test_what_the_citizen_called_the_file_is_not_shown(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", anonymous=True)
    file_id = attach(house, number, b"%PDF-1.4", "application/pdf", "pdf")
    with house.database.transaction() as tx:
        named = attachment.update().where(attachment.c.id == file_id).values(name="KTP Sri Wahyuningsih.pdf")
        tx.execute(named)
    client = client_of(app, "dinkes@kota.test")
    saved = client.get(f"/panel/files/{file_id}")
    assert saved.status_code == 200 and "Wahyuningsih" not in str(saved.headers)
    assert "Wahyuningsih" not in client.get(f"/panel/tickets/{number}").text


def test_other_programs_are_told_how_many_files_and_nothing_more(house: House) -> None:
    number = file_ticket(house, "DINKES", anonymous=True)
    file_id = attach(house, number, photo(), "image/jpeg", "jpg")
    with house.database.reading() as tx:
        (row,) = ticket_rows(tx, datetime.now(UTC))
    assert row["attachments"] == 1
    assert kept_at(house, file_id) not in str(row)
