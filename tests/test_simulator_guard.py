"""Nobody but this machine's own page gets to the simulator."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.house import make_house
from tests.simulator_case import HERE, OURS, PEOPLE, app_of, client, house, shown

__all__ = ["client", "house"]

PATHS = (
    "/simulator/",
    "/simulator/static/simulator.js",
    "/simulator/sms/messages.json?address=%2B628000000001",
)


def test_a_foreign_host_finds_no_simulator(client: FlaskClient) -> None:
    foreign = (
        "evil.example",
        "evil.example:1708",
        "127.0.0.1:1709",
        "127.0.0.1",
        "",
        "localhost.evil.example:1708",
    )
    for host in foreign:
        for path in PATHS:
            assert client.get(path, headers={"Host": host}).status_code == 404, (host, path)
        own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/simulator/sms/new", headers=own).status_code == 404, host


def test_a_forwarded_request_finds_no_simulator(client: FlaskClient) -> None:
    names = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything", "Forwarded")
    for name in names:
        for path in PATHS:
            assert client.get(path, base_url=HERE, headers={name: "::1"}).status_code == 404, (name, path)
        answer = client.post("/simulator/sms/new", base_url=HERE, headers=OURS | {name: ""})
        assert answer.status_code == 404, name


def test_every_name_of_this_machine_finds_it(client: FlaskClient) -> None:
    for host in ("127.0.0.1:1708", "localhost:1708", "[::1]:1708", "LOCALHOST:1708"):
        assert client.get("/simulator/", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1708"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_foreign_page_cannot_post(client: FlaskClient, headers: dict[str, str]) -> None:
    for route in ("send", "resend", "new"):
        form = {"address": PEOPLE["sms"], "text": "jalan rusak di Tembalang"}
        answer = client.post(f"/simulator/sms/{route}", data=form, base_url=HERE, headers=headers)
        assert answer.status_code == 403, route
    assert shown(client, "sms")["messages"] == []


@pytest.mark.parametrize("headers", [OURS, {"Origin": HERE}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_page_can_post(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/simulator/sms/new", base_url=HERE, headers=headers).status_code == 200


def test_a_public_product_has_no_simulator(city_database: str, data_dir: Path) -> None:
    house = make_house(city_database, data_dir, public_url="https://lapor.example")
    app = app_of(house)
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/simulator")]
    assert app.test_client().get("/simulator/", base_url=HERE).status_code == 404
    house.database.engine.dispose()


def test_a_page_runs_no_script_but_its_own(client: FlaskClient) -> None:
    answer = client.get("/simulator/", base_url=HERE)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert "<script>" not in answer.text and "style=" not in answer.text and " onclick" not in answer.text
    assert "http://" not in answer.text and "https://" not in answer.text  # nothing from elsewhere
