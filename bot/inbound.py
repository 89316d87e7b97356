"""The use-case "one message in": one transaction, or nothing."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, text, update

from bot import chats, doing, flow, outbound
from bot.answers import Answers, Heard
from bot.care import crises, reminders, takeover, twins
from bot.channel import Inbound, MediaReference, Say
from bot.chats import Found, Left
from bot.delivery import earlier, flooding, long_texts
from bot.door import admit
from bot.house import House
from bot.outbound import channel_key
from bot.people import persons
from bot.people.secret import understood, unreadable
from bot.queue import put
from bot.talk import linking
from bot.talk.fresh import Known
from bot.talk.mind import CityMind
from bot.talk.twin_question import Twin
from bot.visit import Visit
from storage.database import DatabaseAway, DatabaseBusy
from storage.models import address, attachment

log = logging.getLogger(__name__)
Became = Literal["taken", "repeat", "failed"]


def receive(house: House, inbound: Inbound, also: Callable[[Connection], None] | None = None) -> Became:
    """Take one event of a citizen; when this returns it is durable.

    A repeat changes nothing. An event that the brain cannot handle is kept raw for another try, so that the
    provider can be answered all the same.

    Args:
        house: the running product.
        inbound: the event.
        also: written in the same transaction, for a repeat and a failure too (the offset of polling).

    Raises:
        DatabaseAway: nothing could be kept.
    """
    note = also or (lambda _tx: None)
    try:
        try:
            fresh = _take_fresh(house, inbound, note)
        except DatabaseBusy:  # of a deadlock one loses; by now the other is through
            fresh = _take_fresh(house, inbound, note)
    except Exception as error:
        if isinstance(error, DatabaseAway) and not isinstance(error, DatabaseBusy):
            raise
        log.exception("event kept for another try", extra={"channel": inbound.channel})
        with house.database.transaction() as tx:
            note(tx)
            _remember(tx, house, inbound, "failed", type(error).__name__)
        return "failed"
    if fresh:
        house.database.bell.ring()
    return "taken" if fresh else "repeat"


def _take_fresh(house: House, inbound: Inbound, note: Callable[[Connection], None]) -> bool:
    """Take it in one transaction, unless it is a repeat; returns whether it was fresh."""
    with house.database.transaction() as tx:
        note(tx)
        if fresh := _remember(tx, house, inbound, "ok", ""):
            _take(tx, house, inbound)
    return fresh


def keep_junk(house: House, channel: str, raw: str, why: str) -> None:
    """Keep what a genuine provider sent but nobody can read, for an engineer to look at."""
    with house.database.transaction() as tx:
        tx.execute(_JUNK, {"channel": channel, "sealed": house.database.keys.seal(raw), "error": why})


_JUNK = text(
    "insert into raw_event (channel, sealed, state, error) values (:channel, :sealed, 'junk', :error)"
)
# The key decides in one round trip whether this is a repeat; of many at once, all but one wait here and lose.
_REMEMBER = text(
    """with fresh as (
           insert into seen (channel, account, provider_id) values (:channel, :account, :provider_id)
           on conflict do nothing returning channel, account, provider_id)
       insert into raw_event (channel, account, provider_id, sealed, state, error)
       select channel, account, provider_id, :sealed, :state, :error from fresh"""
)


def _remember(tx: Connection, house: House, inbound: Inbound, state: str, error: str) -> bool:
    """Whether this event is new."""
    kept = tx.execute(
        _REMEMBER,
        {
            "channel": inbound.channel,
            "account": inbound.account,
            "provider_id": inbound.provider_id.replace("\x00", ""),
            "sealed": house.database.keys.seal(to_json(inbound)),
            "state": state,
            "error": error,
        },
    )
    return bool(kept.rowcount)


def to_json(inbound: Inbound) -> str:
    """The event as text, for `from_json`."""
    row = {name: getattr(inbound, name) for name in _FIELDS}
    return json.dumps({**row, "media": [asdict(one) for one in inbound.media]}, default=datetime.isoformat)


_FIELDS = [one.name for one in fields(Inbound)]


def from_json(kept: str) -> Inbound:
    """The event that `to_json` wrote."""
    row: dict[str, Any] = json.loads(kept)
    media = tuple(MediaReference(**one) for one in row.pop("media"))
    sent_at = row.pop("sent_at")
    moment = datetime.fromisoformat(sent_at) if sent_at else None
    return Inbound(**{**row, "media": media, "also": tuple(row["also"]), "sent_at": moment})


def replay(house: House, raw_id: int, *, most: int) -> bool:
    """Try a kept event again; returns whether it went through. After `most` failures it is set aside."""
    try:
        with house.database.transaction() as tx:
            row = tx.execute(_KEPT, {"id": raw_id}).one_or_none()
            if row is None:
                return False
            _take(tx, house, from_json(house.database.keys.open(row.sealed)))
            tx.execute(text("update raw_event set state = 'ok' where id = :id"), {"id": raw_id})
    except DatabaseAway:
        raise
    except Exception as error:
        log.exception("event failed again", extra={"raw_event": raw_id})
        with house.database.transaction() as tx:
            tx.execute(_FAILED_AGAIN, {"id": raw_id, "error": type(error).__name__, "most": most})
        return False
    house.database.bell.ring()
    return True


_KEPT = text("select sealed from raw_event where id = :id and state in ('failed', 'quarantined') for update")
_FAILED_AGAIN = text(
    """update raw_event set tries = tries + 1, error = :error,
           state = case when tries + 1 >= :most then 'quarantined' else 'failed' end
       where id = :id"""
)


def _take(tx: Connection, house: House, inbound: Inbound) -> None:
    """A turn of the conversation: lock it, think, do, answer."""
    now = house.clock.now()
    admitted = admit(inbound)
    inbound = admitted.inbound
    _lock_to_link(tx, house, inbound)
    found = chats.lock_chat(tx, house.database.keys, inbound, now)
    if inbound.kind in ("blocked", "unblocked"):
        _note_block(tx, found, inbound.kind == "blocked", now)
        return
    channel = house.channels.get(found.chat.key)
    if channel and earlier.is_resent(tx, found.chat.id, inbound, now, channel.limits.resend_seconds):
        return
    if earlier.is_nothing(tx, found.chat.id, inbound):
        return
    found = earlier.belongs_to(tx, found, inbound)
    found = reminders.overtaken(tx, found)
    found, first = takeover.end_if_over(tx, house, found, now)
    visit = _visit(tx, house, found, inbound, now)
    hidden = house.database.keys.seal(admitted.hidden).decode("ascii") if admitted.hidden else ""
    words = understood(inbound.text, found.state, visit.mind.read(inbound.text).intent)
    heard = replace(_heard(inbound), text=words, hidden=hidden)
    reached = flow.turn(found.state, heard, _known(house, found, now), visit.mind)
    urgent = bool(visit.mind.read(inbound.text).emergency)
    reached, only_kept = flooding.slowed(reached, found.state, now, urgent=urgent)
    state, lines = doing.do(visit, long_texts.told(reached) if admitted.whole else reached)
    if only_kept and not visit.ticket_id and found.report:
        visit.ticket_id = found.report.id
    _leave(visit, inbound, admitted.whole, state, [*first, *lines])


def _lock_to_link(tx: Connection, house: House, inbound: Inbound) -> None:
    """SAMBUNG with a code touches the chats of two persons: they are locked before this one alone is."""
    if linking.may_hold_code(inbound.text) and house.understanding.read(inbound.text).intent == "link":
        persons.lock_for_code(tx, house.database.keys, inbound, linking.digits_in(inbound.text))
    elif linking.may_part(inbound.text):
        persons.lock_person(tx, house.database.keys, inbound)


def _visit(tx: Connection, house: House, found: Found, inbound: Inbound, now: datetime) -> Visit:
    channel = house.channels.get(channel_key(inbound.channel, inbound.account))
    context = channel.limits.context if channel else ""
    language = house.wording.spoken(found.language)

    def alike(answers: Answers) -> list[Twin]:
        return twins.for_citizen(tx, house.city, found.person_id, now, answers)

    def emergency(answers: Answers) -> bool:
        return crises.asks(tx, house.city, answers)

    mind = CityMind(house.city, house.understanding, house.wording, language, context, alike, emergency)
    return Visit(tx, house, found, now, language, context, mind)


def _heard(inbound: Inbound) -> Heard:
    return Heard(
        inbound.text,
        inbound.choice,
        inbound.kind,
        inbound.latitude,
        inbound.longitude,
        inbound.group,
        inbound.reference,
    )


def _known(house: House, found: Found, now: datetime) -> Known:
    channel = house.channels.get(found.chat.key)
    sms = bool(channel and channel.limits.files_at_once)
    return Known(now, sms, found.report, found.quoted, found.taken_at is not None)


def _leave(visit: Visit, inbound: Inbound, whole: str, state: dict[str, Any], says: list[Say]) -> None:
    """Write the turn down: what was said both ways, the chat's state, and the files."""
    chat, channels = visit.found.chat, visit.house.channels
    answers = outbound.to_citizen(channels, chat, says)
    left = Left(state, _said(visit, inbound), answers, visit.ticket_id)
    channel = channels.get(chat.key)
    sessions = channel is None or bool(channel.limits.session_hours)
    message_id = chats.leave_chat(visit.tx, chat.id, left, visit.now, sessions=sessions)
    if whole:
        long_texts.keep(visit, message_id, whole)
    for one in inbound.media:
        _keep_reference(visit.tx, visit, inbound.channel, message_id, one)


def _said(visit: Visit, inbound: Inbound) -> dict[str, Any]:
    """The citizen's message as a row of `outbound.PUT`."""
    return {
        "direction": "in",
        "state": "received",
        "author": "citizen",
        "kind": inbound.kind,
        "text": unreadable(inbound.text, visit.found.state) or _in_words(inbound),
        "reference": inbound.reference,
        "grouped": inbound.group,
        "part": 0,
    }


def _in_words(inbound: Inbound) -> str:
    """What staff read for a message without words."""
    if inbound.latitude is not None and inbound.longitude is not None:
        return f"[lokasi {inbound.latitude:.5f}, {inbound.longitude:.5f}]"
    return IN_WORDS.get(inbound.kind, f"[{inbound.choice or inbound.kind}]")


IN_WORDS = {
    "photo": "[foto]",
    "recording": "[rekaman atau berkas]",
    "contact": "[kontak]",
    "other": "[pesan yang tidak dapat dibaca]",
}


def _keep_reference(tx: Connection, visit: Visit, channel: str, message_id: int, one: MediaReference) -> None:
    row = {
        "message_id": message_id,
        "ticket_id": visit.ticket_id,
        "channel": channel_key(channel, visit.found.chat.account),
        "reference": one.reference,
        "media_type": one.media_type,
        "name": one.name,
    }
    made = tx.execute(insert(attachment).values(row).returning(attachment.c.id)).scalar_one()
    put(tx, "fetch_media", attachment_id=made)


def _note_block(tx: Connection, found: Found, blocked: bool, now: datetime) -> None:
    """A citizen who blocks the bot gets no pushes; his reports go on."""
    values = {"opted_out_at": now if blocked else None}
    tx.execute(update(address).where(address.c.id == found.address_id).values(values))
