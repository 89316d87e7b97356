"""A simulator on a house of its own, driven as its page drives it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from bot.house import House
from handlers.webhooks import simulator
from tests.house import make_house

HERE = "http://127.0.0.1:1708"
OURS = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
PEOPLE = {"whatsapp": "whatsapp:+628000000001", "telegram": "100000001", "sms": "+628000000001"}
LOOKS = tuple(PEOPLE)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    house = make_house(city_database, data_dir)
    yield house
    house.database.engine.dispose()


@pytest.fixture
def client(house: House) -> FlaskClient:
    return app_of(house).test_client()


def app_of(house: House) -> Flask:
    app = Flask("simulator_under_test")
    simulator.install(app, house)
    return app


def post(client: FlaskClient, look: str, route: str, **fields: Any) -> Any:
    form = {"address": PEOPLE[look]} | fields
    answer = client.post(f"/simulator/{look}/{route}", data=form, base_url=HERE, headers=OURS)
    return answer.status_code, answer.get_json()


def sent(client: FlaskClient, look: str, **fields: Any) -> dict[str, Any]:
    status, answer = post(client, look, "send", **fields)
    assert status == 200, answer
    assert answer["became"] == "taken"
    return dict(answer)


def shown(client: FlaskClient, look: str, after: int = 0, address: str = "") -> dict[str, Any]:
    query = {"address": address or PEOPLE[look], "after": after}
    answer = client.get(f"/simulator/{look}/messages.json", query_string=query, base_url=HERE)
    assert answer.status_code == 200
    return dict(answer.get_json())


def lines(client: FlaskClient, look: str, direction: str) -> list[dict[str, Any]]:
    return [one for one in shown(client, look)["messages"] if one["direction"] == direction]


def photo(size: tuple[int, int] = (32, 24), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#6b7280").save(out, kind)
    return out.getvalue()
