"""Scripts in what a messenger hands over, from webhook to browser: shown as they were typed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page

import panel
from tests.browser import chromium, served, unfold  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, panel_app
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.streets import Town, open_town
from tests.test_attachments import HOLE, run_jobs
from tests.test_media import PDF

pytestmark = pytest.mark.browser
EMAIL = "koor@kota.test"
WHERE = {"latitude": -6.984, "longitude": 110.409}


def script(what: str) -> str:
    return f'"><img src=x onerror=alert(1)><script>alert("{what}")</script>'


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        panel.add_staff(made.house, EMAIL, "coordinator", None, PASSWORD)
        yield made


def by_whatsapp(phone: WhatsAppPhone) -> None:
    """Name, caption, pin with a label, and somebody's card."""
    card = phone.town.twilio.add_media(b"BEGIN:VCARD\nFN:" + script("kartu").encode(), "text/vcard")
    paper = phone.town.twilio.add_media(PDF, "application/pdf")
    name = {"ProfileName": script("nama")}
    pin = {"Latitude": str(WHERE["latitude"]), "Longitude": str(WHERE["longitude"])}
    for fields in (
        {"Body": HOLE},
        {"Body": script("teks")},
        {
            "Body": script("keterangan"),
            "NumMedia": "1",
            "MediaUrl0": paper,
            "MediaContentType0": "application/pdf",
        },
        {"Body": "", "NumMedia": "1", "MediaUrl0": card, "MediaContentType0": "text/vcard"},
        {
            "Body": "",
            "MessageType": "location",
            "Label": script("tempat"),
            "Address": script("alamat"),
            **pin,
        },
    ):
        assert phone.post(phone.form(**name, **fields)) == 204


def by_telegram(phone: TelegramPhone) -> None:
    """The same, and a file's name."""
    paper = {
        **phone.town.telegram.add_file(PDF),
        "mime_type": "application/pdf",
        "file_name": script("berkas"),
    }
    card = {"phone_number": "+62811", "first_name": script("kartu"), "user_id": 5}
    for fields in (
        {"text": HOLE},
        {"text": script("teks")},
        {"document": paper, "caption": script("keterangan")},
        {"contact": card},
        {
            "location": WHERE,
            "venue": {"location": WHERE, "title": script("tempat"), "address": script("alamat")},
        },
    ):
        update = phone.message(**fields)
        update["message"]["from"] |= {"first_name": script("nama")}
        assert phone.post(update) == 200


def told(page: Page, wrong: list[str]) -> None:
    def noticed(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noticed)
    page.on("console", lambda one: wrong.append(one.text) if "Content Security" in one.text else None)


@pytest.fixture(scope="module")
def filed(town: Town) -> dict[str, tuple[str, ...]]:
    """Both messengers' reports, by number: what their pages must show; before the browser with its loop."""
    whatsapp, telegram = WhatsAppPhone(town), TelegramPhone(town)
    found: dict[str, tuple[str, ...]] = {}
    by_whatsapp(whatsapp)
    whatsapp.got()
    found[_newest(town)] = ("teks", "keterangan", "tempat", "alamat")
    by_telegram(telegram)
    telegram.got()
    found[_newest(town)] = ("teks", "keterangan")
    run_jobs(town)
    assert len(found) == 2
    return found


def _newest(town: Town) -> str:
    return str(town.one("select number from ticket order by id desc limit 1").number)


def test_what_a_messenger_hands_over_is_shown_and_never_run(
    town: Town,
    filed: dict[str, tuple[str, ...]],
    chromium: Browser,  # noqa: F811
) -> None:
    wrong: list[str] = []
    with served(panel_app(town.house)) as url:
        page = chromium.new_page(base_url=url)
        told(page, wrong)
        page.goto("/panel/login")
        page.fill("#email", EMAIL)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Masuk", exact=True).click()
        for number, parts in filed.items():
            page.goto(f"/panel/tickets/{number}")
            unfold(page)
            words = page.locator("body").inner_text()
            assert [part for part in parts if script(part) not in words] == []
            assert page.locator('script:not([src]), img[src="x"], [onerror]').count() == 0
        page.goto("/panel/?queue=all")
        page.close()
    assert wrong == []
