"""The simulator's page in a real browser."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from bot.house import House
from bot.relay import Relay
from handlers.gsm7 import parts, septets
from handlers.webhooks import simulator
from tests.browser import chromium, served
from tests.house import make_house
from tests.simulator_case import photo

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
LETTERS = "Jalan rusak {parah} [besar] di Bugangan. "
TYPED = (
    "",
    "a" * 160,
    "a" * 161,
    LETTERS * 4,
    LETTERS * 9,
    "é€" * 60,
    "{" * 77 + "a" * 152,  # a brace takes two septets and is never torn between two SMS
    "a" * 152 + "{" + "a" * 152,
    "jalan 🙏 " * 9,
    "🙏" * 35,
    "🙏" * 36,
)


@pytest.fixture
def open_house(city_database: str, data_dir: Path) -> Iterator[House]:
    app = Flask("simulator_in_a_browser")
    with served(app) as url:
        house = make_house(city_database, data_dir, port=urlsplit(url).port)
        simulator.install(app, house)
        yield house
    house.database.engine.dispose()


@pytest.fixture
def page(chromium: Browser, open_house: House) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(f"{open_house.settings.base_url}/simulator/")
    yield page
    page.close()
    assert faults == []


@contextmanager
def relaying(house: House) -> Iterator[None]:
    """A worker's relay on a thread of its own."""
    loop, relay = asyncio.new_event_loop(), Relay(house)
    thread = threading.Thread(target=lambda: loop.run_until_complete(relay.run()))
    thread.start()
    yield
    loop.call_soon_threadsafe(relay.stop)
    thread.join()
    loop.close()


def write(page: Page, look: str, words: str) -> Locator:
    """Type a message into a phone; gives the answer's bubbles."""
    box = page.get_by_label(f"Pesan {look}")
    box.fill(words)
    box.press("Enter")
    phone = page.locator(".phone", has=box)
    expect(phone.locator(".mine .words").last).to_have_text(words)
    return phone.locator(".theirs")


def test_an_sms_is_typed_answered_and_sent(page: Page, open_house: House) -> None:
    answer = write(page, "SMS 1708", "Lampu jalan mati di Bugangan").first
    expect(answer.locator(".state")).to_have_text("◷ menunggu")
    expect(answer.locator(".size")).to_contain_text("1 SMS")
    with relaying(open_house):
        expect(answer.locator(".state")).to_have_text("✓ terkirim")


def test_markup_in_a_message_stays_words(page: Page) -> None:
    write(page, "WhatsApp", '<b>Jalan</b> rusak <img src=x onerror=alert(1)> & "parah"')
    assert page.locator(".log b, .log img").count() == 0


def test_what_is_typed_is_counted_as_the_network_counts(page: Page) -> None:
    counter = page.get_by_label("Panjang SMS")
    for words in TYPED:
        page.get_by_label("Pesan SMS 1708").fill(words)
        expect(counter).to_contain_text(f"{len(words)} karakter")
        expect(counter).to_contain_text(f" {len(parts(words))} SMS")
        if "🙏" not in words:
            expect(counter).to_contain_text(f"{septets(words)} septet")


def test_a_button_is_pressed_and_a_point_is_sent(page: Page) -> None:
    answers = write(page, "Telegram", "Jalan berlubang besar")
    answers.last.get_by_role("button", name="Kirim lokasi saya").click()
    page.locator(".telegram .points button").first.click()
    expect(page.locator(".telegram .mine")).to_have_count(2)
    before = answers.count()
    answers.last.locator(".options button").first.click()
    expect(page.locator(".telegram .pressed")).to_contain_text("Anda menekan")
    expect(answers.nth(before)).to_be_visible()


def test_a_list_opens_and_one_message_is_answered(page: Page) -> None:
    answers = write(page, "WhatsApp", "Jalan berlubang besar di depan pasar, Kelurahan Sekayu")
    rows = answers.last.locator(".list button")
    expect(rows).to_have_count(4)
    expect(rows.first).to_be_hidden()
    answers.last.locator("summary").click()
    rows.first.click()
    expect(page.locator(".whatsapp .mine").last.locator(".words")).to_have_text("Kirim")
    answers.last.get_by_role("button", name="Balas").click()
    expect(page.locator(".whatsapp .chip")).to_contain_text("Membalas satu pesan")
    write(page, "WhatsApp", "lubangnya makin dalam")
    expect(answers.last.locator(".words")).to_contain_text("Ditambahkan ke laporan")


def test_a_pdf_is_sent_and_not_drawn(page: Page) -> None:
    file = FilePayload(name="surat.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n1 0 obj\n")
    page.locator(".telegram input[type=file]").set_input_files(file)
    page.locator(".telegram").get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator(".telegram .mine .words")).to_have_text("[rekaman atau berkas]")
    assert page.locator(".telegram .mine img").count() == 0


def test_a_correction_changes_the_bubble(page: Page) -> None:
    write(page, "Telegram", "Jalan berlubang di Bugangan")
    page.get_by_role("button", name="Ubah").first.click()
    page.get_by_label("Pesan Telegram").fill("Jalan berlubang besar di Bugangan")
    page.get_by_label("Pesan Telegram").press("Enter")
    mine = page.locator(".telegram .mine")
    expect(mine.locator(".words")).to_have_text("Jalan berlubang besar di Bugangan")
    expect(mine.locator(".state")).to_have_text("diubah")


def test_a_photo_is_shown_as_a_thumbnail(page: Page) -> None:
    file = FilePayload(name="jalan.jpg", mimeType="image/jpeg", buffer=photo())
    page.locator(".whatsapp input[type=file]").set_input_files(file)
    expect(page.locator(".whatsapp .chip")).to_contain_text("jalan.jpg")
    page.locator(".whatsapp").get_by_role("button", name="Kirim", exact=True).click()
    image = page.get_by_alt_text("Foto yang dikirim warga")
    expect(image).to_be_visible()
    expect(page.locator(".bubble img").first).to_have_js_property("naturalWidth", 32)


def test_the_same_message_twice_is_one_bubble(page: Page) -> None:
    page.get_by_label("Pesan SMS 1708").fill("Lampu jalan mati di Bugangan")
    phone = page.locator(".sms")
    phone.get_by_role("button", name="Kirim dua kali").click()
    expect(phone.locator(".note")).to_contain_text("tetap satu pesan")
    expect(phone.locator(".mine")).to_have_count(1)


def test_a_person_stays_when_the_page_is_opened_again_until_a_new_one_comes(page: Page) -> None:
    write(page, "WhatsApp", "Jalan berlubang di Bugangan")
    page.reload()
    expect(page.locator(".whatsapp .mine")).to_have_count(1)
    page.locator(".whatsapp").get_by_role("button", name="Orang baru").click()
    expect(page.locator(".whatsapp .mine")).to_have_count(0)


def test_the_page_fits_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    write(page, "SMS 1708", "Lampujalanmati" * 20)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_keypad_types_and_the_keyboard_reaches_everything(page: Page) -> None:
    page.get_by_role("button", name="Tombol 1").click()
    page.get_by_role("button", name="Tombol 0").click()
    expect(page.get_by_label("Pesan SMS 1708")).to_have_value("10")
    page.locator(".whatsapp [data-new]").focus()
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName"))
    assert reached == ["DIV", "INPUT", "SUMMARY", "TEXTAREA", "BUTTON", "BUTTON"]
