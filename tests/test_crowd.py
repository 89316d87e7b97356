"""A report with very many followers: no conversation waits for their news, and each is told once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.care import crowd, desk
from bot.outbound import MASS
from tests.phones import Phone
from tests.streets import Town, open_town

STORY = "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu"
COORDINATOR = "koordinator@kota.test"
MANY = 450  # three steps
FOLLOW = """with p as (insert into person (language) select '' from generate_series(1, :n) returning id),
     a as (insert into address (person_id, channel, lookup, sealed)
           select id, 'sms', decode(md5(id::text), 'hex'), '' from p returning id),
     c as (insert into conversation (channel, account, address_id, language)
           select 'sms', '1708', id, (array['id', 'en'])[1 + id % 2] from a returning id)
 insert into follower (ticket_id, conversation_id) select :ticket, id from c"""
TOLD = """select conversation_id, text, priority from message
          where direction = 'out' and conversation_id in (select conversation_id from follower)"""


@pytest.fixture
def town(city_database: str, data_dir: Path) -> Iterator[Town]:
    with open_town(city_database, data_dir) as made:
        yield made


def followed(town: Town) -> tuple[Phone, Any]:
    """A reporter's phone and the report, which very many follow."""
    phone = town.phone("whatsapp")
    phone.writes(STORY)
    phone.writes("1")
    phone.got()
    row = town.one("select * from ticket")
    with town.house.database.transaction() as tx:
        tx.execute(text(FOLLOW), {"n": MANY, "ticket": row.id})
    return phone, row


def jobs(town: Town) -> list[dict[str, Any]]:
    rows = town.all("select args from procrastinate_jobs where task_name = 'tell_crowd' order by id")
    return [row.args if isinstance(row.args, dict) else json.loads(row.args) for row in rows]


def answer(town: Town, number: str) -> None:
    desk.answer(town.house, town.staff(COORDINATOR), number, "Lampu sudah menyala.")


def impatient(connection: Any) -> None:
    """Fail instead of waiting for a lock."""
    connection.execute(text("set local lock_timeout = '3s'"))


def test_an_answer_locks_and_writes_to_the_reporter_alone_and_a_job_tells_the_crowd(town: Town) -> None:
    phone, row = followed(town)
    someone = town.one("select min(conversation_id) as id from follower").id
    event.listen(town.house.database.engine, "begin", impatient)
    with town.house.database.transaction() as tx:  # a follower writes at this very moment
        tx.execute(text("select from conversation where id = :id for update"), {"id": someone})
        answer(town, row.number)
    assert "menyala" in phone.got()[-1].text
    assert town.all(TOLD) == []
    (told,) = jobs(town)
    assert crowd.tell(town.house, **told) == MANY
    rows = town.all(TOLD)
    assert len({one.conversation_id for one in rows}) == len(rows) == MANY
    assert {one.priority for one in rows} == {MASS}
    assert len({one.text for one in rows}) == 2  # Indonesian and English
    assert all("menyala" in one.text for one in rows)


def test_no_step_is_large_and_a_second_run_tells_nobody_twice(town: Town) -> None:
    _, row = followed(town)
    answer(town, row.number)
    (told,) = jobs(town)
    sizes: list[int] = []

    def counted(connection: Any) -> None:
        sizes.append(int(connection.scalar(text(f"select count(*) from ({TOLD}) told"))))
        if len(sizes) == 2:
            raise KeyboardInterrupt  # the worker is killed in its second step

    event.listen(town.house.database.engine, "commit", counted)
    with pytest.raises(KeyboardInterrupt):
        crowd.tell(town.house, **told)
    event.remove(town.house.database.engine, "commit", counted)
    assert sizes[0] == crowd.MOST_AT_ONCE
    crowd.tell(town.house, **told)
    crowd.tell(town.house, **told)
    rows = town.all(TOLD)
    assert len({one.conversation_id for one in rows}) == len(rows) == MANY


def test_news_that_is_overtaken_is_not_told(town: Town) -> None:
    _, row = followed(town)
    answer(town, row.number)
    town.clock.moment = town.clock.moment.replace(hour=3)
    desk.move(
        town.house, town.staff(COORDINATOR), row.number, "closed", {"how": "confirmed", "note": "Selesai."}
    )
    first, second = jobs(town)
    assert crowd.tell(town.house, **first) == 0
    assert crowd.tell(town.house, **second) == MANY
    assert not any("menyala" in one.text for one in town.all(TOLD))
