"""Whether what a city promises and when it works agree with its clocks."""

from collections.abc import Iterator

from bot.cities.clocks import MINUTES_A_DAY, in_words, minutes
from bot.cities.hours import WEEK
from bot.cities.parts import Fault
from bot.cities.tables import Tables

FILE = "city.csv"


def clock_faults(tables: Tables) -> Iterator[Fault]:
    """Find a promise that the clocks do not keep, workdays without hours, and tiers that no clock knows."""
    yield from _promise(tables)
    yield from _hours(tables)
    yield from _tiers(tables)


def _promise(tables: Tables) -> Iterator[Fault]:
    """The promise is what a complaint without a tier gets: fewer days cannot be kept, more take some away."""
    if tables.head is None or not tables.head.promise_days:
        return
    limit = tables.clocks.limit("complaint", "", "resolve")
    days, promised = -(-minutes(limit) // MINUTES_A_DAY), tables.head.promise_days
    if promised != days:
        sentence = (
            f"promise_days is {promised}, but the clocks give a complaint {in_words(limit)}; write {days}."
        )
        yield Fault(FILE, tables.head.lines["promise_days"], sentence)


def _hours(tables: Tables) -> Iterator[Fault]:
    """A day that is worked without hours would stop every clock that is given in hours."""
    if tables.head is None:
        return
    without = sorted(day for day in tables.head.workdays if not tables.head.hours.get(day))
    if without:
        days = " ".join(WEEK[day] for day in without)
        sentence = f"work_hours says nothing about {days}, which workdays calls worked."
        yield Fault(FILE, tables.head.lines["work_hours"], sentence)


def _tiers(tables: Tables) -> Iterator[Fault]:
    """A category may begin with a tier only where the clocks tell tiers apart."""
    known = tables.clocks.tiers("complaint")
    for found in tables.categories:
        tier = found.value.tier
        if tier and tier not in known:
            sentence = f"{found.value.code} begins as {tier}, but no clock of a complaint is for {tier}."
            yield Fault("categories.csv", found.line, sentence)
