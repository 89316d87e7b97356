"""What each report should have come to: rules written down a second time, without the product's code."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
# Days off besides weekends, as decreed for 2026 and as reckoned for the first weeks of 2027.
OFF = {date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 5), date(2027, 2, 6)}
SILENCE_DAYS = 10
FINISHED = ("closed", "rejected", "merged")


def works(day: date) -> bool:
    """Whether the city works on a day."""
    return day.weekday() < 5 and day not in OFF


def working_days_after(moment: datetime, days: int) -> datetime:
    """The end of the n-th working day after a moment."""
    day = moment.astimezone(WIB).date()
    while days:
        day += timedelta(days=1)
        days -= works(day)
    return datetime.combine(day, time(23, 59, 59), WIB)


@dataclass
class Life:
    """One report as it should be."""

    number: str
    promised_days: int
    filed_at: datetime
    status: str = "received"
    how: str = ""
    year: int = 0  # whose budget it waits for
    planned_in: int = 0
    returns: int = 0
    objections: int = 0
    silent_since: datetime | None = None  # since when only its citizen could move it on
    unread: bool = False  # its answer waits behind WhatsApp's window
    rounds: list[list[str]] = field(default_factory=list)  # marks of each answer; each must arrive once
    said: list[str] = field(default_factory=list)  # marks of an answer that is not whole yet
    parts: set[str] = field(default_factory=set)  # offices that have not answered their part yet
    shared: tuple[str, ...] = ()  # the offices that have parts of it
    told: list[str] = field(default_factory=list)  # statuses it went through, in order

    def becomes(self, status: str, now: datetime, how: str = "") -> None:
        """Move on."""
        self.status, self.how = status, how
        self.silent_since = now if status in ("answered", "waiting") else None
        self.told.append(status)

    def begins_in(self, year: int) -> bool:
        """Whether what it waits for begins; who planned for the running year waits for the next one."""
        return year >= self.year and year > self.planned_in

    def read(self, now: datetime) -> None:
        """Its citizen wrote or opened what waited: he is not silent."""
        self.unread = False
        self.silent_since = now if self.silent_since else None

    def is_over(self, now: datetime) -> bool:
        """Whether its citizen has been silent for too long about what he has read."""
        if self.silent_since is None or self.unread:
            return False
        return now > working_days_after(self.silent_since, SILENCE_DAYS)
