"""What an officer sees of the tree of offices: his own and all below, never a sibling's or the one above."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

import panel
from bot.care import desk
from bot.cities import load as city_load
from bot.cities.city import read_city
from bot.house import House
from storage import queries
from storage.models import office, ticket
from tests.made_up_city import write_city
from tests.panel_house import NOW, PASSWORD, house_on

UNITS = 300


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


def file_one_each(house: House) -> dict[str, str]:
    """A report in every office; numbers by the office's code."""
    with house.database.transaction() as tx:
        offices = tx.execute(select(office.c.id, office.c.code).order_by(office.c.id)).all()
        row = {"status": "received", "created_at": NOW, "changed_at": NOW}
        made = [{**row, "number": f"no-{one.code}", "office_id": one.id} for one in offices]
        tx.execute(insert(ticket), made)
    return {one.code: f"no-{one.code}" for one in offices}


def sees(house: House, email: str) -> set[str]:
    with house.database.reading() as tx:
        by = desk.staff_reader(tx, email)
        rows = queries.ticket_list(tx, by, queue="all", now=NOW, limit=10_000)
        counted = queries.queue_counts(tx, by, NOW)["all"]
    assert counted == len(rows)
    return {row["number"].removeprefix("no-") for row in rows}


def test_an_office_sees_itself_and_below_neither_siblings_nor_the_one_above(house: House) -> None:
    numbers = file_one_each(house)
    for email, code in (
        ("camat@k.test", "KEC-TUGU"),
        ("lurah@k.test", "KEL-TUGUREJO"),
        ("dinkes@k.test", "DINKES"),
    ):
        panel.add_staff(house, email, "officer", code, PASSWORD)
    area = read_city(house.city.folder).offices
    villages = {code for code, one in area.items() if one.parent == "KEC-TUGU"}
    assert sees(house, "camat@k.test") == {"KEC-TUGU", *villages} and len(villages) > 5
    assert sees(house, "lurah@k.test") == {"KEL-TUGUREJO"}
    clinics = {code for code, one in area.items() if one.parent == "DINKES"}
    assert sees(house, "dinkes@k.test") == {"DINKES", *clinics} and "PKM-MANGKANG" in clinics
    with house.database.reading() as tx:
        lurah = desk.staff_reader(tx, "lurah@k.test")
        for code in ("KEC-TUGU", "KEL-JERAKAH", "PEMKOT", "DINKES"):
            assert queries.one_ticket(tx, lurah, numbers[code]) is None
        assert queries.one_ticket(tx, lurah, numbers["KEL-TUGUREJO"]) is not None


def test_in_a_city_of_hundreds_of_units_everybody_sees_his_branch(
    empty_database: str, data_dir: Path, tmp_path: Path
) -> None:
    folder = write_city(tmp_path / "kota", UNITS)
    with house_on(empty_database, data_dir) as house:
        city = read_city(folder)
        with house.database.transaction() as tx:
            city_load.load(tx, city)
        file_one_each(house)
        parents = {one.parent for one in city.offices.values()}
        districts = sorted(code for code in city.offices if code in parents and code != "KOTA")
        assert len(districts) > 10
        for code in (districts[0], districts[-1]):
            panel.add_staff(house, f"{code}@k.test", "officer", code, PASSWORD)
            below = {one.code for one in city.offices.values() if one.parent == code}
            assert sees(house, f"{code}@k.test") == {code, *below}
            leaf = sorted(below)[0]
            panel.add_staff(house, f"{leaf}@k.test", "officer", leaf, PASSWORD)
            assert sees(house, f"{leaf}@k.test") == {leaf}
        panel.add_staff(house, "kota@k.test", "officer", "KOTA", PASSWORD)
        assert sees(house, "kota@k.test") == set(city.offices)


def test_a_code_that_begins_like_another_is_another_office(house: House) -> None:
    """DPU is not around DPUX, nor is DP_ around DPU."""
    with house.database.transaction() as tx:
        for code in ("DPUX", "DP_"):
            row = {"code": code, "path": f"/PEMKOT/{code}/", "name": code, "short_name": code, "kind": "opd"}
            tx.execute(insert(office).values(row))
    file_one_each(house)
    for email, code in (("dpu@k.test", "DPU"), ("garis@k.test", "DP_")):
        panel.add_staff(house, email, "officer", code, PASSWORD)
        assert sees(house, email) == {code}
