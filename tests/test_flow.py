"""The conversation as a citizen meets it: a report from the first word to its filing."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bot.talk.deeds import AddTo, DropDraft, File, KeepDraft
from tests.talking import CITY, HOLE, SEKAYU, SEND, TUGUREJO, WHERE, Talk, open_report


# --- a report ----------
def test_a_first_message_that_says_it_all_is_read_back_at_once() -> None:
    talk = Talk()
    (said,) = talk.hears(HOLE)
    assert "jalan berlubang besar" in said and "Sekayu" in said and "DPU" in said
    assert talk.choices == SEND
    assert talk.did(KeepDraft).answers["story"] == HOLE


def test_only_what_is_missing_is_asked() -> None:
    talk = Talk()
    (said,) = talk.hears("jalan berlubang besar")
    assert said.startswith(WHERE)
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND
    talk.hears("1")
    assert talk.did(File) == File()
    assert talk.did(KeepDraft).answers["place"]["code"] == SEKAYU
    assert "script" not in talk.state


@pytest.mark.parametrize("words", ["mau lapor", "lapor", "ada keluhan"])
def test_who_only_announces_a_report_is_asked_for_it(words: str) -> None:
    talk = Talk()
    (said,) = talk.hears(words)
    assert said.startswith("Silakan ceritakan") and not talk.deeds


@pytest.mark.parametrize(
    ("words", "anonymous"),
    [("1", False), ("satu", False), ("2", True), ("tanpa nama", True)],
)
def test_the_read_back_is_answered_by_number_or_words(words: str, anonymous: bool) -> None:
    talk = Talk()
    talk.hears(HOLE)
    talk.hears(words)
    assert talk.did(File).anonymous is anonymous


@pytest.mark.parametrize("no", ["tidak", "bukan itu", "ora", "belum", "nggak"])
def test_a_bare_no_at_the_read_back_asks_what_to_change(no: str) -> None:
    talk = Talk()
    talk.hears(HOLE)
    (said,) = talk.hears(no)
    assert said.startswith("Bagian mana yang diubah?")


@pytest.mark.parametrize(
    ("which", "asked", "new", "shown"),
    [
        ("1", "Silakan ceritakan", "trotoar pecah dan bolong", "trotoar pecah"),
        ("2", WHERE, "Kelurahan Tugurejo", "Tugurejo"),
        ("3", "Keluhan ini tentang apa?", "lainnya", "Diskominfo"),
    ],
)
def test_one_thing_can_be_changed_and_the_rest_stays(which: str, asked: str, new: str, shown: str) -> None:
    talk = Talk()
    talk.hears(HOLE)
    talk.hears("3")
    (said,) = talk.hears(which)
    assert said.startswith(asked)
    (said,) = talk.hears(new)
    assert shown in said and talk.choices == SEND


def test_cancelling_keeps_the_draft_as_withdrawn_and_ends_the_questions() -> None:
    talk = Talk()
    talk.hears(HOLE)
    talk.hears("4")
    assert talk.deeds == [DropDraft()] and "script" not in talk.state


def test_words_at_the_read_back_add_to_the_story() -> None:
    talk = Talk()
    talk.hears(HOLE)
    (said,) = talk.hears("sudah dua orang jatuh di situ minggu ini")
    assert "dua orang jatuh" in said and talk.choices == SEND


def test_thanks_is_no_place_and_not_knowing_is_an_answer() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.hears("terima kasih")
    assert talk.state["answers"].get("place") is None
    talk.hears("tidak tahu")
    assert talk.choices == SEND


# --- photos, places, edits ----------
def test_a_photo_without_words_is_kept_and_asked_about() -> None:
    talk = Talk()
    thanks, asked = talk.hears(kind="photo")
    assert thanks == "Foto Anda sudah disimpan." and asked.startswith("Silakan ceritakan")
    assert talk.did(KeepDraft)
    talk.hears(HOLE)
    assert talk.choices == SEND


@pytest.mark.parametrize("group", ["album-1", ""])
@pytest.mark.parametrize("caption", ["", HOLE])
def test_an_album_is_one_draft_and_answered_once(group: str, caption: str) -> None:
    talk = Talk()
    assert talk.hears(caption, kind="photo", group=group)
    for _ in range(3):
        talk.later(seconds=1)
        assert talk.hears(kind="photo", group=group) == []
        assert talk.did(KeepDraft)


def test_a_photo_that_comes_later_is_confirmed() -> None:
    talk = Talk()
    talk.hears(kind="photo")
    talk.later(minutes=5)
    assert "Foto Anda sudah disimpan." in talk.hears(kind="photo")


def test_a_captioned_photo_at_the_question_where_is_more_of_the_story() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    (said,) = talk.hears("ini lubangnya dari dekat", kind="photo")
    assert said.startswith(WHERE)
    assert "ini lubangnya" in talk.state["answers"]["story"]


def test_a_pin_becomes_a_kelurahan_that_is_read_back() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    place = CITY.places[TUGUREJO]
    (said,) = talk.hears("Toko Budi", kind="location", latitude=place.latitude, longitude=place.longitude)
    assert "Tempat: Tugurejo" in said and talk.choices == SEND


def test_a_pin_alone_begins_a_report() -> None:
    talk = Talk()
    thanks, asked = talk.hears("Toko Budi", kind="location", latitude=-6.98, longitude=110.41)
    assert thanks == "Lokasi Anda sudah dicatat." and asked.startswith("Silakan ceritakan")
    talk.hears("jalan berlubang besar")
    assert talk.choices == SEND


def test_an_edit_corrects_the_draft_and_never_opens_a_report() -> None:
    talk = Talk()
    talk.hears(HOLE, reference="11")
    (said,) = talk.hears("jalan ambles di Kelurahan Sekayu", kind="edit", reference="11")
    assert "jalan ambles" in said and talk.choices == SEND
    assert talk.hears("apa saja", kind="edit", reference="4") == []
    talk.hears("1")
    talk.known = replace(talk.known, report=open_report())
    assert talk.hears("lapor lampu mati di Kelurahan Tugurejo", kind="edit", reference="4") == []
    talk.known = replace(talk.known, quoted=True)
    (said,) = talk.hears("lapor lampu mati di Kelurahan Tugurejo", kind="edit", reference="11")
    assert said == "Laporan 417058236 sudah terkirim. Perbaikan Anda ditambahkan."
    assert talk.did(AddTo) == AddTo(7, "lapor lampu mati di Kelurahan Tugurejo", quiet=True)
    assert "script" not in talk.state
    talk.known = replace(talk.known, report=open_report("closed"))
    assert talk.hears("sudah baik", kind="edit", reference="11") == [] and not talk.deeds
    talk.known = replace(talk.known, report=None, quoted=False)
    talk.hears("lapor lampu mati di Kelurahan Tugurejo", kind="edit", reference="11")
    assert not talk.deeds and "script" not in talk.state


def test_an_edit_keeps_a_place_that_was_given_apart() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar", reference="11")
    talk.hears("Kelurahan Sekayu")
    (said,) = talk.hears("jalan berlubang dan ambles", kind="edit", reference="11")
    assert "Sekayu" in said and talk.choices == SEND


# --- buttons that are over ----------
@pytest.mark.parametrize("first", ["jalan berlubang besar", "mau lapor"])
def test_an_old_button_is_never_an_answer_to_another_question(first: str) -> None:
    talk = Talk()
    (asked,) = talk.hears(first)
    assert talk.hears("Kirim tanpa nama", kind="choice", choice="send=anonymous") == [
        "Pilihan itu sudah lewat. Silakan tulis saja pesan Anda.",
        asked,
    ]
    assert not talk.deeds


def test_an_old_button_after_filing_files_nothing() -> None:
    talk = Talk(report=open_report())
    assert len(talk.hears("Kirim", kind="choice", choice="send=send")) == 1 and not talk.deeds


# --- misunderstandings ----------
def test_misunderstandings_go_from_the_question_to_the_choices_to_a_person() -> None:
    talk = Talk()
    talk.hears(HOLE)
    said = [talk.hears("qwrt") for _ in range(6)]
    assert said[0][0] == "Maaf, saya belum paham."
    assert "angka pilihan" in said[1][0]
    assert "PETUGAS" in said[2][0]
    assert all(talk.lines and one[-1].startswith("Laporan Anda") for one in said)
    assert all(earlier != later for earlier, later in pairwise(said))


@pytest.mark.parametrize("words", ["asdf qwer", "halo", "makasih", "ya", "tidak"])
def test_the_same_words_again_are_not_answered_with_the_same_sentence(words: str) -> None:
    talk = Talk()
    said = [talk.hears(words) for _ in range(5)]
    assert all(earlier != later for earlier, later in pairwise(said))


def test_three_messages_that_nobody_understands_lead_to_a_person() -> None:
    talk = Talk()
    assert any("PETUGAS" in line for _ in range(3) for line in talk.hears("asdf qwer"))


def test_rahasia_at_the_question_who_may_see_it_is_its_answer() -> None:
    talk = Talk()
    for words in (HOLE, "ubah", "siapa yang melihat"):
        talk.hears(words)
    talk.hears("rahasia")
    assert talk.choices == SEND and talk.state["answers"]["confidential"]
