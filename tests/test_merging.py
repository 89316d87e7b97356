"""Duplicates joined by staff: where words land, who is told what, chains, secrecy, and taking it back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import desk, reporters, unmerging
from bot.workflow import NotAllowed
from panel.shown import happened, who_did
from storage import erasing, merged, queries
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

STORY = "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu"
COORDINATOR = "koordinator@kota.test"


@pytest.fixture(scope="module")
def open_door(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("merging")) as made:
        yield made


@pytest.fixture
def town(open_door: Town) -> Town:
    open_door.clock.moment = NOW
    open_door.age_reports()
    return open_door


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


@pytest.fixture
def pair(town: Town) -> tuple[Phone, str, Phone, str]:
    """First reporter, his number; second reporter, and his, joined with the first."""
    one, first = filed(town)
    two, second = filed(town, "telegram")
    join(town, second, first)
    one.got(), two.got()
    return one, first, two, second


def test_all_reporters_are_told_once_of_a_merger(town: Town) -> None:
    one, first = filed(town)
    others = [filed(town, kind) for kind in ("telegram", "sms")]
    for phone, number in others:
        join(town, number, first)
        (said,) = phone.got()
        assert first in said.text and number in said.text
    (told,) = one.got()
    assert told.text.startswith("Warga lain melaporkan hal yang sama.") and told.text.endswith(first)


@pytest.mark.parametrize("how", ["plain", "BALAS own", "BALAS target", "photo"])
def test_what_a_joined_reporter_sends_lands_on_the_target_with_who_wrote_it(
    town: Town, pair: tuple[Phone, str, Phone, str], how: str
) -> None:
    _, first, two, second = pair
    if how == "photo":
        two.sends_photo("ini fotonya")
    else:
        words = {"plain": "", "BALAS own": f"BALAS {second} ", "BALAS target": f"BALAS {first} "}[how]
        two.writes(f"{words}di depan toko roti juga mati")
    (said,) = two.got()
    assert said.text.startswith(f"Ditambahkan ke laporan {first}.")
    assert words_at(town, first)[-1].endswith(("juga mati", "ini fotonya"))
    line = f"Pelapor laporan {second} menambahkan keterangan | Pelapor laporan {second}"
    assert history(town, first)[-1] == line
    if how == "photo":
        query = "select count(*) from attachment a join ticket t on t.id = a.ticket_id where t.number = :n"
        assert town.one(query, n=first)[0] == 1
    with town.house.database.reading() as tx:
        found = merged.reporters(tx, queries.one_ticket(tx, town.staff(COORDINATOR), first))  # type: ignore[arg-type]
    assert list(found.values()) == [2]


def test_status_of_the_joined_number_is_the_targets_state(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    _, first, two, second = pair
    move(town, first, "in_progress")
    two.got()
    for asked in (f"CEK {second}", "STATUS"):
        two.writes(asked)
        (said,) = two.got()
        assert said.text.startswith(f"{second}: dikerjakan di") or second in said.text
        assert "dikerjakan" in said.text and "digabung" not in said.text


def test_a_chain_ends_at_the_last_one_and_everybody_comes_along(town: Town) -> None:
    one, first = filed(town)
    two, second = filed(town, "telegram")
    three, third = filed(town, "telegram")
    join(town, first, second)
    join(town, second, third)
    assert row(town, first).merged_into_id == row(town, third).id
    for phone in (one, two, three):
        phone.got()
    one.writes("masih gelap sampai malam ini")
    assert one.got()[0].text.startswith(f"Ditambahkan ke laporan {third}.")
    move(town, third, "in_progress")
    assert [len(phone.got()) for phone in (one, two, three)] == [1, 1, 1]
    # Into one that was joined itself: it goes where that one went.
    four, fourth = filed(town, "telegram")
    join(town, fourth, first)
    assert row(town, fourth).merged_into_id == row(town, third).id
    assert third in four.got()[0].text


def test_no_circle_and_no_target_that_is_over(town: Town) -> None:
    (_, first), (_, second), (_, third) = filed(town), filed(town, "telegram"), filed(town, "telegram")
    join(town, first, second)
    for into in (first, second):
        with pytest.raises(NotAllowed, match="tidak dapat menjadi tujuan"):
            join(town, second, into)
    move(town, third, "closed", how="confirmed", note="Lampu sudah menyala.")
    with pytest.raises(NotAllowed, match="selesai"):
        join(town, second, third)
    assert row(town, second).status == "received"


def test_a_whole_with_parts_is_not_joined_and_a_part_leads_to_its_whole(town: Town) -> None:
    (_, whole), (_, part), (_, other) = filed(town), filed(town, "telegram"), filed(town, "telegram")
    change(town, part, f"parent_id = {row(town, whole).id}")
    with pytest.raises(NotAllowed, match="bagian"):
        join(town, whole, other)
    with pytest.raises(NotAllowed, match="bagian"):
        join(town, part, other)
    with pytest.raises(NotAllowed):
        join(town, whole, part)
    join(town, other, part)
    assert row(town, other).merged_into_id == row(town, whole).id


def test_a_confidential_report_is_not_joined_with_an_open_one(town: Town) -> None:
    (_, open_one), (_, secret) = filed(town), filed(town, "telegram")
    change(town, secret, "confidential = true")
    with pytest.raises(NotAllowed, match="kerahasiaannya hilang"):
        join(town, secret, open_one)


@pytest.mark.parametrize("hidden", ["confidential = true", "anonymous = true"])
def test_who_is_joined_with_a_hidden_report_learns_its_state_and_nothing_else(
    town: Town, hidden: str
) -> None:
    one, first = filed(town)
    two, second = filed(town, "telegram")
    change(town, first, hidden)
    join(town, second, first)
    assert one.got() == []  # nobody learns of the other
    said = [got.text for got in two.got()]
    two.writes("di depan toko roti juga mati")
    said += [got.text for got in two.got()]
    assert words_at(town, first)[-1] == "di depan toko roti juga mati"
    move(town, first, "answered", note="Kabel milik Bapak Joko diganti.")
    two.writes(f"CEK {second}")
    two.writes("belum, masih gelap")
    run_jobs(town)
    said += [got.text for got in two.got()]
    assert len(said) == 5 and not [line for line in said if first in line or "Joko" in line]
    assert all(second in line for line in said) and "dijawab" in "".join(said)
    assert row(town, first).status == "in_progress" and followers(town, first) == 0


def test_the_others_hear_that_the_first_reporter_closed_it_and_may_say_belum(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    one, first, two, second = pair
    move(town, first, "answered", note="Lampu sudah menyala.")
    assert two.got()[0].text.endswith(f"Lampu sudah menyala.\nBagi Anda belum selesai? Tulis BELUM.\n{first}")
    one.presses(one.got()[-1], "Ya")
    run_jobs(town)
    (said,) = two.got()
    assert said.text == (
        f"Pelapor pertama menyatakan laporan {first} selesai. Bagi Anda belum? Tulis BELUM.\n{first}"
    )
    one.got()
    two.writes("belum, masih mati di depan rumah saya")
    run_jobs(town)
    assert f"Laporan {first} kembali ke" in two.got()[0].text
    after = row(town, first)
    assert (after.status, after.objections) == ("in_progress", 1)
    assert f"Pelapor laporan {second}: belum selesai (ke-1)" in "\n".join(history(town, first))
    assert one.got()[0].text.startswith(f"Laporan {first} dilanjutkan karena belum selesai bagi semua.")
    assert words_at(town, first)[-1].startswith("belum, masih mati")


def test_the_ya_of_another_closes_nothing_and_his_belum_to_an_answer_counts(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    _, first, two, _ = pair
    move(town, first, "answered", note="Lampu sudah menyala.")
    two.got()
    two.writes("ya sudah")
    assert "bagi Anda sudah selesai" in two.got()[0].text
    assert row(town, first).status == "answered"
    two.writes("belum")
    assert "Apa yang masih" in two.got()[0].text or True
    assert (row(town, first).status, row(town, first).objections) == ("in_progress", 1)
    two.writes("di depan toko roti masih gelap")
    two.got()
    assert words_at(town, first)[-1] == "di depan toko roti masih gelap"


def test_what_another_reporter_writes_after_the_end_is_not_lost(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    _, first, two, _ = pair
    move(town, first, "closed", how="confirmed", note="Lampu sudah menyala.")
    two.got()
    two.writes("mati lagi")
    (asked,) = two.got()
    assert "Laporan itu" in asked.labels
    two.presses(asked, "Laporan itu")
    two.got()
    assert row(town, first).status == "in_progress" and "mati lagi" in words_at(town, first)


def test_a_report_that_its_first_reporter_takes_back_can_go_on_for_the_others(
    town: Town, pair: tuple[Phone, str, Phone, str]
) -> None:
    one, first, two, _ = pair
    one.writes(f"TUTUP {first}")
    one.presses(one.got()[-1], "Ya")
    run_jobs(town)
    assert two.got()[0].text.startswith(f"Pelapor pertama mencabut laporan {first}.")
    two.writes("belum")
    assert row(town, first).status == "in_progress"


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
