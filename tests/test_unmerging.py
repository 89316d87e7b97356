"""A merger taken back within a day, and mergers at once and by other ways."""

import re
from contextlib import suppress
from datetime import timedelta
from threading import Thread

import pytest

from bot.care import desk, unmerging
from bot.languages import NAMES
from bot.workflow import NotAllowed
from storage import erasing
from tests.duplicates import (
    COORDINATOR,
    STORY,
    change,
    filed,
    followers,
    history,
    join,
    joined,
    move,
    row,
    run_jobs,
    words_at,
)
from tests.phones import Phone
from tests.streets import Town


@pytest.fixture
def town(spoken_town: Town) -> Town:
    spoken_town.age_reports()
    return spoken_town


@pytest.fixture
def pair(town: Town) -> tuple[Phone, str, Phone, str]:
    return joined(town)


# --- taking it back -----------------------------------------------------------------------------------------
def test_a_merger_taken_back_leaves_no_trace_but_the_history(town: Town) -> None:
    one, first = filed(town)
    two, second = filed(town, "telegram")
    friend = town.phone("telegram")
    friend.writes(f"IKUT {second}")
    move(town, second, "waiting", note="Di depan rumah nomor berapa?")
    before = row(town, second)
    join(town, second, first)
    assert followers(town, first) == 2
    two.got(), friend.got(), one.got()
    two.sends_photo("ini tiangnya")
    town.clock.moment += timedelta(hours=23)
    unmerging.unmerge(town.house, town.staff(COORDINATOR), second)
    after = row(town, second)
    same = ("status", "office_id", "due_at", "paused_at", "stage", "stage_due_at", "closed_how")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert after.merged_into_id is None
    assert followers(town, first) == 0 and followers(town, second) == 1
    assert "ini tiangnya" in words_at(town, second) and "ini tiangnya" not in words_at(town, first)
    query = "select count(*) from attachment a join ticket t on t.id = a.ticket_id where t.number = :n"
    assert town.one(query, n=second)[0] == 1
    notes = "select note from event e join ticket t on t.id = e.ticket_id where t.number = :n"
    assert "ini tiangnya" in [one.note for one in town.all(notes, n=first)]
    said = [got.text for got in two.got()]
    assert said[-1].startswith("Laporan Anda kembali berdiri sendiri: menunggu pelapor")
    assert said[-1].endswith(second) and friend.got()[-1].text.endswith(second)
    lines = history(town, second)
    assert lines[-2] == f"Penggabungan dengan laporan {first} dibatalkan | {COORDINATOR}"
    assert lines[-1] == f"Status: menunggu pelapor | {COORDINATOR}"
    assert history(town, first)[-1].startswith(f"Laporan {second} berdiri sendiri lagi; 1 pesan")


def test_a_middle_one_of_a_chain_takes_its_own_along_again(town: Town) -> None:
    (_, first), (_, second), (_, third) = filed(town), filed(town, "telegram"), filed(town, "telegram")
    join(town, first, second)
    join(town, second, third)
    unmerging.unmerge(town.house, town.staff(COORDINATOR), second)
    assert row(town, first).merged_into_id == row(town, second).id
    assert followers(town, second) == 1 and followers(town, third) == 0
    unmerging.unmerge(town.house, town.staff(COORDINATOR), first)
    assert row(town, first).status == "received" and followers(town, second) == 0


def test_one_that_was_carried_along_leaves_the_last_one(town: Town) -> None:
    (_, first), (_, second), (_, third) = filed(town), filed(town, "telegram"), filed(town, "telegram")
    join(town, first, second)
    join(town, second, third)
    unmerging.unmerge(town.house, town.staff(COORDINATOR), first)
    assert followers(town, third) == 1 and followers(town, second) == 0
    assert row(town, first).status == "received"


def test_who_followed_by_himself_stays_a_follower(town: Town) -> None:
    _, first = filed(town)
    two, second = filed(town, "telegram")
    two.writes(f"IKUT {first}")
    join(town, second, first)
    unmerging.unmerge(town.house, town.staff(COORDINATOR), second)
    assert followers(town, first) == 1


def test_after_a_day_or_without_a_merger_it_is_refused(town: Town) -> None:
    (_, first), (_, second) = filed(town), filed(town, "telegram")
    boss = town.staff(COORDINATOR)
    with pytest.raises(NotAllowed, match="tidak digabung"):
        unmerging.unmerge(town.house, boss, second)
    join(town, second, first)
    with pytest.raises((NotAllowed, desk.NotFound)):
        unmerging.unmerge(town.house, town.staff("dpu@kota.test"), second)
    town.clock.moment += timedelta(hours=24, seconds=1)
    with pytest.raises(NotAllowed, match="24 jam"):
        unmerging.unmerge(town.house, boss, second)
    assert row(town, second).status == "merged"


def test_what_a_citizen_joined_himself_is_not_for_staff_to_undo(town: Town) -> None:
    filed(town)
    two = town.phone("telegram")
    two.writes(STORY)
    two.presses(two.got()[-1], "Ikut laporan itu")
    draft = town.one("select number from ticket order by id desc limit 1").number
    with pytest.raises(NotAllowed, match="tidak digabung oleh petugas"):
        unmerging.unmerge(town.house, town.staff(COORDINATOR), draft)


def test_who_is_forgotten_is_found_in_no_history_of_another_report(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    _, first, two, second = pair
    two.writes("rumah saya di depan warung Mbok Darmi")
    unmerging.unmerge(town.house, town.staff(COORDINATOR), second)
    join(town, second, first)
    two.writes("dekat bengkel Pak Wiryo")
    with town.house.database.transaction() as tx:
        erasing.reports(tx, [row(town, second).id], erasing.BY_REQUEST)
    notes = [one.note for one in town.all("select note from event")]
    assert not [note for note in notes if "Darmi" in note or "Wiryo" in note]


# --- at once, and by other ways -----------------------------------------------------------------------------
def test_mergers_at_once_end_at_one_report_and_no_message_is_lost(town: Town) -> None:
    made = [filed(town, kind) for kind in ("telegram", "whatsapp", "sms")]
    numbers = [number for _, number in made]

    def tried(one: str, into: str) -> None:
        with suppress(NotAllowed):
            join(town, one, into)

    around = zip(numbers, numbers[1:] + numbers[:1], strict=True)
    threads = [Thread(target=tried, args=pair) for pair in around]
    for thread in threads:
        thread.start()
    for phone, number in made:
        phone.writes(f"BALAS {number} tiang lampunya miring")
    for thread in threads:
        thread.join()
    rows = [row(town, number) for number in numbers]
    open_ones = [one for one in rows if one.status != "merged"]
    assert len(open_ones) == 1  # the last of a circle is refused
    assert {one.merged_into_id for one in rows if one.status == "merged"} == {open_ones[0].id}
    kept = sum(len([words for words in words_at(town, number) if "miring" in words]) for number in numbers)
    assert kept == 3


def test_a_joined_reporter_leaves_like_a_follower_and_asks_how_it_stands(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    _, first, two, second = pair
    two.writes(f"BERHENTI IKUT {first}")
    two.got()
    move(town, first, "in_progress")
    assert two.got() == []
    two.writes(f"CEK {second}")
    assert two.got()[0].text.startswith(f"{second}: dikerjakan")


def test_a_stranger_learns_nothing_of_a_hidden_target(town: Town) -> None:
    (_, first), (_, second) = filed(town), filed(town, "telegram")
    change(town, first, "confidential = true")
    join(town, second, first)
    move(town, first, "in_progress")
    stranger = town.phone("telegram")
    stranger.writes(f"CEK {second}")
    said = stranger.got()[0].text
    assert said.startswith(f"{second}: digabung") and first not in said


def test_the_pin_of_a_joined_report_opens_it_and_its_words_reach_the_target(town: Town) -> None:
    _, first = filed(town)
    town.age_reports()
    nameless = town.phone("telegram")
    nameless.writes(STORY)
    nameless.presses(nameless.got()[-1], "Kirim tanpa nama")
    told = "\n".join(one.text for one in nameless.got())
    found = re.search(r"CEK (\d{9}) (\d{4})", told)
    assert found
    number, pin = found.groups()
    join(town, number, first)
    other = town.phone("whatsapp")
    other.writes(f"CEK {number} {pin}")
    assert other.got()[0].text.startswith(f"{number}: diterima")
    other.writes(f"BALAS {number} tiangnya miring")
    assert number in other.got()[0].text
    events = "select note, detail from event where ticket_id = :id and kind = 'added'"
    (line,) = town.all(events, id=row(town, first).id)
    assert (line.note, line.detail) == ("tiangnya miring", {"by": "joined", "of": number})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Its first reporter took report {number} back."),
        ("jv", "Pelapor sepindhah mundhut wangsul laporan {number}."),
        ("su", "Pelapor kahiji nyabut laporan {number}."),
    ],
)
def test_joined_reporters_are_told_in_their_own_language(
    town: Town, pair: tuple[Phone, str, Phone, str], language: str, words: str
) -> None:
    one, first, two, _ = pair
    two.writes("BAHASA")
    two.presses(two.got()[-1], NAMES[language])
    two.got()
    one.writes(f"TUTUP {first}")
    one.presses(one.got()[-1], "Ya")
    run_jobs(town)
    assert two.got()[0].text.startswith(words.format(number=first))
