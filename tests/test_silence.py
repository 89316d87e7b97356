"""Citizens who say nothing: what is closed, what is not, and who wins when both come at once."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.care import desk, officers, silence
from bot.care.silence import Passed
from tests.phones import Phone, SmsPhone, TelegramPhone
from tests.streets import NOW, Town, open_town

BOSS, DPU = "koordinator@kota.test", "dpu@kota.test"


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        yield made


def answered(town: Town, kind: str = "sms", place: str = "Sekayu depan masjid") -> tuple[Phone, str]:
    """A report that was answered and whose answer has gone out."""
    phone, number = reported(town, kind, place)
    desk.answer(town.house, town.staff(DPU), number, "Sudah kami tambal.")
    town.deliver()
    return phone, number


def reported(town: Town, kind: str, place: str = "Sekayu depan masjid") -> tuple[Phone, str]:
    phone = town.phone(kind)
    phone.writes(f"LAPOR jalan berlubang besar di Kelurahan {place}")
    if kind != "sms":
        phone.writes("1")
    phone.got()
    return phone, town.one("select number from ticket order by id desc limit 1").number


def days_later(town: Town, days: int) -> Passed:
    town.clock.moment += timedelta(days=days)
    return silence.look_after(town.house)


def state(town: Town, number: str) -> tuple[str, str]:
    row = town.one("select status, closed_how from ticket where number = :n", n=number)
    return row.status, row.closed_how


def notices(town: Town, number: str) -> list[tuple[str, str]]:
    query = """select s.email, n.kind from notice n join staff s on s.id = n.staff_id
               join ticket t on t.id = n.ticket_id where t.number = :n order by n.id"""
    return [tuple(row) for row in town.all(query, n=number)]


def test_silence_is_counted_as_such_and_as_no_satisfaction(town: Town) -> None:
    phone, number = answered(town)
    phone.got()
    assert days_later(town, 9) == Passed(reminded=1)
    assert days_later(town, 6) == Passed(closed=1)
    assert state(town, number) == ("closed", "no_answer")
    query = """select e.staff_id, e.detail from event e join ticket t on t.id = e.ticket_id
               where t.number = :n order by e.id desc"""
    assert tuple(town.one(query, n=number)) == (None, {"how": "no_answer"})
    told = [one.text for one in phone.got()]
    assert len(told) == 2 and "Untuk membukanya lagi, balas di sini" in told[1]
    assert town.one("select rating from ticket where number = :n", n=number).rating is None
    assert days_later(town, 1) == Passed()


def test_nothing_is_said_at_night(town: Town) -> None:
    answered(town)
    town.clock.moment = NOW + timedelta(days=16, hours=14)  # 23.00 WIB
    assert silence.look_after(town.house) == Passed()
    town.clock.moment += timedelta(hours=9)
    assert silence.look_after(town.house) == Passed(closed=1)


def test_who_wrote_anything_is_not_silent_and_is_reminded_of_the_new_date(town: Town) -> None:
    phone, number = answered(town, "telegram")
    town.clock.moment += timedelta(days=10)
    phone.writes("di sebelah kiri juga ada lubang pak")
    phone.got()
    assert days_later(town, 5) == Passed()
    assert state(town, number)[0] == "answered"
    assert days_later(town, 6) == Passed(reminded=1)
    (reminder,) = phone.got()
    assert "17 Des 2026" in reminder.text
    assert days_later(town, 6) == Passed(closed=1)


def test_an_officer_who_writes_again_gives_the_citizen_his_time(town: Town) -> None:
    phone, number = answered(town)
    town.clock.moment += timedelta(days=12)
    officers.say(town.house, town.staff(DPU), number, "Mohon kabarnya, apakah sudah baik?")
    phone.got()
    assert days_later(town, 3) == Passed()
    assert state(town, number)[0] == "answered"


def test_an_answer_that_never_arrived_closes_nothing_and_is_told_to_the_office(town: Town) -> None:
    phone, number = reported(town, "telegram")
    assert isinstance(phone, TelegramPhone)
    town.telegram.methods.blocked.add(int(phone.address))  # the citizen's block was never told to us
    desk.answer(town.house, town.staff(DPU), number, "Sudah kami tambal.")
    town.deliver()
    assert days_later(town, 15) == Passed(undelivered=1)
    assert state(town, number) == ("answered", "")
    assert notices(town, number) == [(DPU, "undelivered")]
    assert days_later(town, 1) == Passed(), "nobody is told every hour"
    phone.blocks("kicked", "member")
    desk.answer(town.house, town.staff(DPU), number, "Sudah kami tambal, lihat foto.")
    town.deliver()
    assert days_later(town, 15) == Passed(closed=1)


def test_an_answer_held_behind_whatsapp_s_window_begins_its_silence_when_it_arrives(town: Town) -> None:
    phone, number = reported(town, "whatsapp")
    town.clock.moment += timedelta(days=2)
    desk.answer(town.house, town.staff(DPU), number, "Sudah kami tambal.")
    town.deliver()
    assert days_later(town, 13) == Passed(undelivered=1)
    assert notices(town, number) == [(DPU, "undelivered")]
    phone.writes("ya")  # to the template: he has read no answer yet
    assert "Sudah kami tambal." in "\n".join(one.text for one in phone.got())
    assert days_later(town, 8) == Passed()
    assert state(town, number)[0] == "answered"
    assert days_later(town, 8).closed == 1


def test_who_stopped_our_messages_is_not_closed_for_silence(town: Town) -> None:
    phone, number = reported(town, "sms")
    phone.writes("STOP")
    phone.got()
    desk.answer(town.house, town.staff(DPU), number, "Sudah kami tambal.")
    town.deliver()
    assert days_later(town, 15) == Passed(undelivered=1)


def test_a_chat_that_an_officer_holds_is_left_to_him(town: Town) -> None:
    _, number = answered(town)
    town.clock.moment += timedelta(days=15)
    officers.take(town.house, town.staff(DPU), number)
    assert silence.look_after(town.house) == Passed()


def test_ya_to_a_reminder_is_about_the_report_that_it_names(town: Town) -> None:
    phone, first = answered(town, "telegram")
    town.clock.moment += timedelta(days=5)
    phone.writes("LAPOR lampu jalan mati di Kelurahan Tugurejo")
    phone.writes("1")
    phone.got()
    second = town.one("select number from ticket order by id desc limit 1").number
    desk.answer(town.house, town.staff(BOSS), second, "Lampu sudah diganti.")
    phone.got()
    assert days_later(town, 4) == Passed(reminded=1)
    (reminder,) = phone.got()
    assert first in reminder.text
    phone.writes("ya")
    assert state(town, first) == ("closed", "confirmed") and state(town, second)[0] == "answered"


def test_followers_read_that_nobody_answered(town: Town) -> None:
    _, number = answered(town)
    follower = town.phone("sms")
    follower.writes(f"IKUT {number}")
    follower.got()
    days_later(town, 15)
    assert [one.text for one in follower.got()] == [
        f"Laporan yang Anda ikuti ditutup: pelapornya tidak memberi kabar.\n{number}"
    ]


def test_two_workers_at_once_close_a_report_once(town: Town) -> None:
    phone, _ = answered(town)
    phone.got()
    town.clock.moment += timedelta(days=15)
    passes: list[Passed] = []
    workers = [threading.Thread(target=lambda: passes.append(silence.look_after(town.house))) for _ in "12"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(one.closed for one in passes) == 1 and not any(one.failed for one in passes)
    assert len(phone.got()) == 1


def test_a_citizen_who_writes_at_the_same_moment_wins(town: Town) -> None:
    phone, number = answered(town)
    town.clock.moment += timedelta(days=15)
    with town.house.database.transaction() as tx:  # his turn holds the chat, and the job comes to its door
        chat = tx.scalar(
            text("select conversation_id from ticket where number = :n for share"), {"n": number}
        )
        tx.execute(text("select id from conversation where id = :c for update"), {"c": chat})
        job = threading.Thread(target=silence.look_after, args=(town.house,))
        job.start()
        _wait_until_somebody_waits(town)
        said = text(
            """insert into message (conversation_id, direction, state, author, text, created_at)
               values (:c, 'in', 'received', 'citizen', 'sebentar saya cek', :now)"""
        )
        tx.execute(said, {"c": chat, "now": town.clock.moment})
    job.join()
    assert state(town, number) == ("answered", "")
    assert isinstance(phone, SmsPhone)


def _wait_until_somebody_waits(town: Town) -> None:
    query = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    end = time.monotonic() + 10
    while town.one(query) is None:
        assert time.monotonic() < end, "the job did not come to the chat"
        time.sleep(0.01)


def test_one_report_that_fails_does_not_stop_the_others(town: Town) -> None:
    _, broken = answered(town)
    _, other = answered(town, place="Tugurejo dekat pasar")
    with town.house.database.transaction() as tx:
        tx.execute(
            text(
                "create function refuse() returns trigger language plpgsql as "
                "$$ begin raise exception 'broken row'; end $$"
            )
        )
        tx.execute(
            text(
                f"create trigger refuse before update on ticket for each row when (old.number = '{broken}') "
                "execute function refuse()"
            )
        )
    assert days_later(town, 15) == Passed(closed=1, failed=1)
    assert state(town, broken)[0] == "answered" and state(town, other) == ("closed", "no_answer")
