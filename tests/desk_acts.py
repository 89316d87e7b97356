"""What staff do in a transcript with several reports or a whole area."""

import re
from typing import Any

from sqlalchemy import text

from bot.care import crisis_switch, desk, reporters, unmerging
from tests.streets import Town

BOSS = "koordinator@kota.test"


def join(town: Town, words: str) -> None:
    """gabung: 417058236 ke 593017242."""
    one, _, into = words.partition(" ke ")
    desk.move(town.house, town.staff(BOSS), one, "merged", {"into": into})


def part(town: Town, words: str) -> None:
    """pisah: 417058236."""
    unmerging.unmerge(town.house, town.staff(BOSS), words)


def emergency(town: Town, words: str) -> None:
    """darurat: 33.74.01.1007: what its citizens are told; or "padam 33.74.01.1007"."""
    boss, (code,) = town.staff(BOSS), re.findall(r"33\.74[.\d]*\d", words)
    if words.startswith("padam"):
        crisis_switch.switch_off(town.house, boss, code, words.partition(": ")[2])
    else:
        crisis_switch.switch_on(town.house, boss, code, words.partition(": ")[2])
    run_jobs(town)


def all_clear(town: Town) -> None:
    """No emergency is on, whatever became of the transcript before."""
    with town.house.database.transaction() as tx:
        tx.execute(text("update crisis set ended_at = started_at where ended_at is null"))


JOBS: dict[str, Any] = {"tell_area": crisis_switch.tell_area, "tell_listeners": reporters.tell_listeners}


def run_jobs(town: Town) -> None:
    """Do what the queue holds for many chats, as a worker would."""
    query = """delete from procrastinate_jobs where task_name = any(:names) returning task_name, args"""
    with town.house.database.transaction() as tx:
        jobs = tx.execute(text(query), {"names": list(JOBS)}).all()
    for name, args in jobs:
        JOBS[name](town.house, **args)
