"""The month itself: day by day, three times a day."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import jobs
from tests.month import people
from tests.month.ledger import FINISHED, WIB, Life
from tests.month.officers import Staff
from tests.month.people import Citizen, Inbox
from tests.phones import Got, Phone
from tests.streets import Town, open_town

TEMPLATE = "HX" + "a" * 32
BEGIN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 09.00 WIB
FILING_DAYS, ALL_DAYS = 30, 52  # the second month lets silences end, and a year begin
MOST_QUESTIONS = 4
SEND, MAKE_NEW = "Kirim", "Buat baru"
HOURS = (0, 4, 9)  # after 09.00: noon and evening
PROMISED = {"complaint": 7, "aspiration": 14, "information": 5}
PASSES = jobs.EVERY_HOUR + jobs.EVERY_QUARTER  # what the worker does by itself


@dataclass
class Month:
    """A city, its citizens and its staff; `run` lets the time pass."""

    town: Town
    tickets: int
    dice: random.Random
    citizens: list[Citizen] = field(default_factory=list)
    wrote: int = 0  # messages that citizens sent

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.town)
        self.staff = Staff(self.town, self.dice)
        self.by_address: dict[str, Citizen] = {}
        places = self.town.house.city.places.values()
        self.places = [place for place in places if place.level == "kelurahan"]

    @property
    def now(self) -> datetime:
        """The instant it is in the city."""
        return self.town.clock.moment

    def run(self) -> None:
        """Let all days pass."""
        for _ in self.ticks():
            self.file()
            self.staff.work(self.citizens, self.now)
            self.settle()
            self.react()
            self.settle()

    def ticks(self) -> Iterator[datetime]:
        """Morning, noon and evening of every day; the city's clock is set."""
        for day in range(ALL_DAYS):
            for hours in HOURS:
                self.town.clock.moment = BEGIN + timedelta(days=day, hours=hours)
                yield self.now

    def settle(self) -> None:
        """The worker's passes, and everything that waits is sent."""
        for one in PASSES:
            one(self.town.house)
        self.note_what_ended_by_itself()
        self.town.deliver()

    # --- filing ---------------------------------------------------------------------------------------------
    def file(self) -> None:
        """So many new reports that all are there after the month."""
        share = (self.now - BEGIN) / timedelta(days=FILING_DAYS)
        wanted = min(self.tickets, int(self.tickets * share) + 1)
        while len(self.citizens) < wanted:
            self._file_one()

    def _file_one(self) -> None:
        channel = self.dice.choice(people.CHANNELS)
        phone = self.town.phone(channel)
        _, story = people.story(self.dice, self.places)
        self.says(phone, story)
        follows = channel != "sms" and self._until_filed(phone)
        row = self.town.one("select id, number, kind from ticket order by id desc limit 1")
        life = Life(row.number, PROMISED[row.kind], self.now)
        citizen = Citizen(phone, channel, self.dice.choice(people.TEMPERS), life, self.now)
        self.citizens.append(citizen)
        self.by_address[phone.address] = citizen
        if follows:
            life.becomes("merged", self.now, "followed")
        later = self.now + timedelta(days=2)
        if citizen.temper == "withdraws":
            citizen.due.append((later, "withdraw", None))
        if citizen.temper == "adds":
            citizen.due.append((later, "add", None))

    def _until_filed(self, phone: Phone) -> bool:
        """Take the first choice of what is asked until the report is sent; whether another's is followed."""
        for _ in range(MOST_QUESTIONS):
            asked = phone.got()[-1]
            if not asked.labels:
                break
            if MAKE_NEW in asked.labels and self.dice.random() < 0.5:
                self.says(phone, "1")
                return True
            self.says(phone, "kirim" if {SEND, MAKE_NEW} & set(asked.labels) else "1")
        return False

    def says(self, phone: Phone, words: str) -> None:
        """One message of a citizen."""
        phone.writes(words)
        self._wrote(phone.address)

    def presses(self, citizen: Citizen, got: Got | None, label: str) -> None:
        """A button, or its number by SMS."""
        assert got
        citizen.phone.presses(got, label)
        self._wrote(citizen.phone.address)

    def _wrote(self, address: str) -> None:
        self.wrote += 1
        if citizen := self.by_address.get(address):
            citizen.wrote_at = self.now
            citizen.life.read(self.now)

    # --- citizens -------------------------------------------------------------------------------------------
    def react(self) -> None:
        """Citizens read what came, plan what to do, and do what they planned."""
        for address in self.inbox.new():
            citizen = self.by_address[address]
            for got in citizen.phone.arrived():
                self._reads(citizen, got)
        for citizen in self.citizens:
            now_due = [one for one in citizen.due if one[0] <= self.now]
            citizen.due = [one for one in citizen.due if one[0] > self.now]
            for _, what, read in now_due:
                self._does(citizen, what, read)

    def _reads(self, citizen: Citizen, got: Got) -> None:
        life = citizen.life
        if "Baca" in got.labels:
            if citizen.temper != "gone":
                citizen.due.append((self.now, "open", got))
        elif "Belum" in got.labels and life.status == "answered" and life.rounds[-1][-1] in got.text:
            if citizen.temper not in ("quiet", "gone"):
                citizen.due.append((self.now + timedelta(hours=self.dice.choice((0, 5, 24))), "judge", got))
        elif life.status == "waiting" and people.QUESTION in got.text and citizen.temper != "quiet":
            citizen.due.append((self.now + timedelta(hours=6), "reply", got))

    def _does(self, citizen: Citizen, what: str, got: Got | None) -> None:
        if citizen.life.status in FINISHED:
            return
        {
            "open": self._open,
            "judge": self._judge,
            "reply": self._reply,
            "withdraw": self._withdraw,
            "add": self._add,
        }[what](citizen, got)

    def _open(self, citizen: Citizen, got: Got | None) -> None:
        self.presses(citizen, got, "Baca")

    def _judge(self, citizen: Citizen, got: Got | None) -> None:
        if citizen.life.status != "answered" or got is None:
            return
        patience = {"objects": 1, "stubborn": 2}.get(citizen.temper, 0)
        if citizen.objected < patience:
            citizen.objected += 1
            citizen.life.objections += 1
            citizen.life.parts = set(citizen.life.shared)  # each office is asked again
            self.presses(citizen, got, "Belum")
            citizen.life.becomes("in_progress", self.now)
        elif citizen.temper != "stubborn":
            self.presses(citizen, got, "Ya")
            citizen.life.becomes("closed", self.now, "confirmed")

    def _reply(self, citizen: Citizen, got: Got | None) -> None:
        if citizen.life.status == "waiting":
            self.says(citizen.phone, f"BALAS {citizen.life.number} dekat tiang listrik sebelah kiri warung")
            citizen.life.becomes("in_progress", self.now)

    def _withdraw(self, citizen: Citizen, got: Got | None) -> None:
        how = "confirmed" if citizen.life.status == "answered" else "withdrawn"
        self.says(citizen.phone, f"CABUT {citizen.life.number}")
        if how == "withdrawn":
            self.says(citizen.phone, "ya")
        citizen.life.becomes("closed", self.now, how)

    def _add(self, citizen: Citizen, got: Got | None) -> None:
        self.says(citizen.phone, f"BALAS {citizen.life.number} sekarang tambah parah sejak hujan semalam")
        if citizen.life.status == "waiting":
            citizen.life.becomes("in_progress", self.now)

    # --- what nobody does -----------------------------------------------------------------------------------
    def note_what_ended_by_itself(self) -> None:
        """The ledger's own view of silences that are over and years that began."""
        for life in (citizen.life for citizen in self.citizens):
            if life.is_over(self.now):
                life.becomes("closed", self.now, "no_answer")
            if life.status == "planned" and life.begins_in(self.now.astimezone(WIB).year):
                life.becomes("in_progress", self.now)


def counted(town: Town) -> dict[str, int]:
    """Tickets by status and, when closed, by how."""
    rows = town.all("select status, closed_how, count(*) from ticket where parent_id is null group by 1, 2")
    return {f"{status} {how}".strip(): int(count) for status, how, count in rows}


@contextmanager
def month_town(url: str, folder: Path) -> Iterator[Town]:
    """A town whose WhatsApp has an approved template that asks to be opened."""
    words = "Ada kabar tentang laporan Anda. Tekan Baca untuk membukanya."
    types = {
        "twilio/quick-reply": {
            "body": words,
            "actions": [{"type": "QUICK_REPLY", "title": "Baca", "id": "read"}],
        }
    }
    with open_town(url, folder, twilio_status_template_sid=TEMPLATE) as town:
        town.twilio.contents.append({"sid": TEMPLATE, "language": "id", "variables": {}, "types": types})
        yield town
