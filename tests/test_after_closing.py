"""A message after a report was finished: about that report or a new one, and nothing is lost meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.talk.deeds import AddTo, CallHuman, DropDraft, File, JoinDraft, KeepDraft, NotSolved, Reopen
from tests.talking import FIRE, HOLE, NOW, SEND, Talk, open_report

SMS = pytest.mark.parametrize("sms", [False, True])
AFTER = "jalannya berlubang lagi di depan pasar"


def closed(*, sms: bool = False, days: float = 1) -> Talk:
    """A chat whose report was closed so many days ago."""
    report = replace(open_report("closed"), changed_at=NOW - timedelta(days=days))
    return Talk(sms=sms, report=report)


@SMS
def test_after_closing_the_bot_asks_which_report_and_keeps_the_words_as_a_draft_at_once(sms: bool) -> None:
    talk = closed(sms=sms)
    (said,) = talk.hears(AFTER)
    assert said == "Laporan 417058236 sudah selesai. Ini tentang laporan itu, atau laporan baru?"
    assert talk.choices == ["about=that", "about=new"]
    assert talk.did(KeepDraft).answers["story"] == AFTER
    assert not any(isinstance(one, (File, Reopen)) for one in talk.deeds)


@pytest.mark.parametrize("words", ["1", "laporan itu", "ya", "yang pertama"])
def test_that_one_opens_the_report_and_joins_the_draft(words: str) -> None:
    talk = closed()
    talk.hears(AFTER)
    talk.hears(words)
    assert talk.deeds == [JoinDraft(7), Reopen(7, AFTER)] and "script" not in talk.state


@pytest.mark.parametrize("words", ["2", "laporan baru", "baru"])
def test_a_new_one_goes_on_as_a_report(words: str) -> None:
    talk = closed()
    talk.hears("jalan berlubang lagi di Kelurahan Sekayu")
    talk.hears(words)
    assert talk.choices == SEND and talk.did(KeepDraft).answers["story"].startswith("jalan berlubang lagi")
    talk.hears("1")
    assert talk.did(File)


def test_a_new_one_by_sms_is_filed_at_once() -> None:
    talk = closed(sms=True)
    talk.hears(HOLE)
    talk.hears("2")
    assert talk.did(File) and talk.did(KeepDraft).answers["story"] == HOLE


@pytest.mark.parametrize(
    ("words", "days", "first"),
    [
        (AFTER, 1, "about=that"),
        (AFTER, 6, "about=that"),
        ("lampu jalan mati", 1, "about=new"),
        ("jalan berlubang di Kelurahan Tugurejo", 1, "about=new"),
        ("mohon perhatian bapak untuk warga kami", 1, "about=that"),
        ("mohon perhatian bapak untuk warga kami", 5, "about=new"),
    ],
)
def test_the_likelier_choice_stands_first(words: str, days: float, first: str) -> None:
    talk = closed(days=days)
    talk.hears(words)
    assert talk.choices[0] == first


@pytest.mark.parametrize(
    "words", ["LAPOR jalan berlubang di Kelurahan Sekayu", "lampu jalan mati di Kelurahan Tugurejo"]
)
def test_what_is_clearly_new_is_new_at_once(words: str) -> None:
    talk = closed()
    talk.hears(words)
    assert talk.choices == SEND


@pytest.mark.parametrize("words", ["terima kasih", "halo", "ya", "oke pak"])
def test_polite_words_stay_polite_words(words: str) -> None:
    talk = closed()
    assert talk.hears(words) and not talk.deeds and "aside" not in talk.state


@pytest.mark.parametrize("words", ["belum", "belum diperbaiki pak", "dereng sae"])
def test_belum_after_closing_needs_no_question(words: str) -> None:
    talk = closed()
    talk.hears(words)
    assert talk.deeds == [NotSolved(7)]


def test_danger_after_closing_is_a_new_report() -> None:
    talk = closed()
    said = talk.hears(FIRE)
    assert "112" in said[0] and talk.state["script"] == "report" and not talk.state.get("aside")


def test_a_quoted_answer_is_surely_about_that_report() -> None:
    talk = closed()
    talk.known = replace(talk.known, quoted=True)
    talk.hears(AFTER)
    assert talk.deeds == [Reopen(7, AFTER)]


def test_a_rejected_report_takes_the_words_and_stays_rejected() -> None:
    talk = closed()
    talk.known = replace(talk.known, report=replace(open_report("rejected"), changed_at=NOW))
    talk.hears(AFTER)
    talk.hears("1")
    assert talk.deeds == [JoinDraft(7), AddTo(7, AFTER)]


def test_a_photo_while_the_question_is_open_belongs_to_the_draft() -> None:
    talk = closed()
    talk.hears(AFTER)
    talk.hears(kind="photo")
    assert talk.did(KeepDraft) and talk.choices == ["about=that", "about=new"]
    talk.hears("1")
    assert talk.did(Reopen)


def test_more_words_are_kept_and_never_asked_about_for_ever() -> None:
    talk = closed()
    talk.hears(AFTER)
    talk.hears("lubangnya dekat sekolah dasar sekarang")
    assert "sekolah" in talk.did(KeepDraft).answers["story"] and talk.choices
    talk.hears("tolong segera ditambal karena bahaya sekali")
    story = talk.did(KeepDraft).answers["story"]
    assert all(word in story for word in ("pasar", "sekolah", "bahaya")) and not talk.state.get("aside")


def test_hah_is_answered_with_the_choices_and_loses_nothing() -> None:
    talk = closed()
    talk.hears(AFTER)
    said = [talk.hears("hah?")[0] for _ in range(3)]
    assert len(set(said)) == 3 and talk.choices == ["about=that", "about=new"]
    talk.hears("1")
    assert talk.did(Reopen).words == AFTER


def test_batal_at_that_question_drops_the_draft_and_petugas_is_called_for_it() -> None:
    talk = closed()
    talk.hears(AFTER)
    talk.hears("PETUGAS")
    assert talk.did(CallHuman)
    talk.hears("BATAL")
    assert talk.deeds == [DropDraft()] and "script" not in talk.state


def test_the_question_comes_again_with_ulang_and_in_another_language() -> None:
    talk = closed()
    asked = talk.hears(AFTER)
    assert talk.hears("ULANG") == asked
    assert talk.hears("english")[-1].startswith("Report 417058236 is finished.")


def test_after_a_day_of_silence_the_answer_still_counts() -> None:
    talk = closed()
    talk.hears(AFTER)
    talk.later(hours=30)
    talk.hears("1")
    assert talk.deeds == [JoinDraft(7), Reopen(7, AFTER)]


def test_an_edit_corrects_what_is_kept_and_the_question_stays_open() -> None:
    talk = closed()
    talk.hears(AFTER, reference="11")
    assert talk.hears("jalannya ambles lagi di depan balai RW", kind="edit", reference="11") == []
    assert talk.did(KeepDraft).answers["story"] == "jalannya ambles lagi di depan balai RW"
    assert talk.hears("halo semua", kind="edit", reference="9") == [] and not talk.deeds
    talk.hears("1")
    assert talk.did(Reopen).words == "jalannya ambles lagi di depan balai RW"
