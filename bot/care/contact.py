"""How a citizen wants to be spoken with: by an officer, in which language, or not at all."""

from sqlalchemy import update

from bot import tickets
from bot.script import ASKED_FOR_HUMAN
from bot.talk.deeds import CallHuman, OptOut, SetLanguage
from bot.visit import Do, Visit
from bot.wording import Line
from storage.models import address, conversation, message


def _call_human(visit: Visit, deed: CallHuman) -> list[Line]:
    """PETUGAS: an officer reads it. Without a report there is a draft now, so that staff see the request."""
    if visit.ticket_id is None and visit.found.report:
        visit.ticket_id = visit.found.report.id
    if visit.ticket_id is None:
        asked = {"text": "Warga meminta berbicara dengan petugas.", **visit.whose()}
        visit.ticket_id = tickets.open_draft(visit.tx, visit.now, asked)
    tickets.append(visit.tx, visit.ticket_id, visit.now, "human")
    return [Line(ASKED_FOR_HUMAN)]


def _opt_out(visit: Visit, deed: OptOut) -> list[Line]:
    """STOP ends every message that was not just asked for; START allows them again."""
    if not deed.stop and not visit.found.opted_out:
        return [Line("Welcome to {city}'s reports. Write your complaint and its place in one message.")]
    values = {"opted_out_at": visit.now if deed.stop else None}
    visit.tx.execute(update(address).where(address.c.id == visit.found.address_id).values(values))
    if not deed.stop:
        return [Line("Messages about your reports come again.")]
    waiting = (message.c.conversation_id == visit.found.chat.id) & message.c.state.in_(("waiting", "held"))
    visit.tx.execute(update(message).where(waiting).values(state="cancelled", error="STOP"))
    return [Line("You get no more messages about your reports. Write START to get them again.")]


def _set_language(visit: Visit, deed: SetLanguage) -> list[Line]:
    """Everything that is told from here on is in this language."""
    visit.language = deed.code
    chat = conversation.c.id == visit.found.chat.id
    visit.tx.execute(update(conversation).where(chat).values(language=deed.code))
    return []


DO: Do = {CallHuman: _call_human, OptOut: _opt_out, SetLanguage: _set_language}
