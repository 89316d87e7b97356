"""The panel as a person meets it, in Debian's chromium."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import panel
from bot.house import House
from handlers.simulator import Phone
from tests.browser import chromium, served, unfold  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, file_ticket, house_on, panel_app, rows_of

pytestmark = pytest.mark.browser
OFFICER = "dinkes@kota.test"
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
        yield replace(house, channels={"sms": Phone("sms", data_dir)})


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, house: House, chromium: Browser) -> Iterator[Page]:  # noqa: F811
    """A desktop's and a phone's window on the panel; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    with served(panel_app(house)) as url:
        context = chromium.new_context(base_url=url, viewport={"width": request.param, "height": 740})
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
    assert complaints == []


def enter(page: Page, where: str) -> None:
    page.goto(where)
    page.get_by_label("Alamat email").fill(OFFICER)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()


def fits(page: Page) -> bool:
    """Whether the page, with its styles, needs no scrolling sideways."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_an_officer_logs_in_finds_a_ticket_and_answers(page: Page, house: House) -> None:
    number = file_ticket(house, "DINKES", text="Puskesmas tutup jam sepuluh", channel="sms")
    enter(page, "/panel/")
    assert fits(page)
    page.get_by_role("searchbox").fill("puskesmas tutup")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Laporan {number}")
    assert fits(page)
    page.get_by_label("Jawaban", exact=True).fill("Sejak hari ini buka sampai pukul dua.")
    expect(page.locator("#answer-count")).to_have_text("37 huruf, 1 SMS")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_role("status")).to_contain_text("Jawaban disimpan")
    expect(page.get_by_role("list").first).to_contain_text("menunggu dikirim")
    found, out = rows_of(house, number)
    assert (found.status, [row.state for row in out]) == ("answered", ["waiting"])
    page.get_by_role("button", name="Keluar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Masuk")


def test_the_fields_follow_the_chosen_status(page: Page, house: House) -> None:
    number = file_ticket(house, "DINKES")
    enter(page, f"/panel/tickets/{number}")
    unfold(page)
    expect(page.get_by_label("Tahun anggaran")).to_be_hidden()
    page.get_by_label("Status baru").select_option("planned")
    page.get_by_label("Tahun anggaran").fill("2027")
    page.get_by_label("Keterangan").fill("Masuk anggaran tahun depan")
    page.get_by_role("button", name="Ubah status").click()
    expect(page.get_by_role("status")).to_contain_text("Status menjadi menunggu anggaran")
    assert rows_of(house, number)[0].planned_year == 2027


def test_no_script_of_a_citizen_runs(page: Page, house: House) -> None:
    number = file_ticket(house, "DINKES", text=SCRIPT, place=SCRIPT)
    enter(page, "/panel/")
    expect(page.locator(".what")).to_have_text(SCRIPT)
    page.goto(f"/panel/tickets/{number}")
    expect(page.locator(".said .words")).to_have_text(SCRIPT)


def test_the_list_works_by_keyboard_alone(page: Page, house: House) -> None:
    number = file_ticket(house, "DINKES")
    enter(page, "/panel/")
    page.wait_for_load_state("load")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_in_viewport()
    page.get_by_role("link", name=number).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Laporan {number}")
