"""What a claim costs: pages touched, which do not depend on this machine's mood."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot import outbound
from bot.delivery import claims
from tests.relay_case import Town, town_on

FEW, MANY = 100, 20_000


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


def backlog_of_chats(tx: Connection, messages: int) -> None:
    """So many chats with a message each that is not due before an hour, of every priority."""
    tx.execute(
        text(
            """with p as (insert into person (language) select '' from generate_series(1, :n) returning id),
                    a as (insert into address (person_id, channel, lookup, sealed)
                          select id, 'sms', decode(md5(id::text), 'hex'), '' from p returning id),
                    c as (insert into conversation (channel, account, address_id, out_due_at, out_priority)
                          select 'sms', '1708', id, now() + interval '1 hour', (array[0, 1, 5])[1 + id % 3]
                          from a returning id)
               insert into message (conversation_id, direction, state, text, payload, created_at, due_at)
               select id, 'out', 'waiting', 'hello', '{"text": "hello"}', now(), now() + interval '1 hour'
               from c"""
        ),
        {"n": messages},
    )


def backlog_of_one_chat(tx: Connection, messages: int) -> None:
    """So many messages that wait behind the first of one chat, which is due."""
    tx.execute(
        text(
            """insert into message (conversation_id, direction, state, text, payload, created_at)
               select (select min(id) from conversation),
                      'out', 'waiting', 'hello', '{"text": "hello"}', now()
               from generate_series(1, :n)"""
        ),
        {"n": messages},
    )


def pages(tx: Connection, statement: Any, values: dict[str, Any]) -> int:
    """Pages that a statement touches, in the cache or not, by what it reads and by what it changes."""
    plan = tx.scalar(text(f"explain (analyze, buffers, format json) {statement.text}"), values)[0]["Plan"]
    aside = [part for part in plan.get("Plans", []) if part.get("Subplan Name") == "CTE leased"]
    return sum(int(part["Shared Hit Blocks"] + part["Shared Read Blocks"]) for part in [plan, *aside])


def cost_of_a_claim(town: Town) -> int:
    """Pages that one claim touches, undone afterwards; of the second, when the catalogues are known."""
    due = {"limit": 32, "mass": 32, "channels": ["sms"], "most": [32]}
    engine = town.house.database.engine
    costs = []
    for _ in range(2):
        with engine.connect() as tx:
            chats = list(tx.scalars(claims.DUE, due))
            assert len(chats) == 5
            take = {"chats": chats, "worker": 7, "lease": 20, "receipt": 20, "reporting": [], "spaced": []}
            costs.append(pages(tx, claims.DUE, due) + pages(tx, claims.TAKE, take))
            tx.rollback()
    return costs[-1]


@pytest.mark.parametrize("backlog", [backlog_of_chats, backlog_of_one_chat])
def test_a_claim_touches_no_more_pages_with_20_000_waiting_messages_than_with_100(
    town: Town, backlog: Any
) -> None:
    """The trees of the indexes grow a level; were the backlog read, it would be hundreds of times as many."""
    costs = {}
    for n in range(5):
        town.say(town.chat(f"n{n}"), "hello", priority=(outbound.LIVE, outbound.PUSH, outbound.MASS)[n % 3])
    for messages in (FEW, MANY - FEW):
        with town.house.database.transaction() as tx:
            backlog(tx, messages)
        with town.house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            tx.execute(text("vacuum analyze message, conversation"))
        costs[messages] = cost_of_a_claim(town)
    assert costs[MANY - FEW] <= 2 * costs[FEW], costs
