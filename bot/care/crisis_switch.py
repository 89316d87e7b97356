"""Emergency mode of an area: switched on and off by the desk, told to coordinators and once to its citizens.

Reports of its kind that were filed in the day before it is switched on get the emergency clocks as well: a
flood is reported before it is declared. Their date comes nearer, never farther.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, text, update

from bot import deadlines, outbound, tickets
from bot.care import crises
from bot.care.desk import NotFound
from bot.clocks import STAGE_OF
from bot.delivery.speaking import Listener, lock_listener, tell, worded
from bot.house import House
from bot.queue import put
from bot.workflow import DESK, OPEN, NotAllowed
from storage import family, queries
from storage.casework import crisis
from storage.models import FINISHED, ticket

LONGEST_NOTICE = 110  # characters: with the number to call it is one SMS
DAY_BEFORE = timedelta(days=1)
LEVELS = {"kelurahan": "Kelurahan", "kecamatan": "Kecamatan"}
BATCH = 100  # chats told in one transaction


def switch_on(house: House, by: queries.Reader, place_code: str, words: str = "") -> int:
    """Begin the emergency of an area; returns how many reports of the last day it takes in.

    Args:
        house: the running product.
        by: who switches.
        place_code: a kelurahan, a kecamatan or the city.
        words: told once to everybody there with an open report, and to who reports while it lasts; empty:
            nothing.

    Raises:
        NotFound: no such area in this city.
        NotAllowed: the reader may not, it is on already, or the words are too long.
    """
    _may(by)
    name, words = area_name(house, place_code), _tidy(words)
    now = house.clock.now()
    with house.database.transaction() as tx:
        tx.execute(_ONE_AT_A_TIME)
        if _open(tx, place_code):
            raise NotAllowed(f"Mode darurat {name} sudah menyala.")
        row = {"place_code": place_code, "name": name, "notice": words, "staff_id": by.staff_id}
        begun = tx.execute(insert(crisis).values(**row, started_at=now).returning(crisis)).mappings().one()
        taken = _take_in(tx, house, begun, now)
        _note(tx, begun, "on", f"{name}: dinyalakan oleh {by.email}", now)
        if words:
            put(tx, "tell_area", crisis_id=begun["id"], words=words, ended=False)
    return taken


def switch_off(house: House, by: queries.Reader, place_code: str, words: str = "") -> None:
    """End the emergency of an area; its reports keep their clocks, and citizens are told only `words`.

    Raises:
        NotFound: no such area, or no emergency is on there.
        NotAllowed: the reader may not, or the words are too long.
    """
    _may(by)
    words, now = _tidy(words), house.clock.now()
    with house.database.transaction() as tx:
        tx.execute(_ONE_AT_A_TIME)
        row = _open(tx, place_code)
        if row is None:
            raise NotFound(f"Tidak ada mode darurat yang menyala di {place_code}.")
        tx.execute(update(crisis).where(crisis.c.id == row["id"]).values(ended_at=now))
        _note(tx, row, "off", f"{row['name']}: dimatikan oleh {by.email}", now)
        if words:
            put(tx, "tell_area", crisis_id=row["id"], words=words, ended=True)


def open_now(tx: Connection) -> Sequence[RowMapping]:
    """The emergencies that are on, the newest first, each with the e-mail of who switched it on."""
    return tx.execute(_OPEN_NOW).mappings().all()


_OPEN_NOW = text(
    """select c.*, s.email from crisis c join staff s on s.id = c.staff_id
       where c.ended_at is null order by c.id desc"""
)
# Two who switch the same area at once: the second one sees what the first one did.
_ONE_AT_A_TIME = text("lock table crisis in share row exclusive mode")


def area_name(house: House, place_code: str) -> str:
    """What an area is called: "Kelurahan Tugurejo", or the city's name; raises NotFound."""
    place = house.city.places.get(place_code)
    if place_code == house.city.code:
        return house.city.name
    if place is None or place.level not in LEVELS:
        raise NotFound(f"{place_code[:30]} bukan kode kelurahan, kecamatan, atau kota ini.")
    return f"{LEVELS[place.level]} {place.name}"


def _may(by: queries.Reader) -> None:
    if not by.roles & DESK:
        raise NotAllowed("Anda tidak berwenang mengubah mode darurat.")


def _tidy(words: str) -> str:
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > LONGEST_NOTICE:
        raise NotAllowed(f"Pengumuman terlalu panjang: {len(words)} huruf, paling banyak {LONGEST_NOTICE}.")
    return words


def _open(tx: Connection, place_code: str) -> RowMapping | None:
    query = crisis.select().where(crisis.c.place_code == place_code, crisis.c.ended_at.is_(None))
    return tx.execute(query).mappings().one_or_none()


def _note(tx: Connection, row: RowMapping, what: str, words: str, now: datetime) -> None:
    """A notice to every coordinator and administrator: the switch is theirs to know."""
    tx.execute(_NOTE, {"about": f"{row['id']} {what}", "note": words, "now": now})


_NOTE = text(
    """insert into notice (staff_id, kind, about, note, at)
       select distinct s.id, 'crisis', :about, :note, cast(:now as timestamptz)
       from staff s join staff_role sr on sr.staff_id = s.id join role r on r.id = sr.role_id
       where s.active and r.name in ('coordinator', 'administrator')
       on conflict do nothing"""
)


# --- reports of the day before ------------------------------------------------------------------------------
IN_AREA = """(:area = :city or t.place_code = :area or starts_with(t.place_code, :area || '.')
              or starts_with(t.place_code, :area || '/'))"""
_FRESH = text(
    f"""select t.id from ticket t
        where t.status in ('received', 'forwarded', 'in_progress') and t.crisis_id is null
          and t.kind <> 'information' and t.category = any(:categories) and t.filed_at >= :since
          and t.paused_at is null and t.parent_id is null and {IN_AREA}
        order by t.id for update"""  # noqa: S608 - our own words
)


def _take_in(tx: Connection, house: House, row: RowMapping, now: datetime) -> int:
    area = {"area": row["place_code"], "city": house.city.code}
    values = {**area, "since": now - DAY_BEFORE, "categories": list(house.city.emergency_categories)}
    ids = tx.scalars(_FRESH, values).all()
    for ticket_id in ids:
        parts = [part for part in family.parts(tx, ticket_id, lock=True) if part["status"] not in FINISHED]
        for one in (tickets.lock(tx, ticket_id), *parts):
            sooner = {"crisis_id": row["id"], **_sooner(house, one, now)}
            changed = update(ticket).where(ticket.c.id == one["id"])
            tx.execute(changed.values(version=ticket.c.version + 1, **sooner))
        tickets.append(tx, ticket_id, now, "crisis", detail={"crisis": row["id"]})
    return len(ids)


def _sooner(house: House, row: RowMapping, now: datetime) -> dict[str, Any]:
    """The dates of an emergency that begins now, where they are nearer than the ones that hold."""
    city, found = house.city, {}
    for column, stage in (("due_at", "resolve"), ("stage_due_at", STAGE_OF.get(row["status"], ""))):
        if stage and row[column]:
            limit = city.clocks.limit(row["kind"], "emergency", stage)
            found[column] = min(row[column], deadlines.until(now, limit, city.calendar, city.timezone))
    return found


# --- one notice to everybody there --------------------------------------------------------------------------
def tell_area(house: House, crisis_id: int, words: str, *, ended: bool) -> int:
    """Tell everybody with an open report in the area, each chat once; returns how many. A job.

    After everything that is said in live chats, and not to who stopped our messages. Of the end those too
    whose report belonged to it.
    """
    with house.database.reading() as tx:
        area = tx.execute(crisis.select().where(crisis.c.id == crisis_id)).mappings().one()
        values = {"area": area["place_code"], "city": house.city.code, "open": list(OPEN), "id": crisis_id}
        chats = tx.scalars(_CHATS, {**values, "ended": ended}).all()
    told = 0
    for first in range(0, len(chats), BATCH):
        with house.database.transaction() as tx:
            told += sum(
                _tell(tx, house, chat, crisis_id, words, ended) for chat in chats[first : first + BATCH]
            )
        house.database.bell.ring()
    return told


_CHATS = text(
    f"""select distinct c.id from ticket t join conversation c on c.id = t.conversation_id
        join address a on a.id = c.address_id
        where a.opted_out_at is null
          and ((t.status = any(:open) and {IN_AREA}) or (:ended and t.crisis_id = :id))
        order by c.id"""  # noqa: S608 - our own words
)


def _tell(tx: Connection, house: House, chat_id: int, crisis_id: int, words: str, ended: bool) -> bool:
    to: Listener = lock_listener(tx, house, chat_id)
    mark = -crisis_id if ended else crisis_id
    if mark in (to.state.get(crises.TOLD) or ()):
        return False
    say = worded(house, crises.notice_line(house.city, words), to, staff=True)
    tell(tx, house, to, [say], house.clock.now(), ticket_id=None, priority=outbound.MASS)
    tx.execute(_MARK, {"chat": chat_id, "mark": mark, "told": crises.TOLD})
    return True


_MARK = text(
    """update conversation
       set state = jsonb_set(state, array[:told],
                             coalesce(state -> :told, cast('[]' as jsonb)) || to_jsonb(cast(:mark as bigint)))
       where id = :chat"""
)
