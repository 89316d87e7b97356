"""The daily digest of one of the staff: linked by a code from the own phone, one a working day."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.care import desk, digest
from bot.care.escalation import escalate
from bot.people import staff_chats
from panel.staff import add_staff
from tests.people import HOLE, PairPhone, code_of, says, together
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

WIB = ZoneInfo("Asia/Jakarta")
OFFICER, COORDINATOR = "dpu@kota.test", "koordinator@kota.test"
TEMPLATE = "HX" + "a" * 32


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(city_database, folder, twilio_status_template_sid=TEMPLATE) as town:
        words = {
            "body": "Ada kabar. Tekan Baca.",
            "actions": [{"type": "QUICK_REPLY", "title": "Baca", "id": "read"}],
        }
        types = {"twilio/quick-reply": words}
        town.twilio.contents.append({"sid": TEMPLATE, "language": "id", "variables": {}, "types": types})
        yield town


def change(town: Town, statement: str, **values: Any) -> None:
    with town.house.database.transaction() as tx:
        tx.execute(text(statement), values)


def set_clock(town: Town, when: str) -> None:
    town.clock.moment = datetime.fromisoformat(when).replace(tzinfo=WIB)


def sends(town: Town, when: str) -> int:
    """How many digests the job sends at this local time."""
    set_clock(town, when)
    return digest.send(town.house)


def staff_id(town: Town, email: str = OFFICER) -> int:
    return town.staff(email).staff_id


def linked(town: Town, kind: str = "telegram", email: str = OFFICER) -> Phone:
    """The phone of one of the staff, with the code sent from it."""
    phone = town.phone(kind)
    code = staff_chats.draw_code(town.house, staff_id(town, email))
    (said,) = says(phone, f"SAMBUNG {code}")
    assert said.startswith("Ringkasan harian petugas kini datang ke sini")
    return phone


def at_work(town: Town, when: str = "2026-11-23 09:00") -> str:
    """A report that DPU works on, due seven working days later."""
    set_clock(town, when)
    citizen = town.phone("sms")
    citizen.writes(HOLE)
    number = str(town.one("select number from ticket order by id desc limit 1").number)
    desk.move(town.house, town.staff(COORDINATOR), number, "forwarded", {"office": "DPU"})
    desk.move(town.house, town.staff(OFFICER), number, "in_progress", {})
    town.age_reports()
    return number


# --- linking ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["telegram", "whatsapp", "simulator/telegram"])
def test_the_code_from_the_panel_makes_the_phone_the_place_of_digests(town: Town, kind: str) -> None:
    linked(town, kind)
    with town.house.database.reading() as tx:
        found = staff_chats.linked(tx, staff_id(town))
    assert found and found.channel == kind.partition("/")[0] and not found.stopped
    words = "select string_agg(text, ' ') as words from message where direction = 'in'"
    assert not re.search(r"\d{6}", town.one(words).words), "the code is stored nowhere"
    assert town.count("person") == 1, "nobody was joined with anybody"


@pytest.mark.parametrize("kind", ["sms", "simulator/sms"])
def test_by_sms_it_is_refused_and_the_code_stays_good(town: Town, kind: str) -> None:
    code = staff_chats.draw_code(town.house, staff_id(town))
    (said,) = says(town.phone(kind), f"SAMBUNG {code}")
    assert said.startswith("Ringkasan harian tidak dikirim lewat SMS.")
    assert town.count("staff_chat") == 0
    (said,) = says(town.phone("telegram"), f"SAMBUNG {code}")
    assert said.startswith("Ringkasan harian petugas kini datang")


def test_a_code_is_good_once_and_for_ten_minutes_and_the_newest_alone(town: Town) -> None:
    used = staff_chats.draw_code(town.house, staff_id(town))
    says(town.phone("telegram"), f"SAMBUNG {used}")
    old = staff_chats.draw_code(town.house, staff_id(town))
    late = staff_chats.draw_code(town.house, staff_id(town))
    town.clock.moment = NOW + timedelta(minutes=10)
    for code in (used, old, late):
        (said,) = says(town.phone("telegram"), f"SAMBUNG {code}")
        assert said.startswith("Kode itu salah atau sudah lewat"), code
    assert town.count("staff_chat") == 1


def test_guessing_is_braked_as_for_citizens(town: Town) -> None:
    code = staff_chats.draw_code(town.house, staff_id(town))
    guesser = town.phone("telegram")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        says(guesser, f"SAMBUNG {wrong}")
    (said,) = says(guesser, f"SAMBUNG {code}")
    assert said.startswith("Terlalu banyak kode") and town.count("staff_chat") == 0


def test_the_code_of_who_left_opens_nothing(town: Town) -> None:
    code = staff_chats.draw_code(town.house, staff_id(town))
    change(town, "update staff set active = false where email = :e", e=OFFICER)
    says(town.phone("telegram"), f"SAMBUNG {code}")
    assert town.count("staff_chat") == 0


def test_the_chat_stays_a_citizens_chat(town: Town) -> None:
    phone = linked(town)
    says(phone, HOLE)
    assert re.search(r"\b\d{9}\b", "\n".join(says(phone, "1")))
    second = town.phone("whatsapp")
    assert "tersambung" in "\n".join(says(second, f"SAMBUNG {code_of(says(phone, 'SAMBUNG'))}"))


def test_a_new_phone_takes_the_place_of_the_old_one(town: Town) -> None:
    old, new = linked(town), linked(town)
    at_work(town)
    assert sends(town, "2026-12-03 08:00") == 1
    assert old.got() == [] and len(new.got()) == 1


@pytest.mark.parametrize("where", ["shows_number", "shows_id"])
def test_a_phone_whose_two_addresses_turn_out_to_be_one_keeps_its_digest(town: Town, where: str) -> None:
    phone = PairPhone(town)
    phone.shows_number("halo")
    phone.shows_id("halo")
    code = staff_chats.draw_code(town.house, staff_id(town))
    (said,) = getattr(phone, where)(f"SAMBUNG {code}")
    assert said.startswith("Ringkasan harian petugas kini datang")
    phone.shows_both("halo")
    assert town.one("select count(*) as chats from conversation").chats == 1
    at_work(town)
    set_clock(town, "2026-11-24 08:00")
    change(town, "update ticket set due_at = '2026-11-24 23:59:59+07'")
    assert digest.send(town.house) == 1
    came = [one for address in (phone.number, phone.id_) for one in phone.got_by(address)]
    assert [words.split("\n")[0] for words in came if "Ringkasan petugas" in words] == [
        "Ringkasan petugas, Sel, 24 Nov 2026"
    ]


# --- the digest ---------------------------------------------------------------------------------------------
def test_one_message_with_figures_and_numbers_and_nothing_about_anybody(town: Town) -> None:
    phone = linked(town)
    first = at_work(town, "2026-11-20 09:00")
    others = [at_work(town) for _ in range(6)]
    set_clock(town, "2026-12-02 07:30")
    escalate(town.house)
    assert sends(town, "2026-12-02 08:00") == 1
    (got,) = phone.got()
    lines = got.text.split("\n")
    assert lines[:4] == [
        "Ringkasan petugas, Rab, 2 Des 2026",
        "Lewat batas: 1",
        "Batas hari ini: 6",
        "Batas hari kerja berikutnya: 0",
    ]
    assert re.fullmatch(r"Pemberitahuan baru: \d+", lines[4])
    numbers = lines[5].removeprefix("Paling mendesak: ").split(", ")
    assert len(numbers) == 5 and numbers[0] == first and set(numbers[1:]) < set(others)
    assert lines[6] == f"Daftar lengkap: {town.house.settings.base_url}/panel/"
    assert "berlubang" not in got.text and "Sekayu" not in got.text


def test_only_what_is_the_readers_own_is_counted(town: Town) -> None:
    add_staff(town.house, "dinkes@kota.test", "officer", "DINKES", "rahasia-sekali")
    phone = linked(town, email="dinkes@kota.test")
    at_work(town)
    assert sends(town, "2026-12-03 08:00") == 0 and phone.got() == []


def test_a_report_to_be_passed_on_is_the_coordinators_and_not_the_offices(town: Town) -> None:
    officer, boss = linked(town), linked(town, email=COORDINATOR)
    set_clock(town, "2026-11-23 09:00")
    town.phone("sms").writes(HOLE)  # to be passed on by Thursday, answered a week later
    assert sends(town, "2026-11-26 08:00") == 1
    (got,) = boss.got()
    assert "Lewat batas: 0\nBatas hari ini: 1\n" in got.text and officer.got() == []


def test_there_is_one_a_day_and_none_without_anything_to_tell(town: Town) -> None:
    phone = linked(town)
    assert sends(town, "2026-11-23 08:00") == 0
    number = at_work(town)
    times = ("2026-12-03 07:00", "2026-12-03 07:15", "2026-12-03 12:00", "2026-12-04 07:00")
    assert [(sends(town, when), len(phone.got())) for when in times] == [(1, 1), (0, 0), (0, 0), (1, 1)]
    desk.answer(town.house, town.staff(OFFICER), number, "Sudah ditambal.")
    assert sends(town, "2026-12-07 07:00") == 0


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("2026-12-03 06:59", 0), ("2026-12-03 07:00", 1), ("2026-12-03 18:59", 1), ("2026-12-03 19:00", 0),
        ("2026-12-05 09:00", 0), ("2026-12-06 09:00", 0), ("2026-12-25 09:00", 0),
    ],
)  # fmt: skip
def test_it_comes_by_day_on_days_that_are_worked(town: Town, when: str, sent: int) -> None:
    linked(town)
    at_work(town)
    assert sends(town, when) == sent


def test_workers_at_once_send_it_once(town: Town) -> None:
    phone = linked(town)
    at_work(town)
    set_clock(town, "2026-12-03 08:00")
    assert sum(together([partial(digest.send, town.house) for _ in range(4)])) == 1
    assert len(phone.got()) == 1


def test_stop_ends_it_and_start_brings_it_back(town: Town) -> None:
    phone = linked(town)
    at_work(town)
    says(phone, "STOP")
    assert sends(town, "2026-12-03 08:00") == 0
    with town.house.database.reading() as tx:
        found = staff_chats.linked(tx, staff_id(town))
    assert found and found.stopped
    says(phone, "START")
    assert sends(town, "2026-12-04 08:00") == 1 and len(phone.got()) == 1


def test_who_left_or_let_the_phone_go_gets_none(town: Town) -> None:
    phone = linked(town)
    at_work(town)
    change(town, "update staff set active = false where email = :e", e=OFFICER)
    assert sends(town, "2026-12-03 08:00") == 0
    change(town, "update staff set active = true where email = :e", e=OFFICER)
    staff_chats.unlink(town.house, staff_id(town))
    assert sends(town, "2026-12-04 08:00") == 0 and phone.got() == []


def test_behind_whatsapps_window_one_template_goes_and_then_the_newest_digest_alone(town: Town) -> None:
    phone = linked(town, "whatsapp")
    at_work(town)
    for day in ("03", "04", "07"):
        assert sends(town, f"2026-12-{day} 08:00") == 1
        town.deliver()
    assert [one.form.get("ContentSid") for one in town.twilio.sent[1:]] == [TEMPLATE]
    phone.got()
    phone.writes("ya")
    came = [one.text for one in phone.got() if "Ringkasan petugas" in one.text]
    assert [words.split("\n")[0] for words in came] == ["Ringkasan petugas, Sen, 7 Des 2026"]


def test_what_was_read_in_the_panel_is_no_news(town: Town) -> None:
    phone, news = linked(town), []
    at_work(town)
    for day, read in ((1, ""), (2, "due"), (3, "")):
        set_clock(town, f"2026-12-0{day} 07:10")
        escalate(town.house)
        change(town, "update notice set read_at = at where kind = :kind", kind=read)
        sends(town, f"2026-12-0{day} 08:00")
        news += re.findall(r"Pemberitahuan baru: (\d+)", "\n".join(one.text for one in phone.got()))
    assert news == ["1", "0", "0"]  # told the day before; read; and what is overdue goes to others
