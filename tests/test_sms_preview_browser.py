"""The page says how many SMS an answer will take, with all that stands around the words, before it goes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import panel
from bot.care import telling
from bot.house import House
from handlers.simulator import Phone
from storage import queries
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, file_ticket, house_on, panel_app, rows_of

pytestmark = pytest.mark.browser
OFFICER = "dinkes@kota.test"
SENTENCE = "Petugas kami sudah memeriksa lokasi dan memasang rambu sementara di tikungan. "
TYPED = (
    "Sudah.",
    SENTENCE,
    SENTENCE * 2,
    SENTENCE * 3,
    "{lubang} [besar] " * 9,
    "Terima kasih 🙏 " + SENTENCE,
    "“Kutipan” – dan garis… " * 7,  # noqa: RUF001 - as word processors write it
)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
        yield replace(house, channels={"sms": Phone("sms", data_dir)})


@pytest.fixture
def page(house: House, chromium: Browser) -> Iterator[Page]:  # noqa: F811
    with served(panel_app(house)) as url:
        context = chromium.new_context(base_url=url)
        page = context.new_page()
        page.goto("/panel/login")
        page.get_by_label("Alamat email").fill(OFFICER)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk", exact=True).click()
        expect(page.get_by_role("button", name="Keluar")).to_be_visible()
        yield page
        context.close()


def sms_of(house: House, number: str, words: str) -> int:
    """How many SMS the citizen would get."""
    with house.database.reading() as tx:
        by = queries.reader(tx, OFFICER)
        assert by is not None
        row = queries.one_ticket(tx, by, number)
        assert row is not None
        says = telling.answer_as_told(tx, house, row, words.strip())
    return sum(len(house.channels["sms"].render(one)) for one in says)


def test_the_page_counts_as_many_sms_as_the_citizen_gets(house: House, page: Page) -> None:
    number = file_ticket(house, "DINKES", channel="sms", status="in_progress")
    page.goto(f"/panel/tickets/{number}")
    counts = []
    for words in TYPED:
        page.get_by_label("Jawaban", exact=True).fill(words)
        count = sms_of(house, number, words)
        expect(page.locator("#answer-count")).to_have_text(re.compile(rf", {count} SMS$"))
        counts.append(count)
    assert min(counts) == 1 and max(counts) >= 3
    page.get_by_label("Jawaban", exact=True).fill(SENTENCE * 3)
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_text("Jawaban dikirim dalam")).to_be_visible()
    assert len(rows_of(house, number)[1]) == sms_of(house, number, SENTENCE * 3) == counts[3]


def test_where_no_sms_is_sent_none_is_counted(house: House, page: Page) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    page.goto(f"/panel/tickets/{number}")
    page.get_by_label("Jawaban", exact=True).fill(SENTENCE * 3)
    expect(page.locator("#answer-count")).to_have_text(f"{len(SENTENCE * 3)} huruf")
