"""The conversation that a message belongs to: found and locked by its address, made when it is new, left."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.channel import Inbound
from bot.outbound import NEXT_DUE, PUT, Chat, put_values
from bot.people import pairs, persons
from bot.talk.fresh import Report
from storage.keys import Keys


@dataclass(frozen=True, slots=True)
class Found:
    """A locked conversation with what one turn needs to know of it."""

    chat: Chat
    person_id: int
    address_id: int
    state: Mapping[str, Any]
    language: str
    opted_out: bool
    report: Report | None
    quoted: bool = False  # `report` is the one whose message this one answers
    taken_at: datetime | None = None  # since when an officer speaks in this chat


def lock_chat(tx: Connection, keys: Keys, inbound: Inbound, now: datetime) -> Found:
    """The conversation of a message, locked until the transaction ends; made when the address is new."""
    lookup = keys.index(inbound.channel, inbound.address)
    if inbound.also:
        pairs.bring_together(tx, keys, inbound)
    return _find(tx, inbound, lookup, now) or _first_here(tx, keys, inbound, lookup, now)


def _first_here(tx: Connection, keys: Keys, inbound: Inbound, lookup: bytes, now: datetime) -> Found:
    """The chat of an address that has none: that of the phone's other address, or a new one.

    The first comes before the lock of the address: a chat that moved away while `_find` waited for it was not
    found, but stays locked, and whoever holds the lock of the address may wait for it.
    """
    if pairs.follow(tx, inbound, lookup) and (found := _find(tx, inbound, lookup, now)):
        return found
    # Two first messages at once: the second waits here and then finds the conversation of the first.
    persons.hold_addresses(tx, lookup)
    known = tx.execute(_KNOWN, {"channel": inbound.channel, "lookup": lookup}).one_or_none()
    if known and pairs.follow(tx, inbound, lookup) and (found := _find(tx, inbound, lookup, now)):
        return found
    return _make(tx, keys, inbound, lookup, known)


_KNOWN = text("select id, person_id from address where channel = :channel and lookup = :lookup")


# Of a report that is hidden from others, its other reporters know their own number alone.
_NUMBER = """case when r.person_id is distinct from own.person_id
                       and (r.anonymous or r.confidential or r.supervised)
                  then own.number else r.number end"""
# The report that a message may be about comes with it: one round trip less on the way of every message.
# First the one whose officer asked something, then the one answered last that waits for ya/belum, then the
# newest open one, then one that was finished within a week; of a merged report the one it was joined with.
# An answer is unread while it has not left: behind WhatsApp's closed window a "ya" only asks for it.
_FIND = text(
    f"""select c.id, c.state, c.language, a.person_id, a.id as address_id, a.opted_out_at, c.taken_at,
              t.*, t.reporter_id = a.person_id as own,
              t.via_other and t.reporter_id is distinct from a.person_id as joined,
              t.status = 'answered' and exists (
                  select from message m
                  where m.ticket_id = t.ticket_id and m.conversation_id = c.id and m.direction = 'out'
                    and m.author = 'staff' and m.state in ('waiting', 'held')) as unread
       from address a join conversation c on c.address_id = a.id and c.account = :account
       left join lateral (
           select r.id as ticket_id, {_NUMBER} as number, r.status, r.place, r.place_code, r.category,
                  r.changed_at, r.rating, r.person_id as reporter_id,
                  own.status = 'merged' and own.closed_how = '' as via_other
           from ticket own join ticket r on r.id = coalesce(own.merged_into_id, own.id)
           where own.conversation_id = c.id and r.status not in ('draft', 'merged')
             and own.closed_how <> 'followed'
             and (r.status not in ('closed', 'rejected')
                  or ((r.closed_how <> 'withdrawn' or r.person_id is distinct from own.person_id)
                      and r.changed_at > cast(:now as timestamptz) - interval '7 days'))
           order by r.status = 'waiting' desc, r.status = 'answered' desc,
                    r.status in ('closed', 'rejected'),
                    case when r.status = 'answered' then r.changed_at end desc nulls last, own.id desc
           limit 1) t on true
       where a.channel = :channel and a.lookup = :lookup for update of c"""  # noqa: S608 - our own words
)


def _find(tx: Connection, inbound: Inbound, lookup: bytes, now: datetime) -> Found | None:
    values = {"channel": inbound.channel, "account": inbound.account, "lookup": lookup, "now": now}
    row = tx.execute(_FIND, values).one_or_none()
    if row is None:
        return None
    answered = _quoted(tx, row.id, inbound.quoted)
    about = answered or (row if row.ticket_id else None)
    return Found(
        Chat(row.id, inbound.channel, inbound.account),
        row.person_id,
        row.address_id,
        row.state,
        row.language,
        opted_out=row.opted_out_at is not None,
        report=_report(about) if about else None,
        quoted=answered is not None,
        taken_at=row.taken_at,
    )


def _report(row: Row[Any]) -> Report:
    return Report(
        row.ticket_id,
        row.number,
        row.status,
        bool(row.place),
        row.category,
        row.place_code,
        own=bool(row.own),
        joined=bool(row.joined),
        unread=bool(row.unread),
        rated=row.rating is not None,
        changed_at=row.changed_at,
    )


def _quoted(tx: Connection, chat_id: int, provider_id: str) -> Row[Any] | None:
    """The report that a message of ours was about, which the citizen answers by quoting it or its button."""
    if not provider_id:
        return None
    return tx.execute(_QUOTED, {"chat": chat_id, "provider_id": provider_id}).one_or_none()


_QUOTED = text(
    f"""select r.id as ticket_id, {_NUMBER} as number, r.status, r.place, r.place_code, r.category,
              r.changed_at, r.rating, r.person_id = a.person_id as own, false as unread,
              r.person_id is distinct from a.person_id and exists (
                  select from ticket j where j.merged_into_id = r.id and j.person_id = a.person_id
                  and j.status = 'merged' and j.closed_how = '') as joined
       from message m join ticket own on own.id = m.ticket_id
       join ticket r on r.id = coalesce(own.merged_into_id, own.id)
       join conversation c on c.id = m.conversation_id join address a on a.id = c.address_id
       where m.provider_id = :provider_id and m.conversation_id = :chat and m.direction = 'out'
         and r.status not in ('draft', 'merged')
       limit 1"""  # noqa: S608 - our own words
)


def _make(tx: Connection, keys: Keys, inbound: Inbound, lookup: bytes, known: Row[Any] | None) -> Found:
    """A new conversation; the address may be known from another account of ours."""
    values: dict[str, Any] = {"channel": inbound.channel, "account": inbound.account}
    if known:
        made = tx.execute(_MAKE, {**values, "address": known.id, "person": known.person_id}).one()
    else:
        values |= {"lookup": lookup, "sealed": keys.seal(inbound.address)}
        values["sealed_name"] = keys.seal(inbound.name) if inbound.name else None
        made = tx.execute(_MAKE_ALL, values).one()
    chat = Chat(made.id, inbound.channel, inbound.account)
    return Found(chat, made.person_id, made.address_id, {}, "", False, None)


_MAKE = text(
    """insert into conversation (channel, account, address_id) values (:channel, :account, :address)
       returning id, address_id, cast(:person as bigint) as person_id"""
)
_MAKE_ALL = text(
    """with who as (insert into person (language) values ('') returning id),
            here as (insert into address (person_id, channel, lookup, sealed, sealed_name)
                     select id, :channel, :lookup, :sealed, :sealed_name from who returning id, person_id)
       insert into conversation (channel, account, address_id)
       select :channel, :account, id from here
       returning id, address_id, (select person_id from here) as person_id"""
)


# All that a turn leaves behind in one round trip: what was said both ways, the state, and the wake-up of the
# chat. What was held back behind a closed session goes now, for the citizen has written.
_LEAVE = text(
    f"""with said as ({PUT} returning id, direction),
            freed as (update message set state = 'waiting'
                      where :sessions and conversation_id = :chat and state = 'held' returning id)
       update conversation
       set state = cast(:state as jsonb), last_in_at = :now,
           out_due_at = case when :answered then coalesce(out_due_at, now()) else out_due_at end,
           out_priority = case when :answered then 0 else out_priority end
       where id = :chat
       returning (select id from said where direction = 'in') as message_id,
                 exists (select from freed) as freed"""  # noqa: S608 - our own words
)


@dataclass(frozen=True, slots=True)
class Left:
    """What a turn leaves behind in its chat."""

    state: Mapping[str, Any]
    heard: Mapping[str, Any]  # the citizen's message, a row of `outbound.PUT`
    answers: Sequence[Mapping[str, Any]]  # rows of `outbound.to_citizen`
    ticket_id: int | None  # whose messages they are


def leave_chat(tx: Connection, chat_id: int, left: Left, now: datetime, *, sessions: bool) -> int:
    """Write down what was said and how the conversation stands; with an answer the chat is due at once.

    Args:
        tx: the transaction that holds the chat's lock.
        chat_id: the chat.
        left: what is written down.
        now: business time.
        sessions: whether answers may have been held back here until the citizen writes.

    Returns:
        The id of the citizen's message.
    """
    values = put_values(chat_id, [left.heard, *left.answers], now, left.ticket_id)
    values |= {"state": json.dumps(left.state), "answered": bool(left.answers), "sessions": sessions}
    row = tx.execute(_LEAVE, values).one()
    if row.freed:
        tx.execute(NEXT_DUE, {"chats": [chat_id]})
    return int(row.message_id)
