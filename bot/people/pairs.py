"""Two addresses that arrive together are one phone: WhatsApp's business-scoped id beside the number.

Both become rows of `address` of one person and share one chat; the chat's state names their keyed hashes
under "also". The chat lies at the address that the citizen wrote from last, so answers go there.

The id changes when somebody changes his number. So a number that comes with another id than before has a new
owner: he is a stranger to the chat, which stays with the old id. An id that comes with another number than
before is not believed: the message counts for its sender's address alone.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

import json
import logging
from typing import Any

from sqlalchemy import Connection, Row, insert, text

from bot.channel import Inbound
from bot.outbound import NEXT_DUE
from bot.people import persons
from storage.keys import Keys
from storage.models import address, conversation, person

ALSO = "also"  # in the conversation's state: the keyed hashes (hexadecimal) of all its addresses
log = logging.getLogger(__name__)


def bring_together(tx: Connection, keys: Keys, inbound: Inbound) -> None:
    """See that the addresses of a message are one person with one chat, before that chat is locked.

    Nothing is written, and one query made, when they are.
    """
    mine = keys.index(inbound.channel, inbound.address)
    for other in inbound.also:
        theirs = keys.index(inbound.channel, other)
        values = {"channel": inbound.channel, "account": inbound.account}
        both = {"mine": mine, "theirs": theirs, "hashes": [mine.hex(), theirs.hex()]}
        if not tx.scalar(_TOGETHER, values | both):
            _Pair(tx, keys, inbound, mine, theirs, other).settle()


_TOGETHER = text(
    """select exists (
           select from address a
           join address t on t.person_id = a.person_id and t.channel = a.channel and t.lookup = :theirs
           join address s on s.person_id = a.person_id and s.channel = a.channel
           join conversation c on c.address_id = s.id and c.account = :account
           where a.channel = :channel and a.lookup = :mine
             and jsonb_exists_all(c.state->'also', cast(:hashes as text[])))"""
)


def follow(tx: Connection, inbound: Inbound, lookup: bytes) -> bool:
    """Lock the chat of a phone and bring it to the address it writes from now; returns whether there is one.

    What was stopped by STOP stays stopped.
    """
    values = {"channel": inbound.channel, "account": inbound.account, "lookup": lookup, "hash": lookup.hex()}
    found = tx.execute(_OF_PHONE, values).one_or_none()
    if found is None:
        return False
    if found.here != found.left:
        moved = {"chat": found.chat, "here": found.here, "left": found.left}
        tx.execute(_MOVE_CHAT, moved)
        tx.execute(_KEEP_STOPPED, moved)
    return True


# An array and not a join: if the chat moves to the phone's other address while this waits, it is found there.
_OF_PHONE = text(
    """select c.id as chat, c.address_id as left, a.id as here
       from address a join conversation c on c.account = :account
       where a.channel = :channel and a.lookup = :lookup
         and (c.address_id = a.id or jsonb_exists(c.state->'also', :hash))
         and c.address_id = any(array(
             select s.id from address s join address m on m.person_id = s.person_id and m.channel = s.channel
             where m.channel = :channel and m.lookup = :lookup))
       order by c.address_id = a.id desc limit 1 for update of c"""
)
_MOVE_CHAT = text("update conversation set address_id = :here where id = :chat")
_KEEP_STOPPED = text(
    "update address a set opted_out_at = s.opted_out_at from address s where a.id = :here and s.id = :left"
)


def _with_another(row: Row[Any], lookup: bytes) -> bool:
    """Whether an address is paired, and not with this one."""
    return bool(row.also) and lookup.hex() not in row.also


class _Pair:
    """The sender's address and the one beside it, under the locks of bot/people/persons.py."""

    def __init__(
        self, tx: Connection, keys: Keys, inbound: Inbound, mine: bytes, theirs: bytes, other: str
    ) -> None:
        self._tx, self._keys, self._inbound = tx, keys, inbound
        self._mine, self._theirs = mine, theirs
        self._words = {mine: inbound.address, theirs: other}

    def settle(self) -> None:
        """Pair them, unless one is known to belong to somebody else."""
        persons.hold_addresses(self._tx, self._mine, self._theirs)
        found = self._sides()
        if found:
            persons.hold_joining(self._tx)
            persons.lock_chats(self._tx, {row.person_id for row in found.values()})
            found = self._sides()
        mine, theirs = found.get(self._mine), found.get(self._theirs)
        if mine and theirs and mine.also and mine.chat_id == theirs.chat_id:
            return  # settled by a message that was there first
        if mine and _with_another(mine, self._theirs):
            log.warning("a number has a new owner", extra={"channel": self._inbound.channel})
            mine = self._part(mine)
        if theirs and _with_another(theirs, self._mine):
            log.warning("an id came with another number", extra={"channel": self._inbound.channel})
            return
        self._bind(mine, theirs)

    def _sides(self) -> dict[bytes, Row[Any]]:
        """The addresses that are known, each with its chat, and with what that is paired with."""
        values = {"channel": self._inbound.channel, "account": self._inbound.account}
        rows = self._tx.execute(_SIDES, {**values, "lookups": [self._mine, self._theirs]})
        return {row.lookup: row for row in rows}

    def _part(self, mine: Row[Any]) -> Row[Any]:
        """The number leaves its chats, which stay with the id; it belongs to a new person from here on."""
        values = {"id": mine.id, "old": mine.person_id, "chat": mine.chat_id, "hash": self._mine.hex()}
        values |= {"hashes": [one for one in mine.also if one != self._mine.hex()]}
        self._tx.execute(_LEAVE_CHATS, values)
        self._tx.execute(_FORGET_HASH, values)
        self._tx.execute(_NEW_PERSON, values)
        return self._sides()[self._mine]

    def _bind(self, mine: Row[Any] | None, theirs: Row[Any] | None) -> None:
        known = [row for row in (mine, theirs) if row]
        person_id = self._one_person([row.person_id for row in known])
        here = mine.id if mine else self._made(self._mine, person_id)
        there = theirs.id if theirs else self._made(self._theirs, person_id)
        chat_id = self._one_chat([row for row in known if row.chat_id is not None], here)
        also = {ALSO: sorted((self._mine.hex(), self._theirs.hex()))}
        self._tx.execute(_PAIRED, {"id": chat_id, "address": here, "also": json.dumps(also)})
        self._tx.execute(_STOPPED_BOTH, {"ids": [here, there]})

    def _one_person(self, ids: list[int]) -> int:
        if not ids:
            made = insert(person).values(language="").returning(person.c.id)
            return int(self._tx.execute(made).scalar_one())
        return persons.merge(self._tx, ids[0], ids[-1])

    def _made(self, lookup: bytes, person_id: int) -> int:
        name = self._inbound.name
        row = {
            "person_id": person_id,
            "channel": self._inbound.channel,
            "lookup": lookup,
            "sealed": self._keys.seal(self._words[lookup]),
            "sealed_name": self._keys.seal(name) if name else None,
        }
        return int(self._tx.execute(insert(address).values(row).returning(address.c.id)).scalar_one())

    def _one_chat(self, rows: list[Row[Any]], address_id: int) -> int:
        """The chat of both: the one with an open report, else the one that wrote last; nothing is lost."""
        if not rows:
            values = {"channel": self._inbound.channel, "account": self._inbound.account}
            made = insert(conversation).values(address_id=address_id, **values).returning(conversation.c.id)
            return int(self._tx.execute(made).scalar_one())
        rows.sort(key=lambda row: (row.has_script, row.last_in_at is not None, row.last_in_at), reverse=True)
        kept = int(rows[0].chat_id)
        for row in rows[1:]:
            for statement in _JOIN_CHATS:
                self._tx.execute(statement, {"kept": kept, "gone": row.chat_id})
            self._tx.execute(NEXT_DUE, {"chats": [kept]})
        return kept


_SIDES = text(
    """select a.lookup, a.id, a.person_id, c.id as chat_id, c.state->'also' as also, c.last_in_at,
              coalesce(jsonb_exists(c.state, 'script'), false) as has_script
       from address a left join lateral (
           select c.id, c.state, c.last_in_at
           from conversation c join address s on s.id = c.address_id
           where s.person_id = a.person_id and s.channel = a.channel and c.account = :account
             and (c.address_id = a.id or jsonb_exists(c.state->'also', encode(a.lookup, 'hex')))
           order by jsonb_exists(c.state->'also', encode(a.lookup, 'hex')) desc nulls last limit 1) c on true
       where a.channel = :channel and a.lookup = any(:lookups)"""
)
_LEAVE_CHATS = text(
    """update conversation c set address_id = s.id from address s
       where c.address_id = :id and s.person_id = :old
         and encode(s.lookup, 'hex') = any(cast(:hashes as text[]))
         and not exists (select from conversation o where o.address_id = s.id and o.account = c.account)"""
)
_FORGET_HASH = text(
    """update conversation set state = jsonb_set(state, '{also}', (state->'also') - cast(:hash as text))
       where id = :chat"""
)
_NEW_PERSON = text(
    """with stranger as (insert into person default values returning id)
       update address set person_id = stranger.id, opted_out_at = null, sealed_name = null
       from stranger where address.id = :id"""
)
_PAIRED = text(
    "update conversation set address_id = :address, state = state || cast(:also as jsonb) where id = :id"
)
_STOPPED_BOTH = text(
    """update address set opted_out_at = (select min(opted_out_at) from address where id = any(:ids))
       where id = any(:ids)"""
)
_JOIN_CHATS = tuple(
    text(statement)
    for statement in (
        "update message set conversation_id = :kept where conversation_id = :gone",
        "update ticket set conversation_id = :kept where conversation_id = :gone",
        "update privacy_request set conversation_id = :kept where conversation_id = :gone",
        "update staff_chat set conversation_id = :kept where conversation_id = :gone",
        """insert into follower (ticket_id, conversation_id, since)
           select ticket_id, :kept, since from follower where conversation_id = :gone
           on conflict do nothing""",
        "delete from follower where conversation_id = :gone",
        """update conversation k
           set last_in_at = greatest(k.last_in_at, g.last_in_at),
               taken_by = coalesce(k.taken_by, g.taken_by), taken_at = coalesce(k.taken_at, g.taken_at),
               language = coalesce(nullif(k.language, ''), g.language)
           from conversation g where k.id = :kept and g.id = :gone""",
        "delete from conversation where id = :gone",
    )
)
