"""Who of the staff is told of what, and that nobody is told twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import desk, notices
from panel.staff import add_staff
from tests.streets import Town, open_town
from tests.towns import new_database

PEOPLE = (
    ("dinkes@kota.test", "officer", "DINKES"),
    ("puskesmas@kota.test", "officer", "PKM-MANGKANG"),
    ("pengawas@kota.test", "inspector", "INSPEKTORAT"),
    ("pimpinan@kota.test", "supervisor", None),
)


@pytest.fixture(scope="module")
def town(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("notices")
    with new_database(postgres_url) as url, open_town(url, folder) as town:
        for email, role, office in PEOPLE:
            add_staff(town.house, email, role, office, "rahasia-sekali")
        yield town


def told(town: Town, number: str) -> list[tuple[str, str]]:
    query = """select s.email, n.kind from notice n join staff s on s.id = n.staff_id
               join ticket t on t.id = n.ticket_id where t.number = :number order by n.id"""
    return [tuple(row) for row in town.all(query, number=number)]


def reported(town: Town, story: str) -> Any:
    phone = town.phone("sms")
    phone.writes(story)
    return phone, town.one("select number from ticket order by id desc limit 1")[0]


def test_a_first_belum_goes_to_the_office_and_a_second_to_the_coordinator_too(town: Town) -> None:
    phone, number = reported(town, "jalan berlubang besar di Kelurahan Sekayu depan masjid")
    desk.answer(town.house, town.staff("dpu@kota.test"), number, "Sudah ditambal kemarin.")
    town.deliver()
    phone.writes("belum")
    assert told(town, number) == [("dpu@kota.test", "objection")]
    desk.answer(town.house, town.staff("dpu@kota.test"), number, "Ditambal lagi.")
    town.deliver()
    phone.writes("belum")
    assert told(town, number)[1:] == [("koordinator@kota.test", "objection"), ("dpu@kota.test", "objection")]


def test_the_level_above_is_the_nearest_office_that_has_somebody(town: Town) -> None:
    _, number = reported(town, "pelayanan puskesmas Mangkang lambat sekali di Mangkang Kulon")
    with town.house.database.transaction() as tx:
        tx.execute(
            text(
                "update ticket set office_id = (select id from office where code = 'PKM-MANGKANG')"
                " where number = :n"
            ),
            {"n": number},
        )
        row = tx.execute(text("select * from ticket where number = :n"), {"n": number}).mappings().one()
        now = town.clock.now()
        assert notices.tell(tx, row, "overdue", ("office", "superior"), now) == 2
        assert notices.tell(tx, row, "overdue", ("office", "superior"), now) == 0, "nobody is told twice"
        assert notices.tell(tx, row, "overdue", ("supervisor",), now, about="1") == 1
    assert [who for who, _ in told(town, number)] == [
        "puskesmas@kota.test", "dinkes@kota.test", "pimpinan@kota.test",
    ]  # fmt: skip


def test_a_report_in_the_supervised_lane_concerns_inspectors_alone(town: Town) -> None:
    _, number = reported(town, "ada pungli di loket parkir Kelurahan Sekayu")
    with town.house.database.transaction() as tx:
        tx.execute(text("update ticket set supervised = true where number = :n"), {"n": number})
        row = tx.execute(text("select * from ticket where number = :n"), {"n": number}).mappings().one()
        notices.tell(tx, row, "due", ("office", "coordinator"), town.clock.now())
        notices.tell(tx, row, "unlock_asked", ("custodian", "coordinator"), town.clock.now())
    later = [(who, kind) for who, kind in told(town, number) if kind != "lane_proposed"]
    # Whom an identity is asked of are custodians there too; there is none in this town.
    assert later == [("pengawas@kota.test", "due"), ("pengawas@kota.test", "unlock_asked")]
