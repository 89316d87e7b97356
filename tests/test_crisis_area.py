"""Emergency mode of an area: switching it on and off, and what its citizens are told once."""

from datetime import timedelta

import pytest

from bot.care import crisis_switch, desk
from bot.workflow import NotAllowed
from tests.floods import (
    COORDINATOR,
    FLOOD,
    OFFICER,
    VILLAGE,
    WORDS,
    calm,
    filed,
    newest,
    on,
    run_jobs,
)
from tests.streets import Town


@pytest.fixture
def town(spoken_town: Town) -> Town:
    return calm(spoken_town)


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
