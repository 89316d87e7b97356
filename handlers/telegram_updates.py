"""Reads Telegram's updates: one update is at most one event from a citizen."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
    User,
)

from bot.channel import Inbound, InboundKind, MediaReference, Unreadable
from handlers.phones import e164

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
"""The updates we ask for. Source: https://core.telegram.org/bots/api#update

Of reactions it says that the bot must be an administrator of the chat, which nobody is of a private one; some
bots get them there and some report that they do not. Asking costs nothing, and nothing depends on them.
"""

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What PostgreSQL cannot hold: NUL, and half of a pair that JSON's \\ud83d escapes can smuggle in."""


def read_update(account: str, update: object) -> Sequence[Inbound]:
    """The event in one update, or none when it is not a citizen's in a private chat.

    Args:
        account: Our bot's id.
        update: The update as JSON read it.

    Raises:
        Unreadable: It is no update, or not one that python-telegram-bot understands.
    """
    if not isinstance(update, dict) or not _is_id(update.get("update_id")):
        raise Unreadable("no update_id")
    followed = {kind: update[kind] for kind in ALLOWED_UPDATES if kind in update}
    try:
        fields = _fields(Update.de_json({"update_id": update["update_id"], **followed}, None))
        raw = json.dumps(update)
    except Exception as error:  # PTB trusts Telegram: on anything else it raises whatever it trips over
        raise Unreadable(f"update {type(error).__name__}") from None
    if fields is None:
        return ()
    return (Inbound(CHANNEL, account, str(update["update_id"]), raw=raw, **fields),)


def _fields(update: Update) -> dict[str, Any] | None:
    if update.message:
        return _message(update.message)
    if update.edited_message:
        return _edit(update.edited_message)
    if update.callback_query:
        return _press(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    if update.message_reaction:
        return _reaction(update.message_reaction)
    return None


def _message(message: Message) -> dict[str, Any] | None:
    sender = _sender(message.chat, message.from_user)
    content = _content(message)
    if sender is None or content is None:
        return None
    return {
        **sender,
        **content,
        "group": clean(message.media_group_id),
        "reference": _id(message.message_id),
        "quoted": _quoted(message),
        "sent_at": message.date,
    }


def _quoted(message: Message) -> str:
    """The message of ours that this one answers, by its id in the chat, as `Telegram.send` gives it."""
    answered = message.reply_to_message
    if answered is None or answered.from_user is None or not answered.from_user.is_bot:
        return ""
    return _id(answered.message_id)


def _edit(message: Message) -> dict[str, Any] | None:
    """A corrected text or caption. A live location that moves is an edit too: its first point is enough."""
    fields = None if message.location else _message(message)
    if fields is None:
        return None
    return {**fields, "kind": "edit", "sent_at": message.edit_date}


def _press(query: CallbackQuery) -> dict[str, Any] | None:
    chat = query.message.chat if query.message else None
    sender = _sender(chat, query.from_user)
    if sender is None or not query.data:
        return None
    kind: InboundKind = "choice"
    return {
        **sender,
        "kind": kind,
        "choice": clean(query.data),
        "reference": _id(query.message.message_id) if query.message else "",
        "quoted": _id(query.message.message_id) if query.message else "",
        "settle": clean(query.id),
    }


def _reaction(change: MessageReactionUpdated) -> dict[str, Any] | None:
    """An emoji that was put to a message; None when it was taken back or is no plain emoji.

    Source: https://core.telegram.org/bots/api#messagereactionupdated
    """
    sender = _sender(change.chat, change.user)
    before = {one.emoji for one in change.old_reaction if isinstance(one, ReactionTypeEmoji)}
    new = [one.emoji for one in change.new_reaction if isinstance(one, ReactionTypeEmoji)]
    added = [clean(emoji) for emoji in new if emoji not in before]
    if sender is None or not added:
        return None
    about = _id(change.message_id)
    return {**sender, "kind": "reaction", "text": added[-1], "quoted": about, "sent_at": change.date}


def _membership(change: ChatMemberUpdated) -> dict[str, Any] | None:
    """Source: https://core.telegram.org/bots/api#chatmemberupdated (kicked: blocked by the user)."""
    kinds: dict[str, InboundKind] = {ChatMember.BANNED: "blocked", ChatMember.MEMBER: "unblocked"}
    sender = _sender(change.chat, change.from_user)
    kind = kinds.get(change.new_chat_member.status)
    if sender is None or kind is None:
        return None
    return {**sender, "kind": kind, "sent_at": change.date}


def _content(message: Message) -> dict[str, Any] | None:
    """What the message says; None when it is only Telegram's own notice (a pinned message, a timer)."""
    if message.text:
        return {"text": clean(message.text)}
    if message.location:
        return _location(message)
    picture = _picture(message)
    if media := picture or _recording(message):
        return {
            "kind": "photo" if picture else "recording",
            "text": clean(message.caption),
            "media": (media,),
        }
    if message.contact:
        return {"kind": "contact", "also": _own_number(message)}
    # What this version of PTB does not know lies in api_kwargs: the citizen still deserves an answer.
    if message.effective_attachment or message.checklist or message.caption or message.api_kwargs:
        return {"kind": "other", "text": clean(message.caption)}
    return None


def _picture(message: Message) -> MediaReference | None:
    """The photo in its largest size, or a picture that was sent as a file to keep its sharpness."""
    if message.photo:
        return MediaReference(_id(message.photo[-1].file_id))
    document = message.document
    if document and clean(document.mime_type).startswith("image/"):
        return MediaReference(_id(document.file_id), clean(document.mime_type), clean(document.file_name))
    return None


def _recording(message: Message) -> MediaReference | None:
    """What an officer can hear, watch or read, but we cannot: speech, video, a file.

    Source: https://core.telegram.org/bots/api#message (a GIF is both an animation and a document)
    """
    file = message.voice or message.audio or message.video or message.video_note or message.document
    if not file:
        return None
    kind, name = getattr(file, "mime_type", ""), getattr(file, "file_name", "")  # a video note has neither
    return MediaReference(_id(file.file_id), clean(kind), clean(name))


def _own_number(message: Message) -> tuple[str, ...]:
    """The sender's telephone number; empty for another person's, who has not asked us for anything.

    Source: https://core.telegram.org/bots/api#contact (user_id: who the contact is, if on Telegram)
    """
    contact, sender = message.contact, message.from_user
    if not (contact and sender and _is_id(contact.user_id) and contact.user_id == sender.id):
        return ()
    number = e164(contact.phone_number) if isinstance(contact.phone_number, str) else None
    return (number,) if number else ()


def _location(message: Message) -> dict[str, Any]:
    point, venue = message.location, message.venue
    assert point
    latitude, longitude = float(point.latitude), float(point.longitude)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and math.isfinite(latitude + longitude)):
        raise Unreadable("no place on Earth")
    named = ", ".join(filter(None, (clean(venue.title), clean(venue.address)))) if venue else ""
    return {"kind": "location", "text": named, "latitude": latitude, "longitude": longitude}


def _sender(chat: Chat | None, user: User | None) -> dict[str, Any] | None:
    """Where to answer: a private chat's id is its person's. None for groups and channels."""
    if chat is None or chat.type != Chat.PRIVATE or not _is_id(chat.id):
        return None
    return {"address": str(chat.id), "name": clean(user.full_name) if user else ""}


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _id(value: object) -> str:
    """An id as text; raises ValueError on what is none."""
    if isinstance(value, str) and value:
        return clean(value)
    if type(value) is int:
        return str(value)
    raise ValueError("not an id")


def clean(text: object) -> str:
    """The text as the database and UTF-8 can hold it; "" for what is no text."""
    return UNSTORABLE.sub("\ufffd", text) if isinstance(text, str) else ""
