"""After a request was carried out: the address goes when the last message was handed over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, text

from bot.house import House
from storage import erasing
from storage.models import person

LONGEST_WAIT = timedelta(hours=24)  # for a last message that cannot be delivered


def forget_addresses(house: House) -> int:
    """Forget the addresses of people whose request was carried out; returns of how many people.

    Who still has a message on its way is left for the next time, for 24 hours at most. Who wrote again
    meanwhile keeps the address and what came since, as a new person.
    """
    with house.database.reading() as tx:
        people = tx.scalars(_CARRIED_OUT).all()
    return sum(_forget(house, person_id) for person_id in people)


_CARRIED_OUT = text(
    """select distinct r.person_id from privacy_request r join address a on a.person_id = r.person_id
       where r.state = 'done' and a.sealed <> '' order by 1"""
)


def _forget(house: House, person_id: int) -> bool:
    with house.database.transaction() as tx:
        chats = tx.execute(_CHATS, {"person": person_id}).all()
        ids = [chat.id for chat in chats]
        if _must_wait(tx, person_id, ids, house.clock.now()):
            return False
        tx.execute(_LEFTOVERS, {"chats": ids, "marks": erasing.MARKS})
        back = set(tx.scalars(_CAME_BACK, {"chats": ids, "marks": erasing.MARKS}))
        for address_id in tx.scalars(_ADDRESSES, {"person": person_id}).all():
            returned = [chat for chat in chats if chat.address_id == address_id and chat.id in back]
            if returned:
                _move_on(tx, address_id, returned)
            else:
                erasing.address(tx, address_id)
        return True


_CHATS = text(
    """select c.id, c.address_id from conversation c join address a on a.id = c.address_id
       where a.person_id = :person order by c.id for update of c"""
)
_ADDRESSES = text("select id from address where person_id = :person and sealed <> '' order by id")
# Whoever writes again is known by a message that was not emptied.
_CAME_BACK = text(
    """select distinct conversation_id from message
       where conversation_id = any(:chats) and direction = 'in' and text <> all(:marks)"""
)
# The provider's ids of the last message may hold a number. What still waits after a day never goes out.
_LEFTOVERS = text(
    """update message m set provider_id = '', reference = '',
           state = case when state in ('waiting', 'held', 'sending', 'unknown')
                        then 'cancelled' else state end
       where conversation_id = any(:chats) and not exists (
           select from message i
           where i.conversation_id = m.conversation_id and i.direction = 'in' and i.text <> all(:marks))"""
)


def _must_wait(tx: Connection, person_id: int, chats: list[int], now: datetime) -> bool:
    done_at = tx.scalar(
        text("select max(done_at) from privacy_request where person_id = :id and state = 'done'"),
        {"id": person_id},
    )
    return bool(tx.scalar(_ON_ITS_WAY, {"chats": chats})) and now < done_at + LONGEST_WAIT


_ON_ITS_WAY = text(
    """select exists (select from message where conversation_id = any(:chats) and direction = 'out'
                        and state in ('waiting', 'held', 'sending', 'unknown'))"""
)


# --- somebody came back -------------------------------------------------------------------------------------
def _move_on(tx: Connection, address_id: int, chats: list[Row[Any]]) -> None:
    """A new person with this address, and new chats with all that came since the old one was emptied."""
    somebody = tx.execute(insert(person).values(language="").returning(person.c.id)).scalar_one()
    erasing.leave_address(tx, address_id)
    tx.execute(
        text("update address set person_id = :person where id = :id"),
        {"person": somebody, "id": address_id},
    )
    for chat in chats:
        new = tx.execute(_NEW_CHAT, {"old": chat.id, "address": address_id}).scalar_one()
        values = {"old": chat.id, "new": new, "person": somebody, "marks": erasing.MARKS}
        for statement in _MOVE:
            tx.execute(statement, values)


_NEW_CHAT = text(
    """insert into conversation (channel, account, address_id, state, language, last_in_at,
                                 taken_by, taken_at, out_due_at, out_priority)
       select channel, account, :address, state, language, last_in_at, taken_by, taken_at,
              out_due_at, out_priority
       from conversation where id = :old returning id"""
)
_MOVE = (
    text("update message set conversation_id = :new where conversation_id = :old and text <> all(:marks)"),
    text("update ticket set conversation_id = :new, person_id = :person where conversation_id = :old"),
    text("update follower set conversation_id = :new where conversation_id = :old"),
    text(
        """update privacy_request set conversation_id = :new, person_id = :person
           where conversation_id = :old and state = 'open'"""
    ),
    text(
        """update conversation set state = '{}', taken_by = null, taken_at = null, out_due_at = null
           where id = :old"""
    ),
)
