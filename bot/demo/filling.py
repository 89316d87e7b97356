"""The use-case "fill the city with the invented month"."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from bot.demo import apart, stories
from bot.demo.fates import FATES, Case, plan
from bot.demo.month import DAYS, KeepFile, Month
from bot.demo.people import DOMAIN, Citizen
from bot.house import House
from bot.workflow import NotAllowed

LOOKS = ("whatsapp",) * 9 + ("telegram",) * 5 + ("sms",) * 6
TALKING = LOOKS[:14]
ONLY_TALKED = ("draft", "anonymous", "followed", "secret")  # an SMS is filed at once, with nothing to choose
NIGHT = range(5)  # hours in which nobody writes


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made: how many reports were written, and who may log in with which password."""

    reports: int
    emails: list[str]
    password: str


def is_empty(house: House) -> bool:
    """Whether the installation has no report yet, not even one that was begun."""
    with house.database.reading() as tx:
        return not tx.scalar(text("select exists (select from ticket)"))


def is_filled(house: House) -> bool:
    """Whether the invented month is there."""
    with house.database.reading() as tx:
        return bool(tx.scalar(_STAFF, {"domain": f"%@{DOMAIN}"}))


_STAFF = text("select exists (select from staff where email like :domain and active)")


def fill(house: House, keep_file: KeepFile, reports: int, seed: int = 1708) -> Filled:
    """Fill an empty city with the month that ends now.

    Args:
        house: the running product with the simulated phones as its only channels.
        keep_file: lays a photo where these phones keep theirs; returns what a message names it by.
        reports: how many citizens write.
        seed: the same one tells the same stories.

    Raises:
        NotAllowed: the month is there already, or somebody has reported something.
    """
    if is_filled(house):
        raise NotAllowed("Contoh sudah ada; `python app.py demo --remove` menghapusnya.")
    if not is_empty(house):
        raise NotAllowed("Contoh hanya untuk instalasi kosong; di sini sudah ada laporan.")
    with apart.alone(house):
        month = Month(house, keep_file, reports, seed)
        for n in range(reports):
            _put_down(month, n)
        month.run()
    return Filled(reports, month.staff.emails, month.staff.password)


def _put_down(month: Month, n: int) -> None:
    fate, (oldest, newest) = FATES[n % len(FATES)]
    dice, zone = month.dice, month.house.city.timezone
    moment = month.end - timedelta(days=dice.uniform(newest, min(oldest, DAYS)))
    if moment.astimezone(zone).hour in NIGHT:
        moment = max(month.begin, moment - timedelta(hours=len(NIGHT) + 1))
    language = dice.choice(stories.LANGUAGES)
    look = dice.choice(TALKING if fate in ONLY_TALKED else LOOKS)
    case = Case(month, Citizen(month.house, n, look, dice.choice(stories.NAMES)), fate, language, n)
    month.at(moment, lambda: plan(case))
