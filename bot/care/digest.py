"""The daily digest of one of the staff: one message a working day into the own chat, for all reports. A job.

Figures and at most five report numbers: no story, no name, nothing that a stranger could read on a phone.
"""

from datetime import datetime

from sqlalchemy import Connection, select, text

from bot import outbound
from bot.care.escalation import midnight, next_workday
from bot.channel import Say
from bot.deadlines import ONE_DAY
from bot.delivery.speaking import Listener, lock_listener, worded
from bot.delivery.speaking import tell as tell_chat
from bot.house import House
from bot.wording import Line, day
from storage import due, queries
from storage.models import staff

DAY = (7, 19)  # from this hour to that one, local time
MOST_NUMBERS = 5
KIND = "digest"  # of its message
SUMMARY = (
    "Digest for staff, {day}\n"
    "Late: {late}\n"
    "Due today: {today}\n"
    "Due on the next working day: {soon}\n"
    "New notices: {news}"
)
URGENT = "Most urgent: {numbers}"
LIST = "The whole list: {link}"


def send(house: House) -> int:
    """Send the digests that are due; returns how many. Nobody gets a second one on the same day.

    Args:
        house: the running product; its clock says whether it is a working day, and day.
    """
    now = house.clock.now()
    local = now.astimezone(house.city.timezone)
    if not DAY[0] <= local.hour < DAY[1] or not house.city.calendar.works(local.date()):
        return 0
    today = midnight(house.city, local.date())
    with house.database.reading() as tx:
        waiting = tx.execute(_WAITING, {"today": today}).all()
    sent = 0
    for one in waiting:
        with house.database.transaction() as tx:
            sent += _send(tx, house, one.staff_id, one.conversation_id, now)
    if sent:
        house.database.bell.ring()
    return sent


# Who sent STOP is left alone, and an emptied address (HAPUS DATA) reaches nobody.
_WAITING = text(
    """select sc.staff_id, sc.conversation_id
       from staff_chat sc join staff s on s.id = sc.staff_id and s.active
       join conversation c on c.id = sc.conversation_id
       join address a on a.id = c.address_id and a.opted_out_at is null and a.sealed <> ''
       where sc.digest_at is null or sc.digest_at < :today order by sc.staff_id"""
)


def _send(tx: Connection, house: House, staff_id: int, chat_id: int, now: datetime) -> bool:
    """One digest, claimed under the chat's lock; returns whether there was anything to say."""
    to = lock_listener(tx, house, chat_id)
    today = midnight(house.city, now.astimezone(house.city.timezone).date())
    if not tx.execute(_CLAIM, {"staff": staff_id, "chat": chat_id, "today": today, "now": now}).rowcount:
        return False
    by = queries.reader(tx, tx.execute(select(staff.c.email).where(staff.c.id == staff_id)).scalar_one())
    if by is None or not (lines := _lines(tx, house, by, to, now)):
        return False
    tx.execute(_REPLACE, {"chat": chat_id, "kind": KIND})
    say = Say("\n".join(worded(house, line, to).text for line in lines))
    tell_chat(tx, house, to, [say], now, ticket_id=None, priority=outbound.PUSH)
    tx.execute(_MARK, {"chat": chat_id, "kind": KIND})
    return True


_CLAIM = text(
    """update staff_chat set digest_at = :now
       where staff_id = :staff and conversation_id = :chat and (digest_at is null or digest_at < :today)"""
)
# One that still waits for the phone (a window that is shut) is out of date: only the newest comes through.
_REPLACE = text(
    """update message set state = 'cancelled', error = 'Diganti ringkasan yang lebih baru.'
       where conversation_id = :chat and kind = :kind and state in ('waiting', 'held')"""
)
_MARK = text(
    """update message set kind = :kind
       where id = (select max(id) from message where conversation_id = :chat and direction = 'out')"""
)


# --- what it says -------------------------------------------------------------------------------------------
def _lines(tx: Connection, house: House, by: queries.Reader, to: Listener, now: datetime) -> list[Line]:
    """The digest's lines; none when there is nothing to tell."""
    local = now.astimezone(house.city.timezone)
    tomorrow = midnight(house.city, local.date() + ONE_DAY)
    soon = midnight(house.city, next_workday(house.city, local.date()) + ONE_DAY)
    counts = due.counts(tx, by, now=now, tomorrow=tomorrow, soon=soon)
    figures = {**counts, "news": tx.execute(_TAKE_NEWS, {"staff": by.staff_id, "now": now}).rowcount}
    if not any(figures.values()):
        return []
    lines = [Line(SUMMARY, {**figures, "day": day(now, to.language, house.city.timezone)})]
    if urgent := due.most_urgent(tx, by, before=soon, limit=MOST_NUMBERS):
        lines.append(Line(URGENT, {"numbers": ", ".join(urgent)}))
    return [*lines, Line(LIST, {"link": f"{house.settings.base_url}/panel/"})]


# What was read in the panel already is no news, and neither is it tomorrow.
_TAKE_NEWS = text(
    """with seen as (
           update notice set digested_at = :now
           where staff_id = :staff and digested_at is null and read_at is not null)
       update notice set digested_at = :now
       where staff_id = :staff and digested_at is null and read_at is null"""
)
