"""An officer with ten minutes a day, in Debian's chromium: few actions, no mouse, two at once, a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

import panel
from bot.house import House
from tests.browser import chromium, served, unfold  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, file_ticket, house_on, panel_app, rows_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
BOSS, BUDI, SARI = "koordinator@kota.local", "budi@kota.test", "sari@kota.test"
Enter = Callable[..., Page]


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        panel.add_staff(house, BOSS, "coordinator", None, PASSWORD)
        for email in (BUDI, SARI):
            panel.add_staff(house, email, "officer", "DINKES", PASSWORD)
        yield house


@pytest.fixture
def enter(house: House, chromium: Browser) -> Iterator[Enter]:  # noqa: F811
    """Opens a browser of its own for somebody, logged in; what any of them complains of fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    with served(panel_app(house)) as url:

        def open_for(email: str, width: int = 1280, scheme: str = "light") -> Page:
            size = {"width": width, "height": 740}
            context = chromium.new_context(base_url=url, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            contexts.append(context)
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto("/panel/")
            page.get_by_label("Alamat email").fill(email)
            page.get_by_label("Kata sandi").fill(PASSWORD)
            page.get_by_role("button", name="Masuk", exact=True).click()
            expect(page.get_by_role("button", name="Keluar")).to_be_visible()
            return page

        yield open_for
        for context in contexts:
            context.close()
    # A form that was held back answers 409; the browser calls that an error of the network.
    assert [one for one in complaints if "409" not in one] == []


def ready(page: Page, where: str) -> None:
    page.goto(where)
    page.wait_for_load_state("load")


def test_a_report_is_found_by_its_number_and_answered_by_a_template_in_six_actions(
    house: House, enter: Enter
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    file_ticket(house, "DINKES")
    page = enter(BUDI)
    page.get_by_role("searchbox").fill(number)  # 1
    page.keyboard.press("Enter")  # 2
    page.get_by_role("link", name=number).click()  # 3
    page.get_by_label("Jawaban", exact=True).press_sequentially("::seles")  # 4
    expect(page.locator("#suggest [aria-selected=true]")).to_contain_text("selesai: Pekerjaan")
    page.keyboard.press("Enter")  # 5
    page.get_by_role("button", name="Kirim jawaban").click()  # 6
    expect(page.get_by_role("status")).to_contain_text("Jawaban disimpan")
    assert "Pekerjaan di Tugurejo sudah selesai." in rows_of(house, number)[1][0].text
    page.get_by_role("button", name="Urungkan").click()
    expect(page.get_by_role("status")).to_contain_text("tidak ada yang dikirim")
    expect(page.get_by_label("Jawaban", exact=True)).to_have_value(
        "Pekerjaan di Tugurejo sudah selesai. Terima kasih sudah melapor ke Dinas Kesehatan."
    )


def test_a_template_by_the_button(house: House, enter: Enter) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    page = enter(BUDI)
    ready(page, f"/panel/tickets/{number}")
    page.get_by_label("Template (atau").select_option("jadwal")
    page.get_by_role("button", name="Sisipkan").click()
    expect(page.get_by_label("Jawaban", exact=True)).to_have_value(
        "Laporan Anda masuk jadwal kerja Dinas Kesehatan. Batas waktunya 30 November 2026."
    )
    assert page.url.endswith(number)


def test_a_report_is_forwarded_in_five_actions(house: House, enter: Enter) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    page = enter(BOSS)
    page.get_by_role("link", name=number).click()  # 1
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    page.wait_for_load_state("load")
    page.keyboard.press("f")  # 2
    page.keyboard.type("DPU")  # 3
    page.keyboard.press("Enter")  # 4
    expect(page.get_by_role("status")).to_contain_text("Laporan diteruskan")
    assert rows_of(house, number)[0].status == "forwarded"


def test_what_was_typed_is_there_after_the_browser_was_killed(house: House, enter: Enter) -> None:
    number = file_ticket(house, "DINKES")
    page = enter(BUDI)
    ready(page, f"/panel/tickets/{number}")
    page.get_by_label("Jawaban", exact=True).press_sequentially("Kami periksa besok pagi")
    page.get_by_label("Untuk rekan kerja").press_sequentially("Telepon dulu")
    expect(page.locator("#answer-saved")).to_contain_text("Draf tersimpan")
    expect(page.locator("#note-saved")).to_contain_text("Draf tersimpan")
    page.context.close()
    page = enter(BUDI)
    ready(page, f"/panel/tickets/{number}")
    expect(page.get_by_label("Jawaban", exact=True)).to_have_value("Kami periksa besok pagi")
    expect(page.get_by_label("Untuk rekan kerja")).to_have_value("Telepon dulu")


def test_of_two_browsers_the_second_reply_is_held_back_and_nothing_is_lost(
    house: House, enter: Enter
) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    budi, sari = enter(BUDI), enter(SARI)
    ready(budi, f"/panel/tickets/{number}")
    ready(sari, f"/panel/tickets/{number}")
    expect(sari.locator("#here")).to_contain_text(f"{BUDI} juga membuka laporan ini")
    sari.get_by_label("Jawaban", exact=True).fill("Jawaban Sari.")
    budi.get_by_label("Jawaban", exact=True).fill("Jawaban Budi.")
    budi.get_by_role("button", name="Kirim jawaban").click()
    expect(budi.get_by_role("status")).to_contain_text("Jawaban disimpan")
    sari.get_by_role("button", name="Kirim jawaban").click()
    expect(sari.get_by_role("alert")).to_contain_text("berubah sejak Anda membukanya")
    expect(sari.get_by_role("region", name="Yang baru")).to_contain_text("Jawaban Budi.")
    expect(sari.get_by_label("Jawaban", exact=True)).to_have_value("Jawaban Sari.")
    assert len(rows_of(house, number)[1]) == 1
    sari.get_by_role("button", name="Kirim jawaban").click()
    expect(sari.get_by_role("status")).to_contain_text("Jawaban disimpan")
    assert len(rows_of(house, number)[1]) == 2


def test_five_reports_without_a_mouse(house: House, enter: Enter) -> None:
    numbers = [file_ticket(house, "DINKES", status="in_progress") for _ in range(5)]
    page = enter(BUDI)
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for n in range(5):
        expect(page.get_by_role("heading", level=1)).to_contain_text("Laporan ")
        expect(page.locator("#answer")).to_have_value("")
        page.wait_for_load_state("load")
        page.keyboard.press("r")
        page.keyboard.type(f"jk rnf? jawaban {n}")  # letters that are keys elsewhere
        page.keyboard.press("Tab")
        while not page.evaluate("document.activeElement.textContent.includes('Kirim jawaban')"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Jawaban disimpan")
        page.wait_for_load_state("load")
        if n < 4:
            before = page.url
            page.keyboard.press("j")
            page.wait_for_function("was => location.href !== was", arg=before)
    for number in numbers:
        assert [("jk rnf? jawaban" in row.text) for row in rows_of(house, number)[1]] == [True]


def test_the_keys_can_be_switched_off(house: House, enter: Enter) -> None:
    number = file_ticket(house, "DINKES")
    page = enter(BUDI)
    ready(page, f"/panel/tickets/{number}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("jawab pelapor")
    page.get_by_label("Pakai tombol-tombol ini").uncheck()
    page.get_by_role("button", name="Tutup").click()
    page.keyboard.press("r")
    expect(page.get_by_label("Jawaban", exact=True)).not_to_be_focused()
    page.reload()
    page.wait_for_load_state("load")
    page.keyboard.press("n")
    expect(page.get_by_label("Untuk rekan kerja")).not_to_be_focused()


def test_many_are_assigned_from_the_list_and_taken_back(house: House, enter: Enter) -> None:
    numbers = [file_ticket(house, "DINKES") for _ in range(3)]
    page = enter(BOSS)
    page.get_by_label("Pilih semua di halaman ini").check()
    expect(page.locator("#ticked")).to_have_text("3 dipilih")
    page.get_by_label("Tindakan untuk yang dicentang").select_option("assign")
    page.get_by_label("Tugaskan ke (alamat email)").fill(BUDI)
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_role("heading", name="3 laporan ditugaskan")).to_be_visible()
    page.get_by_role("button", name="Urungkan").click()
    expect(page.get_by_role("heading", name="3 laporan diurungkan")).to_be_visible()
    assert {rows_of(house, one)[0].assignee_id for one in numbers} == {None}


# 640: 1280 at 200 % zoom. What does not depend on folds is asked of every page in tests/test_every_page.py.
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (640, "light")])
def test_axe_finds_nothing_and_nothing_needs_scrolling_sideways(
    house: House, enter: Enter, width: int, scheme: str
) -> None:
    number = file_ticket(house, "DINKES", status="received", channel="whatsapp")
    page = enter(BOSS, width, scheme)
    for where in ("/panel/", f"/panel/tickets/{number}"):
        ready(page, where)
        for fold in (False, True):
            if fold:
                unfold(page)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if width == 360:
        small = """() => [...document.querySelectorAll(
            'main button, main select, main input:not([type=checkbox]):not([type=hidden]), main summary')]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML.slice(0, 90))"""
        assert page.evaluate(small) == []
