"""An officer's word on a category: the form, the command, and learning from it."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import panel
from bot.house import House
from bot.understanding import Understanding
from bot.words import OWN
from storage.models import event, office, ticket
from tests.installation import Installation, is_one_sentence
from tests.panel_house import client_of, file_ticket, house_on, panel_app, rows_of, submit

COORDINATOR, DPU = "koordinator@kota.local", "dpu@kota.test"
# Ordinary words that say nothing about a category.
OTHERS = """sawah kebun balai warung pos lapangan toko bengkel jembatan gudang pagi siang sore malam kemarin
lusa besar kecil tinggi panjang merah biru hijau kuning dekat jauh samping seberang belakang tetangga keluarga
teman anak motor sepeda kursi meja pintu jendela atap lantai dinding pagar""".split()


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def office_of(house: House, number: str) -> str:
    with house.database.reading() as tx:
        query = select(office.c.code).join(ticket, ticket.c.office_id == office.c.id)
        return str(tx.scalar(query.where(ticket.c.number == number)))


def words_on(house: House, number: str) -> list[Any]:
    """What officers said about a ticket's category: the event's detail."""
    with house.database.reading() as tx:
        query = select(event.c.detail).join(ticket, ticket.c.id == event.c.ticket_id)
        query = query.where(ticket.c.number == number, event.c.kind == "category")
        return list(tx.scalars(query.order_by(event.c.id)))


def test_a_new_category_moves_a_new_report_to_its_office_and_tells_nobody(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan")
    client = client_of(app, COORDINATOR)
    done = submit(client, number, "category", category="lalu_lintas")
    assert (done.status_code, done.location) == (302, f"/panel/tickets/{number}")
    found, out = rows_of(house, number)
    assert (found.category, found.status, out) == ("lalu_lintas", "received", [])
    assert office_of(house, number) == "DISHUB"
    assert words_on(house, number) == [{"from": "jalan", "to": "lalu_lintas"}]
    page = client.get(f"/panel/tickets/{number}").text
    assert "Kategori diubah" in page and "Sudah diperiksa petugas." in page
    assert COORDINATOR in page.partition("Kategori diubah")[2]


def test_a_category_can_be_confirmed_as_it_is(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan")
    client = client_of(app, DPU)
    assert "Jalan Rusak: benar" in client.get(f"/panel/tickets/{number}").text
    submit(client, number, "category", category="jalan")
    page = client.get(f"/panel/tickets/{number}").text
    assert "Kategori dibenarkan" in page and "Jalan Rusak: benar" not in page
    assert words_on(house, number) == [{"from": "jalan", "to": "jalan"}]


def test_an_officer_whose_report_goes_to_another_office_comes_to_the_list(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan")
    client = client_of(app, DPU)
    done = submit(client, number, "category", category="lalu_lintas")
    assert (done.status_code, done.location) == (302, "/panel/")
    assert "Kategori menjadi Lalu Lintas." in client.get("/panel/").text


def test_once_an_office_works_on_it_the_report_stays_there(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan", status="in_progress")
    submit(client_of(app, DPU), number, "category", category="lalu_lintas")
    assert rows_of(house, number)[0].category == "lalu_lintas"
    assert office_of(house, number) == "DPU"


def test_other_offices_reports_and_invented_categories_are_refused(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="kesehatan")
    mine = file_ticket(house, "DPU", category="jalan")
    client = client_of(app, DPU)
    token = {"category": "jalan"}
    assert submit(client, mine, "category", category="raja").status_code == 400
    page = client.get(f"/panel/tickets/{mine}").text
    token["csrf_token"] = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post(f"/panel/tickets/{number}/category", data=token).status_code == 404
    assert client.post(f"/panel/tickets/{mine}/category", data={"category": "jalan"}).status_code == 400
    assert (words_on(house, number), words_on(house, mine)) == ([], [])


def test_who_only_reads_is_not_offered_the_form(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="kesehatan")
    panel.add_staff(house, "pengawas@kota.test", "inspector", "DINKES", "kata-sandi-uji")
    client = app.test_client()
    from tests.panel_house import log_in

    log_in(client, "pengawas@kota.test")
    page = client.get(f"/panel/tickets/{number}").text
    assert "Lampu jalan mati" in page and "Simpan kategori" not in page


# --- the commands -------------------------------------------------------------------------------------------
@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database})


@pytest.fixture
def town(here: Installation) -> House:
    house = here.house()
    panel.add_staff(house, COORDINATOR, "coordinator", None, "kata-sandi")
    return house


def glogorn(number: int) -> str:
    """A report about something the table does not know, in other words than every other number's."""
    words = Random(number).sample(OTHERS, 9)
    return " ".join([*words[:4], "ada glogorn", *words[4:]])


def teach(house: House, count: int, category: str = "pohon_taman") -> list[str]:
    """File reports with an invented word and let an officer set their category."""
    from bot.care import categorising, desk

    texts = map(glogorn, range(count))
    numbers = [file_ticket(house, "DPU", text=text, category="lainnya") for text in texts]
    with house.database.reading() as tx:
        by = desk.staff_reader(tx, COORDINATOR)
    for number in numbers:
        categorising.set_category(house, by, number, category)
    return numbers


def test_the_command_sets_and_confirms_a_category(here: Installation, town: House) -> None:
    number = file_ticket(town, "DPU", category="jalan")
    assert here.ok("category", number, "lalu_lintas", "--as", COORDINATOR) == f"{number}: lalu_lintas\n"
    assert here.ok("category", number, "lalu_lintas", "--as", COORDINATOR).endswith("(benar)\n")
    assert here.tickets()[0]["office"] == "DISHUB"
    for words in (("1", "jalan"), (number, "raja")):
        refused = here.command("category", *words, "--as", COORDINATOR)
        assert refused.code == 1 and is_one_sentence(refused.errors)


def test_learning_from_too_few_reports_is_refused(here: Installation, town: House) -> None:
    teach(town, 19)
    file_ticket(town, "DPU", text="seribu laporan tanpa kata petugas", category="jalan")
    refused = here.command("learn")
    assert refused.code == 1 and is_one_sentence(refused.errors) and "19 laporan" in refused.errors
    assert not (here.folder / OWN).exists()


def test_what_officers_said_is_learnt_and_used_after_the_next_start(here: Installation, town: House) -> None:
    teach(town, 60)
    strange = glogorn(1000)
    before = Understanding(town.city, folder=here.folder).categories(strange)
    said = here.ok("learn")
    shares = re.search(r"(\d+)% sebelum, (\d+)% sesudah", said)
    assert shares and int(shares[1]) < 20 and int(shares[2]) > 80, said
    assert "60 laporan" in said and "dijalankan ulang" in said
    after = Understanding(town.city, folder=here.folder).categories(strange)
    assert before[:1] == () or before[0][0] != "pohon_taman"
    assert after[0][0] == "pohon_taman" and after[0][1] > 0.5
    common = "lampu pju padam sudah tiga hari"
    assert Understanding(town.city, folder=here.folder).categories(common)[0][0] == "penerangan_jalan"


def test_only_the_last_word_counts_and_confidential_reports_are_left_out(town: House) -> None:
    from bot.care import categorising, desk

    numbers = teach(town, 3)
    secret = file_ticket(town, "DPU", text="petugas meminta uang", category="aparatur", confidential=True)
    with town.database.reading() as tx:
        by = desk.staff_reader(tx, COORDINATOR)
    categorising.set_category(town, by, numbers[0], "jalan")
    categorising.set_category(town, by, secret, "aparatur")
    with town.database.reading() as tx:
        rows = categorising.taught(tx, town.city.categories)
    assert [category for _, category in rows] == ["jalan", "pohon_taman", "pohon_taman"]
    assert not [text for text, _ in rows if "uang" in text]
