"""The working hours in a city.csv: "mon tue wed thu 07:30-12:00 13:00-16:00; fri 07:30-11:30 13:00-16:30"."""

import re
from datetime import time
from itertools import pairwise

from bot.cities.files import Row
from bot.hours import Period, Week

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERIOD = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def read_hours(row: Row) -> Week:
    """Return the periods of each day of the week; what is no day, no period, or upside down is a fault."""
    week: dict[int, tuple[Period, ...]] = {}
    for group in row.words("value", required=True):
        days = [word for word in group.lower().split() if word in WEEK]
        periods = [_period(row, word) for word in group.lower().split() if word not in WEEK]
        found = tuple(period for period in periods if period)
        if not days or not found or any(one[1] > two[0] for one, two in pairwise(found)):
            row.fault(f"{group!r} must name days and then periods that follow each other.")
        week.update({WEEK.index(day): found for day in days})
    return week


def _period(row: Row, word: str) -> Period | None:
    found = _PERIOD.fullmatch(word)
    if found is None or not word[:5] < word[6:]:
        row.fault(f"{word!r} is no period of a day; write 07:30-12:00.")
        return None
    numbers = [int(part) for part in found.groups()]
    return time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
