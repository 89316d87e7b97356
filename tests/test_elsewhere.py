"""A machine that has lost the database leaves a message to another, if its proxy says that there is one."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from handlers.telegram import SECRET_HEADER
from tests.phones import TELEGRAM_SECRET, TelegramPhone
from tests.streets import Town, open_town


def post(town: Town, update: dict[str, Any], **more: str) -> int:
    headers = {SECRET_HEADER: TELEGRAM_SECRET, **more}
    return int(town.client.post("/webhooks/telegram", json=update, headers=headers).status_code)


def lose_database(postgres_url: str, url: str, town: Town) -> None:
    server = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'alter database "{make_url(url).database}" allow_connections false'.encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            (make_url(url).database,),
        )
    town.house.database.engine.dispose()


@pytest.mark.parametrize("times", [1, 3])
def test_what_another_machine_may_take_is_refused_and_what_nobody_else_takes_is_kept(
    postgres_url: str, city_database: str, tmp_path: Path, times: int
) -> None:
    with open_town(city_database, tmp_path) as town:
        lose_database(postgres_url, city_database, town)
        phone = TelegramPhone(town)
        update = phone.message(text="jalan berlubang") | {"update_id": 1708}
        asked = [post(town, update, **{"X-Another-Machine": "yes"}) for _ in range(times)]
        assert asked == [503] * times
        assert not list((tmp_path / "spool").glob("*.event"))
        assert post(town, update) == 200
        assert len(list((tmp_path / "spool").glob("*.event"))) == 1
