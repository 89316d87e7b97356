"""What becomes of each invented report: how it is written, what its office does, how its citizen takes it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.care import lane
from bot.care.desk import NotFound
from bot.demo import stories
from bot.demo.month import Month
from bot.demo.people import Citizen, row_of
from bot.workflow import NotAllowed
from storage import queries

# Name, how many of a hundred, and how many days ago it was written: (at most, at least).
_SHARES: tuple[tuple[str, int, tuple[float, float]], ...] = (
    ("new", 9, (3, 0)),
    ("overdue", 6, (28, 13)),
    ("forwarded", 4, (6, 1)),
    ("begun", 9, (12, 2)),
    ("asked", 5, (6, 2)),
    ("replied", 7, (26, 6)),
    ("answered", 9, (6, 2)),
    ("confirmed", 18, (29, 4)),
    ("objected", 5, (16, 6)),
    ("silent", 7, (30, 26)),
    ("withdrawn", 2, (25, 3)),
    ("rejected", 2, (25, 4)),
    ("merged", 3, (15, 3)),
    ("followed", 2, (5, 1)),
    ("planned", 3, (25, 4)),
    ("returned", 2, (4, 1.5)),
    ("bounced", 2, (20, 8)),
    ("shared", 3, (20, 5)),
    ("draft", 3, (3, 0.1)),
    ("emergency", 2, (10, 0.2)),
    ("secret", 2, (12, 1)),
    ("anonymous", 4, (20, 3)),
)


FATES = tuple(
    (name, days)
    for turn in range(max(count for _, count, _ in _SHARES))
    for name, count, days in _SHARES
    if turn < count
)
"""In an order in which the first of them have one of each."""
WAKES = 6  # o'clock


@dataclass
class Case:
    """One report on its way through the month."""

    month: Month
    citizen: Citizen
    fate: str
    language: str
    n: int
    topic: stories.Topic = stories.TOPICS[0]
    twin: str = ""  # the number of a report that tells the same

    @property
    def number(self) -> str:
        """The report's number."""
        return self.citizen.number

    def later(self, hours: float, act: Callable[["Case"], object]) -> None:
        """Something a citizen does, so many hours from now; at night he sleeps."""
        then = self.month.clock.moment + timedelta(hours=hours)
        local = then.astimezone(self.month.house.city.timezone).hour
        if local < WAKES:
            then += timedelta(hours=WAKES - local)
        self.month.at(then, lambda: _done(act(self)))

    def at_work(self, hours: float, act: Callable[["Case"], object]) -> None:
        """Something staff do, in office hours."""
        self.month.at(self.month.office_hours(hours), lambda: _done(act(self)))

    def officer(self) -> queries.Reader:
        """Who has the report on the desk; inspectors alone in their lane."""
        row = row_of(self.month.house, self.number)
        if row is not None and row.supervised:
            return self.month.staff.by_role["inspector"]
        return self.month.staff.officer(row.office) if row and row.office else self.month.staff.coordinator

    def moves(self, status: str, note: str = "", **given: Any) -> bool:
        """A move by its officer."""
        return self.month.moves(self.officer(), self.number, status, note=note, **given)

    def directs(self, status: str, note: str = "", **given: Any) -> bool:
        """A move by the coordinator."""
        return self.month.moves(self.month.staff.coordinator, self.number, status, note=note, **given)


def _done(_result: object) -> None:
    """What a deed came to does not matter: a report may have gone another way meanwhile."""


def plan(case: Case) -> None:
    """Write the report now, and put down what will become of it."""
    _write(case)
    if case.number:
        _FATES.get(case.fate, _nothing)(case)


def _write(case: Case) -> None:
    month, citizen = case.month, case.citizen
    dice, city = month.dice, month.house.city
    case.topic, words = stories.written(
        city, dice, case.n, case.language, streets=case.fate in ("forwarded", "bounced", "shared")
    )
    if case.fate == "emergency":
        words = f"{dice.choice(stories.DANGERS)}, {stories.somewhere(city, dice)}"
    if case.fate == "secret":
        words = f"{dice.choice(stories.SECRET)}, {stories.somewhere(city, dice)}"
    if case.fate in ("followed", "merged") and month.told:
        case.topic, words, case.twin = dice.choice(month.told[-12:])
    if case.language != "id":
        citizen.writes(_CHOOSES[case.language])
    if case.topic.picture and citizen.look != "sms" and dice.random() < 0.5:
        month.with_photo(case.topic.picture, lambda photo: citizen.writes(words, photo=photo))
    else:
        citizen.writes(words)
    send = "anonymous" if case.fate in ("anonymous", "secret") else "send"
    citizen.files(send, follows=case.fate == "followed", stops=case.fate == "draft")
    if citizen.number and case.fate not in ("emergency", "secret", "draft", "merged", "followed"):
        month.told.append((case.topic, words, citizen.number))


_CHOOSES = {"en": "ENGLISH", "jv": "BASA JAWA", "su": "BASA SUNDA"}


def _nothing(case: Case) -> None:
    """It waits: it is new, or its office does nothing."""


def _forwarded(case: Case) -> None:
    case.at_work(3, lambda one: one.directs("forwarded", "Mohon ditangani.", office=_another(one)))


_STREETS = "jalan drainase_banjir penerangan_jalan lalu_lintas sampah_lingkungan pohon_taman parkir".split()


def _another(case: Case) -> str:
    """An office that has to do with streets; in a city with other categories any that reports go to."""
    routes = [one for one in case.month.house.city.routing if one.office in case.month.house.city.offices]
    streets = sorted({one.office for one in routes if one.category in _STREETS})
    return case.month.dice.choice(streets or sorted({one.office for one in routes}))


def _begun(case: Case) -> None:
    case.at_work(5, lambda one: one.moves("in_progress"))


def _asked(case: Case) -> None:
    case.at_work(4, lambda one: one.moves("waiting", one.topic.question))


def _replied(case: Case) -> None:
    _asked(case)
    case.at_work(4.1, lambda one: one.later(9, _reply))
    case.at_work(60, _answer)
    case.at_work(61, lambda one: one.later(6, _confirm))


def _reply(case: Case) -> None:
    case.citizen.writes(case.month.dice.choice(stories.REPLIES))


def _answer(case: Case) -> None:
    case.moves("answered", case.topic.answer)


def _answered(case: Case) -> None:
    """By fast offices within hours, by slow ones within a week."""
    case.at_work(2, lambda one: one.moves("in_progress"))
    case.at_work(_pace(case), _answer)


def _pace(case: Case) -> float:
    row = row_of(case.month.house, case.number)
    slow = sum(map(ord, row.office or "")) % 3 == 0 if row else False
    return case.month.dice.uniform(90, 170) if slow else case.month.dice.uniform(4, 40)


def _confirmed(case: Case) -> None:
    case.at_work(2, lambda one: one.moves("in_progress"))

    def answer(one: Case) -> None:
        _answer(one)
        one.later(one.month.dice.uniform(1, 20), _confirm)

    case.at_work(_pace(case), answer)


def _confirm(case: Case) -> None:
    case.citizen.writes("ya")
    if case.month.dice.random() < 0.8:
        case.citizen.writes(case.month.dice.choice("5554443332"[: 10 if case.n % 7 else 9] + "1"))


def _objected(case: Case) -> None:
    def answer(one: Case) -> None:
        _answer(one)
        one.later(8, lambda it: it.citizen.writes(it.month.dice.choice(stories.OBJECTIONS)))
        if one.n % 2:
            one.at_work(
                70, lambda it: it.moves("answered", "Sudah kami kerjakan ulang dan periksa di lokasi.")
            )

    case.at_work(_pace(case), answer)


def _silent(case: Case) -> None:
    case.at_work(5, _answer)


def _withdrawn(case: Case) -> None:
    def withdraw(one: Case) -> None:
        one.citizen.writes(f"CABUT {one.number}")
        one.citizen.writes("ya")

    case.later(30, withdraw)


def _rejected(case: Case) -> None:
    case.at_work(8, lambda one: one.directs("rejected", one.month.dice.choice(stories.REFUSALS)))


def _merged(case: Case) -> None:
    if case.twin:
        case.at_work(4, lambda one: one.directs("merged", into=one.twin))


def _planned(case: Case) -> None:
    year = case.month.end.year + 1
    note = "Perlu anggaran perbaikan menyeluruh."
    case.at_work(20, lambda one: one.moves("planned", note, year=year))


def _returned(case: Case) -> None:
    case.at_work(4, lambda one: one.moves("returned", one.month.dice.choice(stories.RETURNS)))


def _bounced(case: Case) -> None:
    _returned(case)
    case.at_work(12, lambda one: one.directs("forwarded", "Sesuai tugas instansi.", office=_another(one)))
    case.at_work(50, lambda one: one.moves("in_progress"))


def _shared(case: Case) -> None:
    def share(one: Case) -> None:
        offices = sorted({_another(one) for _ in range(4)})[:3]
        one.directs("forwarded", "Mohon ditangani bersama.", offices=offices)

    case.at_work(4, share)


def _emergency(case: Case) -> None:
    case.later(0.5, lambda one: one.moves("in_progress"))
    case.later(5, lambda one: one.moves("answered", "Tim sudah di lokasi dan keadaan aman."))


def _secret(case: Case) -> None:
    if case.n % 2:
        return

    def place(one: Case) -> None:
        with suppress(NotAllowed, NotFound):
            lane.place(one.month.house, one.month.staff.coordinator, one.number, "Dugaan pungutan liar.")

    case.at_work(2, place)


_FATES: dict[str, Callable[[Case], None]] = {
    "forwarded": _forwarded,
    "begun": _begun,
    "asked": _asked,
    "replied": _replied,
    "answered": _answered,
    "confirmed": _confirmed,
    "objected": _objected,
    "silent": _silent,
    "withdrawn": _withdrawn,
    "rejected": _rejected,
    "merged": _merged,
    "planned": _planned,
    "returned": _returned,
    "bounced": _bounced,
    "shared": _shared,
    "emergency": _emergency,
    "secret": _secret,
    "anonymous": _confirmed,
}
