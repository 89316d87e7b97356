"""The budget year that a report may wait for, checked when staff name it."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import update

from bot.care.moved import Moved
from bot.cities.city import City
from bot.workflow import NotAllowed
from storage.models import ticket

YEAR = re.compile(r"20[0-9]{2}", re.ASCII)
FARTHEST = 5  # years ahead: a plan of a term; what is farther away is no promise


def check(city: City, given: dict[str, Any], now: datetime) -> None:
    """Raise NotAllowed for a year that is none, that is over, or that is too far away."""
    year = str(given.get("year") or "")
    if not year:
        return
    if not YEAR.fullmatch(year):
        raise NotAllowed("Tahun anggaran harus berupa angka, misalnya 2027.")
    this = now.astimezone(city.timezone).year
    if not this <= int(year) <= this + FARTHEST:
        raise NotAllowed(f"Tahun anggaran harus antara {this} dan {this + FARTHEST}.")


def note_planned(moved: Moved) -> None:
    """A year that runs already has begun for everybody: nothing is told of it."""
    if moved.row["status"] != "planned":
        return
    this = moved.now.astimezone(moved.house.city.timezone).year
    told = this if moved.row["planned_year"] <= this else None
    moved.tx.execute(update(ticket).where(ticket.c.id == moved.row["id"]).values(told_year=told))
