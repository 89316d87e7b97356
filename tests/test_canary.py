"""Names and numbers like canaries: filed on all channels, looked for wherever staff, machines or others look.

Nowhere are they but, as ciphertext, in the address; and for a day on the page of who was granted to look.
"""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator

import pytest
from flask import Flask

from bot.care.export import ticket_rows
from bot.logs import configure
from handlers.webhooks import health
from panel.access import declared
from storage import queries
from tests import dump
from tests.canaries import Flown, file_all, work_on
from tests.guards import (
    ADMIN,
    BOSS,
    CHIEF,
    INSPECTOR,
    INTERNAL,
    KEEPER,
    OFFICER,
    PEOPLE,
    SECOND,
    guarded,
)
from tests.panel_house import own_token
from tests.test_attachments import run_jobs

ANYTHING = ("administrator", "coordinator", "officer", "inspector", "custodian", "supervisor")
KEEPS = {"logout", "verify"}  # library pages: leaving is no page with reports
OPEN_TO_ALL = {"address.sealed", "address.sealed_name"}


@pytest.fixture(scope="module")
def flown(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flown]:
    root = logging.getLogger()
    handlers, level, stderr = root.handlers[:], root.level, sys.stderr
    with guarded(shared_database, tmp_path_factory.mktemp("canary")) as here:
        made = Flown(here, io.StringIO())
        sys.stderr = made.log
        configure(level=logging.DEBUG)
        try:
            file_all(made)
            run_jobs(here.town)  # fetches the files
            work_on(made)
            yield made
        finally:
            sys.stderr = stderr
            root.handlers[:] = handlers
            root.setLevel(level)


def _pages(app: Flask, ids: dict[str, list[str]], method: str) -> list[tuple[str, frozenset[str]]]:
    """Every address of the panel with one of the ids in it, and who may open it."""
    found: list[tuple[str, frozenset[str]]] = []
    for rule in app.url_map.iter_rules():
        who = declared(app, rule.endpoint)
        if not rule.rule.startswith("/panel") or method not in (rule.methods or ()) or not who:
            continue
        if rule.endpoint.rpartition(".")[2] in KEEPS or "filename" in rule.arguments:
            continue
        pages = [rule.rule]
        for name in rule.arguments:
            of = (
                ["csv"]
                if name == "kind"
                else ids["number" if name == "number" else "file" if name == "file_id" else "id"]
            )
            pages = [page.replace(part, one) for page in pages for one in of for part in [_part(page, name)]]
        found += [(page, who) for page in pages]
    return found


def _part(page: str, name: str) -> str:
    """The part of a rule that stands for an argument."""
    parts: list[str] = re.findall(r"<[^<>]+>", page)
    return next(part for part in parts if part.strip("<>").split(":")[-1] == name)


def _ids(flown: Flown, numbers: list[str]) -> dict[str, list[str]]:
    files = [str(row.id) for row in flown.here.town.all("select id from attachment order by id")]
    assert len(files) >= 12
    return {"number": numbers, "file": files, "id": ["1", "2", "3"]}


def _queues() -> list[str]:
    return [f"/panel/?queue={queue}" for queue in queries.QUEUES] + ["/panel/notices?show=all"]


@pytest.mark.parametrize("email", PEOPLE)
def test_no_page_of_any_role_shows_who_reports(flown: Flown, email: str) -> None:
    client = flown.here.browser(email)
    role = PEOPLE[email][0]
    opened = 0
    listed = [(page, frozenset(ANYTHING)) for page in _queues()]
    for page, who in [*_pages(flown.here.app, _ids(flown, flown.every), "GET"), *listed]:
        answer = client.get(page, follow_redirects=True)
        assert answer.status_code in ((200, 404) if role in who else (200, 403, 404)), page
        shown = answer.data.decode(errors="replace")  # a file may be no text
        assert not flown.flies_in(shown + str(answer.headers)), page
        opened += answer.status_code == 200 and role in who
    assert opened >= (20 if email in (ADMIN, BOSS) else 3)


@pytest.mark.parametrize("email", PEOPLE)
def test_a_role_opens_exactly_what_it_is_listed(flown: Flown, email: str) -> None:
    by, now = flown.here.town.staff(email), flown.here.town.clock.now()
    client = flown.here.browser(email)
    with flown.here.house.database.reading() as tx:
        mine = {one["number"] for one in queries.ticket_list(tx, by, queue="all", now=now, limit=1000)}
        counts = queries.queue_counts(tx, by, now)
        lengths = {
            queue: len(queries.ticket_list(tx, by, queue=queue, now=now, limit=1000))
            for queue in queries.QUEUES
        }
    assert counts == lengths
    in_lane = set(flown.numbers["corrupt"][:3])
    assert in_lane <= mine if email == INSPECTOR else not in_lane & mine
    if email in (ADMIN, BOSS):
        assert mine | in_lane == set(flown.every)
    if email in (CHIEF, KEEPER, SECOND):
        assert not mine
    for number in flown.every:
        answer = client.get(f"/panel/tickets/{number}")
        expected = 200 if number in mine else 404 if mine else 403
        assert answer.status_code == expected, number
    for row in flown.here.town.all(
        "select a.id, t.number from attachment a join ticket t on t.id = a.ticket_id"
    ):
        answer = client.get(f"/panel/files/{row.id}")
        assert (answer.status_code == 200) <= (row.number in mine), row


def test_no_form_answers_with_who_reports(flown: Flown) -> None:
    """An empty form to every address: what is refused, kept or shown again has no canary in it either."""
    some = [flown.numbers["normal"][4], flown.numbers["nameless"][3], flown.numbers["corrupt"][0]]
    for email in (BOSS, OFFICER, INTERNAL, INSPECTOR, SECOND):
        client = flown.here.browser(email)
        form = {"csrf_token": own_token(client)}
        for page, _ in _pages(flown.here.app, _ids(flown, some), "POST"):
            answer = client.post(page, data=form)
            assert answer.status_code < 500, page
            assert not flown.flies_in(answer.text + str(answer.headers)), page


def test_searching_for_a_name_or_a_number_finds_nothing(flown: Flown) -> None:
    now = flown.here.town.clock.now()
    with flown.here.house.database.reading() as tx:
        for email in PEOPLE:
            by = flown.here.town.staff(email)
            for canary in flown.canaries:
                assert not queries.ticket_list(tx, by, queue="all", now=now, search=canary), canary


def test_no_table_no_file_no_export_no_log_and_no_figure_holds_one(flown: Flown) -> None:
    house = flown.here.house
    assert set(dump.where(house, *flown.canaries)) <= OPEN_TO_ALL
    with house.database.reading() as tx:
        exported = "\n".join(json.dumps(row) for row in ticket_rows(tx, flown.here.town.clock.now()))
    assert len(exported) > 10_000 and not flown.flies_in(exported)
    app = Flask("figures")
    health.install(app, house)
    for page in ("/metrics", "/readyz", "/healthz"):
        assert not flown.flies_in(app.test_client().get(page).text)
    assert not flown.flies_in(flown.log.getvalue())


def test_what_goes_out_names_nobody_and_no_photo_of_a_citizen_leaves(flown: Flown) -> None:
    paths = [row.path for row in flown.here.town.all("select path from attachment where path <> ''")]
    assert paths
    for row in flown.here.town.all("select text, payload from message where direction = 'out'"):
        told = f"{row.text} {json.dumps(row.payload)}"
        assert not flown.flies_in(told)
        assert not [path for path in paths if path in told] and "/media/" not in told


def test_after_a_grant_it_is_on_one_page_for_one_reader(flown: Flown) -> None:
    row = flown.here.town.one(
        """select u.id, t.number, c.channel from unlock u join ticket t on t.id = u.ticket_id
           join conversation c on c.id = t.conversation_id where u.state = 'granted'"""
    )
    for email in PEOPLE:
        client = flown.here.browser(email)
        page = f"/panel/unlocks/{row.id}/look"
        answer = flown.here.send(client, email, page)
        assert answer.status_code == (200 if email == KEEPER else 404 if email == SECOND else 403)
        found = flown.flies_in(answer.text)
        assert (len(found) == 3) == (email == KEEPER), (email, found)  # two parts of the name, one number
        assert not flown.flies_in(page + str(answer.headers))
    assert not flown.flies_in(flown.log.getvalue())
    assert set(dump.where(flown.here.house, *flown.canaries)) <= OPEN_TO_ALL
