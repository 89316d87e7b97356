"""Two officers, or an officer and a citizen, at once: one is refused in words, nobody waits for ever."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bot import inbound
from bot.care import categorising, desk, officers, unsealing
from bot.care.desk import NotFound
from bot.workflow import NotAllowed
from tests.people import HOLE, event, together
from tests.streets import Town, open_town


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as made:
        yield made


def filed(town: Town, address: str) -> str:
    assert inbound.receive(town.house, event("sms", address, f"LAPOR {HOLE}")) == "taken"
    return str(town.one("select number from ticket order by id desc limit 1").number)


def tried(act: Callable[[], object]) -> str:
    """What became of an officer's click."""
    try:
        act()
    except (NotAllowed, NotFound) as refused:
        return str(refused)
    return "done"


def test_two_reports_merged_into_each_other_end_as_one(town: Town) -> None:
    by = town.staff("koordinator@kota.test")
    for round_ in range(8):
        one, other = filed(town, f"+62811000{round_:04}"), filed(town, f"+62812000{round_:04}")
        crossed = [
            partial(tried, partial(desk.move, town.house, by, one, "merged", {"into": other})),
            partial(tried, partial(desk.move, town.house, by, other, "merged", {"into": one})),
        ]
        assert sorted(together(crossed))[1] == "done"
        merged = "select count(*) from ticket where number in (:one, :other) and status = 'merged'"
        assert town.one(merged, one=one, other=other)[0] == 1


def test_officers_and_the_citizen_at_once_on_one_report_all_get_through(town: Town) -> None:
    by, address = town.staff("koordinator@kota.test"), "+628130000001"
    number = filed(town, address)
    with town.house.database.transaction() as tx:
        ticket_id = town.one("select id from ticket where number = :number", number=number).id
        hidden = town.house.database.keys.seal("NIK 3374010101900001")
        tx.exec_driver_sql("update ticket set hidden = %s where id = %s", (hidden, ticket_id))
    acts = (
        partial(unsealing.open_numbers, town.house, by, number),
        partial(categorising.set_category, town.house, by, number, "penerangan_jalan"),
        partial(officers.take, town.house, by, number),
        partial(officers.say, town.house, by, number, "Kami periksa."),
        partial(officers.hand_back, town.house, by, number),
        partial(desk.move, town.house, by, number, "in_progress", {"note": "mulai"}),
    )
    for words in (
        "masih rusak",
        f"BALAS {number} tambah lebar",
        "RAHASIA",
        "NIK saya 3374010101900002",
        "STATUS",
    ):
        turns = [partial(inbound.receive, town.house, event("sms", address, words)) for _ in range(2)]
        became = together([*turns, *(partial(tried, act) for act in acts)])
        assert became[:2] == ["taken", "taken"]
    assert town.one("select count(*) from raw_event where state <> 'ok'")[0] == 0
