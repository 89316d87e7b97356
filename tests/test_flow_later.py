"""The conversation as a citizen meets it: pauses, danger, SMS, and reports that exist."""

from dataclasses import replace

import pytest

from bot.talk.deeds import AddTo, File, KeepDraft, LeaveDraft, NotSolved, SetPlace
from tests.talking import FIRE, HOLE, SEKAYU, SEND, WHERE, Talk, open_report, paused


# --- a pause ----------
def test_after_a_day_the_bot_asks_whether_to_go_on() -> None:
    talk = paused()
    (said,) = talk.hears("halo")
    assert said == "Kita sedang membahas: jalan berlubang besar. Lanjut?"
    (said,) = talk.hears("1")
    assert said.startswith(WHERE)
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND


def test_a_new_report_leaves_the_old_draft_alone() -> None:
    talk = paused()
    talk.hears("lampu jalan mati di Kelurahan Tugurejo")
    (said,) = talk.hears("2")
    assert "lampu jalan mati" in said and "Tugurejo" in said
    assert isinstance(talk.deeds[0], LeaveDraft)


@pytest.mark.parametrize("answer", ["1", "Kelurahan Sekayu"])
def test_what_woke_the_draft_is_not_lost(answer: str) -> None:
    talk = paused()
    talk.hears("lubangnya sekarang sudah dua meter lebarnya")
    talk.hears(answer)
    assert "dua meter" in talk.did(KeepDraft).answers["story"]


def test_who_just_goes_on_is_understood() -> None:
    talk = paused()
    talk.hears("halo")
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND


def test_the_question_whether_to_go_on_can_be_repeated() -> None:
    talk = paused()
    asked = talk.hears("halo")
    assert talk.hears("ULANG") == asked
    (said,) = talk.hears("ya")
    assert said.startswith(WHERE)


def test_a_clock_that_runs_backwards_breaks_nothing() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.later(days=-2)
    (said,) = talk.hears("halo")
    assert said.startswith("Kita sedang membahas")


# --- emergencies ----------
@pytest.mark.parametrize("before", [[], ["mau lapor"], ["jalan berlubang besar"], [HOLE]])
@pytest.mark.parametrize("sms", [False, True])
def test_danger_is_answered_first_with_the_number_to_call(before: list[str], sms: bool) -> None:
    talk = Talk(sms=sms)
    for words in before:
        talk.hears(words)
    said = talk.hears(FIRE)
    assert "112" in said[0]
    assert "paham" not in " ".join(said)
    assert talk.deeds


def test_danger_is_answered_first_after_a_pause_too() -> None:
    talk = paused()
    said = talk.hears(FIRE)
    assert "112" in said[0] and said[1].startswith("Kita sedang membahas")


def test_a_short_cry_at_a_multiple_choice_is_no_misunderstanding() -> None:
    talk = Talk()
    talk.hears(HOLE)
    said = talk.hears("ada kebakaran")
    assert "112" in said[0] and talk.choices == SEND


def test_the_number_is_told_once_in_a_report_but_again_for_the_next_one() -> None:
    talk = Talk()
    assert "112" in talk.hears("ada kebakaran besar")[0]
    assert not any("112" in line for line in talk.hears("kebakaran di Kelurahan Sekayu"))
    talk.hears("BATAL")
    talk.later(days=30)
    assert "112" in talk.hears("ada kebakaran besar")[0]


# --- SMS ----------
def test_one_sms_is_a_report() -> None:
    talk = Talk(sms=True)
    talk.hears(HOLE)
    assert talk.did(File) == File() and not talk.lines
    assert talk.did(KeepDraft).answers["place"]["code"] == SEKAYU


def test_one_sms_without_a_place_is_filed_and_then_asked_for_the_place() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    assert talk.did(File).asks_place
    talk.hears("Kelurahan Sekayu")
    assert talk.did(SetPlace).place["code"] == SEKAYU


def test_who_does_not_know_the_place_keeps_the_report_without_one() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    assert talk.hears("tidak tahu") == ["Baik. Laporan Anda tetap tersimpan tanpa tempat."]
    assert not talk.deeds and "script" not in talk.state


def test_nobody_is_asked_for_the_category_by_sms() -> None:
    talk = Talk(sms=True)
    talk.hears("lampu jalan mati dan jalan berlubang di Kelurahan Sekayu")
    assert talk.did(KeepDraft).answers["category"] in ("penerangan_jalan", "jalan")


def test_several_sms_in_a_row_are_one_report() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    talk.later(minutes=1)
    talk.hears("sudah sebulan dibiarkan saja oleh dinas, dekat pasar di Kelurahan Sekayu")
    assert talk.did(AddTo).words.startswith("sudah sebulan") and talk.did(SetPlace).place["code"] == SEKAYU
    talk.known = replace(talk.known, report=open_report())
    talk.later(minutes=1)
    talk.hears("lubangnya di jalan aspal itu makin besar kena hujan")
    assert talk.did(AddTo) and not any(isinstance(deed, File) for deed in talk.deeds)


@pytest.mark.parametrize(
    "words",
    ["LAPOR lampu jalan mati", "lampu jalan mati di Kelurahan Tugurejo", "jalan rusak di Kelurahan Tugurejo"],
)
def test_another_story_by_sms_is_another_report(words: str) -> None:
    talk = Talk(sms=True, report=open_report())
    talk.hears(words)
    assert talk.did(File)


def test_lapor_while_the_place_is_asked_is_another_report() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    talk.hears("LAPOR lampu jalan mati di Kelurahan Tugurejo")
    assert isinstance(talk.deeds[0], LeaveDraft) and talk.did(File)


def test_a_question_for_the_place_that_nobody_answered_is_forgotten_after_a_day() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    talk.later(hours=25)
    talk.hears("lampu jalan mati di Kelurahan Tugurejo")
    assert isinstance(talk.deeds[0], LeaveDraft) and talk.did(File)


def test_the_same_number_twice_is_two_answers() -> None:
    talk = Talk()
    talk.hears("saya mau tanya tempat cari kerja dan buat ktp di Kelurahan Sekayu")
    if "category=lainnya" in talk.choices:
        talk.hears("1")
    talk.hears("1")
    assert talk.did(File)


# --- a report that exists ----------
@pytest.mark.parametrize("words", ["sudah sebulan begini terus pak", "jalan itu makin berlubang"])
def test_a_text_while_a_report_is_open_is_added_to_it(words: str) -> None:
    talk = Talk(report=open_report())
    talk.hears(words)
    assert talk.did(AddTo) == AddTo(7, words)


@pytest.mark.parametrize("words", ["lapor jalan rusak", "lampu jalan mati", "jalan rusak di Tugurejo"])
def test_another_story_is_another_report(words: str) -> None:
    talk = Talk(report=open_report())
    talk.hears(words)
    assert talk.state["script"] == "report"


def test_my_report_is_no_new_report() -> None:
    talk = Talk(report=open_report())
    talk.hears("laporan jalan rusak saya itu tolong segera diperbaiki")
    assert talk.did(AddTo)


@pytest.mark.parametrize("words", ["lampu jalan mati di Kelurahan Tugurejo", "ya", "terima kasih", "halo"])
def test_what_answers_an_officers_question_goes_to_that_report(words: str) -> None:
    talk = Talk(report=open_report("waiting"))
    talk.hears(words)
    assert talk.did(AddTo).words == words


def test_an_album_for_an_open_report_is_confirmed_once() -> None:
    talk = Talk(report=open_report())
    talk.hears(kind="photo", group="a")
    assert not talk.did(AddTo).quiet
    talk.hears(kind="photo", group="a")
    assert talk.did(AddTo).quiet


def test_a_pin_for_a_report_without_a_place_says_where() -> None:
    talk = Talk(report=open_report(place=""))
    talk.hears(kind="location", latitude=-6.98, longitude=110.41)
    assert talk.did(SetPlace).ticket_id == 7


def test_belum_after_closing_opens_the_closed_report_but_thanks_do_not() -> None:
    talk = Talk(report=open_report("closed"))
    talk.hears("belum diperbaiki pak")
    assert talk.did(NotSolved).ticket_id == 7
    talk.hears("terima kasih")
    assert not talk.deeds
