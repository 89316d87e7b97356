"""The period that figures and sheets are about, as it stands in an address. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from panel import language

NAMES = {
    "month": "Bulan ini",
    "last_month": "Bulan lalu",
    "year": "Satu tahun",
    "between": "Dari - sampai",
}
FIRST_YEAR = 2000
LONGEST = 20  # years


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both counted; `key` is one of NAMES; `fault` says what was no period."""

    key: str
    first: date
    last: date
    fault: str = ""

    @property
    def title(self) -> str:
        """The period in words: "1 Nov 2026 - 30 Nov 2026"."""
        words = (format_date(day, "d MMM yyyy", locale=language.current()) for day in (self.first, self.last))
        return " - ".join(words)

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first instant, and the one after the last."""
        until = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(until, time(), zone)

    @property
    def arguments(self) -> dict[str, str]:
        """What gives the same period in an address, also next month."""
        return {"period": "between", "from": self.first.isoformat(), "to": self.last.isoformat()}


def of(given: Mapping[str, str], today: date) -> Period:
    """The period that an address asks for; this month when it asks for none, or for one that makes no sense.

    Args:
        given: period, year, from, to.
        today: the day in the city.
    """
    first = today.replace(day=1)
    month = Period("month", first, _month_end(first))
    key = given.get("period", "month")
    if key == "last_month":
        before = (first - timedelta(days=1)).replace(day=1)
        return Period(key, before, _month_end(before))
    if key == "year":
        year = given.get("year", "") or str(today.year)
        if year.isascii() and year.isdigit() and FIRST_YEAR <= int(year[:5]) <= today.year:
            return Period(key, date(int(year), 1, 1), date(int(year), 12, 31))
        return Period("month", month.first, month.last, f"Tahun harus {FIRST_YEAR} sampai {today.year}.")
    if key == "between":
        return _between(given, month)
    return month


def _between(given: Mapping[str, str], month: Period) -> Period:
    try:
        first, last = (date.fromisoformat(given.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return Period("month", month.first, month.last, "Isi tanggal dari dan sampai, misalnya 2026-11-01.")
    if not FIRST_YEAR <= first.year <= last.year <= first.year + LONGEST or last < first or last.year > 9000:
        return Period("month", month.first, month.last, "Tanggal sampai harus setelah tanggal dari.")
    return Period("between", first, last)


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
