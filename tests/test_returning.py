"""Sent back as "bukan kewenangan": whose it might be, who decides and until when, and what bounces."""

from collections.abc import Iterator

import pytest

from bot.care import returning
from bot.workflow import NotAllowed
from storage import queries
from tests.offices import Desk, hire
from tests.streets import open_town

SARI = "+628131000001"


@pytest.fixture
def desk(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        hire(town, "DLH", "DISHUB")
        yield Desk(town)


def at(desk: Desk, code: str) -> str:
    """A report at an office."""
    number = desk.files(SARI)
    desk.move(number, "forwarded", office=code)
    return number


def queue(desk: Desk, who: str) -> list[str]:
    by, now = desk.town.staff(f"{who}@kota.test"), desk.town.clock.now()
    with desk.town.house.database.reading() as tx:
        rows = queries.ticket_list(tx, by, queue="returned", now=now)
        assert queries.queue_counts(tx, by, now)["returned"] == len(rows)
    return [row["number"] for row in rows]


def proposed(desk: Desk, number: str) -> str | None:
    query = (
        "select o.code from ticket t join office o on o.id = t.proposed_office_id where t.number = :number"
    )
    row = desk.town.one(query, number=number)
    return row.code if row else None


def test_the_first_return_waits_for_the_coordinator_with_its_proposal(desk: Desk) -> None:
    number = at(desk, "DPU")
    desk.move(number, "returned", "dpu", note="Ini rambu.", office="DISHUB")
    row = desk.row(number)
    assert (row.status, row.office, row.return_count, row.stage) == ("returned", "DPU", 1, "return")
    assert proposed(desk, number) == "DISHUB" and row.stage_due_at
    # Nobody loses sight of it, and nobody has it who did not take it.
    assert queue(desk, "koordinator") == queue(desk, "dpu") == [number] and not queue(desk, "dishub")
    assert "DPU tidak berwenang" in desk.told(number)[-1] or "bukan wewenang DPU" in desk.told(number)[-1]
    assert not desk.notices("returned")
    desk.move(number, "forwarded", office="DISHUB")
    assert desk.row(number).office == "DISHUB" and proposed(desk, number) is None and not queue(desk, "dpu")


def test_from_the_second_return_on_the_coordinator_decides_until_a_date(desk: Desk) -> None:
    number = at(desk, "DPU")
    desk.move(number, "returned", "dpu", note="Ini rambu.", office="DISHUB")
    desk.move(number, "forwarded", office="DISHUB")
    desk.move(number, "returned", "dishub", note="Ini pohon.", office="DLH")
    row = desk.row(number)
    assert (row.return_count, row.stage) == (2, "return")
    assert desk.notices("returned") == [f"koordinator {number}"]
    # Monday's report: one working day later, on Tuesday.
    assert desk.told(number)[-1] == (
        f"Dishub juga tidak berwenang. Koordinator kota memutuskan paling lambat Sel, 24 Nov 2026.\n{number}"
    )
    desk.move(number, "forwarded", office="DLH")
    desk.move(number, "returned", "dlh", note="Bukan pohon kota.")
    assert desk.notices("returned") == [f"koordinator {number}"] * 2  # each time anew


def test_what_would_only_bounce_is_refused(desk: Desk) -> None:
    number = at(desk, "DPU")
    with pytest.raises(NotAllowed, match="--note"):
        desk.move(number, "returned", "dpu", office="DISHUB")
    for code, why in (("DPU", "ada di instansi itu"), ("XYZ", "XYZ tidak ada")):
        with pytest.raises(NotAllowed, match=why):
            desk.move(number, "returned", "dpu", note="Ini rambu.", office=code)
    desk.move(number, "returned", "dpu", note="Ini rambu.", office="DISHUB")
    desk.move(number, "forwarded", office="DISHUB")
    with pytest.raises(NotAllowed, match="baru saja mengembalikan"):
        desk.move(number, "returned", "dishub", note="Ini lubang.", office="DPU")
    desk.move(number, "returned", "dishub", note="Ini lubang.")
    desk.move(number, "forwarded", office="DPU")
    with pytest.raises(NotAllowed, match="alasan yang sama"):
        desk.move(number, "returned", "dpu", note=" ini  RAMBU")
    desk.move(number, "returned", "dpu", note="Lubang di jalan provinsi.")
    assert desk.row(number).return_count == 3


def test_the_office_may_still_take_up_what_it_sent_back(desk: Desk) -> None:
    number = at(desk, "DPU")
    desk.move(number, "returned", "dpu", note="Salah baca.")
    desk.move(number, "in_progress", "dpu")
    assert desk.row(number).status == "in_progress"


def test_a_part_that_is_sent_back_is_told_to_the_coordination_and_not_to_the_citizen(desk: Desk) -> None:
    number = desk.files(SARI)
    desk.move(number, "forwarded", offices=("DPU", "DLH"))
    part = desk.parts(number)["DLH"].number
    told = desk.told(number)
    desk.move(part, "returned", "dlh", note="Tidak ada sampah.", office="DISHUB")
    assert queue(desk, "koordinator") == [part] and desk.told(number) == told
    desk.move(part, "forwarded", office="DISHUB")
    assert set(desk.parts(number)) == {"DPU", "DISHUB"}
    desk.says(SARI, "STATUS")
    assert "DPU dan Dishub" in desk.town.one("select text from message order by id desc limit 1").text


def test_what_offices_sent_back_is_counted(desk: Desk) -> None:
    number = at(desk, "DPU")
    desk.move(number, "returned", "dpu", note="Ini rambu.")
    since = desk.town.clock.now()
    desk.town.clock.moment = since.replace(hour=since.hour + 1)
    desk.move(number, "forwarded", office="DISHUB")
    desk.move(number, "returned", "dishub", note="Ini lubang.")
    once = at(desk, "DPU")
    desk.move(once, "returned", "dpu", note="Ini pohon.")
    with desk.town.house.database.reading() as tx:
        counted = {row["code"]: (row["returned"], row["bounced"]) for row in returning.by_office(tx)}
        lately = {row["code"]: row["returned"] for row in returning.by_office(tx, desk.town.clock.now())}
        bouncing = [(row["number"], row["return_count"]) for row in returning.bouncing(tx)]
    assert counted == {"DPU": (2, 1), "DISHUB": (1, 1)} and lately == {"DPU": 1, "DISHUB": 1}
    assert bouncing == [(number, 2)]
