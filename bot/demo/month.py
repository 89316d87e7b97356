"""The invented month: a calendar of what citizens and staff do, carried out with a clock that is moved.

Everything goes through the use-cases that the real city uses; only the relay is left out: what was written is
marked as sent, and no provider is ever asked.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import text

from bot import jobs
from bot.care import assigning, desk, reporters
from bot.channel import MediaReference
from bot.delivery.media import prepare
from bot.demo import people, pictures
from bot.demo.people import Staff
from bot.demo.stories import Topic
from bot.house import House, files_url
from bot.workflow import NotAllowed
from storage.database import DatabaseAway, DatabaseBusy
from storage.files import Files

DAYS = 30
MOST_LOST = 5  # steps that may fail because the database is busy
TRIES = 3  # of a move
KeepFile = Callable[[bytes], MediaReference]


@dataclass
class MovedClock:
    """A clock that stands where the month has got to."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment


class Month:
    """The calendar; `run` lets the time pass until now."""

    def __init__(self, house: House, keep_file: KeepFile, reports: int, seed: int) -> None:
        self.end = house.clock.now()
        self.begin = self.end - timedelta(days=DAYS)
        self.clock = MovedClock(self.begin)
        self.house = replace(house, clock=self.clock)
        self.dice = random.Random(seed)  # noqa: S311 - a story, no secret
        self.keep_file = keep_file
        self.staff = Staff(self.house)
        self._lookups = people.lookups(house, reports)
        self.told: list[tuple[Topic, str, str]] = []  # topic, words, number; the newest last
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._lost = 0

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Let something happen; what would come after the month's end never does."""
        if moment <= self.end:
            heapq.heappush(self._due, (moment, next(self._order), act))

    def run(self) -> None:
        """Let the time pass; each morning comes what the product does by itself."""
        for day in range(DAYS + 1):
            self.at(self._morning(self.begin + timedelta(days=day)), self._passes)
        while self._due:
            moment, _, act = heapq.heappop(self._due)
            self.clock.moment = max(self.clock.moment, moment)
            self._patiently(act)
            self._patiently(self._send)
        self.clock.moment = self.end
        self._passes()
        self._send()
        with self.house.database.transaction() as tx:
            tx.execute(_READ, {"lookups": self._lookups, "account": people.account_of("sms")})
            tx.execute(_HAND_OVER, {"lookups": self._lookups, "before": people.ACCOUNT})
            tx.execute(_NOTICED, {"domain": f"%@{people.DOMAIN}"})

    def _patiently(self, act: Callable[[], None]) -> None:
        """A database that is busy for a moment costs one step of one report, not the month."""
        try:
            act()
        except DatabaseAway:
            self._lost += 1
            if self._lost > MOST_LOST:
                raise

    def office_hours(self, hours: float) -> datetime:
        """A moment so many hours from now, or on the next morning on which offices work."""
        zone = self.house.city.timezone
        then = (self.clock.moment + timedelta(hours=hours)).astimezone(zone)
        while then.weekday() > 4 or not 8 <= then.hour < 16:
            day = then.date() + timedelta(days=then.weekday() > 4 or then.hour >= 16)
            morning = time(8 + self.dice.randint(0, 3), self.dice.randint(0, 59))
            then = datetime.combine(day, morning, zone)
        return then.astimezone(UTC)

    def _morning(self, day: datetime) -> datetime:
        zone = self.house.city.timezone
        return datetime.combine(day.astimezone(zone).date(), time(7, 30), zone).astimezone(UTC)

    # --- what the product would do by itself ----------------------------------------------------------------
    def _passes(self) -> None:
        for one in jobs.EVERY_HOUR + jobs.EVERY_QUARTER:
            one(self.house)

    def _send(self) -> None:
        """What waits has arrived; what was queued for those who listen is told."""
        for row in self._queued():
            reporters.tell_listeners(self.house, **row)
        with self.house.database.transaction() as tx:
            lookups = {"lookups": self._lookups, "now": self.clock.moment}
            tx.execute(_LOCK, lookups)
            tx.execute(_SENT, lookups)
            tx.execute(_QUIET, lookups)

    def _queued(self) -> list[dict[str, Any]]:
        with self.house.database.transaction() as tx:
            return [dict(row.args) for row in tx.execute(_LISTENERS)]

    # --- what people do -------------------------------------------------------------------------------------
    def with_photo(self, shows: str, send: Callable[[MediaReference], None]) -> None:
        """Send a drawn photo, and keep it as the worker keeps one that came."""
        data = pictures.drawn(shows, self.dice)
        photo = self.keep_file(data)
        send(photo)
        kept = prepare(data)
        path = Files(files_url(self.house)).keep(kept.data, kept.ending)
        values = {"reference": photo.reference, "path": path, "size": len(kept.data), "look": kept.look}
        with self.house.database.transaction() as tx:
            tx.execute(_STORED, {**values, "type": kept.media_type, "now": self.clock.moment})

    def moves(self, by: Any, number: str, status: str, **given: Any) -> bool:
        """A move by one of the staff; False where the report has gone another way meanwhile."""
        try:
            self._again_if_busy(lambda: desk.move(self.house, by, number, status, given))
            if status == "in_progress" and self.dice.random() < 0.8:
                assigning.assign(self.house, by, number, by.email)
        except (desk.NotFound, NotAllowed):
            return False
        return True

    @staticmethod
    def _again_if_busy(act: Callable[[], None]) -> None:
        """One transaction, which nothing is left of when it was given up for the sake of others."""
        for _ in range(TRIES - 1):
            try:
                return act()
            except DatabaseBusy:
                continue
        return act()


_MINE = """select c.id from conversation c join address a on a.id = c.address_id
           where a.channel = 'simulator' and a.lookup = any(:lookups) and c.out_due_at is not null"""
# Chats before messages, as everywhere.
_LOCK = text(f"select id from conversation where id in ({_MINE}) order by id for update")  # noqa: S608
_SENT = text(
    f"""update message set state = 'delivered', sent_at = created_at + interval '1 second',
               delivered_at = created_at + interval '3 seconds', provider_id = 'sim:' || id,
               due_at = null, lease_until = null
        where conversation_id in ({_MINE}) and direction = 'out'
          and state in ('waiting', 'held', 'sending')"""  # noqa: S608 - our own words
)
# Who writes has read what stands above; a telephone that knows only SMS tells nobody.
_READ = text(
    """update message m set state = 'read', read_at = answer.created_at
       from conversation c join address a on a.id = c.address_id,
            lateral (select max(i.created_at) as created_at, max(i.id) as id from message i
                     where i.conversation_id = c.id and i.direction = 'in') answer
       where m.conversation_id = c.id and m.direction = 'out' and m.state = 'delivered'
         and a.channel = 'simulator' and a.lookup = any(:lookups) and c.account <> :account
         and m.id < answer.id"""
)
# From now on they are chats of the simulated phones like any other.
_HAND_OVER = text(
    """update conversation c set account = replace(c.account, :before, '') from address a
       where a.id = c.address_id and a.channel = 'simulator' and a.lookup = any(:lookups)"""
)
# Who works there reads notices: a few of the newest are left.
_NOTICED = text(
    """update notice n set read_at = n.at + interval '3 hours'
       from (select id, staff_id, row_number() over (partition by staff_id order by id desc) as place
             from notice where staff_id in (select id from staff where email like :domain)) one
       where one.id = n.id and one.place > 3 + one.staff_id % 6 and n.read_at is null"""
)
_QUIET = text(f"update conversation set out_due_at = null where id in ({_MINE})")  # noqa: S608
_LISTENERS = text(
    "delete from procrastinate_jobs where status = 'todo' and task_name = 'tell_listeners' returning args"
)
_STORED = text(
    """update attachment set state = 'stored', path = :path, size = :size, media_type = :type,
              look_hash = :look, created_at = :now
       where reference = :reference and channel like 'simulator%'"""
)
