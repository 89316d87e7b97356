"""What a provider hears "taken" for is in the database or on the disk for good; else he comes again."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from storage.database import Database, DatabaseAway, plain_url
from tests.phones import SmsPhone
from tests.processes import seconds_until
from tests.streets import Town, open_town
from tests.twilio_server import AUTH_TOKEN, sign


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        yield made


def test_nothing_is_acknowledged_before_its_commit(town: Town, city_database: str) -> None:
    sms = SmsPhone(town)
    sms.writes("halo")
    with psycopg.connect(plain_url(city_database)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("select 1 from conversation for update")
        asked = pool.submit(sms.get, "CEK 000000001")
        time.sleep(0.5)
        assert not asked.done()
        other.rollback()
        assert asked.result(20) == 200
    assert town.one("select count(*) from message where text = 'CEK 000000001'")[0] == 1


@pytest.mark.parametrize("fails", [1, 2])
def test_in_the_spool_only_what_the_disk_has_confirmed_is_acknowledged(
    town: Town, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    """The file first, then its name in the folder: a disk that fails at either has not kept it."""
    sms = SmsPhone(town)
    sms.writes("halo")
    genuine, asked = os.fsync, list[int]()

    def failing(descriptor: int) -> None:
        asked.append(descriptor)
        if len(asked) == fails:
            raise OSError(5, "Input/output error")
        genuine(descriptor)

    with monkeypatch.context() as broken:
        broken.setattr("bot.delivery.room.Room.is_short", lambda room: room.folder.name != "spool")
        broken.setattr(os, "fsync", failing)
        assert sms.get("CEK 000000002") == 503
        assert sms.get("CEK 000000003") == 200
    assert len(asked) == fails + 2


def test_what_waited_in_the_spool_is_taken_in_the_order_in_which_it_came(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sms = SmsPhone(town)
    words = [f"CEK 00000001{n}" for n in range(6)]
    with monkeypatch.context() as short:
        short.setattr("bot.delivery.room.Room.is_short", lambda room: room.folder.name != "spool")
        assert [sms.get(one) for one in words] == [200] * 6
        assert town.count("message") == 0
    seconds_until(lambda: not list((town.house.settings.data_dir / "spool").glob("*.event")), 30)
    kept = town.all("select text from message where direction = 'in' order by id")
    assert [row.text for row in kept] == words


def test_what_became_of_an_answer_is_known_although_the_database_was_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio does not say a second time what was answered with 503."""
    phone = town.phone("whatsapp")
    phone.writes("CEK 000000001")
    phone.got()
    sent = town.twilio.sent[-1]
    address = urlsplit(sent.status_callback)
    form = town.twilio.status_form(sent, "undelivered", 63024)
    with monkeypatch.context() as away:
        away.setattr(Database, "transaction", _away)
        away.setattr(Database, "reading", _away)
        headers = sign(sent.status_callback, form, AUTH_TOKEN)
        told = town.client.post(f"{address.path}?{address.query}", data=form, headers=headers)
        assert told.status_code == 204
    seconds_until(lambda: not list((town.house.settings.data_dir / "spool").glob("*.event")), 30)
    row = town.one("select state, error from message where provider_id = :sid", sid=sent.sid)
    assert row.state == "failed" and row.error


def _away(_database: Database) -> None:
    raise DatabaseAway("gone")
