"""What is done to an earlier message: an edit, with its report, an emoji put to it, or it comes again."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, text

from bot.channel import Inbound
from bot.chats import Found
from bot.talk.fresh import Report


def is_nothing(tx: Connection, chat_id: int, inbound: Inbound) -> bool:
    """Whether nothing is said by it: an edit that changes no word, or an emoji put to an old message.

    Telegram tells of edits too when only a preview or a reaction came. An old message's thumb must not answer
    a new question.
    """
    if inbound.kind == "reaction":
        return not tx.scalar(_LATEST, {"chat": chat_id, "provider_id": inbound.quoted})
    if inbound.kind != "edit":
        return False
    kept = tx.scalar(_LAST_WORDS, {"chat": chat_id, "reference": inbound.reference})
    return kept is not None and kept == inbound.text


def is_resent(tx: Connection, chat_id: int, inbound: Inbound, now: datetime, seconds: int) -> bool:
    """Whether an SMSC sent a long text again under a new id, before anything of ours was handed over.

    Args:
        tx: the transaction that holds the chat.
        chat_id: the conversation.
        inbound: what came.
        now: business time.
        seconds: within which the same text is one message; 0: never.
    """
    if not seconds or len(inbound.text) < RESEND_LETTERS:
        return False
    values = {"id": chat_id, "text": inbound.text, "now": now, "window": seconds}
    return tx.execute(_RESENT, values).first() is not None


def belongs_to(tx: Connection, found: Found, inbound: Inbound) -> Found:
    """The conversation with the filed report that an edited message is part of; else as it is."""
    if inbound.kind != "edit":
        return found
    row = tx.execute(_REPORT, {"chat": found.chat.id, "reference": inbound.reference}).one_or_none()
    if row is None:
        return found
    report = Report(row.ticket_id, row.number, row.status, bool(row.place), row.category, row.place_code)
    return replace(found, report=report, quoted=True)


_LAST_WORDS = text(
    """select text from message
       where conversation_id = :chat and direction = 'in' and reference = :reference
       order by id desc limit 1"""
)
_REPORT = text(
    """select r.id as ticket_id, r.number, r.status, r.place, r.place_code, r.category
       from message m join ticket own on own.id = m.ticket_id
       join ticket r on r.id = coalesce(own.merged_into_id, own.id)
       where m.conversation_id = :chat and m.direction = 'in' and m.reference = :reference
         and r.status not in ('draft', 'merged')
       order by m.id desc limit 1"""
)
_LATEST = text(
    """select exists (
           select from message m
           where m.conversation_id = :chat and m.direction = 'out' and m.provider_id = :provider_id
             and m.provider_id <> ''
             and not exists (select from message i where i.conversation_id = :chat and i.direction = 'in'
                                and i.id > m.id and i.kind <> 'reaction')
             and m.created_at = (select max(created_at) from message
                                 where conversation_id = :chat and direction = 'out'))"""
)
RESEND_LETTERS = 20  # "1" and "1" are two answers; twenty letters twice in two minutes are one message
_RESENT = text(
    """select 1 from message m
       where m.conversation_id = :id and m.direction = 'in' and m.text = :text
         and m.created_at > cast(:now as timestamptz) - make_interval(secs => :window)
         and not exists (select from message o where o.conversation_id = :id and o.id > m.id
                         and o.direction = 'out' and o.state in ('sent', 'delivered', 'read'))
       limit 1"""
)
