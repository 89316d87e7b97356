"""Reports of the same thing in a town, joined by staff: what the tests of mergers have in common."""

from typing import Any

from sqlalchemy import text

from bot.care import desk, reporters
from panel.shown import happened, who_did
from storage import queries
from tests.phones import Phone
from tests.streets import Town

STORY = "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu"
COORDINATOR = "koordinator@kota.test"


def filed(town: Town, kind: str = "whatsapp") -> tuple[Phone, str]:
    """A phone that has filed a report, and its number; nobody else's report is taken for the same."""
    town.age_reports()
    phone = town.phone(kind)
    phone.writes(STORY)
    if kind != "sms":
        phone.presses(phone.got()[-1], "Kirim")
    phone.got()
    return phone, str(town.one("select number from ticket order by id desc limit 1").number)


def move(town: Town, number: str, status: str, **given: str) -> None:
    desk.move(town.house, town.staff(COORDINATOR), number, status, given)


def join(town: Town, number: str, into: str) -> None:
    move(town, number, "merged", into=into)


def joined(town: Town) -> tuple[Phone, str, Phone, str]:
    """First reporter, his number; second reporter, and his, joined with the first."""
    one, first = filed(town)
    two, second = filed(town, "telegram")
    join(town, second, first)
    one.got(), two.got()
    return one, first, two, second


def row(town: Town, number: str) -> Any:
    return town.one("select * from ticket where number = :number", number=number)


def change(town: Town, number: str, what: str) -> None:
    with town.house.database.transaction() as tx:
        tx.execute(text(f"update ticket set {what} where number = :number"), {"number": number})


def followers(town: Town, number: str) -> int:
    query = "select count(*) from follower f join ticket t on t.id = f.ticket_id where t.number = :number"
    return int(town.one(query, number=number)[0])


def words_at(town: Town, number: str) -> list[str]:
    """What citizens wrote, by the ticket that it belongs to."""
    query = """select m.text from message m join ticket t on t.id = m.ticket_id
               where t.number = :number and m.direction = 'in' order by m.id"""
    return [one.text for one in town.all(query, number=number)]


def history(town: Town, number: str) -> list[str]:
    """The history as staff read it."""
    with town.house.database.reading() as tx:
        return [
            f"{happened(one)} | {who_did(one)}" for one in queries.ticket_events(tx, row(town, number).id)
        ]


def run_jobs(town: Town) -> None:
    """What the queue holds for followers and joined reporters."""
    query = "delete from procrastinate_jobs where task_name = 'tell_listeners' returning args"
    with town.house.database.transaction() as tx:
        jobs = list(tx.scalars(text(query)))
    for args in jobs:
        reporters.tell_listeners(town.house, **args)
