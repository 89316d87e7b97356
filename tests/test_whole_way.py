"""From a chat to an officer and back, in a browser, on the product as a newcomer starts it."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import chromium
from tests.conftest import new_data_dir
from tests.running import Product, running

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PATIENCE = 15_000  # milliseconds


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with new_data_dir() as folder, running(folder) as started:
        yield started


def phone(page: Page, name: str) -> Locator:
    return page.locator(f"[data-phone={name}]")


def say(page: Page, name: str, words: str) -> None:
    """Type into a phone and wait until the bubble stands in its log."""
    phone(page, name).get_by_role("textbox", name="Pesan").fill(words)
    phone(page, name).get_by_title("Kirim", exact=True).click()
    expect(phone(page, name).locator(".log")).to_contain_text(words, timeout=PATIENCE)


def hears(page: Page, name: str, words: str) -> None:
    expect(phone(page, name).locator(".log")).to_contain_text(words, timeout=PATIENCE)


def log_in(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/panel/")
    page.locator("input[name=email]").fill("admin@kentongan.local")
    page.locator("input[name=password]").fill(product.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Laporan", exact=True)).to_be_visible(timeout=PATIENCE)


def answer_ticket(page: Page, product: Product, story: str, words: str) -> None:
    page.goto(f"{product.url}/panel/?queue=open")
    page.locator("tr", has_text=story).locator("a[href*='/panel/tickets/']").first.click()
    expect(page.locator("body")).to_contain_text(story)
    page.locator("#answer").fill(words)
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("body")).to_contain_text("dijawab", timeout=PATIENCE)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 80, 70)).save(out, "JPEG")
    return out.getvalue()


def test_three_phones_file_and_each_hears_its_officer(product: Product, chromium: Browser) -> None:
    citizen = chromium.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    citizen.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    citizen.goto(f"{product.url}/simulator/")

    # WhatsApp: what and where in one message, a photo at the read-back, then the number of a choice.
    say(citizen, "whatsapp", "jalan berlubang besar di depan pasar Jrakah")
    hears(citizen, "whatsapp", "Sudah benar?")
    phone(citizen, "whatsapp").locator("input[type=file]").set_input_files(
        {"name": "lubang.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    phone(citizen, "whatsapp").get_by_title("Kirim", exact=True).click()
    hears(citizen, "whatsapp", "Foto Anda sudah disimpan")
    say(citizen, "whatsapp", "1")
    hears(citizen, "whatsapp", "Laporan Anda diterima")

    # Telegram: the place is asked for; a button is pressed.
    say(citizen, "telegram", "tolong lampu jalan mati semua")
    hears(citizen, "telegram", "Di mana tempatnya?")
    say(citizen, "telegram", "Jalan Pemuda, kelurahan Sekayu")
    hears(citizen, "telegram", "Sudah benar?")
    phone(citizen, "telegram").get_by_role("button", name="Kirim tanpa nama").click()
    hears(citizen, "telegram", "Nama Anda tidak diketahui instansi")

    # SMS: one message is a whole report; the receipt is one part.
    say(citizen, "sms", "sampah menumpuk di Tambakaji sudah seminggu")
    hears(citizen, "sms", "diterima untuk")
    hears(citizen, "sms", "1 SMS")

    officer = chromium.new_page(viewport={"width": 1280, "height": 900})
    officer.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    log_in(officer, product)
    answer_ticket(officer, product, "jalan berlubang besar", "Lubang ditambal besok pagi.")
    expect(officer.locator("img[src*='/panel/files/']").first).to_be_visible(timeout=PATIENCE)
    answer_ticket(officer, product, "tolong lampu jalan mati", "Lampu sudah diganti hari ini.")
    answer_ticket(officer, product, "sampah menumpuk", "Truk sampah datang sore ini.")

    hears(citizen, "whatsapp", "Lubang ditambal besok pagi.")
    hears(citizen, "telegram", "Lampu sudah diganti hari ini.")
    hears(citizen, "sms", "Truk sampah datang sore ini.")
    officer.reload()
    expect(officer.locator("body")).to_contain_text("terkirim")
    assert faults == []


def test_a_message_sent_twice_is_one(product: Product, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{product.url}/simulator/")
    say(page, "sms", "pohon tumbang menutup jalan di Sekayu")
    hears(page, "sms", "diterima untuk")
    before = phone(page, "sms").locator(".log").inner_text()
    phone(page, "sms").get_by_role("button", name="Kirim dua kali").click()
    page.wait_for_timeout(3_000)
    assert phone(page, "sms").locator(".log").inner_text().count("diterima untuk") == 1, before
