"""Every route of the panel x every role x what is one's own and what is another office's.

The routes come from the app's own map, the answers expected from the declared audience and the reader's
scope: a page that is added tomorrow is in here without a line.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import panel
from bot.house import House
from panel.access import ANYONE, SAFE, STAFF, declared
from panel.staff import IN_AN_OFFICE
from tests.panel_house import PASSWORD, attach, file_ticket, house_on, log_in, panel_app, token

OFFICE, OTHER = "DINKES", "DPU"
SCOPED = {"officer", "inspector"}  # see own office and below; the others all or nothing
LEAVES = {"security.logout", "account.leave_everywhere"}  # end the session that the test needs
NO_PAGES = {"panel.nothing", "panel.static", "security.static"}
IDS = {"number", "file_id"}


@pytest.fixture(scope="module")
def house(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on(shared_database, tmp_path_factory.mktemp("matrix")) as house:
        for role in STAFF:
            panel.add_staff(house, f"{role}@k.test", role, OFFICE if role in IN_AN_OFFICE else None, PASSWORD)
        yield house


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return panel_app(house)


@pytest.fixture(scope="module")
def theirs(house: House) -> dict[str, str]:
    """A report, with a photo, of the other office."""
    return _filed(house, OTHER)


@pytest.fixture(scope="module")
def ours(house: House) -> dict[str, str]:
    return _filed(house, OFFICE)


def _filed(house: House, code: str) -> dict[str, str]:
    number = file_ticket(house, code, text=f"Lampu mati milik {code} saja")
    return {"number": number, "file_id": str(attach(house, number, b"isi berkas", "image/jpeg", "jpg"))}


def rules(app: Flask) -> list[Any]:
    every = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/panel")]
    return [rule for rule in every if rule.endpoint not in NO_PAGES | LEAVES]


def address(rule: Any, ids: dict[str, str]) -> str:
    """A rule with ids in it; what is no report or file gets an id that nobody has."""
    page = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)  # one of a few words: the first
    for name in rule.arguments:
        page = re.sub(rf"<(int:|path:)?{name}>", ids.get(name, "987654321"), page)
    return page


def browser(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, f"{role}@k.test").status_code == 302
    return client


def rows_before_and_after(house: House, number: str) -> Any:
    with house.database.reading() as tx:
        found = tx.execute(text("select * from ticket where number = :n"), {"n": number}).one()
        count = "select count(*) from {} where ticket_id = :id"
        return found, [
            tx.scalar(text(count.format(table)), {"id": found.id}) for table in ("event", "message", "notice")
        ]


def accounts(house: House) -> Any:
    """What every account may, and its password."""
    query = """select s.email, s.password, s.active, s.office_id, array_agg(r.role_id order by 1)
               from staff s join staff_role r on r.staff_id = s.id group by s.id order by s.id"""
    with house.database.reading() as tx:
        return tx.execute(text(query)).all()


def refusals(house: House, role: str) -> int:
    query = """select count(*) from audit a join staff s on s.id = a.staff_id
               where s.email = :email and a.action in ('outside_scope', 'role_refused')"""
    with house.database.reading() as tx:
        return int(tx.scalar(text(query), {"email": f"{role}@k.test"}) or 0)


def test_there_are_routes_of_all_kinds(app: Flask) -> None:
    every = rules(app)
    assert len(every) > 50
    assert {name for rule in every for name in rule.arguments} >= IDS
    assert not [rule.rule for rule in every if declared(app, rule.endpoint) is None]


@pytest.mark.parametrize("role", STAFF)
def test_a_role_outside_the_audience_is_refused_and_written_down(
    app: Flask, house: House, ours: dict[str, str], role: str
) -> None:
    client = browser(app, role)
    form = {"csrf_token": token(client, "/panel/account")}
    tried = 0
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        if ANYONE in who or role in who:
            continue
        before = refusals(house, role)
        methods = (rule.methods or set()) & {"GET", "POST"}
        for method in methods:
            answer = client.open(address(rule, ours), method=method, data=form if method == "POST" else None)
            assert answer.status_code == 403, (role, method, rule.rule)
        assert refusals(house, role) == before + len(methods), rule.rule
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize("role", STAFF)
def test_a_role_inside_the_audience_is_not_refused(app: Flask, ours: dict[str, str], role: str) -> None:
    client = browser(app, role)
    opened = 0
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        if role not in who or "GET" not in (rule.methods or ()):
            continue
        answer = client.get(address(rule, ours))
        expected = (200, 302, 304, 404) if rule.arguments else (200, 302)
        assert answer.status_code in expected, (role, rule.rule, answer.status_code)
        if rule.arguments and set(rule.arguments) <= IDS and role in SEE_OURS:
            assert answer.status_code != 404, (role, rule.rule)
        opened += 1
    assert opened >= 4


SEE_OURS = {"administrator", "coordinator", "officer", "inspector"}


@pytest.mark.parametrize("role", sorted(SCOPED))
def test_what_belongs_to_another_office_is_404_on_every_route_and_written_down(
    app: Flask, house: House, theirs: dict[str, str], role: str
) -> None:
    client = browser(app, role)
    form = {"csrf_token": token(client, "/panel/account"), **FORM}
    before = rows_before_and_after(house, theirs["number"])
    tried = 0
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        if role not in who or not set(rule.arguments) & IDS:
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            noted = refusals(house, role)
            answer = client.open(
                address(rule, theirs), method=method, data=form if method == "POST" else None
            )
            assert answer.status_code == 404, (role, method, rule.rule, answer.status_code)
            assert f"milik {OTHER}" not in answer.text
            assert refusals(house, role) == noted + 1, rule.rule
            tried += 1
    assert rows_before_and_after(house, theirs["number"]) == before
    assert tried >= 3


FORM = {
    "note": "curang",
    "text": "curang",
    "status": "in_progress",
    "office": OFFICE,
    "to": "",
    "reason": "curang",
    "words": "curang",
    "kind": "answer",
}


@pytest.mark.parametrize("role", sorted(SCOPED))
def test_no_list_counter_or_sheet_tells_of_another_office(
    app: Flask, theirs: dict[str, str], ours: dict[str, str], role: str
) -> None:
    """Every page without an id in its address, as it is and asked for the other's number and words."""
    client = browser(app, role)
    opened = 0
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        if role not in who or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        for asked in ({}, {"queue": "all"}, {"queue": "all", "q": "milik"}, {"show": "all"}):
            answer = client.get(rule.rule, query_string=asked, follow_redirects=True)
            body = answer.data.decode(errors="replace")
            assert theirs["number"] not in body, (rule.rule, asked)
            assert f"milik {OTHER}" not in body, (rule.rule, asked)
            opened += 1
    assert opened >= 8
    listed = client.get("/panel/?queue=all").text
    assert ours["number"] in listed
    assert 'Semua <span class="count">1</span>' in listed


@pytest.mark.parametrize("role", STAFF)
def test_no_form_is_taken_without_its_token_and_nothing_changes(
    app: Flask, house: House, ours: dict[str, str], role: str
) -> None:
    client = browser(app, role)
    before = rows_before_and_after(house, ours["number"])
    people = accounts(house)
    unsafe = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/panel")]
    unsafe = [rule for rule in unsafe if set(rule.methods or ()) - SAFE]
    assert len(unsafe) > 25
    for rule in unsafe:
        for method in sorted(set(rule.methods or ()) - SAFE):
            for wrong in ({}, {"csrf_token": "palsu"}):
                answer = client.open(address(rule, ours), method=method, data={**FORM, **wrong})
                assert answer.status_code == 400, (method, rule.rule)
    assert client.get("/panel/account").status_code == 200  # no logout was carried out either
    assert rows_before_and_after(house, ours["number"]) == before
    assert accounts(house) == people


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_gets_nowhere(app: Flask, ours: dict[str, str], method: str) -> None:
    for rule in rules(app):
        if ANYONE in (declared(app, rule.endpoint) or ()) or method not in (rule.methods or ()):
            continue
        stranger = app.test_client()
        form = {"csrf_token": token(stranger, "/panel/login")} if method == "POST" else None
        answer = stranger.open(address(rule, ours), method=method, data=form)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/panel/login"), rule.rule


def test_a_power_slipped_into_a_form_is_ignored_and_written_down(
    app: Flask, house: House, ours: dict[str, str]
) -> None:
    """Role, office and account in every form: no account changes, and a row says who tried."""
    client = browser(app, "officer")
    powers = {"role": "administrator", "office_id": "1", "staff_id": "1", "active": "1", "supervised": "1"}
    form = {"csrf_token": token(client, "/panel/account"), **powers}
    people = accounts(house)
    for rule in rules(app):
        who = declared(app, rule.endpoint) or frozenset()
        of_library = rule.endpoint.startswith("security.")  # its forms read no such field
        if "officer" not in who or "POST" not in (rule.methods or ()) or of_library:
            continue
        noted = slipped(house)
        assert client.post(address(rule, ours), data=form).status_code < 500, rule.rule
        assert slipped(house) == noted + 1, rule.rule
        assert accounts(house) == people, rule.rule


def slipped(house: House) -> int:
    with house.database.reading() as tx:
        return int(tx.scalar(text("select count(*) from audit where action = 'power_in_form'")) or 0)
