"""Drafts that wait for their citizen: reminded after 1, 3 and 7 days, by day, never twice at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.care import officers
from bot.care.reminders import remind
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

BOSS = "koordinator@kota.test"
STORY = "jalan berlubang besar sekali"


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as made:
        yield made


def drafting(town: Town, kind: str = "telegram") -> Phone:
    """A phone with a draft that lacks its place."""
    phone = town.phone(kind)
    phone.writes(STORY)
    phone.got()
    return phone


def after(town: Town, **passed: float) -> int:
    """How many reminders the hourly job sends so long after the first message."""
    town.clock.moment = NOW + timedelta(**passed)
    return remind(town.house)


def reminded(town: Town) -> int:
    return int(town.one("select reminders from ticket").reminders)


def test_three_reminders_and_then_it_is_staffs_however_often_the_job_runs(town: Town) -> None:
    phone = drafting(town)
    for hours, sent in ((23, 0), (24, 1), (25, 0), (71, 0), (72, 1), (167, 0), (168, 1), (400, 0)):
        assert (after(town, hours=hours), remind(town.house)) == (sent, 0), hours
        assert len(phone.got()) == sent
    assert reminded(town) == 3


def test_none_is_put_behind_one_that_was_not_sent(town: Town) -> None:
    phone = drafting(town)
    assert [after(town, hours=hours) for hours in (24, 72, 168, 400)] == [1, 0, 0, 0]
    assert len(phone.got()) == 1


def test_after_a_week_in_which_nothing_ran_there_is_one_reminder(town: Town) -> None:
    phone = drafting(town)
    assert after(town, days=9) == 1
    assert after(town, days=9, hours=1) == 0 and after(town, days=30) == 0
    assert len(phone.got()) == 1 and reminded(town) == 3


@pytest.mark.parametrize(("hours", "sent"), [(34.9, 1), (35, 0), (40, 0), (45.9, 0), (46, 1)])
def test_nobody_is_disturbed_between_eight_in_the_evening_and_seven(
    town: Town, hours: float, sent: int
) -> None:
    drafting(town)  # at 9 in the morning
    assert after(town, hours=hours) == sent


def test_who_sent_stop_is_left_alone(town: Town) -> None:
    phone = drafting(town)
    phone.writes("STOP")
    assert after(town, days=1) == 0 and len(phone.got()) == 1


def test_what_an_officer_has_touched_is_his(town: Town) -> None:
    drafting(town)
    officers.say(town.house, town.staff(BOSS), town.one("select number from ticket").number, "Di mana?")
    assert after(town, days=1) == 0


def test_a_chat_that_an_officer_has_taken_is_not_reminded(town: Town) -> None:
    phone = drafting(town)
    number = town.one("select number from ticket").number
    officers.take(town.house, town.staff(BOSS), number)
    officers.hand_back(town.house, town.staff(BOSS), number)
    assert after(town, days=1) == 0 and len(phone.got()) == 3


def test_a_filed_report_and_a_dropped_one_are_not_reminded(town: Town) -> None:
    phone = drafting(town)
    phone.writes("BATAL")
    other = town.phone("sms")
    other.writes("jalan berlubang besar di Kelurahan Sekayu")
    assert after(town, days=2) == 0 and len(phone.got()) == 1


def test_the_answer_goes_on_with_the_draft_and_asks_nothing_twice(town: Town) -> None:
    phone = drafting(town)
    after(town, days=1)
    (asked,) = phone.got()
    assert asked.labels == ("Ya, lanjut", "Batal")
    phone.presses(asked, "Ya, lanjut")
    (question,) = phone.got()
    assert question.text.startswith("Di mana tempatnya?")
    phone.writes("Kelurahan Sekayu")
    phone.presses(phone.got()[-1], "Kirim")
    assert town.one("select status, text from ticket") == ("received", STORY)


def test_a_place_may_answer_the_reminder_at_once(town: Town) -> None:
    phone = drafting(town)
    after(town, days=1)
    phone.got()
    phone.writes("Kelurahan Sekayu")
    assert phone.got()[-1].text.startswith(f"Laporan Anda: {STORY}")


def test_a_citizen_who_comes_back_by_himself_is_not_reminded_as_well(town: Town) -> None:
    phone = town.phone("telegram")
    phone.writes(STORY)
    phone.got()
    assert after(town, hours=25) == 1  # the relay is down: it waits
    phone.writes("halo")
    (asked,) = phone.got()
    assert asked.text.startswith("Kita sedang membahas:")
    phone.writes("ya")
    assert phone.got()[-1].text.startswith("Di mana tempatnya?")
    kept = town.one("select state from message where text like '%belum dikirim%'")
    assert kept.state == "cancelled"


def test_on_whatsapp_one_template_and_then_one_question(town: Town) -> None:
    phone = drafting(town, "whatsapp")
    assert [after(town, hours=hours) for hours in (25, 73, 170)] == [1, 0, 0]
    assert phone.got() == []  # held: the window is shut
    assert after(town, hours=400) == 0
    phone.writes("ya")
    assert [one.text.split(":")[0] for one in phone.got()] == ["Kita sedang membahas"]


def test_on_whatsapp_no_second_reminder_goes_behind_a_template(town: Town) -> None:
    phone = drafting(town, "whatsapp")
    assert after(town, hours=24) == 1 and len(phone.got()) == 1  # just inside the window
    assert after(town, hours=72) == 0 and reminded(town) == 2


def test_on_sms_there_is_only_the_first(town: Town) -> None:
    phone = drafting(town)
    with town.house.database.transaction() as tx:  # a draft by SMS is rare: it has files at once
        tx.execute(text("update conversation set channel = 'sms', account = '1708'"))
    sent = []
    for hours in (24, 72, 168):
        sent.append(after(town, hours=hours))
        with town.house.database.transaction() as tx:
            tx.execute(text("update message set state = 'sent' where state = 'waiting'"))
    assert sent == [1, 0, 0] and phone.got() == []
    assert town.one("select text from message order by id desc limit 1").text.endswith("1 Ya, lanjut 2 Batal")


def test_lapor_answers_the_reminder_with_another_report(town: Town) -> None:
    phone = drafting(town)
    after(town, days=1)
    phone.got()
    phone.writes("LAPOR lampu jalan mati di Kelurahan Sekayu")
    assert phone.got()[-1].text.startswith("Laporan Anda: LAPOR lampu")
    drafts = town.one("select count(*) from ticket where status = 'draft'")
    assert drafts[0] == 2


def test_two_workers_at_once_send_one_reminder(town: Town) -> None:
    phone = drafting(town)
    town.clock.moment = NOW + timedelta(days=1)
    with ThreadPoolExecutor(4) as workers:
        sent = list(workers.map(lambda _: remind(town.house), range(4)))
    assert sum(sent) == 1 and len(phone.got()) == 1 and reminded(town) == 1
