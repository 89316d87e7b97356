"""Duplicates joined by staff: where words land, who is told what, chains, secrecy."""

import pytest

from bot.workflow import NotAllowed
from storage import merged, queries
from tests.duplicates import (
    COORDINATOR,
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
