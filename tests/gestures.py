"""What a citizen does beside writing: sends a file or a sticker, answers one message, puts a thumb to it."""

import time
from collections.abc import Callable, Mapping

from tests.phones import Got, Phone, SimulatorPhone, TelegramPhone, WhatsAppPhone
from tests.test_media import PDF, ftyp, ogg

FILES: dict[str, tuple[bytes, str, str]] = {  # by the word of the transcripts: bytes, type, Telegram's field
    "suara": (ogg(), "audio/ogg", "voice"),
    "video": (ftyp(b"isom", b"mp41"), "video/mp4", "video"),
    "dokumen": (PDF, "application/pdf", "document"),
}
STICKER = {"width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"}
VCARD = b"BEGIN:VCARD\nTEL:+62811\nEND:VCARD"


def sends(phone: Phone, what: str, caption: str = "") -> None:
    """A voice message, a video, a document, a sticker, or the number of somebody else."""
    if isinstance(phone, WhatsAppPhone):
        assert phone.post(_form(phone, what, caption)) == 204
    elif isinstance(phone, TelegramPhone):
        assert phone.post(phone.message(**_fields(phone, what, caption))) == 200
    else:
        assert isinstance(phone, SimulatorPhone)
        phone.sends_file(FILES[what][0], caption)


def _form(phone: WhatsAppPhone, what: str, caption: str) -> dict[str, str]:
    data, media_type = {"stiker": (b"RIFF", "image/webp"), "kontak": (VCARD, "text/vcard")}.get(
        what, FILES.get(what, (b"", "", ""))[:2]
    )
    kind = {"MessageType": "sticker"} if what == "stiker" else {}
    url = phone.town.twilio.add_media(data, media_type)
    return phone.form(Body=caption, NumMedia="1", MediaUrl0=url, MediaContentType0=media_type, **kind)


def _fields(phone: TelegramPhone, what: str, caption: str) -> dict[str, object]:
    if what == "kontak":
        return {"contact": {"phone_number": "+62811", "first_name": "Budi", "user_id": 5}}
    if what == "stiker":
        return {"sticker": {**phone.town.telegram.add_file(b"RIFF"), **STICKER}}
    data, media_type, field = FILES[what]
    about = {"duration": 3, "width": 9, "height": 9, "mime_type": media_type}
    more = {"caption": caption} if caption else {}
    return {field: {**phone.town.telegram.add_file(data), **about}, **more}


def answers(phone: Phone, shown: Got, words: str) -> None:
    """Write as an answer to one message."""
    if isinstance(phone, WhatsAppPhone):
        assert phone.post(phone.form(Body=words, OriginalRepliedMessageSid=shown.message)) == 204
    elif isinstance(phone, TelegramPhone):
        bot = {"id": 1708, "is_bot": True, "first_name": "Kentongan"}
        ours = {**phone.town.telegram.methods.message(int(phone.address)), "from": bot, "text": shown.text}
        answered = {**ours, "message_id": int(shown.message)}
        assert phone.post(phone.message(text=words, reply_to_message=answered)) == 200
    else:
        assert isinstance(phone, SimulatorPhone)
        phone.answers(shown, words)


def reacts(phone: Phone, shown: Got, emoji: str, before: str = "") -> None:
    """Put an emoji to a message; an empty one takes it back."""
    assert isinstance(phone, TelegramPhone)
    message = phone.town.telegram.methods.message(int(phone.address))
    change = {
        "chat": message["chat"],
        "user": message["from"],
        "message_id": int(shown.message),
        "date": int(time.time()),
        "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
        "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
    }
    assert phone.post({"message_reaction": change}) == 200


def edits(phone: TelegramPhone, message_id: int, words: str) -> None:
    """Correct a message of one's own."""
    changed = {**phone.town.telegram.methods.message(int(phone.address)), "message_id": message_id}
    assert phone.post({"edited_message": {**changed, "text": words, "edit_date": int(time.time())}}) == 200


def act(phone: Phone, shown: Got, tag: str, words: str) -> None:
    """Do what a line of a transcript says: its tag in square brackets, and the words after it."""
    kind, _, rest = tag.partition(" ")
    if not tag:
        phone.writes(words)
    elif kind in TAGS:
        TAGS[kind](phone, shown, rest, words)
    else:
        sends(phone, kind, words)


def _album(phone: Phone, count: str, words: str) -> None:
    for index in range(int(count)):
        phone.sends_photo(words if index == 0 else "", album=f"album-{phone.address}")


def _blocks(phone: Phone, old: str, new: str) -> None:
    assert isinstance(phone, TelegramPhone)
    phone.blocks(old, new)


TAGS: Mapping[str, Callable[[Phone, Got, str, str], None]] = {
    "foto": lambda phone, shown, rest, words: phone.sends_photo(words),
    "album": lambda phone, shown, rest, words: _album(phone, rest, words),
    "lokasi": lambda phone, shown, rest, words: phone.shares(*map(float, rest.split(","))),
    "tombol": lambda phone, shown, rest, words: phone.presses(shown, rest),
    "balas": lambda phone, shown, rest, words: answers(phone, shown, words),
    "reaksi": lambda phone, shown, rest, words: reacts(phone, shown, rest),
    "blokir": lambda phone, shown, rest, words: _blocks(phone, "member", "kicked"),
    "buka": lambda phone, shown, rest, words: _blocks(phone, "kicked", "member"),
}
