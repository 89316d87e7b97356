"""Who filed a report: asked for with a reason, agreed to by a second person, told, and open for a day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import desk, lane, unlocking
from bot.people import farewell, requests
from bot.workflow import NotAllowed
from tests.guards import (
    ADMIN,
    BOSS,
    CHIEF,
    INSPECTOR,
    KEEPER,
    OFFICER,
    PEOPLE,
    SECOND,
    Guarded,
    at_once,
    guarded,
)
from tests.people import files, says
from tests.streets import NOW

HOLE = "jalan berlubang besar di depan masjid, Kelurahan Sekayu"
WHY = "Polisi meminta saksi kejadian"


@pytest.fixture(scope="module")
def staffed(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(shared_database, tmp_path_factory.mktemp("unlocks")) as made:
        yield made


@pytest.fixture
def here(staffed: Guarded) -> Guarded:
    """The town at nine in the morning, whatever the test before made of its clock."""
    staffed.town.clock.moment = NOW
    return staffed


def reported(here: Guarded, channel: str = "whatsapp", *, nameless: bool = True) -> tuple[Any, str]:
    here.town.age_reports()
    phone = here.town.phone(channel)
    return phone, files(phone, HOLE, nameless=nameless)


def asked(here: Guarded, number: str, email: str = KEEPER) -> int:
    return unlocking.ask(here.house, here.town.staff(email), number, WHY)


def decided(here: Guarded, unlock_id: int, email: str = SECOND, *, granted: bool = True) -> None:
    unlocking.decide(here.house, here.town.staff(email), unlock_id, granted=granted, note="Surat ada")


def looked(here: Guarded, unlock_id: int, email: str = KEEPER) -> unlocking.Identity:
    return unlocking.look(here.house, here.town.staff(email), unlock_id)[1]


def history(here: Guarded, number: str) -> list[tuple[str, str]]:
    query = """select e.kind, coalesce(s.email, '') from event e join ticket t on t.id = e.ticket_id
               left join staff s on s.id = e.staff_id
               where t.number = :n and e.kind like 'unlock%' order by e.id"""
    return [tuple(row) for row in here.town.all(query, n=number)]


def test_the_whole_way_by_the_panel(here: Guarded) -> None:
    phone, number = reported(here)
    digits = phone.address.rpartition("+")[2]
    phone.got()
    keeper, second = here.browser(KEEPER), here.browser(SECOND)
    assert here.send(keeper, KEEPER, "/panel/unlocks", number=number, reason=WHY).status_code == 302
    own, theirs = keeper.get("/panel/unlocks").text, second.get("/panel/unlocks").text
    assert "Setujui" not in own and "Setujui" in theirs and WHY in theirs
    assert 'Buka identitas <span class="count">1</span>' in theirs
    unlock_id = here.town.one("select max(id) from unlock")[0]
    page = f"/panel/unlocks/{unlock_id}"
    assert here.send(keeper, KEEPER, f"{page}/grant", note="Saya setuju").status_code == 409
    assert here.send(keeper, KEEPER, f"{page}/look").status_code == 409
    assert phone.got() == []

    assert here.send(second, SECOND, f"{page}/grant", note="Surat polisi ada").status_code == 302
    told, reason = (one.text for one in phone.got())
    assert told == (
        "Pemegang identitas Diskominfo boleh melihat nama dan nomor Anda.\n"
        f"Laporan {number}, selama 24 jam. Keberatan? Ketik PETUGAS."
    )
    assert reason == f"Alasannya: {WHY}"

    opened = here.send(keeper, KEEPER, f"{page}/look")
    assert digits in opened.text and opened.headers["Cache-Control"] == "no-store"
    assert here.send(second, SECOND, f"{page}/look").status_code == 404, "who agreed does not look"
    assert digits not in keeper.get("/panel/unlocks").text
    assert history(here, number) == [
        ("unlock_asked", KEEPER),
        ("unlock_granted", SECOND),
        ("unlock_opened", KEEPER),
    ]
    shown = here.browser(BOSS).get(f"/panel/tickets/{number}").text
    assert "Identitas pelapor dibuka" in shown and digits not in shown

    here.town.clock.moment = NOW + timedelta(hours=24)
    shut = here.send(keeper, KEEPER, f"{page}/look")
    assert shut.status_code == 409 and digits not in shut.text
    assert len(history(here, number)) == 3


def test_the_citizen_reads_it_in_data_saya_with_the_office_and_no_name(here: Guarded) -> None:
    phone, number = reported(here)
    unlock_id = asked(here, number)
    assert "dibuka untuk" not in "\n".join(says(phone, "DATA SAYA"))
    decided(here, unlock_id)
    looked(here, unlock_id)
    looked(here, unlock_id)
    told = "\n".join(says(phone, "DATA SAYA"))
    assert (
        f"{number}: nama dan nomor Anda dibuka untuk Diskominfo sejak Sen, 23 Nov 2026, dilihat 2x." in told
    )
    assert KEEPER not in told and SECOND not in told


def test_by_sms_data_saya_counts_it_in_one_message_of_its_own(here: Guarded) -> None:
    here.town.age_reports()
    phone = here.town.phone("sms")
    phone.writes(HOLE)
    phone.got()
    number = here.town.one("select number from ticket order by id desc limit 1")[0]
    decided(here, asked(here, number))
    told = [one.text for one in phone.got()]
    assert all(len(one) <= 160 for one in told) and "PETUGAS" in told[0]
    assert says(phone, "DATA SAYA")[-1].startswith("Nama dan nomor Anda dibuka untuk petugas pada 1 laporan")


def test_a_refusal_tells_the_citizen_nothing_and_opens_nothing(here: Guarded) -> None:
    phone, number = reported(here)
    phone.got()
    unlock_id = asked(here, number)
    decided(here, unlock_id, BOSS, granted=False)
    with pytest.raises(NotAllowed):
        looked(here, unlock_id)
    assert phone.got() == [] and history(here, number)[-1] == ("unlock_refused", BOSS)


@pytest.mark.parametrize("email", [one for one in PEOPLE if one not in (KEEPER, SECOND)])
def test_only_a_custodian_asks(here: Guarded, email: str) -> None:
    _, number = reported(here)
    with pytest.raises(NotAllowed):
        asked(here, number, email)
    assert history(here, number) == []


@pytest.mark.parametrize("email", [ADMIN, OFFICER, INSPECTOR, CHIEF])
def test_who_is_no_guard_of_identities_finds_no_page_and_decides_nothing(here: Guarded, email: str) -> None:
    _, number = reported(here)
    unlock_id = asked(here, number)
    client = here.browser(email)
    assert client.get("/panel/unlocks").status_code == 403
    for action in ("grant", "refuse", "look"):
        answer = here.send(client, email, f"/panel/unlocks/{unlock_id}/{action}", note="x")
        assert answer.status_code == 403
    with pytest.raises(desk.NotFound):
        decided(here, unlock_id, email)
    assert here.town.one("select state from unlock where id = :id", id=unlock_id)[0] == "asked"


def test_a_request_without_a_reason_or_a_report_is_refused(here: Guarded) -> None:
    _, number = reported(here)
    keeper = here.town.staff(KEEPER)
    for reason in (" ", "x" * 301):
        with pytest.raises(NotAllowed):
            unlocking.ask(here.house, keeper, number, reason)
    with pytest.raises(desk.NotFound):
        unlocking.ask(here.house, keeper, "999999999", WHY)
    unlock_id = asked(here, number)
    with pytest.raises(NotAllowed, match="catatannya"):
        unlocking.decide(here.house, here.town.staff(SECOND), unlock_id, granted=True, note="")
    client = here.browser(KEEPER)
    answer = here.send(client, KEEPER, "/panel/unlocks", number="123", reason="alasan yang panjang")
    assert answer.status_code == 409 and "alasan yang panjang" in answer.text, "what was typed is kept"


def test_asking_twice_at_once_makes_one_request(here: Guarded) -> None:
    _, number = reported(here)
    ended = at_once(*[lambda: asked(here, number)] * 4)
    assert ended == ["", *["NotAllowed"] * 3]
    assert here.town.one(_COUNT, n=number)[0] == 1
    asked(here, number, SECOND)  # another custodian has a request of his own
    assert here.town.one(_COUNT, n=number)[0] == 2


_COUNT = "select count(*) from unlock u join ticket t on t.id = u.ticket_id where t.number = :n"


def test_agreeing_and_refusing_at_once_is_one_decision_and_one_message(here: Guarded) -> None:
    phone, number = reported(here)
    phone.got()
    unlock_id = asked(here, number)
    ended = at_once(
        lambda: decided(here, unlock_id),
        lambda: decided(here, unlock_id, BOSS),
        lambda: decided(here, unlock_id, BOSS, granted=False),
    )
    assert ended == ["", "NotAllowed", "NotAllowed"]
    state = here.town.one("select state from unlock where id = :id", id=unlock_id)[0]
    assert len(phone.got()) == (2 if state == "granted" else 0)


def test_an_agreement_after_three_days_comes_too_late_and_one_may_ask_again(here: Guarded) -> None:
    phone, number = reported(here, "telegram")
    phone.got()
    unlock_id = asked(here, number)
    here.town.clock.moment = NOW + timedelta(days=3)
    with pytest.raises(NotAllowed, match="kedaluwarsa"):
        decided(here, unlock_id)
    assert "kedaluwarsa" in here.browser(SECOND).get("/panel/unlocks").text and phone.got() == []
    decided(here, asked(here, number))
    assert len(phone.got()) == 2


def test_while_it_is_open_nobody_asks_again_and_after_its_day_he_may(here: Guarded) -> None:
    _, number = reported(here)
    decided(here, asked(here, number))
    with pytest.raises(NotAllowed, match="sudah ada"):
        asked(here, number)
    here.town.clock.moment = NOW + timedelta(days=1)
    assert asked(here, number)


def test_who_is_no_custodian_any_more_opens_nothing(here: Guarded) -> None:
    phone, number = reported(here)
    unlock_id = asked(here, number)
    decided(here, unlock_id)
    assert phone.address.rpartition("+")[2] in looked(here, unlock_id).address
    becomes(here, KEEPER, "officer")
    try:
        with pytest.raises(desk.NotFound):
            looked(here, unlock_id)
    finally:
        becomes(here, KEEPER, "custodian")


def becomes(here: Guarded, email: str, role: str) -> None:
    with here.house.database.transaction() as tx:
        tx.execute(_ROLE, {"email": email, "role": role})


_ROLE = text(
    """update staff_role set role_id = (select id from role where name = :role)
       where staff_id = (select id from staff where email = :email)"""
)


def test_in_the_supervised_lane_custodians_alone_decide(here: Guarded) -> None:
    _, number = reported(here)
    lane.place(here.house, here.town.staff(BOSS), number)
    unlock_id = asked(here, number)
    assert number not in here.browser(BOSS).get("/panel/unlocks").text
    with pytest.raises(desk.NotFound):
        decided(here, unlock_id, BOSS)
    notified = here.town.all(
        """select s.email from notice n join staff s on s.id = n.staff_id join ticket t on t.id = n.ticket_id
           where t.number = :n and n.kind = 'unlock_asked' order by 1""",
        n=number,
    )
    assert [one.email for one in notified] == sorted([KEEPER, SECOND])
    decided(here, unlock_id)
    assert looked(here, unlock_id).address


def test_what_the_citizen_had_deleted_is_opened_for_nobody(here: Guarded) -> None:
    phone, number = reported(here)
    unlock_id = asked(here, number)
    decided(here, unlock_id)
    says(phone, "HAPUS DATA")
    says(phone, "1")
    (request,) = here.town.all("select id from privacy_request where state = 'open'")
    requests.carry_out(here.house, here.town.staff(BOSS), request.id)
    here.town.deliver()
    here.town.clock.moment = NOW + timedelta(hours=23)
    farewell.forget_addresses(here.house)
    with pytest.raises(NotAllowed, match="tidak disimpan"):
        looked(here, unlock_id)
    assert phone.address  # the phone is still there, only not known here any more


def test_an_ordinary_report_needs_the_same_way(here: Guarded) -> None:
    _, number = reported(here, "telegram", nameless=False)
    unlock_id = asked(here, number)
    decided(here, unlock_id, BOSS)
    identity = looked(here, unlock_id)
    assert (identity.channel, bool(identity.name)) == ("telegram", True)
    assert identity.address not in repr(identity)
