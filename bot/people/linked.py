"""Does what SAMBUNG sets in motion: draws a code, joins two persons, and tells all their chats."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from bot import outbound
from bot.channel import Say
from bot.outbound import Chat
from bot.people import parting, persons, staff_chats
from bot.people.secret import Secret
from bot.talk.deeds import GiveCode, LinkChat, PartChat
from bot.talk.linking import MOST_TRIES, TRIES, recent_tries
from bot.visit import Do, Visit
from bot.wording import Line

CODE_IS = (
    "From your other channel, send: SAMBUNG {code}\nIt is good for 15 minutes. Do not show it to anybody."
)
CODE_WRONG = "That code is wrong or too old. Write SAMBUNG in the other channel for a new one."
CODE_OWN = "This code is from your own chats. Send it from the channel that is not connected yet."
TOO_MANY = "Too many wrong codes. Please try again in one hour."
BUSY = "Codes cannot be checked right now. Please try again in a few minutes."
LEAVING = "Your old data are being deleted. Please connect your channels tomorrow."
CONNECTED = (
    "This chat is now connected with your {channel}. STATUS shows the reports of both.\n"
    "Not yours? Write SAMBUNG BATAL."
)
TOLD = "{channel} is now connected with your reports. Was that not you? Write SAMBUNG BATAL."
PARTED = "This chat is on its own again. It shows and gets its own reports only."
ALONE = "This chat is not connected with another channel."

NAMES = {"whatsapp": "WhatsApp", "telegram": "Telegram", "sms": "SMS"}


def _give_code(visit: Visit, deed: GiveCode) -> list[Line]:
    if parting.is_leaving(visit.tx, visit.found.person_id):
        return [Line(LEAVING)]
    keys = visit.house.database.keys
    code = persons.draw_code(visit.tx, keys, visit.found.person_id, visit.now)
    return [Line(CODE_IS, {"code": Secret(code)})]


def _link(visit: Visit, deed: LinkChat) -> list[Line]:
    """SAMBUNG with a code. Its chats are locked already: see `persons.lock_for_code`."""
    tries = recent_tries(visit.found.state, visit.now)
    if len(tries) >= MOST_TRIES or parting.is_guessed(visit.tx, visit.now):
        return [Line(TOO_MANY if len(tries) >= MOST_TRIES else BUSY)]
    owner = persons.owner_of(visit.tx, visit.house.database.keys, deed.code)
    if owner is not None and owner.person_id == visit.found.person_id:
        return [Line(CODE_OWN)]
    if owner is None or owner.expires_at <= visit.now or _has_left(visit, owner.staff_id):
        visit.keeps[TRIES] = [*tries, visit.now.isoformat()]
        parting.note_wrong(visit.tx, visit.now)
        return [Line(CODE_WRONG)]
    if parting.is_leaving(visit.tx, visit.found.person_id):
        return [Line(LEAVING)]
    if owner.person_id is None:
        return [staff_chats.bind(visit, owner.staff_id, deed.code)]
    return [_joined(visit, deed.code, owner.person_id)]


def _has_left(visit: Visit, staff_id: int | None) -> bool:
    return staff_id is not None and not staff_chats.is_active(visit.tx, staff_id)


def _part(visit: Visit, deed: PartChat) -> list[Line]:
    """SAMBUNG BATAL. The person's chats are locked already: see `persons.lock_person`."""
    if parting.is_leaving(visit.tx, visit.found.person_id):
        return [Line(LEAVING)]
    return [Line(PARTED if parting.part(visit.tx, visit.found.chat.id, visit.found.person_id) else ALONE)]


def _joined(visit: Visit, code: str, other: int) -> Line:
    """Join, and let every other chat know, so that a theft is noticed."""
    theirs = persons.chats_of(visit.tx, other)
    ours = persons.chats_of(visit.tx, visit.found.person_id)
    persons.use_code(visit.tx, visit.house.database.keys, code, visit.now)
    persons.merge(visit.tx, visit.found.person_id, other)
    here, there = _name(visit.found.chat), _names(theirs)
    for chat in theirs:
        _tell(visit, chat, here)
    for chat in ours:
        if chat["id"] != visit.found.chat.id:
            _tell(visit, chat, there)
    return Line(CONNECTED, {"channel": there})


def _tell(visit: Visit, row: RowMapping, name: str) -> None:
    house, chat = visit.house, Chat(row["id"], row["channel"], row["account"])
    channel = house.channels.get(chat.key)
    context = channel.limits.context if channel else ""
    words = house.wording.line(Line(TOLD, {"channel": name}), house.wording.spoken(row["language"]), context)
    outbound.say(visit.tx, house.channels, chat, [Say(words)], now=visit.now, priority=outbound.PUSH)


def _name(chat: Chat) -> str:
    """A channel as citizens call it; the simulator's phones look like those of real channels."""
    return NAMES.get(chat.account if chat.channel == "simulator" else chat.channel, chat.channel)


def _names(chats: Sequence[RowMapping]) -> str:
    """The channel that wrote last."""
    return next((_name(Chat(row["id"], row["channel"], row["account"])) for row in chats), "-")


DO: Do = {GiveCode: _give_code, LinkChat: _link, PartChat: _part}
