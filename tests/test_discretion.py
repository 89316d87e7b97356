"""What the conversation says and keeps of secrecy and masked numbers: the pure engine, no channel."""

from dataclasses import replace

import pytest

from bot.answers import Heard
from bot.talk.deeds import AddTo, Conceal, File, KeepDraft, KeepNumbers
from tests.talking import FIRE, HOLE, SEND, Talk, open_report

MASKED = "Nomor pribadi kami samarkan. Perlu disimpan untuk petugas? Balas SIMPAN."
OPERATOR = "Hanya operator SMS, WhatsApp, atau Telegram yang masih mengetahui nomor Anda."
PUBLIC = "Nomor Anda hanya dipakai untuk membalas."
CONFIDENTIAL = "Rahasia: isi tidak dibuka untuk umum."


def drafted(first: str = HOLE) -> Talk:
    talk = Talk()
    talk.hears(first)
    return talk


# --- who may see it ----------
@pytest.mark.parametrize(
    "words",
    ["rahasia", "Rahasiakan", "tolong dirahasiakan pak", "confidential", "mohon rahasiakan laporan ini"],
)
def test_one_word_makes_the_draft_confidential_and_the_question_comes_again(words: str) -> None:
    talk = drafted()
    (said,) = talk.hears(words)
    assert CONFIDENTIAL in said and talk.choices == SEND
    assert talk.did(KeepDraft).answers["confidential"] is True
    talk.hears("1")
    assert talk.did(File).confidential and not talk.did(File).anonymous


def test_asked_for_before_the_read_back_it_is_confirmed_at_once() -> None:
    talk = drafted("jalan berlubang besar")
    first, again = talk.hears("rahasiakan")
    assert first == CONFIDENTIAL and again.startswith("Di mana tempatnya?")
    (said,) = talk.hears("Kelurahan Sekayu")
    assert CONFIDENTIAL in said


def test_a_story_that_asks_for_secrecy_gets_it_proposed() -> None:
    (said,) = drafted_lines(f"{HOLE}, mohon rahasiakan")
    assert CONFIDENTIAL in said
    (said,) = drafted_lines(f"{HOLE}, ini sudah rahasia umum")
    assert PUBLIC in said


def drafted_lines(first: str) -> list[str]:
    return Talk().hears(first)


def test_a_story_that_hides_the_name_is_proposed_without_it() -> None:
    talk = Talk()
    *_, said = talk.hears(f"{HOLE}, tolong rahasiakan nama saya")
    assert "nama Anda tidak diketahui instansi" in said
    talk.hears("1")
    assert talk.did(File).anonymous and talk.did(KeepDraft).answers["nameless"]


def test_the_citizens_own_choice_stands_against_further_words() -> None:
    talk = drafted(f"{HOLE}, ada pungli di sana")
    talk.hears("3")
    talk.hears("siapa yang melihat")
    *_, said = talk.hears("biasa")
    assert PUBLIC in said
    *_, said = talk.hears("dan petugas juga minta uang kepada semua warga di sana")
    assert PUBLIC in said, "he chose himself"


def test_secrecy_asked_for_after_filing_is_about_the_filed_report() -> None:
    talk = Talk(report=open_report())
    assert talk.hears("rahasiakan") == [] and talk.did(Conceal).ticket_id == 7


def test_the_word_in_a_longer_text_is_no_command() -> None:
    talk = Talk(report=open_report())
    talk.hears("warga bilang itu sudah bukan rahasia lagi dan lubangnya makin besar")
    assert talk.did(AddTo).ticket_id == 7


def test_that_an_operator_knows_the_number_is_said_once_in_a_chat() -> None:
    talk = drafted()
    assert OPERATOR in talk.hears("2")
    talk.hears("lampu jalan mati di Kelurahan Tugurejo")
    assert OPERATOR not in talk.hears("2") and talk.did(File).anonymous


# --- masked numbers ----------
def test_that_numbers_were_masked_is_said_once_a_report_and_the_question_stays_last() -> None:
    talk = Talk()
    first, last = talk.hears(f"{HOLE} hp [TELP]", hidden="t1")
    assert first == MASKED and "Sudah benar?" in last
    assert MASKED not in talk.hears("nik saya [NIK] kalau diperlukan untuk laporan ini", hidden="t2")
    talk.hears("1")
    talk.hears("simpan")
    assert talk.did(KeepNumbers) == KeepNumbers("t1 t2", None)
    assert "hidden" not in talk.state


def test_on_sms_the_receipt_comes_first() -> None:
    talk = Talk(sms=True)
    assert talk.hears(f"{HOLE} hp [TELP]", hidden="t1") == [MASKED]
    kinds = [type(one).__name__ for one in talk.does]
    assert kinds == ["KeepDraft", "File", "Line"]


def test_the_number_to_call_comes_before_all() -> None:
    first, second, *_ = Talk().hears(f"{FIRE} hp [TELP]", hidden="t1")
    assert "Telepon" in first and second == MASKED


def test_a_number_that_an_officer_asked_for_is_kept_at_once() -> None:
    talk = Talk(report=open_report("waiting"))
    talk.hears("[TELP]", hidden="t1")
    assert talk.did(KeepNumbers) == KeepNumbers("t1", 7) and "hidden" not in talk.state


def test_a_number_told_to_an_officer_in_the_chat_is_kept_without_a_word() -> None:
    talk = Talk(report=open_report())
    talk.known = replace(talk.known, taken=True)
    assert talk.hears("hp saya [TELP]", hidden="t1") == []
    assert [type(one).__name__ for one in talk.deeds] == ["KeepForOfficer", "KeepNumbers"]
    assert talk.did(KeepNumbers).quiet


def test_a_number_about_no_report_is_not_kept() -> None:
    talk = Talk()
    assert MASKED not in talk.hears("halo [TELP]", hidden="t1") and "hidden" not in talk.state


def test_numbers_wait_a_day_for_the_answer() -> None:
    talk = Talk(report=open_report())
    talk.hears("lubangnya makin besar, hubungi [TELP]", hidden="t1")
    talk.later(hours=25)
    talk.hears("simpan")
    assert not [one for one in talk.deeds if isinstance(one, KeepNumbers)] and "hidden" not in talk.state


def test_simpan_is_an_ordinary_word_where_nothing_waits() -> None:
    talk = drafted()
    talk.hears("simpan")
    assert not [one for one in talk.deeds if isinstance(one, KeepNumbers)]


@pytest.mark.parametrize("sign", ["[TELP]", "[NIK] [EMAIL]"])
def test_a_masked_number_alone_is_neither_a_story_nor_a_place(sign: str) -> None:
    talk = Talk()
    talk.hears("mau lapor")
    talk.hears(sign, hidden="t1")
    assert "story" not in talk.state["answers"]
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.hears(sign, hidden="t1")
    assert "place" not in talk.state["answers"]


def test_a_token_is_never_part_of_what_is_said() -> None:
    talk = Talk()
    said = talk.hears(f"{HOLE} hp [TELP]", hidden="SEALEDTOKEN")
    assert "SEALEDTOKEN" not in "".join(said) and replace(Heard(), hidden="x").text == ""
