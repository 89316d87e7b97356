"""The end of a report as a citizen meets it: ya, belum, a mark, taking back, and a message after closing."""

from dataclasses import replace
from typing import Any

import pytest

from bot.talk.deeds import (
    AddTo,
    AskToClose,
    Close,
    DropDraft,
    File,
    NotSolved,
    Rate,
    ShowStatus,
    Solved,
)
from bot.talk.solved import takes_back
from tests.talking import HOLE, Talk, open_report

SMS = pytest.mark.parametrize("sms", [False, True])


def answered(**more: Any) -> Talk:
    """A chat whose report was answered, and which was asked whether it is solved."""
    return Talk(report=replace(open_report("answered"), **more))


# --- ya ----------
@pytest.mark.parametrize("words", ["ya", "sudah pak", "1", "satu", "👍", "1.", "Ya"])
def test_ya_closes_and_then_asks_for_a_mark(words: str) -> None:
    talk = answered()
    (said,) = talk.hears(words)
    assert talk.deeds == [Solved(7)]
    assert said == "Terima kasih. Laporan 417058236 ditutup. Seberapa puas Anda?"
    assert talk.choices == [f"rate={star}" for star in range(1, 6)]


@pytest.mark.parametrize(
    ("words", "stars"), [("5", 5), ("satu", 1), ("Sangat buruk", 1), ("cukup", 3), ("⭐⭐⭐⭐", 4)]
)
def test_the_mark_is_kept_as_it_was_given(words: str, stars: int) -> None:
    talk = answered()
    talk.hears("ya")
    talk.known = replace(talk.known, report=open_report("closed"))
    talk.hears(words)
    assert talk.deeds == [Rate(7, stars)] and "aside" not in talk.state


@pytest.mark.parametrize("words", ["6", "terima kasih", "0", "LAPOR " + HOLE])
def test_anything_else_lets_the_mark_go_and_none_is_made_up(words: str) -> None:
    talk = answered()
    talk.hears("ya")
    talk.known = replace(talk.known, report=open_report("closed"))
    talk.hears(words)
    assert not [deed for deed in talk.deeds if isinstance(deed, Rate)]
    assert talk.state.get("aside", {}).get("name") != "rate"


def test_a_number_after_a_newer_answer_is_no_mark_for_the_old_report() -> None:
    talk = answered()
    talk.hears("ya")
    talk.known = replace(talk.known, report=replace(open_report("answered"), id=8))
    talk.hears("1")
    assert talk.deeds == [Solved(8)]


def test_a_report_that_has_its_mark_is_not_asked_for_another() -> None:
    talk = answered(rated=True)
    assert talk.hears("ya") == ["Laporan 417058236 ditutup. Terima kasih."]
    assert "aside" not in talk.state


# --- belum ----------
@pytest.mark.parametrize("words", ["belum", "2", "dua", "blm pak", "👎"])
def test_belum_goes_back_and_asks_once_what_is_wrong(words: str) -> None:
    talk = answered()
    talk.hears(words)
    assert talk.deeds == [NotSolved(7)]
    talk.known = replace(talk.known, report=open_report("in_progress"))
    talk.hears(kind="photo")
    assert talk.deeds == [AddTo(7, "")]
    talk.hears("lubang di sisi kiri belum ditambal")
    assert talk.deeds == [AddTo(7, "lubang di sisi kiri belum ditambal")] and "aside" not in talk.state


def test_belum_with_its_reason_asks_nothing_more() -> None:
    talk = answered()
    talk.hears("masih bolong pak")
    assert talk.deeds == [NotSolved(7, "masih bolong pak")] and "aside" not in talk.state


@pytest.mark.parametrize("words", ["terima kasih", "tidak", "halo"])
def test_who_has_nothing_to_add_after_belum_is_left_in_peace(words: str) -> None:
    talk = answered()
    talk.hears("belum")
    talk.known = replace(talk.known, report=open_report("in_progress"))
    assert talk.hears(words) and not talk.deeds and "aside" not in talk.state


# --- neither ----------
def test_thanks_alone_closes_nothing_and_asks_once_more_only() -> None:
    talk = answered()
    (said,) = talk.hears("terima kasih")
    assert said == "Terima kasih atas pesan Anda. Apakah masalahnya sudah selesai?"
    assert talk.choices == ["done=yes", "done=no"] and not talk.deeds
    assert len(talk.hears("terima kasih")) == 1 and not talk.deeds
    talk.hears("ya")
    assert talk.did(Solved)


def test_after_belum_the_next_answer_is_asked_about_afresh() -> None:
    talk = answered()
    talk.hears("oke pak")
    talk.hears("masih bolong pak")
    talk.hears("oke pak")
    assert not talk.deeds and talk.choices == ["done=yes", "done=no"]


def test_oke_is_a_yes_only_to_the_question_itself() -> None:
    talk = answered()
    talk.hears("oke pak")
    assert not talk.deeds and talk.choices == ["done=yes", "done=no"]
    talk.hears("oke")
    assert talk.deeds == [Solved(7)]


def test_words_that_say_neither_are_added_and_the_question_comes_again_once() -> None:
    talk = answered()
    talk.hears("di sebelah kiri juga ada lubang pak")
    assert talk.deeds == [AddTo(7, "di sebelah kiri juga ada lubang pak")]
    assert talk.choices == ["done=yes", "done=no"]
    talk.hears("sudah sebulan begini terus pak")
    assert talk.did(AddTo) and not talk.choices


@pytest.mark.parametrize(
    "words", ["lapor jalan rusak", "lampu jalan mati", "lampu jalan di Kelurahan Tugurejo belum menyala"]
)
def test_another_story_after_an_answer_is_another_report(words: str) -> None:
    talk = answered()
    talk.hears(words)
    assert talk.state["script"] == "report" and not any(isinstance(one, NotSolved) for one in talk.deeds)


@pytest.mark.parametrize("words", ["ya", "belum", "oke", "1"])
def test_what_answers_the_template_does_not_answer_what_nobody_has_read(words: str) -> None:
    talk = answered(unread=True)
    assert talk.hears(words) == [] and not talk.deeds


@pytest.mark.parametrize("words", ["ya", "belum"])
def test_a_strangers_report_that_mine_was_joined_with_is_not_mine_to_close(words: str) -> None:
    talk = answered(own=False)
    talk.hears(words)
    assert not any(isinstance(one, (Solved, NotSolved)) for one in talk.deeds)


def test_nothing_is_asked_while_an_officer_speaks_here() -> None:
    talk = answered()
    talk.known = replace(talk.known, taken=True)
    talk.hears("ya")
    assert not any(isinstance(one, Solved) for one in talk.deeds)


def test_an_answer_is_younger_than_the_question_for_the_place() -> None:
    talk = Talk(sms=True)
    talk.hears("jalan berlubang besar")
    assert talk.did(File).asks_place
    report = replace(open_report("answered", place=""), id=talk.state["ticket"])
    talk.known = replace(talk.known, report=report)
    talk.hears("1")
    assert talk.did(Solved) and "script" not in talk.state


# --- buttons, old ones too ----------
def press(talk: Talk, choice: str, *, quoted: bool = True) -> list[str]:
    talk.known = replace(talk.known, quoted=quoted)
    return talk.hears("Ya", kind="choice", choice=choice)


@pytest.mark.parametrize("quoted", [False, True])
def test_the_buttons_answer(quoted: bool) -> None:
    talk = answered()
    press(talk, "done=yes", quoted=quoted)
    assert talk.deeds == [Solved(7)]
    press(talk, "rate=4")
    assert talk.deeds == [Rate(7, 4)]
    talk = answered()
    press(talk, "done=no", quoted=quoted)
    assert talk.deeds == [NotSolved(7)]


def test_an_old_button_answers_in_the_middle_of_another_report() -> None:
    talk = answered()
    talk.hears("LAPOR lampu jalan mati di Kelurahan Tugurejo")
    before = talk.state["answers"]
    press(talk, "done=no")
    assert talk.deeds == [NotSolved(7)] and talk.state["answers"] == before


@pytest.mark.parametrize(
    ("status", "choice", "deed"),
    [
        ("closed", "done=no", NotSolved(7)),
        ("closed", "done=yes", ShowStatus("417058236")),
        ("in_progress", "done=no", ShowStatus("417058236")),
        ("in_progress", "done=yes", Solved(7)),
        ("rejected", "done=no", ShowStatus("417058236")),
    ],
)
def test_an_old_button_means_what_is_still_possible(status: str, choice: str, deed: Any) -> None:
    talk = Talk(report=open_report(status))
    press(talk, choice)
    assert talk.deeds == [deed]


@pytest.mark.parametrize("status", ["waiting", "in_progress", "closed"])
def test_a_button_of_nobody_knows_which_report_closes_none(status: str) -> None:
    talk = Talk(report=open_report(status))
    (said,) = press(talk, "done=yes", quoted=False)
    assert not talk.deeds and "sudah lewat" in said


def test_an_old_button_for_a_mark_counts_once() -> None:
    talk = Talk(report=open_report("closed"))
    press(talk, "rate=2")
    assert talk.deeds == [Rate(7, 2)]
    talk = Talk(report=replace(open_report("closed"), rated=True))
    (said,) = press(talk, "rate=2")
    assert not talk.deeds and "sudah lewat" in said


# --- taking back ----------
@pytest.mark.parametrize(
    "words",
    [
        "cabut laporan",
        "tarik laporan saya",
        "tolong hapus laporan saya",
        "laporan saya sudah selesai",
        "cancel my report",
        "laporan kula sampun rampung",
        "laporan abdi parantos beres",
    ],
)
def test_the_latest_report_is_taken_back_in_many_words(words: str) -> None:
    assert takes_back(words)
    talk = Talk(report=open_report())
    talk.hears(words)
    assert talk.deeds == [AskToClose()]


@SMS
def test_tutup_asks_first(sms: bool) -> None:
    talk = Talk(sms=sms, report=open_report())
    talk.hears("TUTUP 417058236")
    assert talk.deeds == [AskToClose("417058236")]
    talk.hears("CABUT 417058236")
    assert talk.deeds == [AskToClose("417058236")]


@pytest.mark.parametrize(("words", "closes"), [("1", True), ("ya", True), ("2", False), ("tidak", False)])
def test_the_report_is_closed_only_with_a_yes(words: str, closes: bool) -> None:
    talk = Talk(report=open_report())
    talk.state = {"aside": {"name": "close", "number": "417058236"}}
    talk.hears(words)
    assert talk.deeds == ([Close("417058236")] if closes else []) and "aside" not in talk.state
    assert closes or talk.lines[0].key == "All right. Report {number} goes on."


def test_a_draft_is_cancelled_with_the_words_that_take_a_report_back() -> None:
    talk = Talk(report=open_report())
    talk.hears("LAPOR " + HOLE)
    talk.hears("cabut laporan")
    assert talk.deeds == [DropDraft()]


def test_batal_alone_still_asks_nothing() -> None:
    talk = Talk(report=open_report())
    (said,) = talk.hears("BATAL")
    assert "Tidak ada yang dibatalkan" in said and not talk.deeds
