"""The own chat of one of the staff, which the daily digest goes to: linked by a code, and let go again.

The code is drawn in the panel and sent from the phone, like that of a citizen with two channels; see
persons.py for what both share. The chat stays a citizen's chat too.
"""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.house import House
from bot.people import persons
from bot.talk.linking import DIGITS
from bot.visit import Visit
from bot.wording import Line

VALID = timedelta(minutes=10)
LINKED = "The daily digest for staff comes to this chat now, on working days. STOP ends it."
NOT_BY_SMS = "The daily digest does not come by SMS. Send the code from WhatsApp or Telegram."


# --- in the panel -------------------------------------------------------------------------------------------
def draw_code(house: House, staff_id: int) -> str:
    """A new code of one of the staff, instead of older ones; good for `VALID`. Only its hash is stored."""
    now = house.clock.now()
    with house.database.transaction() as tx:
        # Two that are drawn at the same time are drawn one after the other.
        tx.execute(text("select id from staff where id = :id for no key update"), {"id": staff_id})
        tx.execute(text("delete from link_code where staff_id = :id"), {"id": staff_id})
        persons.forget_codes(tx, now)
        while True:
            code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
            row = {"lookup": house.database.keys.index("link", code), "staff": staff_id, "until": now + VALID}
            if tx.execute(_NEW_CODE, row).rowcount:
                return code


_NEW_CODE = text(
    """insert into link_code (lookup, staff_id, expires_at) values (:lookup, :staff, :until)
       on conflict do nothing"""
)


def linked(tx: Connection, staff_id: int) -> Row[Any] | None:
    """The chat that the digest goes to: channel, account, since, and whether STOP was sent there."""
    return tx.execute(_LINKED, {"staff": staff_id}).one_or_none()


# An emptied address (HAPUS DATA) reaches nobody.
_LINKED = text(
    """select c.channel, c.account, sc.since, a.opted_out_at is not null as stopped
       from staff_chat sc join conversation c on c.id = sc.conversation_id
       join address a on a.id = c.address_id
       where sc.staff_id = :staff and a.sealed <> ''"""
)


def unlink(house: House, staff_id: int) -> None:
    """Let the chat go; no digest comes any more."""
    with house.database.transaction() as tx:
        tx.execute(text("delete from staff_chat where staff_id = :id"), {"id": staff_id})
        tx.execute(text("delete from link_code where staff_id = :id"), {"id": staff_id})


# --- in the chat --------------------------------------------------------------------------------------------
def is_active(tx: Connection, staff_id: int) -> bool:
    """Whether this member of staff still works here."""
    return bool(tx.scalar(text("select active from staff where id = :id"), {"id": staff_id}))


def bind(visit: Visit, staff_id: int, code: str) -> Line:
    """SAMBUNG with a code from the panel: the digest comes here from now on, and nowhere else."""
    if visit.context == "sms":
        return Line(NOT_BY_SMS)
    persons.use_code(visit.tx, visit.house.database.keys, code, visit.now)
    chat = {"staff": staff_id, "chat": visit.found.chat.id, "now": visit.now}
    visit.tx.execute(text("delete from staff_chat where conversation_id = :chat"), {"chat": chat["chat"]})
    visit.tx.execute(_BIND, chat)
    return Line(LINKED)


_BIND = text(
    """insert into staff_chat (staff_id, conversation_id, since) values (:staff, :chat, :now)
       on conflict (staff_id) do update
       set conversation_id = excluded.conversation_id, since = excluded.since, digest_at = null"""
)
