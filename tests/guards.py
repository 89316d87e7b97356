"""Staff of every role, and browsers in which they are logged in, for tests of who sees what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import panel
from bot.house import House
from tests.panel_house import log_in, panel_app, token
from tests.streets import Town, open_town

PASSWORD = "kata-sandi-uji"
ADMIN, BOSS, OFFICER = "admin@kota.test", "koor@kota.test", "jalan@kota.test"
INSPECTOR, INTERNAL, CHIEF = "pengawas@kota.test", "inspektorat@kota.test", "walikota@kota.test"
KEEPER, SECOND = "pemegang@kota.test", "pemegang2@kota.test"
PEOPLE: dict[str, tuple[str, str | None]] = {
    ADMIN: ("administrator", None),
    BOSS: ("coordinator", None),
    OFFICER: ("officer", "DPU"),
    INTERNAL: ("officer", "INSPEKTORAT"),
    INSPECTOR: ("inspector", "INSPEKTORAT"),
    CHIEF: ("supervisor", None),
    KEEPER: ("custodian", "DISKOMINFO"),
    SECOND: ("custodian", None),
}
LANDING = {CHIEF: "/panel/figures", KEEPER: "/panel/unlocks", SECOND: "/panel/unlocks"}


@dataclass
class Guarded:
    """A town whose panel has staff of every role."""

    town: Town
    app: Flask

    @property
    def house(self) -> House:
        """The running product."""
        return self.town.house

    def browser(self, email: str) -> FlaskClient:
        """A browser in which one of PEOPLE is logged in."""
        client = self.app.test_client()
        assert log_in(client, email, PASSWORD).status_code == 302
        return client

    def send(self, client: FlaskClient, email: str, page: str, **fields: str) -> Any:
        """Send a form of the panel as somebody who is logged in."""
        form = {"csrf_token": token(client, LANDING.get(email, "/panel/")), **fields}
        return client.post(page, data=form)


@contextmanager
def guarded(url: str, folder: Path) -> Iterator[Guarded]:
    """A town on a database of its own, with PEOPLE at their desks."""
    with open_town(url, folder) as town:
        for email, (role, office) in PEOPLE.items():
            panel.add_staff(town.house, email, role, office, PASSWORD)
        yield Guarded(town, panel_app(town.house))
