"""A town in an emergency: what the tests of it have in common."""

from typing import Any

from sqlalchemy import text

from bot.care import crises, crisis_switch
from tests.phones import Phone
from tests.streets import Town

COORDINATOR, OFFICER = "koordinator@kota.test", "dpu@kota.test"
CITY, DISTRICT, VILLAGE = "33.74", "33.74.01", "33.74.01.1007"  # Semarang, Semarang Tengah, Sekayu
FLOOD = "banjir masuk rumah di Jalan Pemuda, Kelurahan Sekayu"
WORDS = "Banjir Sekayu: posko di balai kelurahan buka 24 jam."


def calm(town: Town) -> Town:
    """The town with no emergency on, and no report of the tests before in anybody's way."""
    with town.house.database.transaction() as tx:
        tx.execute(text("update crisis set ended_at = started_at where ended_at is null"))
        tx.execute(
            text("update ticket set status = 'closed', closed_how = 'withdrawn' where status <> 'draft'")
        )
        tx.execute(text("delete from procrastinate_jobs where task_name = 'tell_area'"))
    return town


def on(town: Town, place: str = VILLAGE, words: str = "") -> int:
    return crisis_switch.switch_on(town.house, town.staff(COORDINATOR), place, words)


def run_jobs(town: Town) -> int:
    """What the queue holds for an area; returns how many chats were told."""
    query = "delete from procrastinate_jobs where task_name = 'tell_area' returning args"
    with town.house.database.transaction() as tx:
        jobs = list(tx.scalars(text(query)))
    return sum(crisis_switch.tell_area(town.house, **args) for args in jobs)


def newest(town: Town) -> Any:
    return town.one("select * from ticket order by id desc limit 1")


def answers(town: Town) -> dict[str, str]:
    with town.house.database.reading() as tx:
        return crises.answers(tx, newest(town).id)


def sends(phone: Phone) -> str:
    """Press "Kirim" under the read-back; returns what came last."""
    shown = next(one for one in reversed(phone.got()) if one.labels)
    phone.presses(shown, "Kirim")
    return "\n".join(one.text for one in phone.got())


def filed(town: Town, story: str = FLOOD, kind: str = "telegram") -> Phone:
    """A phone that filed a report while no emergency was on."""
    phone = town.phone(kind)
    phone.writes(story)
    if kind != "sms":
        shown = phone.got()[-1]
        if "Buat baru" in shown.labels:
            phone.presses(shown, "Buat baru")
            shown = phone.got()[-1]
        phone.presses(shown, "Kirim")
    phone.got()
    return phone
