"""Every page of the panel in English: no Indonesian word of ours on it, only what the data says."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from sqlalchemy import insert, select, text

import panel
from bot.care.typed import ORIGINS
from bot.house import House
from bot.workflow import NAMES
from panel import joins, notices, shown
from panel.access import ANYONE, STAFF, declared
from panel.language import COOKIE
from panel.staff import IN_AN_OFFICE
from storage.casework import notice
from storage.models import event, office, staff, ticket
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import NOW, PASSWORD, attach, file_ticket, house_on, log_in, panel_app, send_out, token
from tests.panel_words import HEARD
from tests.test_panel_words import INDONESIAN, WORDS
from tests.test_route_matrix import address, rules

OFFICE = "DINKES"
STORY = "Zebra Pantura Nusantara"  # of a citizen: no word of the panel's
# Names, and words to type, that stand in English sentences or with data.
NAMES_OF_OURS = {"sambung", "kelurahan", "bahasa", "indonesia", "kode"}


class Words(HTMLParser):
    """What a page shows or reads out, but for what is said to be in another language and for code."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.html = ""
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.html = given.get("lang") or ""
        elif (
            self._silent
            or tag in ("script", "style", "code")
            or "no" == given.get("translate")
            or given.get("lang") == "id"
        ):
            if tag not in VOID:
                self._silent.append(tag)
            return
        self.texts += [given[name] or "" for name in HEARD if name in given]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag not in VOID:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


VOID = ("input", "br", "img", "meta", "link", "use", "rect", "line", "polyline", "hr")


@pytest.fixture(scope="module")
def house(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on(shared_database, tmp_path_factory.mktemp("english")) as house:
        for role in STAFF:
            panel.add_staff(house, f"{role}@e.test", role, OFFICE if role in IN_AN_OFFICE else None, PASSWORD)
        yield house


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture(scope="module")
def reports(house: House) -> dict[str, str]:
    """One report in every status, with all that can be on its page; by its status the number."""
    found = {}
    for n, (status, name) in enumerate((one, one) for one in NAMES if one not in ("merged",)):
        more: dict[str, Any] = {"closed_how": "confirmed"} if status == "closed" else {}
        more |= {"origin": list(ORIGINS)[n % len(ORIGINS)]} if n % 3 == 0 else {}
        more |= {
            "anonymous": n % 4 == 1,
            "confidential": n % 4 == 2,
            "objections": n % 3,
            "return_count": n % 2,
        }
        found[name] = file_ticket(house, OFFICE, status=status, text=STORY, place=STORY, **more)
        for state in shown.STATES:
            send_out(house, found[name], state, text=STORY, error="Nomor tujuan tidak sah." if n % 2 else "")
        attach(house, found[name], b"\xff\xd8\xff" + b"x" * 20, "image/jpeg", "jpg")
        _history(house, found[name])
    return found


def _history(house: House, number: str) -> None:
    """Every kind of event, and every kind of notice for everybody."""
    kinds = {*shown.EVENTS, *shown._IN_WORDS, *joins.IN_WORDS} - {"tagged"}
    detail = {
        "to": "light",
        "from": "heavy",
        "stars": 4,
        "step": "late",
        "clock": "verify",
        "told": "office head",
    }
    detail |= {"flag": "anonymous", "into": "1", "year": 2027}
    with house.database.transaction() as tx:
        about = tx.execute(select(ticket.c.id, ticket.c.status).where(ticket.c.number == number)).one()
        rows = [{"kind": kind, "detail": detail} for kind in sorted(kinds)]
        rows += [
            {"kind": "added", "detail": one} for one in ({"by": "follower"}, {"by": "joined", "of": "1"})
        ]
        rows += [{"kind": "added", "detail": {"objection": 2, "level": "superior"}}]
        same = {"ticket_id": about.id, "at": NOW - timedelta(hours=1), "status": about.status}
        tx.execute(insert(event), [same | row for row in rows])
        told = [
            {"staff_id": one, "ticket_id": about.id, "kind": kind, "about": "verify", "note": "", "at": NOW}
            for one in tx.scalars(select(staff.c.id))
            for kind in notices.KINDS
        ]
        tx.execute(insert(notice), told)


@pytest.fixture(scope="module")
def data(house: House) -> list[str]:
    """Names that the city gave, the longest first: they stay as they are."""
    with house.database.reading() as tx:
        replies = tx.execute(text("select code, text from reply_template")).all()
        names = {
            one
            for row in tx.execute(select(office.c.name, office.c.short_name, office.c.code))
            for one in row
        }
    city = house.city
    names |= {one.name for one in city.categories.values()} | {one.name for one in city.places.values()}
    names |= {part for row in replies for part in (f"::{row.code}", row.text, f"{row.code}: {row.text[:50]}")}
    names |= {part for one in city.categories.values() for part in one.words} | {city.name, STORY}
    return sorted((one for one in names if one), key=len, reverse=True)


def left_over(page: str, data: list[str]) -> list[str]:
    """Texts of a page in which Indonesian words of ours are left."""
    words = Words()
    words.feed(page)
    assert words.html == "en" or "<html" not in page
    known = _any_of(tuple(data))
    suspect = [one for one in words.texts if _of_ours(one)]  # finding names is dear
    return [one for one in suspect if _of_ours(known.sub(" ", re.sub(r"\S*[@/]\S*|::\S+", " ", one)))]


@cache
def _any_of(data: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(one) for one in data))


def _of_ours(words: str) -> bool:
    return bool(set(WORDS.findall(words.lower())) & (INDONESIAN - NAMES_OF_OURS))


def browser(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(COOKIE, "en", path="/panel")
    assert log_in(client, f"{role}@e.test").status_code == 302
    return client


@pytest.mark.parametrize("role", STAFF)
def test_no_page_mixes_languages(app: Flask, role: str, reports: dict[str, str], data: list[str]) -> None:
    client, seen, faults = browser(app, role), 0, {}
    ids = {"number": reports["in_progress"], "file_id": "1", "ticket_id": "1"}
    pages = [address(rule, ids) for rule in rules(app) if "GET" in (rule.methods or ())]
    pages += [f"/panel/tickets/{number}" for number in reports.values()] if role == "coordinator" else []
    pages += [
        f"/panel/?queue={name}" for name in ("all", "mine", "today", "draft", "finished", "undelivered")
    ]
    pages += ["/panel/?q=zebra", "/panel/?q=xyzzy", "/panel/?q=0812345678", "/panel/?origin=phone"]
    pages += ["/panel/notices?show=all", "/panel/figures?period=between", "/panel/figures?period=year&year=1"]
    for where in pages:
        if "language" in where:
            continue
        answer = client.get(where)
        if answer.mimetype == "text/html" and answer.status_code != 302:
            seen += 1
            if found := left_over(answer.text, data):
                faults[where] = found
    assert seen > 30
    assert not faults, "\n".join(f"{where}: {found}" for where, found in faults.items())


@pytest.mark.parametrize("role", ["coordinator", "administrator", "inspector", "custodian"])
def test_no_refusal_mixes_languages(app: Flask, role: str, reports: dict[str, str], data: list[str]) -> None:
    """Every form sent empty: why it is refused, or what became of it."""
    client, faults = browser(app, role), {}
    form = {"csrf_token": token(client, "/panel/account"), "do": "save", "action": "tag", "number": "1"}
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        if "POST" not in (rule.methods or ()) or not {role, ANYONE} & who:
            continue
        where = address(rule, {"number": reports["received"], "file_id": "1"})
        answer = client.post(where, data=form, follow_redirects=True)
        if answer.mimetype == "text/html" and (found := left_over(answer.text, data)):
            faults[where] = found
    assert not faults, "\n".join(f"{where}: {found}" for where, found in faults.items())


def test_before_the_login_too(app: Flask, data: list[str]) -> None:
    client = app.test_client()
    client.get("/panel/language/en?next=/panel/login")
    for where in ("/panel/login", "/panel/nothing-there", "/panel/invite/zzz"):
        assert left_over(client.get(where).text, data) == []
    wrong = {"email": "x@y.test", "password": "z", "csrf_token": token(client, "/panel/login")}
    assert left_over(client.post("/panel/login", data=wrong).text, data) == []
    assert left_over(client.post("/panel/login", data={}).text, data) == []


def test_indonesian_is_what_nobody_chose(app: Flask, house: House, reports: dict[str, str]) -> None:
    client = app.test_client()
    log_in(client, "coordinator@e.test")
    page = client.get(f"/panel/tickets/{reports['planned']}").text
    assert '<html lang="id">' in page and "Percakapan" in page and "Jumat, 20 Nov 2026 14.05 WIB" in page
    client.get("/panel/language/en")
    page = client.get(f"/panel/tickets/{reports['planned']}").text
    assert '<html lang="en">' in page and "Conversation" in page
    assert (
        "Friday, 20 Nov 2026 14:05 WIB" in page
        and "5 working days left" in client.get("/panel/?queue=all").text
    )
    client.set_cookie(COOKIE, "xx", path="/panel")
    assert '<html lang="id">' in client.get("/panel/").text


def test_the_choice_leads_to_no_other_site(app: Flask) -> None:
    client = app.test_client()
    for wanted in ("https://x.test/", "//x.test/panel/", "/panel/../..//x.test\\", "/panel/\r\nX: y", ""):
        answer = client.get("/panel/language/en", query_string={"next": wanted})
        assert answer.status_code == 302 and answer.headers["Location"] == "/panel/login", wanted
    assert client.get("/panel/language/xx").status_code == 404
    cookie = client.get("/panel/language/en?next=/panel/account").headers
    assert cookie["Location"] == "/panel/account" and "HttpOnly" in cookie["Set-Cookie"]


@pytest.mark.browser
def test_a_language_chosen_by_keyboard_stays_after_the_login(
    house: House,
    app: Flask,
    chromium: Browser,  # noqa: F811
) -> None:
    with served(app) as url:
        page = chromium.new_context(base_url=url).new_page()
        page.goto("/panel/login")
        page.get_by_role("link", name="English").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
        page.get_by_label("Email address").fill("coordinator@e.test")
        page.get_by_label("Password").press_sequentially(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Reports")
        page.goto("/panel/account")
        page.get_by_role("link", name="Bahasa Indonesia").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Akun saya")
        page.context.close()
