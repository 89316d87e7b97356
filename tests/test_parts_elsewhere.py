"""A report in parts meets everything else: emergencies, dates, secrecy, budget years, being forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.care import crisis_overview, crisis_switch, escalation, planning, secrecy, silence
from bot.care import desk as desks
from bot.care.crisis_overview import Street
from bot.people import requests
from bot.workflow import NotAllowed
from tests.offices import BOSS, SARI, Desk, hire, shared
from tests.streets import NOW, open_town

FLOOD = "banjir masuk rumah di Jalan Pemuda, Kelurahan Sekayu"
VILLAGE = "33.74.01.1007"


@pytest.fixture
def desk(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        hire(town, "DLH", "DISHUB")
        yield Desk(town)


# --- emergencies --------------------------------------------------------------------------------------------
def streets(desk: Desk, email: str) -> list[Street]:
    with desk.town.house.database.reading() as tx:
        (crisis,) = crisis_switch.open_now(tx)
        return crisis_overview.by_street(tx, desk.town.house, desk.town.staff(email), crisis)


def test_a_report_in_parts_is_one_report_of_an_emergency(desk: Desk) -> None:
    number = desk.files(SARI, FLOOD)
    desk.move(number, "forwarded", offices=("DPU", "DLH"))
    usual = desk.row(number).due_at
    assert crisis_switch.switch_on(desk.town.house, desk.town.staff(BOSS), VILLAGE) == 1
    whole, parts = desk.row(number), desk.parts(number)
    assert whole.crisis_id and whole.due_at < usual
    assert {(part.crisis_id, part.due_at) for part in parts.values()} == {(whole.crisis_id, whole.due_at)}
    (street,) = streets(desk, BOSS)
    assert [one.number for one in street.spots] == [number]


def test_an_office_with_a_part_sees_that_people_are_trapped(desk: Desk) -> None:
    crisis_switch.switch_on(desk.town.house, desk.town.staff(BOSS), VILLAGE)
    number = desk.files(SARI, FLOOD)
    desk.says(SARI, "setinggi dada, ada 2 orang terjebak")
    desk.move(number, "forwarded", offices=("DPU", "DLH"))
    for email in (BOSS, "dpu@kota.test"):
        (street,) = streets(desk, email)
        assert (street.trapped, len(street.spots), street.depth) == (1, 1, "deep")


# --- dates --------------------------------------------------------------------------------------------------
def test_of_a_late_report_in_parts_the_coordinator_hears_once_and_each_office_of_its_part(desk: Desk) -> None:
    number, parts = shared(desk)
    for one, code in zip(parts.values(), ("dpu", "dlh"), strict=True):
        desk.move(one, "in_progress", code)
    desk.town.clock.moment = desk.row(number).due_at - timedelta(hours=8)
    escalation.escalate(desk.town.house)
    assert desk.notices("due") == [
        f"koordinator {number}", f"dpu {parts['DPU']}", f"dlh {parts['DLH']}"
    ]  # fmt: skip
    desk.town.clock.moment += timedelta(days=40)
    escalation.escalate(desk.town.house)
    told = desk.notices("late")
    assert [one for one in told if one.startswith("koordinator")] == [f"koordinator {number}"]
    assert {f"dpu {parts['DPU']}", f"dlh {parts['DLH']}"} <= set(told)
    assert escalation.escalate(desk.town.house) == 0


def test_time_that_the_whole_waited_for_its_citizen_comes_back_to_its_parts(desk: Desk) -> None:
    number, _ = shared(desk)
    before = desk.row(number).due_at
    desk.move(number, "waiting", note="Di depan toko apa?")
    desk.town.clock.moment = NOW + timedelta(days=7)
    desk.says(SARI, "di depan toko roti")
    whole = desk.row(number)
    assert whole.due_at > before
    assert {part.due_at for part in desk.parts(number).values()} == {whole.due_at}


# --- budget years -------------------------------------------------------------------------------------------
def test_a_whole_that_waits_for_a_budget_takes_its_parts_along_and_back(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DLH"], "answered", "dlh", note="Puing sudah diangkut.")
    desk.move(number, "planned", note="Menunggu anggaran.", year="2027")
    now = desk.parts(number)
    assert (now["DPU"].status, now["DPU"].planned_year) == ("planned", 2027)
    assert now["DLH"].status == "answered"
    desk.town.clock.moment = NOW + timedelta(days=30)
    assert escalation.escalate(desk.town.house) == 0
    desk.move(number, "in_progress")
    assert desk.parts(number)["DPU"].status == "in_progress" and desk.parts(number)["DPU"].paused_at is None
    desk.move(number, "planned", note="Tetap menunggu anggaran.", year="2027")
    desk.town.clock.moment = NOW + timedelta(days=60)
    assert planning.begin_year(desk.town.house) == 2
    assert (desk.row(number).status, desk.parts(number)["DPU"].status) == ("in_progress", "in_progress")
    assert desk.parts(number)["DPU"].due_at == desk.row(number).due_at
    assert desk.notices("year")[-1] == f"dpu {parts['DPU']}"


def test_silence_does_not_end_what_one_office_does_in_a_coming_year(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.")
    desk.move(parts["DLH"], "planned", "dlh", note="Taman menyusul.", year="2027")
    assert desk.row(number).status == "answered"
    for days in range(8, 30):
        desk.town.deliver()
        desk.town.clock.moment = NOW + timedelta(days=days)
        silence.look_after(desk.town.house)
    assert (desk.row(number).status, desk.parts(number)["DLH"].status) == ("answered", "planned")
    desk.town.clock.moment = NOW + timedelta(days=60)
    assert planning.begin_year(desk.town.house) == 1
    whole, part = desk.row(number), desk.parts(number)["DLH"]
    assert (whole.status, part.status, whole.due_at) == ("in_progress", "in_progress", part.due_at)
    assert part.due_at > desk.town.clock.moment
    assert "dikerjakan DLH" in desk.told(number)[-1] and "2027" in desk.told(number)[-1]
    desk.move(parts["DLH"], "answered", "dlh", note="Taman sudah jadi.")
    assert desk.row(number).status == "answered" and "Taman sudah jadi." in desk.told(number)[-1]


def test_a_part_is_not_opened_again_without_its_whole(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(number, "closed", how="withdrawn", note="Sudah dibongkar warga.")
    with pytest.raises(NotAllowed, match="induk"):
        desk.move(parts["DPU"], "in_progress")
    desk.move(number, "in_progress")
    assert desk.parts(number)["DPU"].status == "in_progress"


# --- secrecy ------------------------------------------------------------------------------------------------
def test_the_office_of_a_part_makes_the_whole_report_secret_and_its_citizen_is_told(desk: Desk) -> None:
    number, parts = shared(desk)
    secret = secrecy.raise_secrecy
    officer = desk.town.staff("dpu@kota.test")
    secret(desk.town.house, officer, parts["DPU"], "confidential", "Ada nama tetangga.")
    assert desk.row(number).confidential
    assert all(part.confidential for part in desk.parts(number).values())
    assert number in desk.told(number)[-1] and "rahasia" in desk.told(number)[-1]
    for one in (number, parts["DPU"]):
        assert (
            desk.town.one(
                "select note from event where kind = 'secrecy' and ticket_id = :id", id=desk.row(one).id
            ).note
            == "Ada nama tetangga."
        )
    with pytest.raises(NotAllowed, match="sudah rahasia"):
        secret(desk.town.house, officer, parts["DPU"], "confidential", "Sekali lagi.")
    with pytest.raises(desks.NotFound):
        secret(desk.town.house, officer, parts["DLH"], "anonymous", "Bukan laporan saya.")


# --- being forgotten ----------------------------------------------------------------------------------------
def test_who_is_forgotten_is_forgotten_in_the_parts_too(desk: Desk) -> None:
    number, parts = shared(desk)
    rows = {"ticket": desk.row(parts["DPU"]).id, "staff": desk.town.staff("dpu@kota.test").staff_id}
    with desk.town.house.database.transaction() as tx:
        tx.execute(text(DRAFT), rows)
        tx.execute(text(PROOF), rows)
    desk.says(SARI, "HAPUS DATA")
    desk.says(SARI, "1")
    request = desk.town.one("select id from privacy_request where state = 'open'").id
    requests.carry_out(desk.town.house, desk.town.staff(BOSS), request)
    assert desk.town.count("reply_draft") == 0
    photo = desk.town.one("select state, reason from attachment where path = 'rumah.jpg'")
    assert photo.state == "refused" and photo.reason
    assert "pipa" not in "".join(part.text for part in desk.parts(number).values())


DRAFT = """insert into reply_draft (staff_id, ticket_id, kind, text, saved_at)
           values (:staff, :ticket, 'answer', 'Bu Sari, rumah Ibu', '2026-11-23')"""
PROOF = """insert into attachment
               (message_id, ticket_id, channel, state, media_type, purpose, path, created_at)
           select min(id), :ticket, 'panel', 'stored', 'image/jpeg', 'proof', 'rumah.jpg', '2026-11-23'
           from message"""
