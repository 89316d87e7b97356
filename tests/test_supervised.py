"""The supervised lane: proposed by the words, placed by a person, seen and worked by inspectors alone."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from bot.care import categorising, desk, lane, officers
from bot.tickets import SYSTEM
from bot.workflow import NotAllowed
from storage import queries
from tests.guards import (
    ADMIN,
    BOSS,
    CHIEF,
    INSPECTOR,
    INTERNAL,
    KEEPER,
    OFFICER,
    Guarded,
    guarded,
    in_lane,
    noticed,
    reported,
    row_of,
)
from tests.people import says

HOLE = "jalan berlubang besar di depan masjid, Kelurahan Sekayu"
BLIND = (ADMIN, BOSS, OFFICER, INTERNAL, CHIEF, KEEPER)


@pytest.fixture(scope="module")
def here(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(shared_database, tmp_path_factory.mktemp("lane")) as made:
        yield made


# --- proposed -----------------------------------------------------------------------------------------------
def test_a_story_of_corruption_is_confidential_and_proposed_but_stays_with_its_office(here: Guarded) -> None:
    _, number = reported(here)
    row = row_of(here, number)
    assert (row.confidential, row.supervised, row.code) == (True, False, "INSPEKTORAT")
    assert noticed(here, number) == [(BOSS, "lane_proposed"), (INSPECTOR, "lane_proposed")]
    # Nothing has changed for who answers it until a person decides.
    desk.answer(here.house, here.town.staff(BOSS), number, "Kami periksa petugasnya.")
    assert row_of(here, number).status == "answered"


def test_an_ordinary_report_is_proposed_to_nobody(here: Guarded) -> None:
    _, number = reported(here, HOLE)
    assert noticed(here, number) == []


def test_words_of_corruption_that_come_later_propose_it_once(here: Guarded) -> None:
    phone, number = reported(here, "lampu jalan mati di Kelurahan Tugurejo dekat balai")
    says(phone, f"BALAS {number} mandornya minta suap supaya dikerjakan")
    says(phone, f"BALAS {number} dia bilang uang pelicin dulu")
    assert noticed(here, number) == [(BOSS, "lane_proposed"), (INSPECTOR, "lane_proposed")]
    # Of another office's report the inspector sees what was proposed to him, and only reads it.
    inspector = here.town.staff(INSPECTOR)
    with here.house.database.reading() as tx:
        assert queries.one_ticket(tx, inspector, number)
    with pytest.raises(NotAllowed):
        desk.answer(here.house, inspector, number, "Kami periksa.")


def test_a_draft_that_staff_take_up_is_proposed_too(here: Guarded) -> None:
    phone = here.town.phone("telegram")
    says(phone, "petugas kelurahan minta uang pelicin untuk surat pindah")
    number = here.town.one("select number from ticket where status = 'draft' order by id desc limit 1")[0]
    assert noticed(here, number) == []
    desk.move(here.house, here.town.staff(BOSS), number, "received", {})
    assert (INSPECTOR, "lane_proposed") in noticed(here, number)


# --- placed -------------------------------------------------------------------------------------------------
def test_in_the_lane_the_office_is_the_inspectorate_the_clock_sixty_days_and_the_citizen_knows(
    here: Guarded,
) -> None:
    phone, number = reported(here, "jalan rusak di Kelurahan Sekayu, mandor minta suap ke warga")
    before = row_of(here, number)
    says(phone, "halo")
    lane.place(here.house, here.town.staff(BOSS), number, "Dugaan suap")
    row = row_of(here, number)
    assert (row.supervised, row.confidential, row.code, row.status) == (True, True, "INSPEKTORAT", "received")
    # 60 working days from Monday 23 November 2026, with the holidays and the shared leave of Christmas
    # and the new year between them.
    assert before.due_at.date() < date(2027, 1, 1) and date(2027, 2, 12) <= row.due_at.date() <= date(
        2027, 3, 1
    )
    (news,) = phone.got()
    assert news.text.startswith(f"Laporan {number} kini hanya dibuka oleh pengawas.\nInspektorat menjawab")
    assert noticed(here, number) == [(INSPECTOR, "lane_placed"), (INSPECTOR, "lane_proposed")]
    history = here.town.all(
        "select e.kind, e.note from event e join ticket t on t.id = e.ticket_id where number = :n", n=number
    )
    assert ("supervised", "Dugaan suap") in [tuple(one) for one in history]


def test_an_inspector_works_it_like_an_office_and_passes_it_to_nobody(here: Guarded) -> None:
    phone, number = in_lane(here)
    client = here.browser(INSPECTOR)
    page = client.get(f"/panel/tickets/{number}").text
    assert "jalur pengawasan" in page and "Teruskan ke instansi" not in page
    phone.got()
    asked = here.send(client, INSPECTOR, f"/panel/tickets/{number}/move", status="waiting", note="Kapan itu?")
    assert asked.status_code == 302
    assert "Kapan itu?" in phone.got()[-1].text
    says(phone, "kemarin siang")
    inspector = here.town.staff(INSPECTOR)
    for status in ("forwarded", "returned"):
        with pytest.raises(NotAllowed, match="jalur pengawasan"):
            desk.move(here.house, inspector, number, status, {"office": "DPU", "note": "x"})
    desk.answer(here.house, inspector, number, "Petugasnya sudah diperiksa.")
    assert "Petugasnya sudah diperiksa." in "\n".join(one.text for one in phone.got())
    says(phone, "ya")
    assert row_of(here, number).status == "closed"


def test_one_click_puts_it_there_and_who_sees_it_no_more_comes_back_to_the_list(here: Guarded) -> None:
    _, number = reported(here)
    client = here.browser(BOSS)
    answer = here.send(client, BOSS, f"/panel/tickets/{number}/supervise")
    assert (answer.status_code, answer.location) == (302, "/panel/")
    assert row_of(here, number).supervised
    assert here.send(client, BOSS, f"/panel/tickets/{number}/supervise").status_code == 404


def test_who_reads_or_answers_puts_nothing_there(here: Guarded) -> None:
    _, number = reported(here, HOLE)
    with pytest.raises(NotAllowed):
        lane.place(here.house, here.town.staff(OFFICER), number)
    assert here.send(here.browser(OFFICER), OFFICER, f"/panel/tickets/{number}/supervise").status_code == 403
    assert not row_of(here, number).supervised


def test_without_an_inspector_nothing_goes_where_nobody_would_see_it(here: Guarded) -> None:
    _, number = reported(here)
    switch = text("update staff set active = :active where email = :email")
    with here.house.database.transaction() as tx:
        tx.execute(switch, {"active": False, "email": INSPECTOR})
    try:
        with pytest.raises(NotAllowed, match="Belum ada pengawas"):
            lane.place(here.house, here.town.staff(BOSS), number)
    finally:
        with here.house.database.transaction() as tx:
            tx.execute(switch, {"active": True, "email": INSPECTOR})
    assert not row_of(here, number).supervised


def test_an_officer_who_speaks_in_its_chat_gives_the_chat_back(here: Guarded) -> None:
    phone, number = reported(here)
    officers.take(here.house, here.town.staff(INTERNAL), number)
    phone.got()
    lane.place(here.house, here.town.staff(BOSS), number)
    texts = [one.text for one in phone.got()]
    assert any("Petugas sudah selesai di percakapan ini" in one for one in texts), texts
    assert here.town.one("select count(*) from conversation where taken_by is not null")[0] == 0


def test_the_place_or_the_category_moves_no_report_out_of_the_inspectorate(here: Guarded) -> None:
    phone = here.town.phone("sms")
    says(phone, "mandor proyek minta suap ke warga")
    number = here.town.one("select number from ticket order by id desc limit 1")[0]
    lane.place(here.house, here.town.staff(BOSS), number)
    says(phone, "Jalan Pemuda, Kelurahan Sekayu")
    categorising.set_category(here.house, here.town.staff(INSPECTOR), number, "jalan")
    assert row_of(here, number).code == "INSPEKTORAT"


def test_later_news_of_it_go_to_inspectors_alone(here: Guarded) -> None:
    phone, number = in_lane(here)
    desk.answer(here.house, here.town.staff(INSPECTOR), number, "Sudah diperiksa.")
    phone.got()
    says(phone, "belum")
    says(phone, "petugasnya masih minta uang")
    assert {email for email, _ in noticed(here, number)} == {INSPECTOR}


def test_its_parts_and_what_was_joined_with_it_go_with_it_and_come_back_with_it(here: Guarded) -> None:
    _, number = reported(here)
    _, other = reported(here, "petugas parkir di pasar Sekayu menarik pungutan liar, Kelurahan Sekayu")
    desk.move(here.house, here.town.staff(BOSS), other, "merged", {"into": number})
    with here.house.database.transaction() as tx:
        tx.execute(_PART, {"number": number})
    part = here.town.one("select number from ticket where parent_id is not null order by id desc limit 1")[0]
    lane.place(here.house, here.town.staff(BOSS), part)
    assert [row_of(here, one).supervised for one in (number, other, part)] == [True, True, True]
    lane.release(here.house, here.town.staff(INSPECTOR), number, "Bukan pungli")
    assert [row_of(here, one).supervised for one in (number, other, part)] == [False, False, False]


_PART = text(
    """insert into ticket (number, status, text, channel, created_at, changed_at, parent_id, office_id)
       select '700000001', 'forwarded', text, channel, created_at, changed_at, id,
              (select id from office where code = 'DISHUB') from ticket where number = :number"""
)


# --- taken out ----------------------------------------------------------------------------------------------
def test_an_inspector_takes_it_out_with_a_reason_and_it_stays_confidential(here: Guarded) -> None:
    phone, number = in_lane(here)
    long = row_of(here, number).due_at
    phone.got()
    inspector = here.town.staff(INSPECTOR)
    with pytest.raises(NotAllowed, match="alasannya"):
        lane.release(here.house, inspector, number, "  ")
    lane.release(here.house, inspector, number, "Ternyata retribusi resmi")
    row = row_of(here, number)
    assert (row.supervised, row.confidential) == (False, True) and row.due_at < long
    assert "tetap rahasia" in phone.got()[-1].text
    assert (BOSS, "lane_released") in noticed(here, number)
    with pytest.raises(NotAllowed):
        lane.release(here.house, inspector, number, "sekali lagi")
    desk.answer(here.house, here.town.staff(BOSS), number, "Itu retribusi resmi.")


def test_nobody_else_takes_it_out(here: Guarded) -> None:
    _, number = in_lane(here)
    for email in BLIND:
        with pytest.raises(desk.NotFound):
            lane.release(here.house, here.town.staff(email), number, "x")
    assert row_of(here, number).supervised


def test_the_system_still_moves_it(here: Guarded) -> None:
    _, number = in_lane(here)
    desk.answer(here.house, here.town.staff(INSPECTOR), number, "Sudah.")
    with here.house.database.transaction() as tx:
        desk.lock_with_chats(tx, [number])
        row = tx.execute(text("select * from ticket where number = :n"), {"n": number}).mappings().one()
        desk.carry_out(tx, here.house, row, "closed", SYSTEM, here.town.clock.now(), {"how": "no_answer"})
    assert row_of(here, number).closed_how == "no_answer"
