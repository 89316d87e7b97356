"""Words that staff mask are nowhere but under the seal; few open them, with a reason, and it is noted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from bot.house import House
from tests import dump
from tests.panel_house import attach, client_of, file_ticket, house_on, panel_app, send_out, submit
from tests.redaction_case import COORDINATOR, OFFICER, audited, custodian, history, press


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def worded(house: House) -> str:
    return file_ticket(
        house, "DINKES", text="Pak Sastro Wiguna dari toko  Melati membuang limbah; SASTRO wiguna lagi"
    )


def test_masked_words_are_nowhere_but_under_the_seal(app: Flask, house: House) -> None:
    number = worded(house)
    officer = client_of(app, OFFICER)
    submit(officer, number, "note", note="Sudah telepon Sastro Wiguna", kind="note")
    done = submit(officer, number, "mask", words="sastro wiguna\ntoko melati")
    assert done.status_code == 302
    page = officer.get(f"/panel/tickets/{number}").text
    assert "Pak ████ dari ████ membuang limbah; ████ lagi" in page and "Sudah telepon ████" in page
    assert "Sastro" not in page and "Melati" not in page
    assert set(dump.where(house, "Sastro", "SASTRO", "Melati")) == {"masked_text.sealed"}
    for address in (
        "/panel/?queue=all&q=sastro",
        "/panel/reports.csv?queue=all",
        "/panel/reports.csv?q=sastro",
    ):
        assert "Wiguna" not in officer.get(address).text
    assert number not in officer.get("/panel/?queue=all&q=sastro").text
    assert len(history(house, "masked")) == 1 and not history(house, "masked")[0]["note"]


def test_masked_words_are_opened_and_put_back_by_few_with_a_reason(app: Flask, house: House) -> None:
    number = worded(house)
    officer, boss = client_of(app, OFFICER), client_of(app, COORDINATOR)
    submit(officer, number, "mask", words="Sastro")
    submit(officer, number, "mask", words="Melati")  # a second time, among the marks of the first
    for action in ("masked", "unmask"):
        page = f"/panel/tickets/{number}/{action}"
        assert press(officer, page, reason="ingin tahu").status_code == 403
        assert press(boss, page, reason="").status_code == 409
    guard = custodian(app, house)
    assert press(guard, f"/panel/tickets/{number}/unmask", reason="x").status_code == 403
    opened = press(guard, f"/panel/tickets/{number}/masked", reason="Diminta penyidik")
    assert all(word in opened.text for word in ("Sastro", "SASTRO", "Melati"))
    assert opened.headers["Cache-Control"] == "no-store" and audited(house, "original_opened") == 1
    assert press(boss, f"/panel/tickets/{number}/unmask", reason="Nama usaha, bukan orang").status_code == 302
    page = officer.get(f"/panel/tickets/{number}").text
    assert "Pak Sastro Wiguna dari toko  Melati membuang limbah; SASTRO wiguna lagi" in page
    assert "Pak ████" not in page


def test_words_that_cannot_be_masked_are_refused_and_kept_in_the_form(app: Flask, house: House) -> None:
    number = worded(house)
    officer = client_of(app, OFFICER)
    many = "\n".join(f"kata{n}" for n in range(21))
    for words in ("", "a", "!!", "tidak ada", "x" * 201, "Sas", many):
        refused = submit(officer, number, "mask", words=words)
        assert refused.status_code == 409 and "Sastro Wiguna" in refused.text and words in refused.text
    assert history(house, "masked") == []


def test_a_long_text_s_file_and_what_waits_to_be_sent_are_masked_too(app: Flask, house: House) -> None:
    number = worded(house)
    file_id = attach(house, number, b"Kata Sastro panjang sekali", "text/plain", "txt")
    send_out(house, number, "waiting", text="Laporan tentang Sastro diterima")
    officer = client_of(app, OFFICER)
    submit(officer, number, "mask", words="Sastro")
    assert officer.get(f"/panel/files/{file_id}").data == "Kata ████ panjang sekali".encode()
    assert set(dump.where(house, "Sastro")) == {"masked_text.sealed"}
    boss = client_of(app, COORDINATOR)
    assert (
        press(boss, f"/panel/files/{file_id}/original", reason="Bukti").data == b"Kata Sastro panjang sekali"
    )
