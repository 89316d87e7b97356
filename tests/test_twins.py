"""Reports of the same thing: which are found, and for whom."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from bot.care import twins
from bot.house import House
from storage.models import conversation, follower, ticket
from tests.panel_house import NOW, client_of, file_ticket, house_on, panel_app

STORY, STREET = "lampu penerangan jalan mati, gelap sekali", "Jalan Pemuda, Kelurahan Sekayu"
SEKAYU, TUGUREJO = "33.74.01.1007", "33.74.16.1002"
LAMP: dict[str, Any] = {
    "text": "lampu jalan mati di Jalan Pemuda, gelap",
    "place": STREET,
    "place_code": SEKAYU,
    "category": "penerangan_jalan",
}
# Three points on one street, each named by how far it is from the first.
POINT, BESIDE, TWO_KM = (-6.9825, 110.4105), (-6.9825, 110.4177), (-6.9825, 110.4286)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def found(house: House, person: int = -1, **changed: Any) -> list[Any]:
    place = {"name": STREET, "code": SEKAYU, **changed.pop("place", {})}
    known = {"category": "penerangan_jalan", "candidates": ["penerangan_jalan"], "story": STORY, **changed}
    with house.database.reading() as tx:
        return twins.for_citizen(tx, house.city, person, NOW, {"place": place, **known})


def numbers(house: House, **changed: Any) -> list[str]:
    return [twin["number"] for twin in found(house, **changed)]


def lamp(house: House, **changed: Any) -> str:
    return file_ticket(house, "DISHUB", **{**LAMP, **changed})


def at(point: tuple[float, float]) -> dict[str, float]:
    return dict(zip(("latitude", "longitude"), point, strict=True))


def test_an_open_report_of_the_same_thing_is_found_and_nothing_tells_who_filed_it(house: House) -> None:
    number = lamp(house)
    (twin,) = found(house)
    assert set(twin) == {"id", "number", "count", "story", "place"}
    assert (twin["number"], twin["count"]) == (number, 1)
    assert (twin["story"], twin["place"]) == (LAMP["text"], STREET)


@pytest.mark.parametrize(
    "changed",
    [
        {"place_code": TUGUREJO, "place": "Jalan Pemuda, Kelurahan Tugurejo"},
        {"status": "draft"},
        {"status": "closed"},
        {"status": "rejected"},
        {"status": "merged"},
        {"text": "lampu jalan mati di Jalan Pemuda, gelap, petugas minta uang pungli"},
        {"anonymous": True},
        {"confidential": True},
        {"created_at": NOW - timedelta(days=31)},
        {"category": "drainase_banjir"},
        {"text": "kucing hilang"},
    ],
    ids=str,
)
def test_what_is_elsewhere_hidden_finished_old_or_another_thing_is_not_found(
    house: House, changed: dict[str, Any]
) -> None:
    lamp(house, **changed)
    assert numbers(house) == []


def test_ones_own_report_is_not_found(house: House) -> None:
    number = lamp(house)
    with house.database.reading() as tx:
        person = tx.scalar(select(ticket.c.person_id).where(ticket.c.number == number))
    assert person and found(house, person) == [] and len(found(house)) == 1


def test_points_within_a_kilometre_count_across_the_border_and_none_further_apart(house: House) -> None:
    near = lamp(house, **at(BESIDE), place_code=TUGUREJO)
    lamp(house, **at(TWO_KM))
    assert numbers(house, place=at(POINT)) == [near]


def test_three_are_shown_the_likeliest_first_with_all_who_stand_behind_it(house: House) -> None:
    others = [lamp(house, text=f"lampu jalan {how} di Jalan Pemuda") for how in ("padam", "mati", "rusak")]
    best = lamp(house, text=STORY)
    with house.database.transaction() as tx:
        every_chat = conversation.c.id > 0
        listens = select(ticket.c.id, conversation.c.id).join(conversation, every_chat)
        listens = listens.where(ticket.c.number == best)
        tx.execute(insert(follower).from_select(["ticket_id", "conversation_id"], listens))
    shown = found(house)
    assert shown[0]["number"] == best and len(shown) == 3
    # All four chats follow it; one of them is the one that filed it.
    assert shown[0]["count"] == len(others) + 1 and shown[1]["count"] == 1


@pytest.mark.parametrize("category", sorted(twins.PERSONAL))
def test_nobody_is_shown_what_is_about_a_person(house: House, category: str) -> None:
    lamp(house, category=category)
    assert category in house.city.categories
    assert numbers(house, category=category, candidates=[category]) == []
    assert numbers(house, candidates=[category, "penerangan_jalan"]) == []


@pytest.mark.parametrize("what", [{"confidential": True}, {"kind": "information"}], ids=str)
def test_a_confidential_report_and_a_question_are_compared_with_nothing(
    house: House, what: dict[str, Any]
) -> None:
    lamp(house)
    assert numbers(house, **what) == []


def test_without_a_known_place_nothing_is_found(house: House) -> None:
    lamp(house)
    assert numbers(house, place={"name": "dekat pasar", "code": ""}) == []


@pytest.mark.parametrize(
    "story", ["", "!!! & | :* <-> '", "a b c", "\\ ' \" (lampu", "lampu " * 2000, "灯が消えた", "dan atau di"]
)
def test_any_words_can_be_looked_for(house: House, story: str) -> None:
    lamp(house)
    assert len(numbers(house, story=story)) <= 1


# --- what staff see ----------
def alike(page: str) -> str:
    return page.partition('id="h-alike"')[2].partition("</section>")[0]


def test_an_officer_sees_what_is_alike_with_place_status_and_likeness_as_links(
    app: Flask, house: House
) -> None:
    number = lamp(house, channel="sms")
    draft = lamp(house, status="draft", text="lampu jalan mati di Jalan Pemuda gelap sekali")
    far = lamp(house, text="lampu taman kota", place="Sekayu")
    finished = lamp(house, status="closed")
    shown = alike(client_of(app, "koordinator@kota.local").get(f"/panel/tickets/{number}").text)
    assert f'href="/panel/tickets/{draft}"' in shown and "belum lengkap" in shown and STREET in shown
    assert "sangat mirip" in shown
    assert far not in shown and finished not in shown
    assert f'href="/panel/tickets/{number}"' not in shown and f'value="{number}"' not in shown


def test_an_officer_sees_nothing_alike_of_another_office(app: Flask, house: House) -> None:
    mine = file_ticket(house, "DINKES", **LAMP)
    theirs, ours = file_ticket(house, "DPU", **LAMP), file_ticket(house, "DINKES", **LAMP)
    page = client_of(app, "dinkes@kota.test").get(f"/panel/tickets/{mine}").text
    assert ours in alike(page) and theirs not in page


def test_a_report_without_a_place_is_compared_too_and_words_are_escaped(app: Flask, house: House) -> None:
    other = lamp(house, text="lampu mati <b>gelap</b> di jalan pemuda")
    number = lamp(house, place="", place_code="", text="lampu mati gelap di jalan pemuda")
    shown = alike(client_of(app, "koordinator@kota.local").get(f"/panel/tickets/{number}").text)
    assert other in shown and "&lt;b&gt;gelap" in shown and "<b>gelap" not in shown
