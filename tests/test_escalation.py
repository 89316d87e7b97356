"""Dates that come near and pass: who is told at which step, on which day, and that nobody is told twice."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.care import desk, ombudsman
from bot.care.escalation import escalate
from bot.jobs import every_quarter
from bot.queue import queue
from panel.staff import add_staff
from tests.people import says, together
from tests.phones import Phone
from tests.streets import Town, open_town

WIB = ZoneInfo("Asia/Jakarta")
HOLE = "jalan berlubang besar di Kelurahan Sekayu depan masjid"
OFFICER, HEAD, MAYOR = "dpu@kota.test", "kepala@kota.test", "sekda@kota.test"
COORDINATOR, TOP, INSPECTOR = "koordinator@kota.test", "pimpinan@kota.test", "pengawas@kota.test"
HIRED = (
    (HEAD, "officer", "DPU"),
    (MAYOR, "officer", "PEMKOT"),
    (TOP, "supervisor", None),
    (INSPECTOR, "inspector", "INSPEKTORAT"),
)
# A report of Monday, 23 November 2026: looked at by the 26th, answered by Wednesday, 2 December.
PROMISE, VERIFY = "promise 2026-12-02", "verify 2026-11-26"


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        for email, role, office in HIRED:
            add_staff(town.house, email, role, office, "rahasia-sekali")
        change(town, "update staff set head = true where email = :email", email=HEAD)
        yield town


def change(town: Town, statement: str, **values: Any) -> None:
    with town.house.database.transaction() as tx:
        tx.execute(text(statement), values)


def runs(town: Town, when: str) -> int:
    """How many steps the job takes at this local time."""
    town.clock.moment = datetime.fromisoformat(when).replace(tzinfo=WIB)
    return escalate(town.house)


def reported(town: Town, when: str = "2026-11-23 09:00", kind: str = "sms") -> tuple[Phone, str]:
    town.clock.moment = datetime.fromisoformat(when).replace(tzinfo=WIB)
    phone = town.phone(kind)
    phone.writes(HOLE)
    return phone, str(town.one("select number from ticket order by id desc limit 1").number)


def at_work(town: Town, when: str = "2026-11-23 09:00", kind: str = "sms") -> tuple[Phone, str]:
    """A report that its office works on: no clock but that of the promise runs."""
    phone, number = reported(town, when, kind)
    desk.move(town.house, town.staff(COORDINATOR), number, "forwarded", {"office": "DPU"})
    desk.move(town.house, town.staff(OFFICER), number, "in_progress", {})
    return phone, number


def told(town: Town, number: str, about: str = PROMISE) -> list[tuple[str, str]]:
    """Who was told of which step, in order."""
    query = """select n.kind, s.email from notice n join staff s on s.id = n.staff_id
               join ticket t on t.id = n.ticket_id
               where t.number = :number and n.about = :about order by n.at, s.email"""
    return [(row.kind, row.email) for row in town.all(query, number=number, about=about)]


def test_each_day_the_promise_goes_one_step_further_up(town: Town) -> None:
    _, number = at_work(town)
    days = ("2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-08", "2026-12-09", "2026-12-10")
    assert [runs(town, f"{day} 09:00") for day in days] == [0, 1, 1, 1, 0, 1, 0]
    assert told(town, number) == [
        ("before", OFFICER), ("before", HEAD),
        ("due", OFFICER), ("due", HEAD),
        ("overdue", HEAD), ("overdue", COORDINATOR), ("overdue", MAYOR),
        ("late", COORDINATOR), ("late", TOP),
    ]  # fmt: skip
    lines = "select detail ->> 'step' as step, detail ->> 'told' as told from event where kind = 'escalated'"
    assert [tuple(row) for row in town.all(f"{lines} order by id")] == [
        ("before", "office"),
        ("due", "head office"),
        ("overdue", "coordinator head superior"),
        ("late", "coordinator supervisor"),
    ]


def test_a_second_run_tells_nobody_again(town: Town) -> None:
    _, number = at_work(town)
    assert runs(town, "2026-12-01 09:00") == 1
    before = told(town, number)
    assert [runs(town, f"2026-12-01 {hour}:15") for hour in ("09", "12", "19")] == [0, 0, 0]
    assert told(town, number) == before


def test_what_waits_to_be_passed_on_is_the_coordinators(town: Town) -> None:
    _, number = reported(town)
    for day in ("11-25", "11-26", "11-27", "12-03"):
        runs(town, f"2026-{day} 09:00")
    assert told(town, number, VERIFY) == [
        ("before", COORDINATOR), ("due", COORDINATOR), ("overdue", COORDINATOR),
        ("late", COORDINATOR), ("late", TOP),
    ]  # fmt: skip


def test_after_days_without_a_run_only_the_step_of_today_is_taken(town: Town) -> None:
    _, number = at_work(town)
    assert runs(town, "2026-12-15 09:00") == 1
    assert told(town, number) == [("late", COORDINATOR), ("late", TOP)]


def test_the_day_before_monday_is_friday(town: Town) -> None:
    _, number = at_work(town, "2026-11-26 09:00")  # due on Monday, 7 December
    assert [runs(town, f"2026-12-0{day} 09:00") for day in (3, 4, 5, 6, 7)] == [0, 1, 0, 0, 1]
    steps = [step for step, _ in told(town, number, "promise 2026-12-07")]
    assert steps == ["before", "before", "due", "due"]


def test_the_day_before_a_holiday_counts_as_the_day_before(town: Town) -> None:
    at_work(town, "2026-08-06 09:00")  # due on Tuesday, 18 August; the 17th is Independence Day
    assert [runs(town, f"2026-08-{day} 09:00") for day in (13, 14, 17, 18)] == [0, 1, 0, 1]


def test_nobody_is_told_at_night(town: Town) -> None:
    at_work(town)
    assert [runs(town, f"2026-12-03 {hour}") for hour in ("00:15", "06:45", "20:00", "07:00")] == [0, 0, 0, 1]


@pytest.mark.parametrize("status", ["waiting", "planned", "answered"])
def test_while_the_office_has_nothing_to_do_its_clock_tells_nobody(town: Town, status: str) -> None:
    _, number = at_work(town)
    given = {"note": "Kami jelaskan nanti.", "year": "2027"}
    desk.move(town.house, town.staff(OFFICER), number, status, given)
    assert runs(town, "2026-12-15 09:00") == 0 and told(town, number) == []


def test_a_new_date_after_belum_is_escalated_anew(town: Town) -> None:
    phone, number = at_work(town)
    runs(town, "2026-12-01 09:00")
    desk.answer(town.house, town.staff(OFFICER), number, "Sudah ditambal.")
    phone.got()
    phone.writes("belum")
    assert runs(town, "2026-12-01 16:00") == 0
    due = town.one("select due_at from ticket where number = :n", n=number).due_at.astimezone(WIB).date()
    assert runs(town, f"{due} 09:00") == 1
    assert {step for step, _ in told(town, number, f"promise {due}")} == {"due"}


def test_a_report_in_the_supervised_lane_concerns_inspectors_alone(town: Town) -> None:
    _, number = at_work(town)
    change(town, "update ticket set supervised = true where number = :n", n=number)
    assert runs(town, "2026-12-03 09:00") == 1
    assert told(town, number) == [("overdue", INSPECTOR)]


def test_an_assignee_is_told_instead_of_the_whole_office(town: Town) -> None:
    add_staff(town.house, "rekan@kota.test", "officer", "DPU", "rahasia-sekali")
    _, number = at_work(town)
    change(
        town,
        "update ticket set assignee_id = (select id from staff where email = :e) where number = :n",
        e="rekan@kota.test", n=number,
    )  # fmt: skip
    runs(town, "2026-12-01 09:00")
    assert told(town, number) == [("before", "rekan@kota.test")]


def test_workers_at_once_and_small_batches_tell_everybody_once(town: Town) -> None:
    for _ in range(5):
        at_work(town)
        town.age_reports()
    town.clock.moment = datetime(2026, 12, 3, 9, tzinfo=WIB)
    taken = together([partial(escalate, town.house, batch=2) for _ in range(4)])
    assert sum(taken) == 5 == town.count("event where kind = 'escalated'")
    assert town.count("notice where kind = 'overdue'") == 15


# --- the citizen --------------------------------------------------------------------------------------------
def late(town: Town, when: str) -> int:
    """How many citizens are told after the steps of this moment were taken."""
    runs(town, when)
    return ombudsman.tell(town.house)


def test_the_citizen_hears_of_the_ombudsman_at_the_last_step_and_only_once(town: Town) -> None:
    phone, number = at_work(town)
    phone.got()
    assert [late(town, f"2026-12-0{day} 09:00") for day in (1, 2, 3, 8)] == [0, 0, 0, 0]
    assert late(town, "2026-12-09 09:00") == 1 and ombudsman.tell(town.house) == 0
    (news,) = phone.got()
    assert news.text == (
        f"{number} lewat target Rab, 2 Des 2026. DPU kami ingatkan lagi. "
        "Bisa juga ke Ombudsman: WA 08119983737, tel. 137, ombudsman.go.id"
    )
    change(town, "update ticket set due_at = '2026-12-10 23:59:59+07'")
    assert late(town, "2026-12-28 09:00") == 0 and phone.got() == []
    assert {step for step, _ in told(town, number, "promise 2026-12-10")} == {"late"}


def test_who_reported_without_a_name_is_told_in_his_own_chat(town: Town) -> None:
    phone = town.phone("telegram")
    says(phone, HOLE)
    number = re.findall(r"\b\d{9}\b", "\n".join(says(phone, "2")))[-1]
    assert town.one("select anonymous from ticket where number = :n", n=number).anonymous
    assert late(town, "2026-12-09 09:00") == 1
    (news,) = phone.got()
    assert "lewat dari target Rab, 2 Des 2026" in news.text and "Ombudsman: WA 08119983737" in news.text
    assert news.text.endswith(f"\n{number}")


def test_no_citizen_is_woken_and_none_is_told_of_what_was_answered_meanwhile(town: Town) -> None:
    phone, number = at_work(town)
    runs(town, "2026-12-09 09:00")
    town.clock.moment = datetime(2026, 12, 9, 21, tzinfo=WIB)
    assert ombudsman.tell(town.house) == 0
    desk.answer(town.house, town.staff(OFFICER), number, "Sudah ditambal.")
    town.clock.moment = datetime(2026, 12, 10, 9, tzinfo=WIB)
    assert ombudsman.tell(town.house) == 0
    assert not any("Ombudsman" in one.text for one in phone.got())


def test_an_office_outside_the_city_has_no_date_that_a_citizen_could_complain_of(town: Town) -> None:
    phone, number = at_work(town)
    phone.got()
    change(town, "update office set kind = 'external' where code = 'DPU'")
    assert late(town, "2026-12-09 09:00") == 0 and phone.got() == []
    assert told(town, number) == [("late", COORDINATOR), ("late", TOP)]


def test_a_run_tells_so_many_citizens_and_the_next_one_the_others(town: Town) -> None:
    for day in ("20", "23", "24"):
        at_work(town, f"2026-11-{day} 09:00")
        town.age_reports()
    runs(town, "2026-12-22 09:00")
    assert [ombudsman.tell(town.house, most=2) for _ in range(3)] == [2, 1, 0]


def test_workers_at_once_tell_a_citizen_once(town: Town) -> None:
    phones = [at_work(town)[0]]
    town.age_reports()
    phones.append(at_work(town)[0])
    assert [len(phone.got()) > 0 for phone in phones] == [True, True]
    runs(town, "2026-12-09 09:00")
    assert sum(together([partial(ombudsman.tell, town.house, batch=1) for _ in range(4)])) == 2
    assert [len(phone.got()) for phone in phones] == [1, 1]


def test_the_job_is_asked_for_every_quarter_of_an_hour() -> None:
    crons = {one.task.name: one.cron for one in queue.periodic_registry.periodic_tasks.values()}
    assert crons[every_quarter.name] == "*/15 * * * *"
