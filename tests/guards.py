"""Staff of every role, and browsers in which they are logged in, for tests of who sees what."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import panel
from bot.care import lane
from bot.care.desk import NotFound
from bot.house import House
from bot.workflow import NotAllowed
from tests.panel_house import cheap_passwords, log_in, own_token, panel_app
from tests.people import files
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
PUNGLI = "ada pungli di loket parkir pasar, Kelurahan Sekayu, petugas minta uang rokok"


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
        form = {"csrf_token": own_token(client), **fields}
        return client.post(page, data=form)


@contextmanager
def guarded(url: str, folder: Path) -> Iterator[Guarded]:
    """A town on a database of its own, with PEOPLE at their desks."""
    with open_town(url, folder) as town, cheap_passwords():
        for email, (role, office) in PEOPLE.items():
            panel.add_staff(town.house, email, role, office, PASSWORD)
        yield Guarded(town, panel_app(town.house))


def noticed(here: Guarded, number: str) -> list[tuple[str, str]]:
    """Who of PEOPLE has which notices of a report."""
    query = """select s.email, n.kind from notice n join staff s on s.id = n.staff_id
               join ticket t on t.id = n.ticket_id
               where t.number = :number and s.email <> 'koordinator@kota.test' order by 1, 2"""
    return [tuple(row) for row in here.town.all(query, number=number)]


def row_of(here: Guarded, number: str) -> Any:
    """A report as it is stored, with the code of its office."""
    query = "select t.*, o.code from ticket t left join office o on o.id = t.office_id where number = :number"
    return here.town.one(query, number=number)


def reported(here: Guarded, story: str = PUNGLI) -> tuple[Any, str]:
    """A citizen's phone and the number of the report that he filed from it."""
    phone = here.town.phone("whatsapp")
    return phone, files(phone, story)


def in_lane(here: Guarded, story: str = PUNGLI) -> tuple[Any, str]:
    """The same, put into the supervised lane."""
    phone, number = reported(here, story)
    lane.place(here.house, here.town.staff(BOSS), number, "Dugaan pungli")
    return phone, number


def at_once(*calls: Any) -> list[str]:
    """Call all at the same moment; the class of what each raised, or an empty text."""
    barrier = Barrier(len(calls))

    def call(one: Any) -> str:
        barrier.wait()
        try:
            one()
        except (NotAllowed, NotFound) as refused:
            return type(refused).__name__
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(call, calls))
