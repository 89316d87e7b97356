"""Persons and their codes: who a code belongs to, and how two persons become one.

Locks are always taken in this order: the addresses of a first message (`hold_addresses`), joining itself
(`hold_joining`), chats by their id (`lock_chats`), then everything else. A turn without a join holds its own
chat alone, so no two can wait for each other.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, text

from bot.channel import Inbound
from bot.talk.linking import DIGITS, VALID
from storage.keys import Keys

_JOINING = 0x6B656E746F6E67  # the advisory lock of all joins: they are rare, so they go one by one


def hold_addresses(tx: Connection, *lookups: bytes) -> None:
    """Let nobody else make these addresses (of keyed hashes) until the transaction ends."""
    for lookup in sorted(lookups):
        _hold(tx, int.from_bytes(lookup[:8], signed=True))


def hold_joining(tx: Connection) -> None:
    """Let nobody else join persons until the transaction ends."""
    _hold(tx, _JOINING)


def _hold(tx: Connection, key: int) -> None:
    tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})


def lock_chats(tx: Connection, person_ids: Iterable[int]) -> None:
    """Lock all chats of these persons, by their id."""
    tx.execute(_LOCK_CHATS, {"persons": list(person_ids)})


# An array and not a join: a chat that moves to the person's other address while this waits is locked as well.
_LOCK_CHATS = text(
    """select id from conversation
       where address_id = any(array(select id from address where person_id = any(:persons)))
       order by id for update"""
)


# --- codes --------------------------------------------------------------------------------------------------
def draw_code(tx: Connection, keys: Keys, person_id: int, now: datetime) -> str:
    """A new code of a person, instead of older ones; only its keyed hash is stored.

    Args:
        tx: a transaction that holds the chat's lock.
        keys: for the hash.
        person_id: whose code it is.
        now: business time; the code is good for `linking.VALID` from here.
    """
    # Two chats of one person that ask at the same time get one code after the other.
    tx.execute(text("select id from person where id = :id for no key update"), {"id": person_id})
    tx.execute(text("delete from link_code where person_id = :person"), {"person": person_id})
    forget_codes(tx, now)
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        row = {"lookup": keys.index("link", code), "person": person_id, "until": now + VALID}
        if tx.execute(_NEW_CODE, row).rowcount:
            return code


_NEW_CODE = text(
    """insert into link_code (lookup, person_id, expires_at) values (:lookup, :person, :until)
       on conflict do nothing"""
)


def forget_codes(tx: Connection, now: datetime) -> int:
    """Remove codes that ended a while ago; returns how many.

    A used code ends at once, but is known for as long as it would have been good: who sends it twice is told
    that his chats are connected.
    """
    ended = {"before": now - VALID}
    return tx.execute(text("delete from link_code where expires_at <= :before"), ended).rowcount


def owner_of(tx: Connection, keys: Keys, code: str) -> Row[Any] | None:
    """Whose code it is, a person's or one of the staff's, and when it ends; None when nobody has it."""
    return tx.execute(_OWNER, {"lookup": keys.index("link", code)}).one_or_none()


def use_code(tx: Connection, keys: Keys, code: str, now: datetime) -> None:
    """A code works once."""
    values = {"lookup": keys.index("link", code), "now": now}
    tx.execute(text("update link_code set expires_at = :now where lookup = :lookup"), values)


_OWNER = text("select person_id, staff_id, expires_at from link_code where lookup = :lookup")


def lock_for_code(tx: Connection, keys: Keys, inbound: Inbound, code: str) -> None:
    """Lock all chats of the two persons whom this message may join, before its own chat is locked."""
    lookup = keys.index(inbound.channel, inbound.address)
    hold_addresses(tx, lookup)
    hold_joining(tx)
    values = {"channel": inbound.channel, "lookup": lookup, "code": keys.index("link", code)}
    lock_chats(tx, tx.scalars(_BOTH, values).all())


def lock_person(tx: Connection, keys: Keys, inbound: Inbound) -> None:
    """Lock all chats of the person whom this message may part, before its own chat is locked."""
    lookup = keys.index(inbound.channel, inbound.address)
    hold_addresses(tx, lookup)
    hold_joining(tx)
    lock_chats(tx, tx.scalars(_SENDER, {"channel": inbound.channel, "lookup": lookup}).all())


_SENDER = text("select person_id from address where channel = :channel and lookup = :lookup")
_BOTH = text(
    """select person_id from link_code where lookup = :code
       union select person_id from address where channel = :channel and lookup = :lookup"""
)


# --- joining ------------------------------------------------------------------------------------------------
def merge(tx: Connection, one: int, other: int) -> int:
    """Make two persons one: all that the younger has is the older's, which is returned.

    What was stopped by STOP stays stopped for its own address. The caller holds `hold_joining` and the chats
    of both.
    """
    older, younger = sorted((one, other))
    if older == younger:
        return older
    for statement in _MOVES:
        tx.execute(statement, {"older": older, "younger": younger})
    return older


_MOVES = tuple(
    text(statement)
    for statement in (
        "update address set person_id = :older where person_id = :younger",
        "update ticket set person_id = :older where person_id = :younger",
        "update privacy_request set person_id = :older where person_id = :younger",
        "update link_code set person_id = :older where person_id = :younger",
        """update person p set language = y.language from person y
           where p.id = :older and y.id = :younger and p.language = ''""",
        "delete from person where id = :younger",
    )
)


def chats_of(tx: Connection, person_id: int) -> Sequence[RowMapping]:
    """A person's chats, the one that wrote last first: id, channel, account, language."""
    return tx.execute(_CHATS, {"person": person_id}).mappings().all()


# An emptied address (HAPUS DATA) reaches nobody.
_CHATS = text(
    """select c.id, c.channel, c.account, c.language
       from conversation c join address a on a.id = c.address_id
       where a.person_id = :person and a.sealed <> '' order by c.last_in_at desc nulls last, c.id"""
)
