"""Assigning, weighing and handing over, on a desktop and on a phone, in Debian's chromium."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import panel
from bot import tickets
from bot.deadlines import Limit
from bot.house import House
from tests.browser import chromium, served, unfold  # noqa: F401 - a fixture
from tests.panel_house import NOW, PASSWORD, file_ticket, house_on, panel_app, rows_of

pytestmark = pytest.mark.browser
BOSS, SARI = "koordinator@kota.local", "sari@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, BOSS, "coordinator", None, PASSWORD)
        panel.add_staff(house, SARI, "officer", "DINKES", PASSWORD)
        heavy = {("complaint", tier, "resolve"): Limit(days=n) for tier, n in (("light", 3), ("heavy", 30))}
        clocks = dataclasses.replace(house.city.clocks, rows={**house.city.clocks.rows, **heavy})
        yield dataclasses.replace(house, city=dataclasses.replace(house.city, clocks=clocks))


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, house: House, chromium: Browser) -> Iterator[Page]:  # noqa: F811
    complaints: list[str] = []
    with served(panel_app(house)) as url:
        context = chromium.new_context(
            base_url=url, viewport={"width": request.param, "height": 740}, color_scheme="dark"
        )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    """Whether the page needs no scrolling sideways."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_coordinator_assigns_weighs_and_hands_over(page: Page, house: House) -> None:
    number = file_ticket(house, "DINKES", status="draft", category="kesehatan", due_at=None)
    with house.database.transaction() as tx:
        tickets.file(tx, house.city, rows_of(house, number)[0].id, NOW)
        tickets.move(
            tx, house.city, tickets.lock(tx, rows_of(house, number)[0].id), "forwarded",
            tickets.Person(frozenset({"coordinator"})), NOW, {"office": "DINKES"},
        )  # fmt: skip
    page.goto(f"/panel/tickets/{number}")
    page.get_by_label("Alamat email").fill(BOSS)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_text("tindak lanjuti dalam 5 hari kerja")).to_be_visible()
    unfold(page)
    page.get_by_label("Tugaskan ke").select_option(label=f"{SARI} (Dinkes)")
    page.get_by_role("button", name="Tugaskan").click()
    expect(page.locator(".chips").first).to_contain_text(SARI)
    unfold(page)
    page.get_by_label("Tingkat yang benar").select_option(label="berat")
    page.get_by_label("Alasan perubahan").fill("Perlu alat baru.")
    page.get_by_role("button", name="Ubah tingkat").click()
    expect(page.get_by_text("Pelapor diberi tahu batas waktu baru.")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Serah terima").click()
    page.get_by_label("Dari").select_option(SARI)
    page.get_by_label("Ke", exact=True).select_option("office:DINKES")
    page.get_by_label("Nonaktifkan akun petugas yang pindah").check()
    assert fits(page)
    page.get_by_role("button", name="Serah terimakan").click()
    expect(page.get_by_text("1 laporan dan 0 percakapan diserahterimakan.")).to_be_visible()
    page.get_by_role("link", name="Daftar laporan").click()
    page.get_by_role("link", name="Belum ditugaskan 1").click()
    expect(page.get_by_text(number)).to_be_visible()
    assert fits(page)
