"""Every page of the panel, taken from the app's own map: none can be forgotten.

Each is opened by somebody who may see it and asked what tests/looking.py asks; a city with an invented month
lies beneath, so that no page is empty.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from passlib.totp import TOTP  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

import panel
from bot.demo import filling
from bot.demo.people import account_of
from bot.house import House
from bot.outbound import channel_key
from handlers.simulator import CHANNEL, LOOKS, Phone
from panel.access import ANYONE, STAFF, declared
from panel.staff import IN_AN_OFFICE
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.looking import DESK, faults, focus_faults
from tests.panel_house import NOW, PASSWORD, house_on, panel_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
REPORTS = 24  # one of each fate of the invented month
# No pages: files, sheets, parts of a page, and what is asked for without a body.
NO_PAGES = {"panel.static", "security.static", "panel.file", "panel.here", "audits.as_sheet"}
NO_PAGES |= {"panel.figures_sheet", "panel.reports_sheet", "security.two_factor_rescue", "language.choose"}
# Seen between password and code, or before a login; test_the_way_in looks at them.
ON_THE_WAY = {"security.two_factor_setup", "security.two_factor_token_validation", "security.mf_recovery"}
ON_THE_WAY |= {"security.tf_select", "security.verify", "security.mf_recovery_codes", "invites.accept_page"}
ON_THE_WAY |= {"security.login"}
MOST_FIRST = ("coordinator", "administrator", "inspector", "officer", "custodian", "supervisor")


@pytest.fixture(scope="module")
def house(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("pages")
    with house_on(shared_database, folder) as made:
        phones = {look: Phone(look, folder / "simulator") for look in LOOKS}
        channels = {channel_key(CHANNEL, account_of(look)): one for look, one in phones.items()}
        filling.fill(replace(made, channels=channels), phones["whatsapp"].keep_file, REPORTS)
        for role in STAFF:
            panel.add_staff(made, f"{role}@k.test", role, "DPU" if role in IN_AN_OFFICE else None, PASSWORD)
        _fill_the_rest(made)
        yield made


def _fill_the_rest(house: House) -> None:
    """What no invented month has: a failed message, an event, an emergency, requests that wait."""
    with house.database.transaction() as tx:
        for statement in _REST:
            tx.execute(text(statement), {"now": NOW})


_REST = (
    """insert into raw_event (channel, account, provider_id, sealed, state, error, tries)
       values ('sms', '1708', 'q1', 'x', 'quarantined', 'KeyError', 5)""",
    """insert into gathering (name, place, staff_id, started_at)
       select 'Rembuk warga', 'Tugurejo', id, :now from staff where email = 'coordinator@k.test'""",
    """update message set state = 'failed', error = 'Nomor tidak terdaftar.', created_at = :now
       where id = (select max(m.id) from message m join ticket t on t.id = m.ticket_id
                   where m.direction = 'out' and t.status = 'received' and not t.supervised)""",
    """insert into crisis (place_code, name, staff_id, started_at)
       select '33.74.09', 'Banjir', id, :now from staff where email = 'coordinator@k.test'""",
    """insert into unlock (ticket_id, reason, asked_by, asked_at)
       select min(t.id), 'Perlu alamat untuk memeriksa.', s.id, :now from ticket t, staff s
       where s.email = 'officer@k.test' group by s.id""",
)


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture(scope="module")
def desks(app: Flask, chromium: Browser) -> Iterator["Desks"]:  # noqa: F811
    with served(app) as url:
        made = Desks(chromium, url)
        yield made
        made.close()


class Desks:
    """A browser of its own for each role, logged in once; what any of them complains of is kept."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.complaints: list[str] = []
        self._pages: dict[str, Page] = {}
        self._contexts: list[BrowserContext] = []

    def stranger(self) -> Page:
        """A browser in which nobody is logged in."""
        # Without transitions: colours are measured, and none may be on its way.
        context = self.browser.new_context(base_url=self.url, viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self._heard(page, said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, page: Page, kind: str, words: str) -> None:
        # A page that says "not found" is what was asked for; the browser calls it an error of the network.
        if kind == "error" and "404" not in words and "409" not in words:
            self.complaints.append(f"{page.url}: {words}")

    def of(self, role: str) -> Page:
        """The browser of somebody in this role."""
        if role not in self._pages:
            page = self.stranger()
            log_in(page, f"{role}@k.test")
            expect(page.get_by_role("button", name="Keluar")).to_be_visible()
            self._pages[role] = page
        return self._pages[role]

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()


def log_in(page: Page, email: str) -> None:
    page.goto("/panel/login")
    page.get_by_label("Alamat email").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()


def pages_of(app: Flask, house: House) -> list[tuple[str, str]]:
    """Every page with a role that may see it."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/panel") or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint in NO_PAGES | ON_THE_WAY:
            continue
        who = declared(app, rule.endpoint) or frozenset()
        role = next(one for one in MOST_FIRST if one in who or ANYONE in who)
        found += [(role, where) for where in addresses(rule, house)]
    return found


def addresses(rule: Any, house: House) -> list[str]:
    """A rule with ids of the filled city in it: of reports one in each status."""
    with house.database.reading() as tx:
        known = {
            "number": tx.scalars(text(_ONE_OF_EACH)).all(),
            "crisis_id": tx.scalars(text("select id from crisis")).all(),
            "file_id": tx.scalars(text("select min(id) from attachment where state = 'stored'")).all(),
            "event_id": tx.scalars(text("select id from gathering")).all(),
            "staff_id": tx.scalars(text("select min(id) from staff where email like 'officer@%'")).all(),
            "rest": ["tidak-ada"],
        }
    if not rule.arguments:
        return [str(rule.rule)]
    (name,) = rule.arguments
    assert known.get(name), f"{rule.rule}: say in this test which {name} there is"
    return [re.sub(r"<(\w+:)?\w+>", str(one), rule.rule) for one in known[name]]


# These differ most in what can be done with them; "part" is one office's part of a shared report.
_ONE_OF_EACH = """select distinct on (look) number from ticket
                  cross join lateral (
                      select case when parent_id is null then status else 'part' end) as of(look)
                  where not supervised
                    and look in ('draft', 'received', 'waiting', 'closed', 'merged', 'part')
                  order by look, id"""


def test_every_page_of_the_map_looks_right(app: Flask, house: House, desks: Desks) -> None:
    wrong, opened = [], 0
    for role, where in pages_of(app, house):
        page = desks.of(role)
        answer = page.goto(where)
        assert answer is not None
        if "text/html" in answer.headers["content-type"]:
            wrong += [f"{where} ({role}): {one}" for one in faults(page, answer)]
            opened += 1
    assert wrong == [], "\n".join(wrong)
    assert desks.complaints == []
    assert opened > 30


NEW, SECRET = "rina@k.test", "kata-sandi-rina"


def test_the_way_in_looks_right_and_takes_few_actions(house: House, desks: Desks) -> None:
    """An invitation, the first login, a second factor, the code for it, a lost phone: each a page."""
    page = desks.stranger()
    seen: list[str] = []

    def look() -> None:
        seen.extend(f"{page.url}: {one}" for one in faults(page, None))

    page.goto("/panel/" + panel.invite(house, NEW, "officer", "DPU").partition("/panel/")[2])
    look()
    page.get_by_label("Kata sandi", exact=False).first.fill(SECRET)  # 1
    page.get_by_label("Kata sandi sekali lagi").fill(SECRET)  # 2
    page.get_by_role("button", name="Simpan").click()  # 3
    look()
    page.get_by_label("Alamat email").fill(NEW)  # 4
    page.get_by_label("Kata sandi").fill(SECRET)  # 5
    page.get_by_role("button", name="Masuk", exact=True).click()  # 6
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan")
    page.goto("/panel/tf-setup")
    look()
    page.get_by_role("button", name="Pasang dengan aplikasi kode").click()
    look()
    key = page.locator("code").first.inner_text()
    page.get_by_label("Kode enam angka").fill(code_of(key, 0))
    page.get_by_role("button", name="Aktifkan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kode cadangan")
    page.goto("/panel/mf-recovery-codes")
    look()
    page.goto("/panel/verify")
    look()
    page.get_by_role("button", name="Keluar").click()
    look()
    page.get_by_label("Alamat email").fill(NEW)
    page.get_by_label("Kata sandi").fill(SECRET)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kode masuk")
    look()
    page.goto("/panel/mf-recovery")
    look()
    page.goto("/panel/tf-validate")
    page.get_by_label("Kode enam angka").fill(code_of(key, VALID))
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_role("button", name="Keluar")).to_be_visible()
    assert seen == [], "\n".join(seen)
    assert desks.complaints == []


VALID = 30  # seconds around now in which a code is good


def code_of(key: str, ahead: int) -> str:
    return str(TOTP(key.replace("-", ""), format="base32").generate(int(time.time()) + ahead).token)


@pytest.mark.parametrize("width", [1280, 360])
def test_what_has_the_focus_is_seen_beside_what_sticks(house: House, desks: Desks, width: int) -> None:
    """Through the list with its bar for many at the bottom, and a report with the bar of what waits above."""
    page = desks.of("coordinator")
    page.set_viewport_size({"width": width, "height": 740})
    page.goto("/panel/?queue=all")
    page.get_by_label(re.compile("^Pilih laporan")).first.check()
    expect(page.locator("#ticked")).to_have_text("1 dipilih")
    stops, wrong = focus_faults(page)
    assert wrong == [] and stops > 40
    with house.database.reading() as tx:
        number = tx.scalar(
            text("select number from ticket where status = 'received' and not supervised limit 1")
        )
    page.goto(f"/panel/tickets/{number}#tulis")
    page.wait_for_load_state("load")
    page.get_by_label("Pesan", exact=True).fill("Kami periksa besok pagi.")
    page.get_by_role("button", name="Kirim pesan").click()
    expect(page.get_by_text("Pesan dikirim dalam")).to_be_visible()
    stops, wrong = focus_faults(page)
    assert wrong == [] and stops > 15
