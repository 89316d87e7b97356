"""Typing reports in by keyboard alone, in Debian's chromium."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

import panel
from bot.house import House
from handlers import simulator
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, house_on, panel_app

pytestmark = pytest.mark.browser
ADMIN, OFFICER = "admin@kota.test", "dinkes@kota.test"
STORIES = (
    "Lampu jalan mati di depan balai RW",
    "Selokan mampet, air naik ke jalan",
    "Sampah tidak diangkut dua minggu",
    "Jalan berlubang di tikungan pasar",
    "Pohon miring hampir tumbang",
)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        panel.add_staff(made, OFFICER, "officer", "DINKES", PASSWORD)
        panel.add_staff(made, ADMIN, "administrator", None, PASSWORD)
        yield replace(made, channels=simulator.phones(made.settings))


@pytest.fixture
def url(house: House) -> Iterator[str]:
    with served(panel_app(house)) as url:
        yield url


def opened(browser: Browser, url: str, email: str, complaints: list[str], **how: Any) -> Page:
    """A logged-in page; what the browser complains about is noted."""
    context: BrowserContext = browser.new_context(base_url=url, **how)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/panel/login")
    page.get_by_label("Alamat email").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()
    return page


def press(page: Page, *keys: str) -> int:
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def test_five_reports_of_an_event_by_keyboard_alone(house: House, url: str, chromium: Browser) -> None:  # noqa: F811
    complaints: list[str] = []
    page = opened(chromium, url, OFFICER, complaints)
    page.goto("/panel/type-in")
    page.get_by_label("Nama acara").focus()
    page.keyboard.type("Rembuk warga RW 4")
    press(page, "Tab")
    page.keyboard.type("Tugurejo")
    press(page, "Enter")
    expect(page.get_by_text("Acara: Rembuk warga RW 4")).to_be_visible()
    actions = []
    for count, story in enumerate(STORIES, 1):
        expect(page.get_by_label("Isi laporan")).to_be_focused()
        page.keyboard.type(story)
        if count % 2:  # with a number: Tab, the number, Tab, consent, send
            taken = press(page, "Tab")
            page.keyboard.type(f"0812299900{count:02}")
            actions.append(2 + taken + press(page, "Tab", "Space", "Enter"))
        else:
            actions.append(1 + press(page, "Tab", "Enter"))
        expect(page.get_by_role("status").filter(has_text="tersimpan")).to_be_visible()
        expect(page.locator(".history li")).to_have_count(count)
    assert actions == [6, 3, 6, 3, 6], "texts typed and keys pressed for one report"
    with house.database.reading() as tx:
        query = """select t.text, t.place, t.origin, t.gathering_id is not null as there,
                   exists (select from message m where m.ticket_id = t.id and m.direction = 'out') as told
                   from ticket t order by t.id"""
        found = [tuple(row) for row in tx.execute(text(query))]
    assert found == [
        (story, "Tugurejo", "meeting", True, count % 2 == 1) for count, story in enumerate(STORIES, 1)
    ]
    page.get_by_role("button", name="Akhiri acara").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Acara: Rembuk warga RW 4")
    expect(page.get_by_text("3 dari 5")).to_be_visible()
    page.context.close()
    assert complaints == []
