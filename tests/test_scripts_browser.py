"""A script in every free text that the panel shows: in a browser none runs, none is even an element."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page
from sqlalchemy import text

import panel
from bot.house import House
from panel.access import declared
from tests.browser import chromium, served  # noqa: F401 - a fixture
from tests.panel_house import (
    NOW,
    PASSWORD,
    attach,
    file_ticket,
    house_on,
    log_in,
    panel_app,
    send_out,
)

pytestmark = pytest.mark.browser
SCRIPT = '"><script>alert("x")</script><img src=x onerror=alert(1)><a href="javascript:alert(2)">'
PEOPLE = {"admin@kota.test": "administrator", "koor@kota.test": "coordinator"}
# What people type or a channel delivers, as it is stored.
FREE = {
    "ticket": ("text", "place", "external_number"),
    "message": ("text",),
    "attachment": ("name",),
    "staff": ("name",),
    "office": ("name", "short_name"),
    "notice": ("note",),
}


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        for email, role in PEOPLE.items():
            panel.add_staff(house, email, role, None, PASSWORD)
        yield house


def fill_with_scripts(house: House) -> dict[str, str]:
    """A report whose every word is a script; the ids that addresses take."""
    number = file_ticket(house, "DINKES")
    file_id = attach(house, number, b"<script>alert(3)</script>", "text/html", "html")
    send_out(house, number, "failed", error="x")
    with house.database.transaction() as tx:
        tx.execute(
            text(
                """insert into notice (staff_id, ticket_id, kind, about, note, at)
                   select s.id, t.id, 'stage_over', 'x', '', :now from staff s, ticket t"""
            ),
            {"now": NOW},
        )
        noted = "insert into event (ticket_id, at, kind, note) select id, :now, 'note', :script from ticket"
        tx.execute(text(noted), {"now": NOW, "script": SCRIPT})
        for table, columns in FREE.items():
            for column in columns:
                tx.execute(text(f"update {table} set {column} = :script"), {"script": SCRIPT})
    return {"number": number, "file_id": str(file_id)}


def pages(app: Flask, role: str, ids: dict[str, str]) -> list[str]:
    """Every page of a role that is HTML."""
    client = app.test_client()
    log_in(client, next(email for email, one in PEOPLE.items() if one == role))
    found = []
    for rule in app.url_map.iter_rules():
        who = declared(app, rule.endpoint) or frozenset()
        if role not in who or "GET" not in (rule.methods or ()) or not set(rule.arguments) <= set(ids):
            continue
        page = rule.rule
        for name, one in ids.items():
            page = page.replace(f"<{name}>", one).replace(f"<int:{name}>", one)
        answer = client.get(page)
        if answer.status_code == 200 and answer.mimetype == "text/html" and rule.endpoint != "panel.file":
            found.append(page)
    return [*found, "/panel/?queue=all"]


@pytest.mark.parametrize("email", PEOPLE)
def test_no_script_in_any_free_text_runs_on_any_page(
    house: House,
    chromium: Browser,  # noqa: F811
    email: str,
) -> None:
    app = panel_app(house)
    every = pages(app, PEOPLE[email], fill_with_scripts(house))
    assert len(every) >= 10
    wrong: list[str] = []
    with served(app) as url:
        context = chromium.new_context(base_url=url)
        page = context.new_page()

        def noticed(dialog: Dialog) -> None:
            wrong.append(f"dialog on {page.url}")
            dialog.dismiss()

        page.on("dialog", noticed)
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        enter(page, email)
        shown = 0
        for one in every:
            page.goto(one)
            bad = page.locator('script:not([src]), img[src="x"], a[href^="javascript:"], [onerror]').count()
            assert bad == 0, one
            shown += SCRIPT in page.locator("body").inner_text()
        context.close()
    assert wrong == []
    assert shown >= 3  # as it was typed, to be read


def enter(page: Page, email: str) -> None:
    page.goto("/panel/login")
    page.get_by_label("Alamat email").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
