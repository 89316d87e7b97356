"""Passing a report on as a person does it, in Debian's chromium: by typing, on a desktop and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import panel
from bot.house import House
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, file_ticket, house_on, panel_app, rows_of
from tests.test_panel_browser import fits

pytestmark = pytest.mark.browser
COORDINATOR = "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, COORDINATOR, "coordinator", None, PASSWORD)
        yield house


# Without scripts too: nothing of it needs them.
@pytest.fixture(params=[(1280, True), (360, False)], ids=["desktop", "phone-without-scripts"])
def page(request: pytest.FixtureRequest, house: House, chromium: Browser) -> Iterator[Page]:  # noqa: F811
    width, scripts = request.param
    complaints: list[str] = []
    with served(panel_app(house)) as url:
        context = chromium.new_context(
            base_url=url,
            viewport={"width": width, "height": 740},
            java_script_enabled=scripts,
            color_scheme="dark" if width < 400 else "light",
        )
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto("/panel/")
        page.get_by_label("Alamat email").fill(COORDINATOR)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk", exact=True).click()
        yield page
        context.close()
    assert complaints == []


def test_a_coordinator_shares_a_report_out_and_sends_one_to_the_province(page: Page, house: House) -> None:
    number, other = file_ticket(house, "DINKES"), file_ticket(house, "DINKES")
    page.goto(f"/panel/tickets/{number}")
    page.get_by_label("Instansi tujuan").fill("DPU")
    page.get_by_text("Beberapa instansi sekaligus").click()
    page.get_by_label("Instansi ke-2").fill("Dinas Lingkungan Hidup")
    page.get_by_role("button", name="Teruskan", exact=True).click()
    expect(page.get_by_text("Laporan dibagi ke 2 instansi.")).to_be_visible()
    parts = page.get_by_role("region", name="Dikerjakan beberapa instansi")
    expect(parts).to_contain_text("Dinas Lingkungan Hidup")
    parts.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Bagian dari laporan lain")).to_be_visible()
    page.goto(f"/panel/tickets/{other}")
    page.get_by_label("Instansi tujuan").fill("PROV-JATENG")
    page.get_by_text("Nomor di sistem lain", exact=True).click()
    page.get_by_label(re.compile("Nomor di provinsi")).fill("LGWP 12")
    page.get_by_role("button", name="Teruskan", exact=True).click()
    expect(page.get_by_label("Nomor mereka")).to_have_value("LGWP 12")
    if page.viewport_size and page.viewport_size["width"] > 400:
        assert fits(page)
    assert rows_of(house, other)[0].external_number == "LGWP 12"
