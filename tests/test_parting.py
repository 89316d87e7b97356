"""SAMBUNG BATAL: who was joined with a stranger leaves with what is his; nobody finds a code by trying."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from bot import inbound
from bot.people import farewell, parting, requests
from tests.people import HOLE, LAMP, PairPhone, code_of, event, files, says, together
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

_fresh = itertools.count(1)


@pytest.fixture(scope="module")
def shared(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(shared: Town) -> Town:
    shared.clock.moment = NOW
    with shared.house.database.transaction() as tx:
        tx.execute(text("delete from link_code"))
        tx.execute(text("delete from wrong_code"))
    shared.age_reports()
    return shared


def address() -> str:
    return f"+62877{next(_fresh):08}"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def joined(giver: Phone, taker: Phone) -> None:
    told = says(taker, f"SAMBUNG {code_of(says(giver, 'SAMBUNG'))}")
    assert "kini tersambung" in told[0] and told[0].endswith("Bukan milik Anda? Tulis SAMBUNG BATAL.")


@pytest.mark.parametrize("regrets", ["who gave the code", "who sent it"])
def test_whoever_regrets_it_leaves_with_his_own_reports(town: Town, regrets: str) -> None:
    giver, taker = town.phone("whatsapp"), town.phone("telegram")
    first, second = files(giver), files(taker, LAMP)
    joined(giver, taker)
    assert first in "\n".join(says(taker, "STATUS"))
    giver.got()
    leaves = giver if regrets == "who gave the code" else taker
    assert says(leaves, "sambung batal") == [
        "Percakapan ini berdiri sendiri lagi. Yang tampil di sini hanya laporannya sendiri."
    ]
    for phone, own, other in ((giver, first, second), (taker, second, first)):
        shown = "\n".join(says(phone, "STATUS"))
        assert own in shown and other not in shown
    assert says(leaves, "BATAL SAMBUNG") == ["Percakapan ini tidak tersambung dengan kanal lain."]


def test_what_was_filed_while_joined_goes_with_the_phone_it_was_filed_on(town: Town) -> None:
    giver, taker = town.phone("whatsapp"), town.phone("telegram")
    says(giver, "STATUS")
    joined(giver, taker)
    later = files(taker, HOLE)
    says(taker, "SAMBUNG BATAL")
    assert later in "\n".join(says(taker, "STATUS"))
    assert later not in "\n".join(says(giver, "STATUS"))


def test_both_addresses_of_a_phone_leave_together(town: Town) -> None:
    phone, stranger = PairPhone(town, f"whatsapp:{address()}"), town.phone("telegram")
    phone.shows_both("STATUS")
    phone.shows_both(f"SAMBUNG {code_of(says(stranger, 'SAMBUNG'))}")
    phone.shows_both("SAMBUNG BATAL")
    keys = town.house.database.keys
    persons = town.all(
        "select channel, person_id from address where lookup = any(:lookups)",
        lookups=[
            keys.index("whatsapp", phone.number),
            keys.index("whatsapp", phone.id_),
            keys.index("telegram", stranger.address),
        ],
    )
    mine = {one.person_id for one in persons if one.channel == "whatsapp"}
    assert len(persons) == 3 and len(mine) == 1
    assert mine.isdisjoint({one.person_id for one in persons if one.channel == "telegram"})


def test_joining_and_leaving_at_the_same_time_all_go_through(town: Town) -> None:
    for _ in range(4):
        ring = [address() for _ in range(4)]
        for one in ring:
            assert inbound.receive(town.house, event("sms", one, f"LAPOR {HOLE}")) == "taken"
        codes = [code_of(says(town.phone("sms", one), "SAMBUNG")) for one in ring]
        turns = [event("sms", one, f"SAMBUNG {codes[n - 1]}") for n, one in enumerate(ring)]
        turns += [event("sms", one, "SAMBUNG BATAL") for one in ring]
        became = together([partial(inbound.receive, town.house, one) for one in turns])
        assert set(became) == {"taken"}
    astray = """select count(*) from ticket t join conversation c on c.id = t.conversation_id
                join address a on a.id = c.address_id where a.person_id <> t.person_id"""
    assert town.one(astray)[0] == 0


# --- while data are deleted ---------------------------------------------------------------------------------
def test_who_is_being_forgotten_cannot_pull_a_second_phone_along(town: Town) -> None:
    leaver, other = town.phone("whatsapp"), town.phone("telegram")
    kept = files(other, LAMP)
    files(leaver)
    says(leaver, "HAPUS DATA")
    says(leaver, "1")
    request = town.one("select max(id) from privacy_request where state = 'open'")[0]
    requests.carry_out(town.house, town.staff("koordinator@kota.test"), request)
    code = code_of(says(other, "SAMBUNG"))
    for words in (f"SAMBUNG {code}", "SAMBUNG", "SAMBUNG BATAL"):
        assert says(leaver, words)[-1].endswith(
            "Data lama Anda sedang dihapus. Silakan sambungkan kanal Anda besok."
        )
    assert farewell.forget_addresses(town.house) == 1
    assert kept in "\n".join(says(other, "STATUS"))
    joined(leaver, other)
    assert farewell.forget_addresses(town.house) == 0
    assert kept in "\n".join(says(leaver, "STATUS"))


# --- trying codes -------------------------------------------------------------------------------------------
def test_after_ten_wrong_codes_in_a_minute_no_code_is_looked_at_for_a_while(town: Town) -> None:
    giver, honest = town.phone("telegram"), town.phone("whatsapp")
    code = code_of(says(giver, "SAMBUNG"))
    for _ in range(parting.MOST_WRONG):
        assert "salah atau sudah lewat" in says(town.phone("sms", address()), f"SAMBUNG {wrong(code)}")[0]
    assert says(honest, f"SAMBUNG {code}") == [
        "Kode belum dapat diperiksa sekarang. Silakan coba lagi beberapa menit lagi."
    ]
    town.clock.moment += timedelta(minutes=2)
    assert "kini tersambung" in says(honest, f"SAMBUNG {code}")[0]
