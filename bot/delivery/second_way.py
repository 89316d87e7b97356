"""What nobody opened: after some days news behind WhatsApp's closed window goes by another linked channel.

Only a channel that the citizen connected himself (SAMBUNG): no address is ever derived from another one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, text

from bot import outbound
from bot.channel import Channel, Payload, Say
from bot.house import House
from bot.outbound import Chat
from bot.people import persons

NAMES = {"whatsapp": "WhatsApp", "telegram": "Telegram", "sms": "SMS"}
BATCH = 500


def send(house: House) -> int:
    """Send what was held for longer than UNREAD_DAYS by another way; returns how many messages. Periodic.

    What went that way is not sent again when the citizen writes on WhatsApp after all.
    """
    days = house.settings.unread_days
    if not days:
        return 0
    now = house.clock.now()
    with house.database.reading() as tx:
        waiting = tx.execute(_WAITING, {"before": now - timedelta(days=days), "most": BATCH}).all()
    return sum(_send(house, one.conversation_id, one.person_id, now) for one in waiting)


def _send(house: House, chat_id: int, person_id: int, now: datetime) -> int:
    with house.database.transaction() as tx:
        persons.lock_chats(tx, [person_id])
        held = tx.execute(_HELD, {"id": chat_id}).all()
        there = _other(house, persons.chats_of(tx, person_id), tx, chat_id, now)
        if not held or there is None:
            return 0
        chat, channel = there
        for one in held:
            say = _again(Payload.from_json(one.payload), channel, staff=one.author == "staff")
            outbound.say(
                tx, house.channels, chat, [say], now=now, ticket_id=one.ticket_id, priority=outbound.PUSH
            )
        look = chat.account if chat.channel == "simulator" else chat.channel
        done = {"ids": [one.id for one in held], "error": f"Dikirim lewat {NAMES.get(look, look)}."}
        tx.execute(_DONE, done)
    house.database.bell.ring()
    return len(held)


def _again(payload: Payload, channel: Channel, *, staff: bool) -> Say:
    photo = payload.photo if channel.limits.photos else None
    return Say(payload.text, payload.options, staff=staff, photo=photo)


def _other(
    house: House, chats: Sequence[RowMapping], tx: Connection, but: int, now: datetime
) -> tuple[Chat, Channel] | None:
    """The person's chat that wrote last, on a channel that may be written to now and was not stopped."""
    for row in chats:
        chat = Chat(row["id"], row["channel"], row["account"])
        channel = house.channels.get(chat.key)
        if channel is None or chat.id == but:
            continue
        found = tx.execute(_OPEN, {"id": chat.id}).one()
        hours = channel.limits.session_hours
        shut = hours and (found.last_in_at is None or now - found.last_in_at > timedelta(hours=hours))
        if not shut and not found.stopped:
            return chat, channel
    return None


# Held since before then, the template handed over, and not a word since. A secret is for that chat alone.
_WAITING = text(
    """select distinct m.conversation_id, a.person_id
       from message m join conversation c on c.id = m.conversation_id join address a on a.id = c.address_id
       where m.state = 'held' and m.created_at < :before and m.created_at > c.last_in_at
         and exists (select from conversation o join address b on b.id = o.address_id
                     where b.person_id = a.person_id and o.id <> c.id)
       order by 1 limit :most"""
)
_HELD = text(
    """select id, payload, author, ticket_id from message
       where conversation_id = :id and state = 'held' and ticket_id is not null
         and not coalesce(payload -> 'extra' ? 'sealed', false)
       order by id"""
)
_OPEN = text(
    """select c.last_in_at, a.opted_out_at is not null as stopped
       from conversation c join address a on a.id = c.address_id where c.id = :id"""
)
_DONE = text("update message set state = 'cancelled', error = :error where id = any(:ids)")
