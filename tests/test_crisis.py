"""Emergency mode of an area: what a citizen is asked there, and which clocks hold."""

import pytest

from bot.languages import NAMES
from bot.talk.depths import depth_in, trapped_in
from tests.floods import (
    CITY,
    DISTRICT,
    FLOOD,
    VILLAGE,
    WORDS,
    answers,
    calm,
    filed,
    newest,
    on,
    sends,
)
from tests.streets import Town


@pytest.fixture
def town(spoken_town: Town) -> Town:
    return calm(spoken_town)


# --- what is asked ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["whatsapp", "telegram"])
def test_depth_and_trapped_people_are_asked_first_and_the_emergency_clocks_hold(
    town: Town, kind: str
) -> None:
    on(town)
    phone = town.phone(kind)
    phone.writes(FLOOD)
    (deep,) = phone.got()
    assert deep.text.startswith("Wilayah ini dalam keadaan darurat.")
    assert deep.labels == (
        "Di bawah lutut", "Sampai pinggang", "Di atas pinggang", "Tidak banjir", "Lewati"
    )  # fmt: skip
    phone.presses(deep, "Sampai pinggang")
    (trapped,) = phone.got()
    assert trapped.labels == ("Ya", "Tidak", "Lewati")
    phone.presses(trapped, "Ya")
    danger, read_back = phone.got()
    assert "112" in danger.text and "Kirim" in read_back.labels
    assert newest(town).status == "draft" and answers(town) == {"depth": "waist", "trapped": "yes"}
    notice = "select count(*) from notice where ticket_id = :id and kind = 'trapped'"
    assert town.one(notice, id=newest(town).id)[0] == 1  # the coordinator, of the draft already
    phone.presses(read_back, "Kirim")
    assert newest(town).number in phone.got()[-1].text
    row = newest(town)
    assert (row.status, row.crisis_id is not None, row.stage) == ("received", True, "verify")
    usual = filed(town, "got mampet di Jalan Gajahmada, Kelurahan Miroto")
    assert usual and newest(town).crisis_id is None and newest(town).due_at > row.due_at


@pytest.mark.parametrize(
    ("depth", "trapped", "kept"),
    [
        ("Lewati", "Lewati", {}),
        ("lewati", "tidak tahu", {}),
        ("50 cm", "tidak ada", {"depth": "waist", "trapped": "no"}),
        ("1,5 meter", "ada 2 orang terjebak di loteng", {"depth": "deep", "trapped": "yes"}),
        ("sampai teras depan", "2", {"depth": "sampai teras depan", "trapped": "no"}),
        ("sedengkul", "ora ana sing kejebak", {"depth": "sedengkul", "trapped": "no"}),
    ],
)
def test_both_questions_are_answered_in_any_words_or_left(
    town: Town, depth: str, trapped: str, kept: dict[str, str]
) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    for words in (depth, trapped):
        shown = phone.got()[-1]
        phone.presses(shown, words) if words in shown.labels else phone.writes(words)
    assert newest(town).number in sends(phone)
    assert answers(town) == kept and newest(town).status == "received"


def test_a_photo_or_a_place_lets_the_questions_go(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    phone.sends_photo()
    assert newest(town).number in sends(phone)
    assert newest(town).crisis_id is not None


def test_a_place_that_is_told_later_asks_then(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes("banjir masuk rumah warga")
    assert "Di mana" in phone.got()[-1].text
    phone.writes("Kelurahan Sekayu")
    assert phone.got()[-1].text.startswith("Wilayah ini dalam keadaan darurat.")


@pytest.mark.parametrize(
    "story",
    [
        "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu",  # another matter
        "banjir masuk rumah di Kelurahan Tugurejo",  # another place
    ],
)
def test_nobody_else_is_asked(town: Town, story: str) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(story)
    assert "Kirim" in phone.got()[-1].labels
    assert answers(town) == {}


@pytest.mark.parametrize("place", [CITY, DISTRICT, VILLAGE])
def test_an_area_holds_all_that_lies_in_it(town: Town, place: str) -> None:
    on(town, place)
    town.phone("sms").writes(FLOOD)
    assert newest(town).crisis_id is not None


def test_batal_and_ulang_work_while_it_is_asked(town: Town) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes(FLOOD)
    first = phone.got()[-1]
    phone.writes("ULANG")
    assert phone.got()[-1].labels == first.labels
    phone.writes("BATAL")
    phone.got()
    assert (newest(town).status, newest(town).closed_how) == ("closed", "withdrawn")


# --- by SMS -------------------------------------------------------------------------------------------------
def test_by_sms_it_is_filed_first_and_asked_in_one_message(town: Town) -> None:
    on(town)
    phone = town.phone("sms")
    phone.writes(FLOOD)
    receipt, both = phone.got()
    assert newest(town).number in receipt.text and newest(town).status == "received"
    assert both.text == "Mode darurat. Seberapa dalam airnya? Ada yang terjebak? Contoh: 50 cm, tidak"
    phone.writes("120 cm ada nenek terjebak")
    said = [one.text for one in phone.got()]
    assert "112" in said[0] and newest(town).number in said[1]
    assert answers(town) == {"depth": "deep", "trapped": "yes"}
    words = "select count(*) from message where ticket_id = :id and text like '120 cm%'"
    assert town.one(words, id=newest(town).id)[0] == 1


@pytest.mark.parametrize("words", ["lewati", "di depan masjid juga", "BATAL"])
def test_an_sms_that_does_not_answer_is_what_it_would_be_without_the_question(town: Town, words: str) -> None:
    on(town)
    phone = town.phone("sms")
    phone.writes(FLOOD)
    phone.got()
    phone.writes(words)
    assert phone.got() and newest(town).status == "received" and answers(town) == {}


def test_a_place_that_follows_by_sms_brings_the_clocks_and_the_question(town: Town) -> None:
    on(town, words=WORDS)
    phone = town.phone("sms")
    phone.writes("banjir masuk rumah tinggi sekali")
    phone.got()
    before = newest(town)
    assert before.crisis_id is None
    phone.writes("Jl Pemuda, Kelurahan Sekayu")
    said = [one.text for one in phone.got()]
    assert newest(town).crisis_id is not None and newest(town).due_at < before.due_at
    assert said[1].startswith(WORDS) and said[2].startswith("Mode darurat.")


# --- words --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "jv", "su"])
def test_the_questions_come_in_the_language_of_the_chat(town: Town, language: str) -> None:
    on(town)
    phone = town.phone("telegram")
    phone.writes("BAHASA")
    shown = phone.got()[-1]
    phone.presses(shown, NAMES[language])
    phone.got()
    phone.writes(FLOOD)
    (deep,) = phone.got()
    wording = town.house.wording
    assert deep.labels[0] == wording.sentence("Below the knee", language)
    phone.presses(deep, deep.labels[0])
    (trapped,) = phone.got()
    assert trapped.text == wording.sentence("Is anybody trapped or hurt there?", language)


@pytest.mark.parametrize(
    ("words", "depth", "trapped"),
    [
        ("50 cm, tidak", "waist", "no"),
        ("1 m ya", "waist", "yes"),
        ("sak dengkul, mboten", "knee", "no"),
        ("satuur, henteu", "", "no"),
        ("sadada, aya budak kajebak", "", "yes"),
        ("up to the neck, grandma is trapped", "deep", "yes"),
        ("30cm tidak ada yang terjebak", "knee", "no"),
        ("air tidak dalam tapi ibu saya terjebak", "", "yes"),
        ("sudah surut", "none", ""),
        ("mohon bantuan perahu", "", ""),
    ],
)
def test_depth_and_trapped_people_are_read_from_own_words(words: str, depth: str, trapped: str) -> None:
    assert (depth_in(words), trapped_in(words)) == (depth, trapped)
