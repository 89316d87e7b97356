"""Reminds citizens of reports that they began and did not send, 1, 3 and 7 days after their last message."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, TextClause, text

from bot import outbound
from bot.channel import Limits
from bot.chats import Found
from bot.delivery.speaking import lock_listener, tell, worded
from bot.house import House
from bot.script import REMINDED
from bot.talk.questions import slot_options
from bot.wording import Line, shorten

AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
NIGHT = (20, 7)  # from this hour to that one, local time, nobody is disturbed
UNHEARD = {"text": "", "kind": "text", "latitude": None, "longitude": None}  # nothing woke the draft
REMINDER = "Your report {number} is not sent yet: {story}\nGo on?"


def remind(house: House) -> int:
    """Send the reminders that are due; returns how many. A second run at once sends nothing more. A job.

    Only drafts whose question is still open are named, and none that an officer has touched. What fell due
    while nothing was sent is passed over: there is one reminder at a time.
    """
    now = house.clock.now()
    if is_night(now.astimezone(house.city.timezone)):
        return 0
    with house.database.reading() as tx:
        due = tx.execute(_DUE, {"before": now - AFTER[0]}).all()
    sent = 0
    for one in due:
        with house.database.transaction() as tx:
            sent += _remind(tx, house, one.chat, one.ticket, now)
    if sent:
        house.database.bell.ring()
    return sent


def is_night(local: datetime) -> bool:
    """Whether nobody is disturbed at this local time."""
    begins, ends = NIGHT
    return local.hour >= begins or local.hour < ends


def _drafts(more: str) -> TextClause:
    """The query for drafts of which somebody may be reminded: their question is open, nobody acts on them."""
    return text(
        f"""select c.id as chat, t.id as ticket, t.number, t.text, t.reminders, c.last_in_at,
                   exists (select from message m where m.conversation_id = c.id and m.direction = 'out'
                           and m.state in ('waiting', 'held', 'sending', 'unknown')) as unsent
            from ticket t join conversation c on c.id = t.conversation_id
            join address a on a.id = c.address_id
            where t.status = 'draft' and t.reminders < 3 and c.last_in_at <= :before
              and c.taken_by is null and a.opted_out_at is null
              and c.state ->> 'script' in ('report', 'report_by_sms')
              and c.state ->> 'ticket' = t.id::text
              and not exists (select from event e where e.ticket_id = t.id and e.staff_id is not null)
              and not exists (select from message m where m.ticket_id = t.id and m.staff_id is not null)
            {more}"""  # noqa: S608 - our own words
    )


_DUE, _ONE = _drafts("order by t.id"), _drafts("and t.id = :ticket for update of t")


def _remind(tx: Connection, house: House, chat_id: int, ticket_id: int, now: datetime) -> bool:
    """One draft, looked at again under its chat's lock; returns whether a reminder was said."""
    to = lock_listener(tx, house, chat_id)
    row = tx.execute(_ONE, {"before": now - AFTER[0], "ticket": ticket_id}).one_or_none()
    channel = house.channels.get(to.chat.key)
    if row is None or channel is None:
        return False
    passed = sum(now - row.last_in_at >= wait for wait in AFTER)
    if passed <= row.reminders:
        return False
    tx.execute(_COUNT, {"id": ticket_id, "count": passed})
    if row.unsent or (row.reminders and _is_dear(channel.limits, now - row.last_in_at)):
        return False
    values = {"number": row.number, "story": shorten(row.text, 40) or "-"}
    line = Line(REMINDER, values, slot_options("resume", REMINDED))
    tell(tx, house, to, [worded(house, line, to)], now, ticket_id=ticket_id, priority=outbound.MASS)
    tx.execute(_AWAIT, {"chat": chat_id, "unheard": json.dumps(UNHEARD)})
    return True


def _is_dear(limits: Limits, silence: timedelta) -> bool:
    """Whether a message costs: an SMS, or WhatsApp's template when the window is shut. One is enough."""
    shut = bool(limits.session_hours) and silence > timedelta(hours=limits.session_hours or 0)
    return limits.files_at_once or shut


_COUNT = text("update ticket set reminders = :count where id = :id")
# The answer goes on with the draft: what is asked is the question of a draft that was silent for a day.
_AWAIT = text(
    """update conversation c
       set state = jsonb_build_object('resuming', cast(:unheard as jsonb)) || c.state
                   || jsonb_build_object('reminder', (select max(id) from message
                                                      where conversation_id = c.id and direction = 'out'))
       where c.id = :chat"""
)


def overtaken(tx: Connection, found: Found) -> Found:
    """The chat at a turn: a reminder that was not sent yet is not sent any more, the citizen is here."""
    reminder = found.state.get("reminder")
    if not reminder or not tx.execute(_TAKE_BACK, {"id": reminder}).rowcount:
        return found
    state = {slot: value for slot, value in found.state.items() if slot != "reminder"}
    if state.get("resuming") == UNHEARD:
        del state["resuming"]
    return replace(found, state=state)


_TAKE_BACK = text(
    """update message set state = 'cancelled', error = 'Warga sudah menulis lagi.'
       where id = :id and state in ('waiting', 'held')"""
)
