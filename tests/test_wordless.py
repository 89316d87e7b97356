"""Reports that begin without words: what is asked, what is never demanded, and what "send" does."""

import pytest

from bot.answers import Heard
from bot.talk.deeds import AddTo, File, KeepDraft
from bot.talk.fresh import Known
from bot.talk.reactions import in_words
from tests.talking import HOLE, NOW, SEKAYU, SEND, WHERE, Talk, open_report

KEPT = "Sudah disimpan. Petugas akan mendengar atau melihatnya."


def told_by_voice() -> Talk:
    talk = Talk()
    thanks, asked = talk.hears(kind="recording")
    assert thanks == KEPT and asked.startswith(WHERE)
    return talk


def test_a_voice_message_is_the_story_and_only_its_place_is_asked() -> None:
    talk = told_by_voice()
    (said,) = talk.hears("Kelurahan Sekayu")
    assert "pesan suara" in said and talk.choices == SEND
    talk.hears("1")
    answers = talk.did(KeepDraft).answers
    assert answers["place"]["code"] == SEKAYU and answers["category"] == "lainnya"
    assert talk.did(File) == File()


def test_a_second_voice_message_answers_where_it_is() -> None:
    talk = told_by_voice()
    talk.later(minutes=3)
    thanks, _ = talk.hears(kind="recording")
    assert thanks == KEPT and talk.choices == SEND
    assert talk.did(KeepDraft).answers["place"] == {"name": "", "code": ""}


def test_voice_after_voice_in_one_breath_is_answered_once() -> None:
    talk = told_by_voice()
    for _ in range(3):
        talk.later(seconds=5)
        assert talk.hears(kind="recording") == []
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND


@pytest.mark.parametrize("word", ["kirim", "Kirim.", "KIRIM"])
def test_send_files_a_voice_message_as_it_is(word: str) -> None:
    talk = told_by_voice()
    talk.hears(word)
    assert talk.did(File) == File() and "script" not in talk.state
    assert talk.did(KeepDraft).answers["story"] == ""


def test_send_before_the_place_of_a_told_story_goes_on_to_its_read_back() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    (said,) = talk.hears("kirim")
    assert "jalan berlubang besar" in said and talk.choices == SEND


def test_send_alone_is_no_report() -> None:
    talk = Talk()
    talk.hears("mau lapor")
    talk.hears("kirim")
    assert not talk.deeds


def test_a_story_after_a_voice_message_is_its_story_and_not_its_place() -> None:
    talk = told_by_voice()
    (said,) = talk.hears(HOLE)
    assert "jalan berlubang" in said and talk.choices == SEND
    assert talk.did(KeepDraft).answers["place"]["code"] == SEKAYU


def test_who_wants_to_change_the_story_of_a_voice_message_is_asked_for_words() -> None:
    talk = told_by_voice()
    talk.hears("Kelurahan Sekayu")
    talk.hears("3")
    (said,) = talk.hears("1")
    assert said.startswith("Silakan ceritakan")
    (said,) = talk.hears("jalan berlubang besar")
    assert "jalan berlubang besar" in said and talk.choices == SEND


def test_four_photos_and_a_voice_message_are_answered_twice_and_end_in_one_question() -> None:
    talk = Talk()
    said = [talk.hears(kind=kind) for kind in ("photo", "photo", "photo", "photo", "recording")]
    assert [len(one) for one in said] == [2, 0, 0, 0, 2]
    assert said[-1][0] == KEPT and said[-1][1].startswith(WHERE)


def test_a_voice_message_and_then_photos_are_answered_once() -> None:
    talk = Talk()
    said = [talk.hears(kind=kind) for kind in ("recording", "photo", "photo", "photo")]
    assert [len(one) for one in said] == [2, 0, 0, 0]


def test_a_voice_message_in_an_open_report_is_added_to_it() -> None:
    talk = Talk(report=open_report())
    talk.hears(kind="recording")
    assert talk.did(AddTo).ticket_id == 7 and "script" not in talk.state


@pytest.mark.parametrize("kind", ["contact", "other"])
def test_what_nobody_can_use_changes_nothing(kind: str) -> None:
    for talk in (Talk(), Talk(report=open_report())):
        (said,) = talk.hears(kind=kind)
        assert said and not talk.deeds and "script" not in talk.state
    talk.hears("LAPOR lampu jalan mati")
    before = dict(talk.state)
    _, asked = talk.hears(kind=kind)
    assert asked.startswith(WHERE) and talk.state["answers"] == before["answers"]


def test_a_draft_told_by_voice_is_taken_up_again_with_what_woke_it() -> None:
    talk = told_by_voice()
    talk.later(hours=25)
    (said,) = talk.hears(kind="photo")
    assert "pesan suara" in said
    thanks, asked = talk.hears("1")
    assert thanks == "Foto Anda sudah disimpan." and asked.startswith(WHERE)
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND


def test_an_empty_sms_asks_for_words() -> None:
    talk = Talk(sms=True)
    talk.hears(kind="other")
    (line,) = talk.lines
    assert talk.wording.line(line, "id", "sms").startswith("SMS Anda kosong.") and not talk.deeds


# --- reactions ----------
@pytest.mark.parametrize(
    ("status", "quoted", "heard"), [("answered", True, True), ("answered", False, False)]
)
def test_a_thumb_answers_a_report_only_on_a_message_about_it(status: str, quoted: bool, heard: bool) -> None:
    known = Known(NOW, report=open_report(status), quoted=quoted)
    assert (
        in_words(
            {},
            Heard("👍", kind="reaction"),
            known,
        )
        is not None
    ) == heard


def test_a_thumb_on_a_report_that_waits_for_nothing_is_silence() -> None:
    known = Known(NOW, report=open_report("in_progress"), quoted=True)
    assert in_words({}, Heard("👍", kind="reaction"), known) is None
