"""The use-case "a citizen's file cannot be kept": staff read why, and the citizen is told once."""

from typing import Any

from sqlalchemy import Connection, text, update

from bot import outbound
from bot.channel import Say
from bot.house import House
from bot.outbound import Chat
from bot.wording import Line
from storage.models import attachment


def refuse(house: House, attachment_id: int, reason: str, key: str) -> None:
    """Write down that a file is not kept, and tell its sender; a second call changes nothing.

    Of several files that were sent within a minute, like an album, only the first refusal is told.

    Args:
        house: the running product.
        attachment_id: the file's row, which waits.
        reason: one Indonesian sentence for staff.
        key: the English sentence that the citizen is told in his language (a key of the catalogue).
    """
    with house.database.transaction() as tx:
        found = tx.execute(_LOCK_CHAT, {"id": attachment_id}).one()
        told = tx.scalar(_TOLD, {"chat": found.id, "sent": found.sent_at})
        waits = (attachment.c.id == attachment_id) & (attachment.c.state == "waiting")
        changed = tx.execute(update(attachment).where(waits).values(state="refused", reason=reason))
        if changed.rowcount and not told:
            _tell(tx, house, found, key)
    house.database.bell.ring()


def _tell(tx: Connection, house: House, found: Any, key: str) -> None:
    chat = Chat(found.id, found.channel, found.account)
    channel = house.channels.get(chat.key)
    words = house.wording.line(Line(key), found.language, channel.limits.context if channel else "")
    now = house.clock.now()
    outbound.say(tx, house.channels, chat, [Say(words)], now=now, ticket_id=found.ticket_id)


# The chat is locked first: two files of one album that are refused at the same time see each other.
_LOCK_CHAT = text(
    """select c.id, c.channel, c.account, c.language, m.created_at as sent_at, a.ticket_id
       from attachment a join message m on m.id = a.message_id join conversation c on c.id = m.conversation_id
       where a.id = :id for update of c"""
)
_TOLD = text(
    """select exists (
           select from message m join attachment a on a.message_id = m.id
           where m.conversation_id = :chat and a.state = 'refused'
             and m.created_at between cast(:sent as timestamptz) - interval '1 minute'
                                  and cast(:sent as timestamptz) + interval '1 minute')"""
)
