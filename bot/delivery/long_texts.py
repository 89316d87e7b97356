"""Texts longer than a message may be: the beginning is kept as its text, the whole of it as a file."""

from dataclasses import replace

from sqlalchemy import insert

from bot.house import files_url
from bot.normalise import LONGEST
from bot.talk.questions import Turn
from bot.visit import Visit
from bot.wording import Line
from storage.files import Files
from storage.models import attachment

TOO_LONG = "Your text is very long. We keep all of it, the whole as a file for the officer."
MEDIA_TYPE = "text/plain"


def cut(text: str) -> tuple[str, str]:
    """What is kept as a message's text, and the whole text when that is not all of it."""
    return (text, "") if len(text) <= LONGEST else (text[:LONGEST].rstrip(), text)


def told(turn: Turn) -> Turn:
    """The turn that says first that a text was too long; what is no answer to the citizen stays silent."""
    return replace(turn, does=(Line(TOO_LONG), *turn.does))


def keep(visit: Visit, message_id: int, whole: str) -> None:
    """Keep a whole text as a file of its message, and so of its report."""
    data = whole.encode()
    row = {
        "message_id": message_id,
        "ticket_id": visit.ticket_id,
        "channel": visit.found.chat.channel,
        "media_type": MEDIA_TYPE,
        "name": "pesan.txt",
        "state": "stored",
        "path": Files(files_url(visit.house)).keep(data, "txt"),
        "size": len(data),
    }
    visit.tx.execute(insert(attachment).values(row))
