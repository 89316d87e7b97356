"""An officer takes a chat over from the bot and gives it back, in the caller's transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from bot import flow, tickets
from bot.channel import Say
from bot.chats import Found
from bot.delivery.speaking import Listener, lock_listener, tell, worded
from bot.house import House
from bot.script import HUMAN
from bot.talk.deeds import KeepForOfficer
from bot.talk.filling import without_script
from bot.visit import Do, Visit
from bot.wording import Line
from storage.models import FINISHED

SILENCE = timedelta(hours=24)  # after so long without a word of the officer the bot answers again
TAKEN = "An officer of {office} answers you here now."
HANDED_BACK = "The officer has left this chat. I answer here again."
WAS_SILENT = "The officer has not written for a day. I answer again; our staff are told."


@dataclass(frozen=True, slots=True)
class Holder:
    """The officer who speaks in a chat, since when, about which report, and when he last wrote."""

    staff_id: int
    name: str
    at: datetime
    ticket_id: int
    number: str
    status: str
    last_word: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether nobody should wait for him any more."""
        return self.status in FINISHED or now - self.last_word >= SILENCE


# The report is the one whose history says "taken" at that very moment: the chat's state may change meanwhile.
_HOLDER = text(
    """select c.taken_by, c.taken_at, coalesce(nullif(s.name, ''), s.email) as name,
              t.id as ticket_id, t.number, t.status,
              coalesce((select max(m.created_at) from message m
                        where m.conversation_id = c.id and m.author = 'staff'
                          and m.staff_id = c.taken_by and m.created_at > c.taken_at),
                       c.taken_at) as last_word
       from conversation c join staff s on s.id = c.taken_by
       join ticket t on t.conversation_id = c.id
       join event e on e.ticket_id = t.id and e.kind = 'taken' and e.at = c.taken_at
       where c.id = :chat
       order by e.id desc limit 1"""
)


def holder(tx: Connection, chat_id: int) -> Holder | None:
    """Who speaks in a chat in the bot's place; None: the bot."""
    row = tx.execute(_HOLDER, {"chat": chat_id}).one_or_none()
    if row is None:
        return None
    return Holder(row.taken_by, row.name, row.taken_at, row.ticket_id, row.number, row.status, row.last_word)


def begin(
    tx: Connection, house: House, to: Listener, ticket_id: int, staff_id: int, office: str, now: datetime
) -> None:
    """Give a locked chat to an officer; the citizen is told who answers."""
    tx.execute(_TAKE, {"chat": to.chat.id, "staff": staff_id, "now": now})
    tickets.append(tx, ticket_id, now, "taken", staff_id=staff_id)
    says = [worded(house, Line(TAKEN, {"office": office}), to)]
    tell(tx, house, to, says, now, ticket_id=ticket_id, staff_id=staff_id)


_TAKE = text("update conversation set taken_by = :staff, taken_at = :now where id = :chat")
_GIVE_BACK = text(
    """update conversation set taken_by = null, taken_at = null, state = cast(:state as jsonb)
       where id = :chat"""
)


def end(
    tx: Connection, house: House, to: Listener, held: Holder, now: datetime, staff_id: int | None = None
) -> None:
    """Give a locked chat back to the bot: the citizen is told, and an open question comes again."""
    state, line = _ended(tx, to.chat.id, to.state, held, now, staff_id)
    asked = flow.open_question(state, to.mind(house))
    says = [worded(house, one, to) for one in (line, *asked)]
    tell(tx, house, to, says, now, ticket_id=held.ticket_id)


def _ended(
    tx: Connection,
    chat_id: int,
    state: Mapping[str, Any],
    held: Holder,
    now: datetime,
    staff_id: int | None,
) -> tuple[dict[str, Any], Line]:
    """Write down that the officer has gone; returns the chat's state and what is told."""
    was_silent = staff_id is None and held.status not in FINISHED
    state = {**_still_open(tx, state, keeps_human=was_silent), "at": now.isoformat()}
    tx.execute(_GIVE_BACK, {"chat": chat_id, "state": json.dumps(state)})
    tickets.append(tx, held.ticket_id, now, "handed_back", staff_id=staff_id)
    if was_silent:  # staff see it among those who ask for somebody
        tickets.append(tx, held.ticket_id, now, "human", note="Petugas tidak menulis selama 24 jam.")
    return state, Line(WAS_SILENT if was_silent else HANDED_BACK)


def _still_open(tx: Connection, state: Mapping[str, Any], *, keeps_human: bool) -> dict[str, Any]:
    """The state without a script that the officer has made an end of."""
    if not state.get("script"):
        return dict(state)
    if state["script"] == HUMAN.name and not keeps_human:
        return without_script(state)
    is_draft = text("select status = 'draft' from ticket where id = :id")
    drafted = not state.get("ticket") or tx.scalar(is_draft, {"id": state["ticket"]})
    return dict(state) if drafted or state["script"] == "place_by_sms" else without_script(state)


def end_with(tx: Connection, house: House, row: RowMapping, now: datetime, staff_id: int) -> None:
    """Give the chat of a ticket back that is closed, rejected or merged now."""
    if row["status"] not in FINISHED or row["conversation_id"] is None:
        return
    held = holder(tx, row["conversation_id"])
    if held and held.ticket_id == row["id"]:
        end(tx, house, lock_listener(tx, house, row["conversation_id"]), held, now, staff_id)


def end_if_over(tx: Connection, house: House, found: Found, now: datetime) -> tuple[Found, list[Say]]:
    """At a turn: the chat as the bot finds it, and what is told first when nobody should wait any more."""
    held = holder(tx, found.chat.id) if found.taken_at else None
    if held is None or not held.is_over(now):
        return found, []
    to = lock_listener(tx, house, found.chat.id)
    state, line = _ended(tx, found.chat.id, found.state, held, now, None)
    if "at" in found.state and state.get("script") != HUMAN.name:
        state = {**state, "at": found.state["at"]}  # so that a draft is offered before the words are taken
    return replace(found, state=state, taken_at=None), [worded(house, line, to)]


def let_silent_go(house: House) -> int:
    """Give every chat back whose officer was silent for too long; returns how many. A job."""
    now, ended = house.clock.now(), 0
    with house.database.reading() as tx:
        chats = tx.scalars(_HELD, {"since": now - SILENCE}).all()
    for chat_id in chats:
        with house.database.transaction() as tx:
            to = lock_listener(tx, house, chat_id)
            held = holder(tx, chat_id)
            if held and held.is_over(now):
                end(tx, house, to, held, now)
                ended += 1
    if ended:
        house.database.bell.ring()
    return ended


# Also those whose report the citizen closed; so few chats are taken that all are looked at.
_HELD = text(
    """select c.id from conversation c
       where c.taken_by is not null
         and (c.taken_at <= :since
              or exists (select from ticket t where t.conversation_id = c.id
                         and t.status in ('closed', 'rejected', 'merged') and t.changed_at >= c.taken_at))
       order by c.id"""
)


def _keep(visit: Visit, deed: KeepForOfficer) -> list[Line]:
    """A message in a taken chat is the officer's report's; an answer to his question starts the clock."""
    held = holder(visit.tx, visit.found.chat.id)
    if held is None:
        return []
    visit.ticket_id = held.ticket_id
    if deed.answers and held.status == "waiting":
        tickets.add(visit.tx, visit.house.city, held.ticket_id, visit.now, deed.words)
    return []


DO: Do = {KeepForOfficer: _keep}
