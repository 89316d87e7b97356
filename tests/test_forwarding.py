"""One report in several offices' hands: parts for the offices, one answer for the citizen."""

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot import inbound
from bot.care import categorising, charge, tiering
from bot.people import farewell, requests
from bot.wording import Line, Wording
from bot.workflow import NotAllowed
from storage import family, queries
from tests.house import SEMARANG
from tests.offices import BOSS, PIPE, SARI, Desk, hire, shared
from tests.people import event, together
from tests.streets import open_town
from tests.talking import CITY


@pytest.fixture
def desk(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        hire(town, "DLH", "DISHUB", "DINKES", "PKM-MANGKANG")
        yield Desk(town)


def writes(desk: Desk, words: str) -> None:
    assert inbound.receive(desk.town.house, event("sms", SARI, words)) == "taken"


def scope(desk: Desk, who: str) -> list[str]:
    by = desk.town.staff(f"{who}@kota.test")
    with desk.town.house.database.reading() as tx:
        now = desk.town.clock.now()
        return sorted(row["number"] for row in queries.ticket_list(tx, by, queue="all", now=now))


# --- parts --------------------------------------------------------------------------------------------------
def test_each_office_gets_a_part_and_the_citizen_reads_both_names_once(desk: Desk) -> None:
    number, parts = shared(desk)
    whole = desk.row(number)
    assert (whole.status, whole.office, whole.stage) == ("forwarded", "PEMKOT", "")
    (told,) = [one for one in desk.told(number) if "diteruskan" in one]
    assert "DPU dan DLH" in told and number in told
    for part in desk.parts(number).values():
        assert (part.status, part.stage) == ("forwarded", "follow_up")
        assert (part.text, part.place_code, part.category) == (whole.text, whole.place_code, whole.category)
        assert part.due_at == whole.due_at and part.stage_due_at < part.due_at
        assert part.person_id is None and part.conversation_id is None
        assert not desk.told(part.number)
    assert scope(desk, "dpu") == [parts["DPU"]] and scope(desk, "dlh") == [parts["DLH"]]
    assert scope(desk, "koordinator") == sorted([number, *parts.values()])


@pytest.mark.parametrize("language", ["id", "en", "jv", "su"])
def test_several_offices_take_no_more_room_in_an_sms_than_one_may(language: str) -> None:
    wording = Wording(SEMARANG, (language,))
    names = {len(one.short_name): one.short_name for one in CITY.offices.values()}
    for first, last in itertools.product(names.values(), names.values()):
        line = charge.named(charge.Charge((first, last)), CITY, "sms")
        assert isinstance(line, Line) and len(wording.line(line, language, "sms")) <= max(names)
    every = charge.named(charge.Charge(tuple(names.values())), CITY, "")
    assert isinstance(every, Line) and all(name in wording.line(every, language) for name in names.values())


def test_the_citizen_knows_of_the_whole_alone(desk: Desk) -> None:
    number, parts = shared(desk)
    for words in ("STATUS", f"CEK {number}"):
        desk.says(SARI, words)
        assert "DPU dan DLH" in desk.town.one("select text from message order by id desc limit 1").text
    desk.says("+628121000009", f"CEK {parts['DPU']}")
    last = desk.town.one("select text from message order by id desc limit 1").text
    assert "diteruskan" not in last and "DPU" not in last


def test_secrecy_is_that_of_the_whole_also_when_it_rises_later(desk: Desk) -> None:
    number, _ = shared(desk)
    assert not any(part.confidential for part in desk.parts(number).values())
    desk.says(SARI, "RAHASIA")
    assert desk.row(number).confidential
    assert all(part.confidential for part in desk.parts(number).values())


def test_the_officer_of_a_part_sees_the_files_of_the_whole_and_nobody_elses(desk: Desk) -> None:
    number, _ = shared(desk, "DPU", "DLH")
    insert = """insert into attachment (message_id, ticket_id, state, channel, path)
                select m.id, m.ticket_id, 'stored', 'sms', 'x'
                from message m join ticket t on t.id = m.ticket_id
                where t.number = %s and m.direction = 'in' limit 1 returning id"""
    with desk.town.house.database.transaction() as tx:
        file_id = tx.exec_driver_sql(insert, (number,)).scalar_one()
    with desk.town.house.database.reading() as tx:
        seen = {
            who: family.one_file(tx, desk.town.staff(f"{who}@kota.test"), file_id) is not None
            for who in ("koordinator", "dpu", "dlh", "dishub")
        }
    assert seen == {"koordinator": True, "dpu": True, "dlh": True, "dishub": False}


def test_a_place_told_later_reaches_the_parts(desk: Desk) -> None:
    number = desk.files(SARI, "pipa bocor dan jalan amblas")
    desk.move(number, "forwarded", offices=("DPU", "DLH"))
    desk.says(SARI, "Jl Pemuda, Kelurahan Sekayu")
    place = desk.row(number).place_code
    assert place and {part.place_code for part in desk.parts(number).values()} == {place}


def test_category_and_tier_are_those_of_the_whole(desk: Desk) -> None:
    number, parts = shared(desk)
    house, by = desk.town.house, desk.town.staff(BOSS)
    categorising.set_category(house, by, number, "penerangan_jalan")
    assert {part.category for part in desk.parts(number).values()} == {"penerangan_jalan"}
    with pytest.raises(NotAllowed, match="induknya"):
        categorising.set_category(house, by, parts["DPU"], "jalan_rusak")
    with pytest.raises(NotAllowed, match="induknya"):
        tiering.set_tier(house, by, parts["DPU"], "light", "Ringan.")


# --- one answer ---------------------------------------------------------------------------------------------
def test_the_whole_answers_once_when_all_parts_have(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "in_progress", "dpu")
    assert desk.row(number).status == "in_progress"
    assert desk.told(number)[-1].startswith("Laporan Anda sedang dikerjakan DPU.")
    before = len(desk.told(number))
    desk.move(parts["DLH"], "in_progress", "dlh")
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.")
    assert len(desk.told(number)) == before and desk.row(number).status == "in_progress"
    desk.move(parts["DLH"], "answered", "dlh", note="Puing sudah diangkut.")
    (told,) = desk.told(number)[before:]
    assert "DPU: Jalan sudah ditambal." in told and "DLH: Puing sudah diangkut." in told
    assert "sudah selesai?" in told
    assert desk.row(number).status == "answered"
    assert all(part.stage == "" for part in desk.parts(number).values())  # no silence of its own


def test_the_last_two_answers_at_one_instant_give_one_answer(desk: Desk) -> None:
    for round_ in range(6):
        number, parts = shared(desk, address=f"+6281220000{round_:02}")
        together(
            [
                desk.later(parts["DPU"], "answered", "dpu", note="Jalan ditambal."),
                desk.later(parts["DLH"], "answered", "dlh", note="Puing diangkut."),
            ]
        )
        assert desk.history(number).count("answered") == 1
        (told,) = [one for one in desk.told(number) if "Jalan ditambal." in one]
        assert "Puing diangkut." in told


def test_officers_and_the_citizen_at_once_all_get_through(desk: Desk) -> None:
    number, parts = shared(desk)
    calls: list[Any] = [
        desk.later(parts["DPU"], "waiting", "dpu", note="Seberapa lebar?"),
        desk.later(parts["DLH"], "in_progress", "dlh"),
        desk.later(number, "answered", "koordinator", note="Lokasi dipagari."),
        *(partial(writes, desk, words) for words in ("masih bocor", "STATUS", "lebar 2 m")),
    ]
    together(calls)
    assert desk.town.one("select count(*) from raw_event where state <> 'ok'")[0] == 0
    assert desk.history(parts["DLH"])[-1] == "in_progress"


def test_a_part_that_was_taken_off_is_waited_for_no_more_but_never_the_last_one(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DLH"], "returned", "dlh", note="Tidak ada puing.")
    assert desk.row(number).status == "forwarded" and "dikembalikan" not in " ".join(desk.told(number))
    desk.move(parts["DLH"], "rejected", note="Benar, bukan urusan DLH.")
    with pytest.raises(NotAllowed, match="terakhir"):
        desk.move(parts["DPU"], "rejected", note="Bukan kami.")
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.")
    assert desk.row(number).status == "answered"
    assert "DPU: Jalan sudah ditambal." in desk.told(number)[-1] and "DLH" not in desk.told(number)[-1]


def test_an_office_that_waits_for_a_budget_has_said_its_word(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "planned", "dpu", note="Peninggian jalan.", year="2027")
    desk.move(parts["DLH"], "answered", "dlh", note="Puing sudah diangkut.")
    assert desk.row(number).status == "answered"
    assert (
        "2027. Peninggian jalan." in desk.told(number)[-1] and desk.parts(number)["DPU"].status == "planned"
    )


# --- who may ------------------------------------------------------------------------------------------------
def test_an_officer_passes_on_to_units_below_his_office_alone(desk: Desk) -> None:
    number = desk.files(SARI)
    desk.move(number, "forwarded", office="DINKES")
    for given in ({"office": "DLH"}, {"office": "DINKES"}, {"offices": ("PKM-MANGKANG", "DLH")}):
        with pytest.raises(NotAllowed, match="di bawah"):
            desk.move(number, "forwarded", "dinkes", **given)
    with pytest.raises(NotAllowed, match="di bawah"):  # nor beside another move
        desk.move(number, "in_progress", "dinkes", office="DLH")
    desk.move(number, "forwarded", "dinkes", office="PKM-MANGKANG")
    assert desk.row(number).office == "PKM-MANGKANG"
    assert number in scope(desk, "dinkes") and number in scope(desk, "pkm-mangkang")


def test_an_officer_coordinates_several_units_of_his_own(desk: Desk) -> None:
    number = desk.files(SARI)
    desk.move(number, "forwarded", office="DINKES")
    desk.move(number, "forwarded", "dinkes", offices=("PKM-MANGKANG", "PKM-TAMBAKAJI"))
    assert desk.row(number).office == "DINKES" and number in scope(desk, "dinkes")
    (part,) = scope(desk, "pkm-mangkang")
    assert part == desk.parts(number)["PKM-MANGKANG"].number


def test_what_makes_no_sense_is_refused_in_a_sentence(desk: Desk) -> None:
    number, parts = shared(desk)
    for which, status, given, why in (
        (parts["DPU"], "forwarded", {"offices": ("DLH", "DISHUB")}, "tidak dibagi lagi"),
        (number, "forwarded", {"offices": ("DPU", "TIDAKADA")}, "TIDAKADA tidak ada"),
        (number, "in_progress", {"offices": ("DPU", "DLH")}, "diteruskan"),
        (number, "returned", {"note": "x"}, "kembalikan bagiannya"),
    ):
        with pytest.raises(NotAllowed, match=why):
            desk.move(which, status, **given)


# --- privacy ------------------------------------------------------------------------------------------------
def test_who_asks_to_be_forgotten_is_forgotten_in_the_parts_too(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.says(SARI, "HAPUS DATA")
    desk.says(SARI, "1")
    asked = desk.town.one("select max(id) as id from privacy_request").id
    requests.carry_out(desk.town.house, desk.town.staff(BOSS), asked)
    farewell.forget_addresses(desk.town.house)
    assert desk.row(number).status == "closed"
    assert {part.status for part in desk.parts(number).values()} == {"closed"}
    rows = desk.town.all("select text, place from ticket")
    assert len(rows) == 1 + len(parts) and not any("pipa" in row.text for row in rows)
    assert PIPE not in str(desk.town.all("select note from event"))
