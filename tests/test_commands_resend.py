"""The command `resend`: one failed message by its id, or all of them."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.house import House
from tests.house import SetClock
from tests.installation import STORY, Installation, is_one_sentence, tell
from tests.streets import NOW


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW.isoformat()})


@pytest.fixture
def house(here: Installation) -> House:
    house = here.house(clock=SetClock(NOW))
    tell(house, STORY)
    with house.database.transaction() as tx:
        tx.execute(text("update message set state = 'failed', error = 'x' where direction = 'out'"))
    return house


def states(house: House) -> list[str]:
    with house.database.reading() as tx:
        return list(tx.scalars(text("select state from message where direction = 'out' order by id")))


def test_one_by_its_id_and_then_all(here: Installation, house: House) -> None:
    with house.database.reading() as tx:
        first = tx.scalar(text("select min(id) from message where direction = 'out'"))
    assert here.ok("resend", str(first)) == f"{first}: waits to be sent again\n"
    assert states(house)[0] == "waiting"
    with house.database.transaction() as tx:
        tx.execute(text("update message set state = 'failed' where direction = 'out'"))
    count = len(states(house))
    assert here.ok("resend", "--all") == f"{count} messages wait to be sent again.\n"
    assert set(states(house)) == {"waiting"}


def test_what_did_not_fail_is_refused_in_a_sentence(here: Installation, house: House) -> None:
    refused = here.command("resend", "999999")
    assert refused.code == 1 and is_one_sentence(refused.errors)
    assert here.command("resend").code != 0
    assert here.command("resend", "1", "--all").code != 0
    assert set(states(house)) == {"failed"}
