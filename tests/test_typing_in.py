"""Staff type a report in for somebody: filed like one from a chat, once, with a receipt to the number."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import panel
from bot import inbound
from bot.care import crisis_switch, typing_in
from bot.care.typed import TakenOver
from bot.channel import Inbound
from bot.house import House
from bot.workflow import NotAllowed
from handlers.whatsapp import WhatsApp
from tests.panel_house import NOW, PASSWORD
from tests.typed_reports import ADMIN, BOSS, DPU, PHONE, STORY, reader, rows, staffed, typed


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with staffed(city_database, data_dir) as made:
        yield made


def ticket(house: House, number: str) -> Any:
    query = "select t.*, o.code as office from ticket t left join office o on o.id = t.office_id"
    return rows(house, f"{query} where number = :number", number=number)[0]


def out(house: House, number: str) -> list[Any]:
    query = """select m.text, m.state, c.channel, c.account from message m
               join ticket t on t.id = m.ticket_id join conversation c on c.id = m.conversation_id
               where t.number = :number and m.direction = 'out' order by m.id"""
    return rows(house, query, number=number)


# --- the use-case -------------------------------------------------------------------------------------------
def test_it_is_filed_like_one_from_a_chat(house: House) -> None:
    number = typing_in.type_in(house, reader(house), typed()).number
    row = ticket(house, number)
    assert (row.status, row.category, row.place, row.kind) == ("received", "jalan", "Tugurejo", "complaint")
    assert row.office == house.city.route("jalan", row.place_code) and row.place_code.startswith("33.74")
    assert row.due_at > NOW and row.stage == "verify" and row.origin == "walk_in"
    assert row.typed_by == reader(house).staff_id and row.conversation_id is None
    kinds = [
        one.kind for one in rows(house, "select kind from event where ticket_id = :id order by id", id=row.id)
    ]
    assert kinds == ["status", "typed", "status"]
    assert out(house, number) == [], "nobody to tell"
    noted = rows(house, "select action, detail from audit where ticket_id = :id", id=row.id)
    assert [(one.action, one.detail) for one in noted] == [("typed_in", {"origin": "walk_in"})]


def test_the_same_form_twice_is_one_report(house: House) -> None:
    first = typing_in.type_in(house, reader(house), typed(phone=PHONE, consent=True))
    again = typing_in.type_in(house, reader(house), typed(phone=PHONE, consent=True))
    assert (again.number, again.repeated) == (first.number, True)
    assert len(rows(house, "select 1 from ticket")) == 1 and len(out(house, first.number)) == 1
    other = typing_in.type_in(house, reader(house, DPU), typed())
    assert not other.repeated and other.number != first.number, "a token is its typist's own"


def test_the_receipt_goes_to_the_number_and_the_number_is_a_person(house: House) -> None:
    filed = typing_in.type_in(house, reader(house), typed(phone=PHONE, consent=True))
    (receipt,) = out(house, filed.number)
    assert filed.number in receipt.text and (receipt.state, receipt.account) == ("waiting", "sms")
    assert filed.receipt == "Tanda terima dikirim lewat SMS."
    said = Inbound("simulator", "sms", "later-1", "+6281229990042", text=f"CEK {filed.number}")
    assert inbound.receive(house, said) == "taken"
    assert len(rows(house, "select 1 from person")) == 1, "a chat from that number is the same person"
    assert filed.number in out(house, filed.number)[-1].text


def test_who_writes_already_stays_one_and_his_open_draft_is_left_alone(house: House) -> None:
    said = Inbound("simulator", "whatsapp", "w1", "+6281229990042", text="Sampah menumpuk di pasar")
    inbound.receive(house, said)
    before = rows(house, "select state from conversation")[0].state
    filed = typing_in.type_in(house, reader(house), typed(phone=PHONE, consent=True, way="whatsapp"))
    assert len(rows(house, "select 1 from person")) == 1
    after = rows(house, "select state from conversation")[0].state
    assert {**after, "last": ""} == {**before, "last": ""}, "the question that is open stays open"
    draft = rows(house, "select text from ticket where status = 'draft'")
    assert [one.text for one in draft] == ["Sampah menumpuk di pasar"] and filed.number


def test_a_number_is_only_kept_with_consent_and_only_when_it_is_one(house: House) -> None:
    for values in (
        {"phone": PHONE},
        {"phone": "12", "consent": True},
        {"phone": "pak lurah", "consent": True},
    ):
        with pytest.raises(NotAllowed):
            typing_in.type_in(house, reader(house), typed(**values))
    assert rows(house, "select 1 from ticket") == [] and rows(house, "select 1 from person") == []


def test_who_stopped_our_messages_gets_none(house: House) -> None:
    inbound.receive(house, Inbound("simulator", "sms", "s1", "+6281229990042", text="STOP"))
    filed = typing_in.type_in(house, reader(house), typed(phone=PHONE, consent=True))
    assert out(house, filed.number) == [] and "STOP" in filed.receipt


def whatsapp(house: House, template: str = "") -> House:
    """The house with WhatsApp by Twilio, and the simulator's SMS."""
    twilio = {"twilio_account_sid": "AC" + "1" * 32, "twilio_auth_token": "geheim"}
    chosen = {**twilio, "twilio_whatsapp_from": "whatsapp:+6281110001708"}
    settings = house.settings.model_copy(update={**chosen, "twilio_status_template_sid": template})
    found = WhatsApp.from_settings(settings)
    assert found is not None
    return replace(house, channels={**house.channels, "whatsapp": found})


def test_outside_whatsapps_window_a_template_knocks_or_it_goes_by_sms(house: House) -> None:
    wanted = {"phone": PHONE, "consent": True, "way": "whatsapp"}
    without = typing_in.type_in(whatsapp(house), reader(house), typed(**wanted))
    assert [one.account for one in out(house, without.number)] == ["sms"]
    knocks = whatsapp(house, "HX" + "2" * 32)
    filed = typing_in.type_in(knocks, reader(house), typed(token="t2", **wanted))
    assert [one.channel for one in out(house, filed.number)] == ["whatsapp"]
    assert "pesan pembuka" in filed.receipt


def test_secrecy_is_the_reporters_or_the_storys(house: House) -> None:
    nameless = typing_in.type_in(house, reader(house), typed(anonymous=True, phone=PHONE, consent=True))
    assert ticket(house, nameless.number).anonymous
    words = " ".join(one.text for one in out(house, nameless.number))
    assert "PIN" in words, "who is anonymous gets his PIN"
    bribe = "Petugas loket minta uang pelicin dua ratus ribu supaya berkas diproses"
    secret = typing_in.type_in(house, reader(house), typed(token="t2", story=bribe, place=""))
    assert ticket(house, secret.number).confidential, "what smells of corruption is confidential"
    proposed = rows(house, "select 1 from notice where kind = 'lane_proposed'")
    assert len(proposed) == 1, "the coordinator is told"
    alone = typing_in.type_in(house, reader(house), typed(token="t3", anonymous=True))
    assert ticket(house, alone.number).pin is None, "a PIN that nobody can be told is none"


def test_personal_numbers_in_the_story_are_masked_and_kept_sealed(house: House) -> None:
    filed = typing_in.type_in(house, reader(house), typed(story=f"{STORY}, NIK 3374010101900001"))
    row = ticket(house, filed.number)
    assert "3374010101900001" not in row.text and "[NIK]" in row.text
    assert "3374010101900001" in house.database.keys.open(row.hidden)


def test_in_an_emergency_it_gets_the_emergencys_clock(house: House) -> None:
    panel.add_staff(house, ADMIN, "administrator", None, PASSWORD)
    crisis_switch.switch_on(house, reader(house, ADMIN), house.city.code, "Banjir, jauhi sungai.")
    flood = "Banjir setinggi lutut masuk rumah di Tugurejo"
    filed = typing_in.type_in(house, reader(house), typed(story=flood, phone=PHONE, consent=True))
    assert ticket(house, filed.number).crisis_id is not None
    assert "jauhi sungai" in " ".join(one.text for one in out(house, filed.number))


def test_another_systems_number_stands_on_one_report(house: House) -> None:
    theirs = typed(origin="system", external_number="SP4N-8841")
    first = typing_in.type_in(house, reader(house, BOSS), theirs)
    assert ticket(house, first.number).external_number == "SP4N-8841"
    with pytest.raises(TakenOver) as taken:
        typing_in.type_in(
            house, reader(house, BOSS), replace(theirs, token="t2", external_number="sp4n-8841")
        )
    assert taken.value.number == first.number
    with pytest.raises(TakenOver) as hidden:
        typing_in.type_in(house, reader(house), replace(theirs, token="t3"))
    assert hidden.value.number == "" and first.number not in str(hidden.value)
    with pytest.raises(NotAllowed, match="Isi nomor"):
        typing_in.type_in(house, reader(house), typed(token="t4", origin="system"))
    assert len(rows(house, "select 1 from ticket")) == 1


def test_the_window_of_who_never_wrote_is_shut(house: House) -> None:
    filed = typing_in.type_in(
        whatsapp(house, "HX" + "2" * 32), reader(house), typed(phone=PHONE, consent=True, way="whatsapp")
    )
    chat = rows(house, "select last_in_at from conversation where channel = 'whatsapp'")
    assert [one.last_in_at for one in chat] == [None] and out(house, filed.number)[0].state == "waiting"
