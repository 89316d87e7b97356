"""Closing parts of a photo and looking at maps in Debian's chromium: by keyboard, on every screen."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import panel
from bot.house import House
from tests.browser import chromium, served, unfold  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, attach, file_ticket, house_on, panel_app
from tests.photos import jpeg, scene

pytestmark = pytest.mark.browser
BOSS = "koordinator@kota.test"
POINT = {"latitude": -6.98123, "longitude": 110.41234, "place_code": "33.74.01.1001"}


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        panel.add_staff(made, BOSS, "coordinator", None, PASSWORD)
        yield made


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


def opened(browser: Browser, url: str, complaints: list[str], **how: Any) -> Page:
    """A logged-in page; what the browser complains about, and what it asks of others, is noted."""
    page = browser.new_context(base_url=url, **how).new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(url) else None)
    page.goto("/panel/login")
    page.get_by_label("Alamat email").fill(BOSS)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.locator("form[action*=login] button.btn-primary").click()
    page.wait_for_url("**/panel/")
    return page


def photographed(house: House) -> tuple[str, int]:
    number = file_ticket(house, "DINKES", **POINT)
    return number, attach(house, number, jpeg(scene(3)), "image/jpeg", "jpg")


def seen(page: Page) -> Image.Image:
    """The photo as the screen shows it."""
    return Image.open(io.BytesIO(page.locator("img.photo").screenshot())).convert("RGB")


def dark(photo: Image.Image, at: tuple[float, float]) -> bool:
    """Whether a place, in parts of width and height, is black."""
    found = photo.getpixel((int(photo.width * at[0]), int(photo.height * at[1])))
    return isinstance(found, tuple) and max(found) < 12


def test_a_part_is_closed_by_keyboard_and_by_mouse(house: House, url: str, chromium: Browser) -> None:  # noqa: F811
    number, file_id = photographed(house)
    complaints: list[str] = []
    page = opened(chromium, url, complaints, viewport={"width": 1280, "height": 900})
    page.goto(f"/panel/files/{file_id}/redact")
    page.get_by_label("Kiri").focus()
    for value in ("40", "30", "20", "25"):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    box = page.get_by_role("img", name="Bagian 1")
    box.focus()
    for key in ("ArrowRight",) * 3 + ("Shift+ArrowDown",) * 5:
        page.keyboard.press(key)
    values = [page.get_by_label(name).input_value() for name in ("Kiri", "Atas", "Lebar", "Tinggi")]
    assert values == ["43", "30", "20", "30"]
    area = page.locator("#stage svg").bounding_box()
    assert area
    page.mouse.move(area["x"] + area["width"] * 0.05, area["y"] + area["height"] * 0.75)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.2, area["y"] + area["height"] * 0.95, steps=3)
    page.mouse.up()
    assert page.locator(".box").count() == 2
    page.get_by_role("button", name="Simpan foto tertutup").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Bagian foto ditutup")
    page.locator("img.photo").scroll_into_view_if_needed()
    expect(page.locator("img.photo")).to_have_js_property("complete", True)
    shown = seen(page)
    assert dark(shown, (0.53, 0.45)) and dark(shown, (0.12, 0.85)) and not dark(shown, (0.8, 0.1))
    assert complaints == []
    page.goto(f"/panel/originals?number={number}")
    expect(page.get_by_role("heading", name=f"Foto {file_id}")).to_be_visible()


def test_words_chosen_on_the_page_are_masked(house: House, url: str, chromium: Browser) -> None:  # noqa: F811
    number = file_ticket(house, "DINKES", text="Bu Ratmi membakar sampah")
    page = opened(chromium, url, [])
    page.goto(f"/panel/tickets/{number}")
    unfold(page)
    page.locator("dd.words").evaluate(
        """(one) => { const range = document.createRange();
            range.setStart(one.firstChild, 3); range.setEnd(one.firstChild, 8);
            getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.get_by_role("button", name="Ambil kata terpilih").click()
    expect(page.get_by_label("Kata yang ditutup")).to_have_value("Ratmi")
    page.get_by_role("button", name="Tutup kata").click()
    expect(page.locator("dd.words")).to_have_text("Bu ████ membakar sampah")


def test_maps_are_drawn_without_asking_anybody_else_and_a_point_is_picked_by_keyboard(
    house: House,
    url: str,
    chromium: Browser,  # noqa: F811
) -> None:
    number, _ = photographed(house)
    vague = file_ticket(house, "DINKES", place_code=POINT["place_code"])
    complaints: list[str] = []
    page = opened(chromium, url, complaints)
    page.goto(f"/panel/tickets/{number}")
    page.locator(".map").scroll_into_view_if_needed()
    expect(page.locator(".map img.leaflet-marker-icon")).to_be_visible()
    page.goto(f"/panel/tickets/{vague}")
    page.locator(".map").scroll_into_view_if_needed()
    expect(page.locator(".map path.about")).to_be_visible()
    page.goto("/panel/map")
    page.locator(".map path.spot").first.click(force=True)
    page.locator(f".leaflet-popup a:text('{number}'), .leaflet-popup a:text('{vague}')").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Laporan")
    page.goto("/panel/type-in")
    page.get_by_text("Pilih di peta", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Pakai tengah peta")).to_be_visible()
    page.locator("#pick .map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Pakai tengah peta").press("Enter")
    assert page.get_by_label("Titik di peta").input_value().startswith("-")
    expect(page.locator("#pick .leaflet-marker-icon")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_and_every_page_fits(
    house: House,
    url: str,
    chromium: Browser,  # noqa: F811
    width: int,
    scheme: Any,
) -> None:
    number, file_id = photographed(house)
    page = opened(chromium, url, [], viewport={"width": width, "height": 800}, color_scheme=scheme)
    from_redact = f"/panel/files/{file_id}/redact"
    for where in (from_redact, f"/panel/tickets/{number}", "/panel/map", f"/panel/originals?number={number}"):
        page.goto(where)
        unfold(page)
        if where == from_redact:
            for name, value in (("Kiri", "10"), ("Atas", "10"), ("Lebar", "30"), ("Tinggi", "30")):
                page.get_by_label(name).fill(value)
            page.get_by_role("button", name="Simpan foto tertutup").click()
            continue
        if page.locator(".map").count():
            page.locator(".map").scroll_into_view_if_needed()
            page.wait_for_selector(".leaflet-control-zoom")
        found = Axe().run(page)
        assert found.violations_count == 0, (where, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where
    page.goto(from_redact)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
