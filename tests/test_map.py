"""Where a report is: on a map, as text and as links; and nobody outside learns of what is secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from bot.house import House
from bot.settings import BadSettings, read_settings
from tests.panel_house import client_of, file_ticket, house_on, panel_app, token

TILES = "https://tile.example.org/{z}/{x}/{y}.png"
OFFICER = "dinkes@kota.test"
POINT = {"latitude": -6.98123, "longitude": 110.41234}
VILLAGE = "33.74.01.1001"  # Miroto


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as made:
        yield made


@pytest.fixture
def officer(house: House) -> FlaskClient:
    return client_of(panel_app(house), OFFICER)


def test_a_report_with_a_point_says_where_it_is_and_links_to_maps(house: House, officer: FlaskClient) -> None:
    page = officer.get(f"/panel/tickets/{file_ticket(house, 'DINKES', **POINT)}").text
    assert 'data-lat="-6.98123" data-lon="110.41234"' in page and "-6.98123, 110.41234" in page
    assert "https://www.openstreetmap.org/?mlat=-6.98123&amp;mlon=110.41234" in page
    assert "query=-6.98123%2C110.41234" in page and "perkiraan" not in page


def test_a_kelurahan_alone_is_marked_as_a_guess(house: House, officer: FlaskClient) -> None:
    page = officer.get(f"/panel/tickets/{file_ticket(house, 'DINKES', place_code=VILLAGE)}").text
    assert "perkiraan" in page and "pusat Miroto" in page and "-6.98371, 110.41869" in page


def test_a_report_whose_place_nobody_knows_has_no_map(house: House, officer: FlaskClient) -> None:
    page = officer.get(f"/panel/tickets/{file_ticket(house, 'DINKES')}").text
    assert 'data-map="point"' not in page and "leaflet" not in page


def test_nothing_may_come_from_elsewhere_unless_tiles_are_set(house: House, officer: FlaskClient) -> None:
    number = file_ticket(house, "DINKES", **POINT)
    for page in (f"/panel/tickets/{number}", "/panel/map", "/panel/type-in"):
        answer = officer.get(page)
        assert 'data-tiles=""' in answer.text
        assert "img-src 'self';" in answer.headers["Content-Security-Policy"]


def test_the_tiles_host_is_let_in_on_pages_with_a_map_alone(city_database: str, data_dir: Path) -> None:
    with house_on(city_database, data_dir, tile_url=TILES) as house:
        client = client_of(panel_app(house), OFFICER)
        number, bare = file_ticket(house, "DINKES", **POINT), file_ticket(house, "DINKES")
        with_map = (f"/panel/tickets/{number}", "/panel/map", "/panel/type-in")
        for page in (*with_map, f"/panel/tickets/{bare}", "/panel/", "/panel/account"):
            policy = client.get(page).headers["Content-Security-Policy"]
            assert ("https://tile.example.org" in policy) == (page in with_map), page
            assert "style-src 'self';" in policy and "script-src 'self';" in policy


@pytest.mark.parametrize("kind", ["anonymous", "confidential"])
def test_of_a_secret_report_nobody_outside_is_asked_or_told(
    city_database: str, data_dir: Path, kind: str
) -> None:
    with house_on(city_database, data_dir, tile_url=TILES) as house:
        number = file_ticket(house, "DINKES", place_code=VILLAGE, **POINT, **{kind: True})
        client = client_of(panel_app(house), OFFICER)
        answer = client.get(f"/panel/tickets/{number}")
        assert "-6.98123" in answer.text
        for outside in ("openstreetmap.org", "google.com", "tile.example.org"):
            assert outside not in answer.text + answer.headers["Content-Security-Policy"]
        listed = client.get("/panel/map").text
        assert number in listed and "-6.98123" not in listed and 'data-lat="-6.98371"' in listed


def test_the_map_of_a_queue_holds_what_the_reader_may_see_and_where_it_is(
    house: House, officer: FlaskClient
) -> None:
    known = file_ticket(house, "DINKES", **POINT)
    done = file_ticket(house, "DINKES", status="closed", **POINT)
    nowhere, theirs = file_ticket(house, "DINKES"), file_ticket(house, "DPU", **POINT)
    lane = file_ticket(house, "DINKES", supervised=True, **POINT)
    page = officer.get("/panel/map").text
    assert known in page
    assert not [one for one in (done, nowhere, theirs, lane) if one in page]
    assert done in officer.get("/panel/map?queue=finished").text
    everything = client_of(officer.application, "koordinator@kota.local").get("/panel/map?queue=all").text
    assert theirs in everything and lane not in everything


def test_a_typed_in_report_takes_the_point_that_was_picked(house: House, officer: FlaskClient) -> None:
    form = {"token": "t" * 32, "story": "Lampu jalan mati di tikungan", "origin": "walk_in", "do": "save"}
    form |= {"csrf_token": token(officer, "/panel/type-in")}
    for wrong in ("di sana", "-6.98", "51.50, -0.12", "nan, nan"):
        refused = officer.post("/panel/type-in", data={**form, "point": wrong})
        assert refused.status_code == 409 and "Titik ditulis" in refused.text and wrong in refused.text
    assert officer.post("/panel/type-in", data={**form, "point": "-6.98371, 110.41869"}).status_code == 302
    with house.database.reading() as tx:
        (row,) = tx.execute(text("select latitude, longitude, place, place_code from ticket")).all()
    assert row == (-6.98371, 110.41869, "Miroto", VILLAGE)


@pytest.mark.parametrize(
    "wrong", ["tile.org/{z}/{x}/{y}.png", "https://a.org/{z}", "https://a.org; x/{z}/{x}/{y}"]
)
def test_an_address_of_tiles_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("TILE_URL", wrong)
    with pytest.raises(BadSettings, match="TILE_URL"):
        read_settings()
