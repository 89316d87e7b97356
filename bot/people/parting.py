"""SAMBUNG BATAL: a chat leaves the person it was joined with, as if it had never been.

Whoever was talked into sending a stranger's code, or into showing his own, writes it in his own chat. Only
the phone it is written on leaves: its addresses, and the reports that were filed on it.
"""

from datetime import datetime

from sqlalchemy import Connection, text


def part(tx: Connection, chat_id: int, person_id: int) -> bool:
    """Make a new person of a chat's phone; whether there was anybody to leave.

    Args:
        tx: a transaction that holds the locks of `persons.lock_person`.
        chat_id: the chat that leaves.
        person_id: whom it leaves.
    """
    mine = list(tx.scalars(_OF_PHONE, {"chat": chat_id, "person": person_id}))
    if not tx.scalar(_OTHERS, {"person": person_id, "mine": mine}):
        return False
    values = {"person": person_id, "mine": mine}
    values["new"] = tx.execute(_STRANGER, {"person": person_id}).scalar_one()
    for statement in _LEAVE:
        tx.execute(statement, values)
    return True


# A WhatsApp phone may have two addresses: see bot/people/pairs.py.
_OF_PHONE = text(
    """select a.id from conversation c join address own on own.id = c.address_id
       join address a on a.person_id = :person and a.channel = own.channel
       where c.id = :chat
         and (a.id = own.id or coalesce(jsonb_exists(c.state->'also', encode(a.lookup, 'hex')), false))"""
)
_OTHERS = text(
    """select exists (select from address
                      where person_id = :person and sealed <> '' and id <> all(:mine))"""
)
_STRANGER = text("insert into person (language) select language from person where id = :person returning id")
_ITS_CHATS = "(select id from conversation where address_id = any(:mine))"
_LEAVE = tuple(
    text(statement)
    for statement in (
        "update address set person_id = :new where id = any(:mine)",
        f"update ticket set person_id = :new where conversation_id in {_ITS_CHATS}",  # noqa: S608 - our own words
        f"update privacy_request set person_id = :new where conversation_id in {_ITS_CHATS}",  # noqa: S608
        "delete from link_code where person_id = :person",
    )
)


# --- while data are being deleted ---------------------------------------------------------------------------
def is_leaving(tx: Connection, person_id: int) -> bool:
    """Whether a person's addresses are about to be forgotten: who joins now would be forgotten with them."""
    return bool(tx.scalar(_LEAVING, {"person": person_id}))


_LEAVING = text(
    """select exists (select from privacy_request r join address a on a.person_id = r.person_id
                      where r.person_id = :person and r.state = 'done' and a.sealed <> '')"""
)


# --- guessing -----------------------------------------------------------------------------------------------
MOST_WRONG = 10  # wrong codes of all chats within a minute: of a million codes hardly one is good


def is_guessed(tx: Connection, now: datetime) -> bool:
    """Whether so many wrong codes come in that no code is looked at for a while."""
    return bool(tx.scalar(_GUESSED, {"now": now, "most": MOST_WRONG}))


_GUESSED = text(
    """select count(*) >= :most
       from (select from wrong_code
             where at > cast(:now as timestamptz) - interval '1 minute' limit :most) w"""
)


def note_wrong(tx: Connection, now: datetime) -> None:
    """Count a wrong code; those of an hour ago are let go of."""
    tx.execute(_NOTE_WRONG, {"now": now})


_NOTE_WRONG = text(
    """with gone as (delete from wrong_code where at < cast(:now as timestamptz) - interval '1 hour')
       insert into wrong_code (at) values (:now)"""
)
