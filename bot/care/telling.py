"""What the chat that filed a ticket, and those that follow it, are told of a move."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, cast, literal, select, union

from bot import outbound
from bot.care import charge, crowd, following, part_limit, reporters
from bot.care.merging import JOINED_QUIETLY, is_hidden
from bot.channel import Option, Say
from bot.house import House
from bot.outbound import Chat
from bot.talk.closing import SOLVED, solved_question
from bot.wording import Line
from bot.workflow import STATUSES, Status
from storage import merged
from storage.models import conversation, follower

REMARKS = {
    "answered": SOLVED,
    "rejected": "You may reply here to object.",
    "closed": "You may reply here if something is missing.",
}
JOINED_REMARKS = dict.fromkeys(("answered", "closed"), reporters.MAY_OBJECT)
UNHEARD = "Your report is closed because we heard nothing from you. To open it again, reply here."


@dataclass(frozen=True, slots=True)
class _Listener:
    chat: Chat
    language: str
    follows: bool = False
    joined: bool = False  # its own report was joined with this one


def tell(
    tx: Connection,
    house: House,
    row: RowMapping,
    reached: Status,
    given: dict[str, Any],
    staff_id: int | None,
) -> None:
    """Put the news into the chat that filed the ticket, and into those of its followers."""
    for chat in _audience(tx, house, row, reached, given):
        says = _says(house, tx, row, reached, given, chat)
        if staff_id is not None and not chat.follows and not given.get("together"):
            part_limit.check(house.channels.get(chat.chat.key), says)
        outbound.say(
            tx,
            house.channels,
            chat.chat,
            says,
            now=house.clock.now(),
            ticket_id=row["id"],
            staff_id=staff_id,
            priority=outbound.PUSH,
        )


def answer_as_told(tx: Connection, house: House, row: RowMapping, note: str) -> list[Say]:
    """What the reporter would read of an answer given now: what a preview measures. Nothing is written."""
    chat = tx.execute(select(conversation).where(conversation.c.id == row["conversation_id"])).one()
    to = _Listener(Chat(chat.id, chat.channel, chat.account), chat.language)
    return _says(house, tx, row, STATUSES["answered"], {"note": note}, to)


def _audience(
    tx: Connection, house: House, row: RowMapping, reached: Status, given: dict[str, Any]
) -> list[_Listener]:
    """The chat that filed it; its followers too, if the news is for everybody and the report still is.

    A crowd of followers is told by a job.
    """
    told = reached.name != "waiting" and not is_hidden(row)
    if told and crowd.is_crowd(tx, row["id"]):
        told = False

        def words(to: crowd.Variant) -> list[str]:
            listener = _Listener(to.chat, to.language, follows=True, joined=to.joined)
            return [say.text for say in _says(house, tx, row, reached, given, listener)]

        crowd.tell_later(tx, row, words, None, pause=timedelta(seconds=given.get("wait", 0)))
    followers = select(follower.c.conversation_id).where(follower.c.ticket_id == row["id"], literal(told))
    # One list and no "or": with that every chat of the city would be looked at for each move.
    listening = union(select(cast(row["conversation_id"], BigInteger)), followers)
    query = (
        select(conversation.c.id, conversation.c.channel, conversation.c.account, conversation.c.language)
        .where(conversation.c.id.in_(listening))
        .order_by(conversation.c.id)
    )
    chats, own = tx.execute(query).all(), row["conversation_id"]
    joined = merged.reporters(tx, row) if reached.name in JOINED_REMARKS and len(chats) > 1 else {}
    return [
        _Listener(Chat(one.id, one.channel, one.account), one.language, one.id != own, one.id in joined)
        for one in chats
    ]


def _says(
    house: House, tx: Connection, row: RowMapping, reached: Status, given: dict[str, Any], to: _Listener
) -> list[Say]:
    """The news as one message; the reporter is asked under an answer whether it is solved.

    Where a long answer leaves no room for buttons the question follows as a message of its own.
    """
    asks = reached.name == "answered" and to.chat.id == row["conversation_id"]
    channel = house.channels.get(to.chat.key)
    context = channel.limits.context if channel else ""
    news = _news(house, tx, row, reached, given, to, context)
    staff = bool(given.get("note"))
    if not asks:
        return [Say("\n".join([*news, row["number"]]), staff=staff)]
    options = tuple(
        Option(id_, house.wording.line(Line(label), house.wording.spoken(to.language), context))
        for id_, label in solved_question().options
    )
    whole = Say("\n".join([*news, row["number"]]), options, staff=staff)
    if channel is None or not channel.limits.options or channel.render(whole)[-1].options:
        return [whole]
    return [Say(news[0], staff=staff), Say("\n".join([*news[1:], row["number"]]), options)]


def _news(
    house: House,
    tx: Connection,
    row: RowMapping,
    reached: Status,
    given: dict[str, Any],
    to: _Listener,
    context: str,
) -> list[str]:
    """What happened and until when; then how to object."""
    language = house.wording.spoken(to.language)
    who = charge.after(tx, row, given)
    name, due = charge.named(who, house.city, context), charge.due(row, who, language, house.city)
    told = {word: given.get(word) or "" for word in ("note", "into", "year")}
    if given.get("hidden"):  # what a report was joined with is for nobody else to know
        told["into"] = ""
    decided = charge.by_day(row["stage_due_at"], language, house.city)
    values = {**told, "office": name, "due": due, "day": decided}
    silent = given.get("how") == "no_answer"
    if to.follows:
        lines = following.news(reached, values, silent=silent)
    elif silent:
        lines = [Line(UNHEARD), Line("{note}", values)]
    else:
        quiet = Line(JOINED_QUIETLY, values)
        lines = [quiet if given.get("hidden") else charge.push(row, reached, who, values)]
    if to.joined and reached.name in JOINED_REMARKS:
        lines.append(Line(JOINED_REMARKS[reached.name]))
    if reached.name in REMARKS and not to.follows and not silent:
        lines.append(Line(REMARKS[reached.name]))
    worded = [house.wording.line(line, language, context) for line in lines]
    return list(filter(None, worded))
