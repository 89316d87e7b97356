"""A passkey in a real browser, with the device that its developer tools pretend to have."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page
from sqlalchemy import text

import panel
from bot.house import House
from panel.staff import disable_staff
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import PASSWORD, house_on, panel_app

pytestmark = pytest.mark.browser
ADMIN, OFFICER = "admin@kota.test", "dinkes@kota.test"
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def house(city_database: str, data_dir: Path, port: int) -> Iterator[House]:
    with house_on(city_database, data_dir, port=port) as house:
        panel.add_staff(house, ADMIN, "administrator", None, PASSWORD)
        panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
        yield house


class Desk:
    """A browser with a device for passkeys, at the panel."""

    def __init__(self, chromium: Browser, site: str) -> None:  # noqa: F811
        self.site = site
        self.page: Page = chromium.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        self.tools: CDPSession = self.page.context.new_cdp_session(self.page)
        self.tools.send("WebAuthn.enable")
        made = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.device = {"authenticatorId": made["authenticatorId"]}

    def log_in(self) -> None:
        self.page.goto(f"{self.site}/panel/login")
        self.page.fill("#email", OFFICER)
        self.page.fill("#password", PASSWORD)
        self.page.click("button:text-is('Masuk')")
        self.page.wait_for_url("**/panel/")

    def sign_in(self) -> None:
        self.page.goto(f"{self.site}/panel/login")
        self.page.click("text=Masuk dengan passkey")

    def log_out(self) -> None:
        self.page.click("text=Keluar >> nth=0")
        self.page.wait_for_url("**/panel/login")

    def register(self, name: str) -> None:
        self.page.goto(f"{self.site}/panel/account")
        self.page.fill("#passkey-name", name)
        self.page.click("text=Daftarkan passkey")
        self.page.wait_for_selector(f"strong:text-is('{name}')")

    def refused(self) -> None:
        self.sign_in()
        self.page.wait_for_selector("text=tidak dapat dipakai untuk masuk")
        self.page.goto(f"{self.site}/panel/account")
        assert "/panel/login" in self.page.url

    def set_back(self) -> None:
        """Let the device be a copy that has not seen the last uses."""
        kept = self.tools.send("WebAuthn.getCredentials", self.device)["credentials"][0]
        self.tools.send("WebAuthn.removeCredential", {**self.device, "credentialId": kept["credentialId"]})
        self.tools.send("WebAuthn.addCredential", {**self.device, "credential": {**kept, "signCount": 1}})


def test_register_leave_come_back_be_cloned_and_remove(
    chromium: Browser,  # noqa: F811
    house: House,
    port: int,
) -> None:
    with served(panel_app(house), port) as address:
        desk = Desk(chromium, address.replace("127.0.0.1", "localhost"))
        desk.log_in()
        desk.register("Ponsel kantor")
        for _ in range(3):
            desk.log_out()
            desk.sign_in()
            desk.page.wait_for_url("**/panel/")
        desk.log_out()
        desk.set_back()
        desk.refused()
        desk.tools.send("WebAuthn.clearCredentials", desk.device)
        assert desk.complaints == []


def test_remove_it_and_be_refused_with_it_and_when_disabled(
    chromium: Browser,  # noqa: F811
    house: House,
    port: int,
) -> None:
    with served(panel_app(house), port) as address:
        desk = Desk(chromium, address.replace("127.0.0.1", "localhost"))
        desk.log_in()
        desk.register("Lama")
        desk.page.click("[aria-label='Hapus passkey Lama']")
        desk.page.wait_for_selector("text=Passkey dihapus")
        assert desk.page.locator("strong:text-is('Lama')").count() == 0
        desk.log_out()
        desk.refused()
        desk.log_in()
        desk.tools.send("WebAuthn.clearCredentials", desk.device)
        desk.register("Baru")
        desk.log_out()
        with house.database.reading() as tx:
            admin = tx.scalar(text("select id from staff where email = :e"), {"e": ADMIN})
        disable_staff(house, int(admin or 0), OFFICER)
        desk.refused()


def test_where_the_address_is_a_number_the_page_leads_to_the_name(
    chromium: Browser,  # noqa: F811
    house: House,
    port: int,
) -> None:
    with served(panel_app(house), port) as address:
        desk = Desk(chromium, address)
        desk.log_in()
        desk.page.goto(f"{address}/panel/account")
        desk.page.click(f"text=http://localhost:{port}/panel/account")
        assert desk.page.url.startswith(f"http://localhost:{port}/panel/login")


def test_a_device_that_gives_nothing_is_said_and_can_be_tried_again(
    chromium: Browser,  # noqa: F811
    house: House,
    port: int,
) -> None:
    with served(panel_app(house), port) as address:
        desk = Desk(chromium, address.replace("127.0.0.1", "localhost"))
        desk.sign_in()
        desk.page.wait_for_selector("text=Perangkat tidak memberi passkey")
        assert desk.page.is_visible("text=Coba lagi")
