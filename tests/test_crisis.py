"""Emergency mode of an area: who is asked and told what, which clocks hold, and what staff see of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import crises, crisis_switch, desk
from bot.languages import NAMES
from bot.talk.depths import depth_in, trapped_in
from bot.workflow import NotAllowed
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

COORDINATOR, OFFICER = "koordinator@kota.test", "dpu@kota.test"
CITY, DISTRICT, VILLAGE = "33.74", "33.74.01", "33.74.01.1007"  # Semarang, Semarang Tengah, Sekayu
FLOOD = "banjir masuk rumah di Jalan Pemuda, Kelurahan Sekayu"
WORDS = "Banjir Sekayu: posko di balai kelurahan buka 24 jam."


@pytest.fixture(scope="module")
def open_door(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("crisis")
    with open_town(shared_database, folder, languages="id,en,jv,su") as made:
        yield made


@pytest.fixture
def town(open_door: Town) -> Town:
    """The town with no emergency on, and no report of the tests before in anybody's way."""
    open_door.clock.moment = NOW
    with open_door.house.database.transaction() as tx:
        tx.execute(text("update crisis set ended_at = started_at where ended_at is null"))
        tx.execute(
            text("update ticket set status = 'closed', closed_how = 'withdrawn' where status <> 'draft'")
        )
        tx.execute(text("delete from procrastinate_jobs where task_name = 'tell_area'"))
    return open_door


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


# --- what is asked ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["whatsapp", "telegram"])
def test_depth_and_trapped_people_are_asked_first_and_the_emergency_clocks_hold(
    town: Town, kind: str
) -> None:
    on(town)
    phone = town.phone(kind)
    phone.writes(FLOOD)
    (deep,) = phone.got()
    assert deep.text.startswith("Wilayah ini dalam keadaan darurat.")
    assert deep.labels == (
        "Di bawah lutut", "Sampai pinggang", "Di atas pinggang", "Tidak banjir", "Lewati"
    )  # fmt: skip
    phone.presses(deep, "Sampai pinggang")
    (trapped,) = phone.got()
    assert trapped.labels == ("Ya", "Tidak", "Lewati")
    phone.presses(trapped, "Ya")
    danger, read_back = phone.got()
    assert "112" in danger.text and "Kirim" in read_back.labels
    assert newest(town).status == "draft" and answers(town) == {"depth": "waist", "trapped": "yes"}
    notice = "select count(*) from notice where ticket_id = :id and kind = 'trapped'"
    assert town.one(notice, id=newest(town).id)[0] == 1  # the coordinator, of the draft already
    phone.presses(read_back, "Kirim")
    assert newest(town).number in phone.got()[-1].text
    row = newest(town)
    assert (row.status, row.crisis_id is not None, row.stage) == ("received", True, "verify")
    usual = filed(town, "got mampet di Jalan Gajahmada, Kelurahan Miroto")
    assert usual and newest(town).crisis_id is None and newest(town).due_at > row.due_at


@pytest.mark.parametrize(
    ("depth", "trapped", "kept"),
    [
        ("Lewati", "Lewati", {}),
        ("lewati", "tidak tahu", {}),
        ("50 cm", "tidak ada", {"depth": "waist", "trapped": "no"}),
        ("1,5 meter", "ada 2 orang terjebak di loteng", {"depth": "deep", "trapped": "yes"}),
        ("sampai teras depan", "2", {"depth": "sampai teras depan", "trapped": "no"}),
        ("sedengkul", "ora ana sing kejebak", {"depth": "sedengkul", "trapped": "no"}),
    ],
)
def test_both_questions_are_answered_in_any_words_or_left(
    town: Town, depth: str, trapped: str, kept: dict[str, str]
) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    for words in (depth, trapped):
        shown = phone.got()[-1]
        phone.presses(shown, words) if words in shown.labels else phone.writes(words)
    assert newest(town).number in sends(phone)
    assert answers(town) == kept and newest(town).status == "received"


def test_a_photo_or_a_place_lets_the_questions_go(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    phone.sends_photo()
    assert newest(town).number in sends(phone)
    assert newest(town).crisis_id is not None


def test_a_place_that_is_told_later_asks_then(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes("banjir masuk rumah warga")
    assert "Di mana" in phone.got()[-1].text
    phone.writes("Kelurahan Sekayu")
    assert phone.got()[-1].text.startswith("Wilayah ini dalam keadaan darurat.")


@pytest.mark.parametrize(
    "story",
    [
        "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu",  # another matter
        "banjir masuk rumah di Kelurahan Tugurejo",  # another place
    ],
)
def test_nobody_else_is_asked(town: Town, story: str) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(story)
    assert "Kirim" in phone.got()[-1].labels
    assert answers(town) == {}


@pytest.mark.parametrize("place", [CITY, DISTRICT, VILLAGE])
def test_an_area_holds_all_that_lies_in_it(town: Town, place: str) -> None:
    on(town, place)
    town.phone("sms").writes(FLOOD)
    assert newest(town).crisis_id is not None


def test_batal_and_ulang_work_while_it_is_asked(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    first = phone.got()[-1]
    phone.writes("ULANG")
    assert phone.got()[-1].labels == first.labels
    phone.writes("BATAL")
    phone.got()
    assert (newest(town).status, newest(town).closed_how) == ("closed", "withdrawn")


# --- by SMS -------------------------------------------------------------------------------------------------
def test_by_sms_it_is_filed_first_and_asked_in_one_message(town: Town) -> None:
    on(town)
    phone = town.phone("sms")
    phone.writes(FLOOD)
    receipt, both = phone.got()
    assert newest(town).number in receipt.text and newest(town).status == "received"
    assert both.text == "Mode darurat. Seberapa dalam airnya? Ada yang terjebak? Contoh: 50 cm, tidak"
    phone.writes("120 cm ada nenek terjebak")
    said = [one.text for one in phone.got()]
    assert "112" in said[0] and newest(town).number in said[1]
    assert answers(town) == {"depth": "deep", "trapped": "yes"}
    words = "select count(*) from message where ticket_id = :id and text like '120 cm%'"
    assert town.one(words, id=newest(town).id)[0] == 1


@pytest.mark.parametrize("words", ["lewati", "di depan masjid juga", "BATAL"])
def test_an_sms_that_does_not_answer_is_what_it_would_be_without_the_question(town: Town, words: str) -> None:
    on(town)
    phone = town.phone("sms")
    phone.writes(FLOOD)
    phone.got()
    phone.writes(words)
    assert phone.got() and newest(town).status == "received" and answers(town) == {}


def test_a_place_that_follows_by_sms_brings_the_clocks_and_the_question(town: Town) -> None:
    on(town, words=WORDS)
    phone = town.phone("sms")
    phone.writes("banjir masuk rumah tinggi sekali")
    phone.got()
    before = newest(town)
    assert before.crisis_id is None
    phone.writes("Jl Pemuda, Kelurahan Sekayu")
    said = [one.text for one in phone.got()]
    assert newest(town).crisis_id is not None and newest(town).due_at < before.due_at
    assert said[1].startswith(WORDS) and said[2].startswith("Mode darurat.")


# --- the area's notice --------------------------------------------------------------------------------------
def test_everybody_there_is_told_once_and_who_reports_later_too(town: Town) -> None:
    near, sms = filed(town), filed(town, kind="sms")
    far = filed(town, "lampu jalan mati di Kelurahan Tugurejo")
    assert on(town, words=WORDS) == 2
    assert run_jobs(town) == 2
    for phone in (near, sms):
        (said,) = phone.got()
        assert said.text == f"{WORDS}\nBahaya? Telepon 112."
    assert far.got() == []
    query = (
        "select priority from message where text like 'Banjir Sekayu%' and ticket_id is null order by id desc"
    )
    assert town.one(query).priority == 5  # after every live chat
    later = town.phone("sms")
    later.writes(FLOOD)
    assert len([one for one in later.got() if one.text.startswith(WORDS)]) == 1
    later.writes("LAPOR pohon tumbang di Jalan Pemuda, Kelurahan Sekayu")
    assert not [one for one in later.got() if one.text.startswith(WORDS)]
    assert crisis_switch.tell_area(town.house, open_crisis(town), WORDS, ended=False) == 0
    assert near.got() == later.got() == []


def open_crisis(town: Town) -> int:
    return int(town.one("select id from crisis where ended_at is null").id)


def test_who_stopped_our_messages_is_left_alone(town: Town) -> None:
    phone = filed(town)
    phone.writes("STOP")
    phone.got()
    on(town, words=WORDS)
    assert run_jobs(town) == 0 and phone.got() == []


def test_the_end_is_told_only_with_words_and_once(town: Town) -> None:
    phone = filed(town)
    on(town, words=WORDS)
    run_jobs(town)
    phone.got()
    crisis = open_crisis(town)
    crisis_switch.switch_off(town.house, town.staff(COORDINATOR), VILLAGE, "Air sudah surut.")
    assert run_jobs(town) == 1
    assert [one.text for one in phone.got()] == ["Air sudah surut.\nBahaya? Telepon 112."]
    assert crisis_switch.tell_area(town.house, crisis, "Air sudah surut.", ended=True) == 0
    on(town)
    crisis_switch.switch_off(town.house, town.staff(COORDINATOR), VILLAGE)
    assert run_jobs(town) == 0
    town.phone("sms").writes(FLOOD)
    assert newest(town).crisis_id is None


# --- switching ----------------------------------------------------------------------------------------------
def test_reports_of_the_last_day_get_nearer_dates_and_older_ones_keep_theirs(town: Town) -> None:
    filed(town)
    old = newest(town)
    town.clock.moment += timedelta(hours=25)
    filed(town)
    fresh = newest(town)
    assert on(town) == 1
    by_id = {one.id: one for one in town.all("select * from ticket")}
    assert by_id[fresh.id].crisis_id and by_id[fresh.id].due_at < fresh.due_at
    assert by_id[old.id].crisis_id is None and by_id[old.id].due_at == old.due_at


def test_what_is_refused_is_a_sentence(town: Town) -> None:
    boss = town.staff(COORDINATOR)
    with pytest.raises(desk.NotFound, match="bukan kode"):
        on(town, "33.75.01")
    with pytest.raises(NotAllowed, match="terlalu panjang"):
        on(town, words="x" * 111)
    with pytest.raises(NotAllowed, match="tidak berwenang"):
        crisis_switch.switch_on(town.house, town.staff(OFFICER), VILLAGE)
    with pytest.raises(desk.NotFound, match="Tidak ada mode darurat"):
        crisis_switch.switch_off(town.house, boss, VILLAGE)
    on(town)
    with pytest.raises(NotAllowed, match="sudah menyala"):
        on(town)


def test_coordinators_get_a_notice_of_every_switch(town: Town) -> None:
    on(town)
    crisis = open_crisis(town)
    crisis_switch.switch_off(town.house, town.staff(COORDINATOR), VILLAGE)
    query = "select note from notice where kind = 'crisis' and about like :about order by id"
    notes = [one.note for one in town.all(query, about=f"{crisis} %")]
    assert notes == [f"Kelurahan Sekayu: {what} oleh {COORDINATOR}" for what in ("dinyalakan", "dimatikan")]


# --- words --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "jv", "su"])
def test_the_questions_come_in_the_language_of_the_chat(town: Town, language: str) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes("BAHASA")
    shown = phone.got()[-1]
    phone.presses(shown, NAMES[language])
    phone.got()
    phone.writes(FLOOD)
    (deep,) = phone.got()
    wording = town.house.wording
    assert deep.labels[0] == wording.sentence("Below the knee", language)
    phone.presses(deep, deep.labels[0])
    (trapped,) = phone.got()
    assert trapped.text == wording.sentence("Is anybody trapped or hurt there?", language)


@pytest.mark.parametrize(
    ("words", "depth", "trapped"),
    [
        ("50 cm, tidak", "waist", "no"),
        ("1 m ya", "waist", "yes"),
        ("sak dengkul, mboten", "knee", "no"),
        ("satuur, henteu", "", "no"),
        ("sadada, aya budak kajebak", "", "yes"),
        ("up to the neck, grandma is trapped", "deep", "yes"),
        ("30cm tidak ada yang terjebak", "knee", "no"),
        ("air tidak dalam tapi ibu saya terjebak", "", "yes"),
        ("sudah surut", "none", ""),
        ("mohon bantuan perahu", "", ""),
    ],
)
def test_depth_and_trapped_people_are_read_from_own_words(words: str, depth: str, trapped: str) -> None:
    assert (depth_in(words), trapped_in(words)) == (depth, trapped)
