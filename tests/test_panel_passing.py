"""The panel's forms that pass a report on, send it back and note its number elsewhere; pages of parts."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from bot.house import House
from tests.panel_house import (
    attach,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    rows_of,
    submit,
)

COORDINATOR, OFFICER, DPU = "koordinator@kota.local", "dinkes@kota.test", "dpu@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def page(app: Flask, who: str, number: str) -> str:
    return str(client_of(app, who).get(f"/panel/tickets/{number}").text)


def part_of(house: House, number: str, code: str) -> str:
    with house.database.reading() as tx:
        query = """select p.number from ticket p join ticket w on w.id = p.parent_id
                   join office o on o.id = p.office_id where w.number = %s and o.code = %s"""
        return str(tx.exec_driver_sql(query, (number, code)).scalar_one())


def shared(app: Flask, house: House, **values: Any) -> str:
    number = file_ticket(house, "DISHUB", **values)
    both: Any = ["DPU", "dinas kesehatan"]  # by code or by name
    assert submit(client_of(app, COORDINATOR), number, "forward", office=both).status_code == 302
    return number


def test_a_report_is_shared_out_and_each_officer_reads_and_answers_his_part(app: Flask, house: House) -> None:
    number = shared(app, house)
    part = part_of(house, number, "DPU")
    assert part in page(app, COORDINATOR, number) and "beberapa instansi" in page(app, COORDINATOR, number)
    client = client_of(app, DPU)
    shown = client.get(f"/panel/tickets/{part}").text
    assert "Bagian dari laporan" in shown and "Lampu jalan mati" in shown.partition("Percakapan")[2]
    assert "bersama jawaban gabungan" in shown, "the officer reads where his photo goes"
    assert "Tulis ke pelapor" not in shown and f'href="/panel/tickets/{number}"' not in shown
    assert client.get(f"/panel/tickets/{number}").status_code == 404
    assert client.get(f"/panel/tickets/{part_of(house, number, 'DINKES')}").status_code == 404
    assert submit(client, part, "answer", note="Lampu diganti.").status_code == 302
    assert rows_of(house, number)[0].status == "forwarded"


def test_the_photo_of_the_whole_is_open_to_the_officers_of_its_parts_alone(app: Flask, house: House) -> None:
    number = file_ticket(house, "DISHUB")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    photo = attach(house, number, picture.getvalue(), "image/jpeg", "jpg")
    assert client_of(app, DPU).get(f"/panel/files/{photo}").status_code == 404
    both: Any = ["DPU", "DLH"]
    submit(client_of(app, COORDINATOR), number, "forward", office=both)
    assert client_of(app, DPU).get(f"/panel/files/{photo}").status_code == 200
    assert client_of(app, OFFICER).get(f"/panel/files/{photo}").status_code == 404
    assert f"/panel/files/{photo}" in page(app, DPU, part_of(house, number, "DPU"))


def test_forwarding_without_an_office_or_to_an_unknown_one_keeps_what_was_typed(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, COORDINATOR)
    for office, why in (("", "Pilih instansi tujuan"), ("Dinas Sulap", "kode Dinas Sulap tidak ada")):
        refused = submit(client, number, "forward", office=office, note="Ini jalan kota")
        assert refused.status_code == 409 and why in refused.text and "Ini jalan kota" in refused.text


def test_an_officer_sends_back_with_reason_and_owner_and_one_click_passes_it_on(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DINKES")
    officer, coordinator = client_of(app, OFFICER), client_of(app, COORDINATOR)
    refused = submit(officer, number, "return", note="Ini jalan.")
    assert refused.status_code == 409 and "tidak tahu" in refused.text and "Ini jalan." in refused.text
    assert submit(officer, number, "return", office="DPU").status_code == 409
    assert (
        submit(officer, number, "return", note="Ini jalan.", office="Dinas Pekerjaan Umum").status_code == 302
    )
    queue = coordinator.get("/panel/?queue=returned").text
    assert number in queue and "dikembalikan 1x" in queue
    assert "Teruskan ke Dinas Pekerjaan Umum" in coordinator.get(f"/panel/tickets/{number}").text
    assert submit(coordinator, number, "forward", office="DPU").status_code == 302
    assert number in client_of(app, DPU).get("/panel/").text
    assert submit(client_of(app, DPU), number, "return", note="Ini gedung.", unknown="yes").status_code == 302
    bounces = coordinator.get("/panel/bounces").text
    assert number in bounces and "Dinas Pekerjaan Umum" in bounces and "diusulkan tidak tahu" in bounces


def test_leaders_see_who_sends_back_how_often_but_no_report(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    submit(client_of(app, OFFICER), number, "return", note="Ini jalan.", unknown="yes")
    shown = client_of(app, "pimpinan@kota.test").get("/panel/bounces")
    assert shown.status_code == 200 and "mengembalikan 1 kali" in shown.text and number not in shown.text
    assert client_of(app, OFFICER).get("/panel/bounces").status_code == 403


def test_with_another_government_the_page_holds_their_number_and_what_to_give_them(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DINKES", anonymous=True)
    client = client_of(app, COORDINATOR)
    assert submit(client, number, "forward", office="PROV-JATENG").status_code == 302
    shown = client.get(f"/panel/tickets/{number}").text
    assert "di luar kota" in shown and f"Laporan warga nomor {number}" in shown
    assert submit(client, number, "external", external_number="<i>").status_code == 409
    assert submit(client, number, "external", external_number="LGWP 9").status_code == 302
    assert number in client.get("/panel/?q=LGWP+9").text
    assert "LGWP 9" in rows_of(house, number)[1][-1].text


def test_an_officer_forwards_below_his_office_alone_whatever_his_form_says(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, OFFICER)
    refused = submit(client, number, "forward", office="DPU")
    assert refused.status_code == 409 and "di bawah instansinya" in refused.text
    assert submit(client, number, "forward", office="PKM-MANGKANG").status_code == 302
    below = client_of(app, "puskesmas@kota.test").get(f"/panel/tickets/{number}").text
    assert "Teruskan ke instansi" not in below
