"""An officer takes a chat over, writes in it and gives it back; nobody talks into silence."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.care import desk, officers, takeover
from bot.workflow import NotAllowed
from storage import queries
from tests.gestures import reacts
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

BOSS, OFFICER = "koordinator@kota.test", "dpu@kota.test"
STORY = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"


@pytest.fixture(scope="module")
def shared_town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture
def town(shared_town: Town) -> Town:
    shared_town.clock.moment = NOW
    shared_town.age_reports()
    return shared_town


def filed(town: Town, kind: str = "sms") -> tuple[Phone, str]:
    """A phone with a filed report to DPU; by SMS one message is enough."""
    phone = town.phone(kind)
    phone.writes(STORY)
    if kind != "sms":
        phone.presses(phone.got()[-1], "Kirim")
    phone.got()
    return phone, newest(town)


def newest(town: Town) -> str:
    return str(town.one("select number from ticket order by id desc limit 1").number)


def texts(phone: Phone) -> list[str]:
    return [one.text for one in phone.got()]


def of_ticket(town: Town, number: str) -> list[tuple[str, str]]:
    """What the panel shows of a ticket's conversation: who, and the words."""
    with town.house.database.reading() as tx:
        row = queries.one_ticket(tx, town.staff(BOSS), number)
        assert row
        return [(one["author"], one["text"]) for one in queries.ticket_messages(tx, row["id"])]


def history(town: Town, number: str) -> list[str]:
    with town.house.database.reading() as tx:
        row = queries.one_ticket(tx, town.staff(BOSS), number)
        assert row
        return [one["kind"] for one in queries.ticket_events(tx, row["id"])]


def asks_for_staff(town: Town, number: str) -> bool:
    """Whether the queue of those who wait for a person shows the ticket."""
    with town.house.database.reading() as tx:
        now = town.clock.now()
        rows = queries.ticket_list(tx, town.staff(BOSS), queue="human", now=now, limit=1000)
        assert queries.queue_counts(tx, town.staff(BOSS), now)["human"] == len(rows)
    return number in [row["number"] for row in rows]


def test_while_an_officer_speaks_everything_is_kept_for_him_and_the_bot_is_quiet(town: Town) -> None:
    phone, number = filed(town, "telegram")
    officers.take(town.house, town.staff(OFFICER), number)
    (hello,) = phone.got()
    assert hello.text == "Petugas DPU membalas Anda di sini sekarang."
    reacts(phone, hello, "👍")
    phone.writes("lubangnya makin besar")
    phone.sends_photo()
    phone.shares(-6.98, 110.41)
    phone.writes("saya bingung mau bilang apa lagi")
    assert texts(phone) == []
    said = [words for author, words in of_ticket(town, number) if author == "citizen"]
    assert said[-5:-2] == ["👍", "lubangnya makin besar", "[foto]"]
    assert said[-2].startswith("[lokasi -6.98") and said[-1] == "saya bingung mau bilang apa lagi"
    assert history(town, number)[-1] == "taken"


def test_commands_and_danger_still_answer(town: Town) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(OFFICER), number)
    texts(phone)
    answers = {
        "PETUGAS": "Petugas sudah di sini",
        "BANTUAN": "Tulis keluhan dan tempatnya",
        "STATUS": f"{number}: diterima",
        "BATAL": "Tidak ada yang dibatalkan.",
        "BAHASA": "Pilih bahasa Anda.",
        "tolong ada kebakaran": "Keadaan darurat? Telepon 112",
        "STOP": "Anda tidak akan menerima kabar",
    }
    for words, start in answers.items():
        phone.writes(words)
        (said, *_) = texts(phone)
        assert said.startswith(start), words
    kept = [words for author, words in of_ticket(town, number) if author == "citizen"]
    assert kept[-len(answers) :] == list(answers)


def test_a_draft_goes_on_where_it_was_and_keeps_its_own_ticket(town: Town) -> None:
    phone, number = filed(town, "telegram")
    phone.writes("LAPOR pohon tumbang menutup gang")
    (question,) = texts(phone)
    draft = newest(town)
    officers.take(town.house, town.staff(OFFICER), number)
    phone.writes("ini untuk petugas")
    assert texts(phone)[1:] == []
    officers.hand_back(town.house, town.staff(OFFICER), number)
    assert texts(phone) == [
        "Petugas sudah selesai di percakapan ini. Sekarang bot menjawab lagi.",
        question,
    ]
    phone.writes("Kelurahan Sekayu")
    phone.presses(phone.got()[-1], "Kirim")
    assert texts(phone)[-1].endswith(draft)
    assert ("citizen", "ini untuk petugas") in of_ticket(town, number)
    assert history(town, number)[-1] == "handed_back"


def test_a_button_of_the_bot_does_nothing_while_an_officer_speaks(town: Town) -> None:
    phone = town.phone("whatsapp")
    phone.writes(STORY)
    read_back = phone.got()[-1]
    officers.take(town.house, town.staff(BOSS), newest(town))
    phone.presses(read_back, "Kirim")
    assert town.one("select status from ticket where number = :n", n=newest(town)).status == "draft"


def test_an_answer_to_an_officers_question_starts_the_clock_again(town: Town) -> None:
    phone, number = filed(town)
    desk.move(town.house, town.staff(OFFICER), number, "waiting", {"note": "Di sisi mana?"})
    officers.take(town.house, town.staff(OFFICER), number)
    phone.writes("sisi kiri")
    row = town.one("select status, paused_at from ticket where number = :n", n=number)
    assert (row.status, row.paused_at) == ("in_progress", None)


def test_after_a_day_without_a_word_the_bot_answers_again_at_the_next_message(town: Town) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(OFFICER), number)
    town.clock.moment += timedelta(hours=20)
    officers.say(town.house, town.staff(OFFICER), number, "Sebentar, kami cek dulu.")
    town.clock.moment += timedelta(hours=23)
    texts(phone)
    phone.writes("baik")
    assert texts(phone) == []
    town.clock.moment += timedelta(hours=1)
    phone.writes("bagaimana hasilnya pak petugas?")
    said = texts(phone)
    assert said[0] == "Petugas belum menulis selama sehari. Bot menjawab lagi; petugas sudah diberi tahu."
    assert len(said) > 1 and asks_for_staff(town, number)


def test_the_hourly_job_gives_back_what_was_left_and_once_is_enough(town: Town) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(OFFICER), number)
    texts(phone)
    town.clock.moment += timedelta(hours=23, minutes=59)
    takeover.let_silent_go(town.house)
    assert texts(phone) == []
    town.clock.moment += timedelta(minutes=1)
    assert takeover.let_silent_go(town.house) >= 1
    assert takeover.let_silent_go(town.house) == 0
    assert len(texts(phone)) == 1 and asks_for_staff(town, number)


@pytest.mark.parametrize(
    ("status", "given"),
    [("closed", {"how": "confirmed", "note": "Beres."}), ("rejected", {"note": "Bukan wewenang kami."})],
)
def test_a_finished_report_ends_the_takeover(town: Town, status: str, given: dict[str, str]) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(BOSS), number)
    texts(phone)
    desk.move(town.house, town.staff(BOSS), number, status, given)
    assert texts(phone)[-1].startswith("Petugas sudah selesai")
    with pytest.raises(NotAllowed, match="tidak diambil alih"):
        officers.take(town.house, town.staff(BOSS), number)


def test_a_merged_report_ends_the_takeover(town: Town) -> None:
    phone, number = filed(town)
    _, other = filed(town)
    officers.take(town.house, town.staff(BOSS), number)
    texts(phone)
    desk.move(town.house, town.staff(BOSS), number, "merged", {"into": other})
    assert texts(phone)[-1].startswith("Petugas sudah selesai")
    assert not town.one(
        "select 1 from conversation c join ticket t on t.conversation_id = c.id"
        " where t.number = :n and c.taken_by is not null",
        n=number,
    )


def test_who_withdraws_the_report_himself_is_not_left_with_silence(town: Town) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(OFFICER), number)
    with town.house.database.transaction() as tx:  # as the citizen's own closing leaves it
        tx.execute(
            text("update ticket set status = 'closed', closed_how = 'withdrawn' where number = :n"),
            {"n": number},
        )
    texts(phone)
    phone.writes("lampu jalan mati di Kelurahan Sekayu")
    said = texts(phone)
    assert said[0].startswith("Petugas sudah selesai") and len(said) == 2


def test_one_officer_at_a_time_and_a_colleague_takes_it_only_by_saying_so(town: Town) -> None:
    phone, number = filed(town)
    officers.take(town.house, town.staff(OFFICER), number)
    officers.take(town.house, town.staff(OFFICER), number)
    assert len(texts(phone)) == 1, "a second click tells the citizen nothing"
    with pytest.raises(NotAllowed, match=f"dipegang {OFFICER}"):
        officers.take(town.house, town.staff(BOSS), number)
    with pytest.raises(NotAllowed, match=f"dipegang {OFFICER}"):
        officers.say(town.house, town.staff(BOSS), number, "Halo")
    officers.take(town.house, town.staff(BOSS), number, from_colleague=True)
    assert texts(phone) == ["Petugas Kota Semarang membalas Anda di sini sekarang."]
    with pytest.raises(NotAllowed, match=f"dipegang {BOSS}"):
        officers.say(town.house, town.staff(OFFICER), number, "Halo")


def test_a_chat_held_for_another_offices_report_is_not_taken_away(town: Town) -> None:
    phone, number = filed(town)
    phone.writes("LAPOR pohon tumbang di Kelurahan Sekayu")  # goes to Disperkim
    other = newest(town)
    officers.take(town.house, town.staff(BOSS), other)
    with pytest.raises(NotAllowed, match=f"dipegang {BOSS}"):
        officers.take(town.house, town.staff(OFFICER), number, from_colleague=True)
    with pytest.raises(desk.NotFound):
        officers.take(town.house, town.staff(OFFICER), other, from_colleague=True)
    with pytest.raises(NotAllowed, match="tidak sedang diambil alih"):
        officers.hand_back(town.house, town.staff(OFFICER), number)


def test_who_waits_for_a_person_stands_in_the_queue_until_somebody_writes(town: Town) -> None:
    phone, number = filed(town)
    assert not asks_for_staff(town, number)
    phone.writes("PETUGAS")
    assert asks_for_staff(town, number)
    town.clock.moment += timedelta(minutes=1)
    officers.take(town.house, town.staff(OFFICER), number)
    assert not asks_for_staff(town, number)
    town.clock.moment += timedelta(minutes=1)
    phone.writes("pak, lubangnya makin dalam")
    assert asks_for_staff(town, number)
    officers.say(town.house, town.staff(OFFICER), number, "Baik, kami ke sana.")
    assert not asks_for_staff(town, number)


def test_writing_needs_no_takeover_and_leaves_the_status(town: Town) -> None:
    phone, number = filed(town)
    officers.say(town.house, town.staff(OFFICER), number, "Lubangnya sedalam apa?")
    assert texts(phone) == [
        f"DPU tentang laporan {number}:\nLubangnya sedalam apa?\nAnda dapat menjawab di sini."
    ]
    assert town.one("select status from ticket where number = :n", n=number).status == "received"
    with pytest.raises(NotAllowed, match="Tulis dulu"):
        officers.say(town.house, town.staff(OFFICER), number, " \n ")
    officers.say(town.house, town.staff(OFFICER), number, "Rencana perbaikan sudah dibuat. " * 8)
    assert all(len(part) <= 160 for part in texts(phone)), "an officer's words come in counted parts"


def test_a_change_of_language_is_heard_and_asks_nothing_while_an_officer_speaks(town: Town) -> None:
    phone = town.phone("telegram")
    phone.writes("jalan berlubang besar sekali")
    officers.take(town.house, town.staff(BOSS), newest(town))
    texts(phone)
    phone.writes("ENGLISH")
    assert texts(phone) == ["From now on we answer in English."]
    officers.hand_back(town.house, town.staff(BOSS), newest(town))
    assert texts(phone)[0] == "The officer has left this chat. I answer here again."
