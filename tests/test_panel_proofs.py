"""The answer form with photos: what it asks for, what it refuses, and a photo that was seen before."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bot.house import House
from panel.access import BODY_BYTES, LARGE_BODIES
from storage.models import attachment
from tests.panel_house import client_of, file_ticket, house_on, panel_app, rows_of, token
from tests.photos import jpeg, scene, used_again

DINKES, ADMIN = "dinkes@kota.test", "admin@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def send(client: FlaskClient, number: str, *photos: bytes, **fields: str) -> Any:
    """The answer form as a browser sends it."""
    files = [(io.BytesIO(data), f"foto{place}.jpg") for place, data in enumerate(photos)]
    form = {"csrf_token": token(client, f"/panel/tickets/{number}"), "note": "Sudah kami tambal.", **fields}
    return client.post(
        f"/panel/tickets/{number}/answer",
        data={**form, "photos": files or [(io.BytesIO(b""), "")]},
        content_type="multipart/form-data",
    )


def proofs(house: House, number: str) -> list[Any]:
    found, _ = rows_of(house, number)
    with house.database.reading() as tx:
        query = attachment.select().where(attachment.c.ticket_id == found.id, attachment.c.purpose == "proof")
        return list(tx.execute(query))


def test_work_that_is_done_needs_a_photo_where_the_category_asks_for_one(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="jalan")
    client = client_of(app, DINKES)
    refused = send(client, number, done="yes")
    assert refused.status_code == 409 and "perlu foto bukti" in refused.text
    assert "Sudah kami tambal." in refused.text, "what was typed is kept"
    assert rows_of(house, number)[0].status == "received"
    assert send(client, number, jpeg(scene(1)), done="yes").status_code == 302
    (row,) = proofs(house, number)
    page = client.get(f"/panel/tickets/{number}").text
    assert f"/panel/files/{row.id}" in page and "Foto bukti dari petugas" in page
    assert client.get(f"/panel/files/{row.id}").mimetype == "image/jpeg"


def test_without_a_photo_the_reason_is_written_down(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="jalan")
    client = client_of(app, DINKES)
    assert send(client, number, done="yes", no_photo="Kamera <rusak>.").status_code == 302
    page = client.get(f"/panel/tickets/{number}").text
    assert "Selesai tanpa foto bukti" in page and "Kamera &lt;rusak&gt;." in page


def test_an_explanation_and_other_categories_need_none(app: Flask, house: House) -> None:
    road, card = (file_ticket(house, "DINKES", category=one) for one in ("jalan", "kependudukan"))
    client = client_of(app, DINKES)
    assert send(client, road).status_code == send(client, card, done="yes").status_code == 302
    assert "perlu foto bukti" not in client.get(f"/panel/tickets/{card}").text


def test_a_repeat_is_shown_before_it_is_sent_and_then_has_a_sign_with_a_link(
    app: Flask, house: House
) -> None:
    first, second = (file_ticket(house, "DINKES", category="jalan") for _ in "12")
    client = client_of(app, DINKES)
    send(client, first, jpeg(scene(101)))
    asked = send(client, second, used_again(scene(101)))
    assert asked.status_code == 409 and f"mirip dengan foto laporan {first}" in asked.text
    assert f'href="/panel/tickets/{first}"' in asked.text and 'name="knowingly"' in asked.text
    assert not proofs(house, second)
    assert send(client, second, used_again(scene(101)), knowingly="yes").status_code == 302
    page = client.get(f"/panel/tickets/{second}").text
    assert "foto bukti berulang" in page and f'href="/panel/tickets/{first}"' in page


def test_a_repeat_of_another_office_is_named_without_a_link(app: Flask, house: House) -> None:
    other, own = file_ticket(house, "DPU", category="jalan"), file_ticket(house, "DINKES", category="jalan")
    send(client_of(app, ADMIN), other, jpeg(scene(6)))
    client = client_of(app, DINKES)
    send(client, own, jpeg(scene(6)), knowingly="yes")
    page = client.get(f"/panel/tickets/{own}").text
    assert "foto bukti berulang, dari laporan lain" in page and f'href="/panel/tickets/{other}"' not in page


def test_what_is_no_photo_is_refused_and_the_words_are_kept(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, DINKES)
    for photos in ([b"<svg onload=alert(1)>"], [jpeg(scene(n)) for n in range(4)]):
        refused = send(client, number, *photos)
        assert refused.status_code == 409 and "Sudah kami tambal." in refused.text
    assert not proofs(house, number) and rows_of(house, number)[0].status == "received"


def test_only_the_answer_of_who_is_logged_in_may_be_large(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, DINKES)
    too_much = b"x" * (BODY_BYTES + 1)
    assert send(client, number, b"x" * (LARGE_BODIES["panel.answer"] + 1)).status_code == 413
    assert send(client, number, too_much).status_code == 409
    stranger = app.test_client()
    data = {"note": "x", "photos": [(io.BytesIO(too_much), "a.jpg")]}
    said = stranger.post(f"/panel/tickets/{number}/answer", data=data, content_type="multipart/form-data")
    assert said.status_code in (400, 413)
    assert (
        client.post(f"/panel/tickets/{number}/say", data={"note": "x" * (BODY_BYTES + 1)}).status_code == 413
    )


def test_staff_who_close_without_a_photo_are_seen_by_who_is_above(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="jalan")
    client = client_of(app, ADMIN)
    with house.database.transaction() as tx:
        tx.execute(
            text("update staff set head = true, office_id = (select id from office where code = 'DINKES')")
        )
    form = {"csrf_token": token(client, f"/panel/tickets/{number}"), "status": "closed", "how": "no_answer"}
    client.post(f"/panel/tickets/{number}/move", data={**form, "note": "Sudah ditambal."})
    with house.database.reading() as tx:
        query = "select n.kind, n.note from notice n join ticket t on t.id = n.ticket_id where t.number = :n"
        assert [tuple(row) for row in tx.execute(text(query), {"n": number})] == [
            ("no_proof", "Sudah ditambal.")
        ]
