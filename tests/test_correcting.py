"""What citizens say at the read-back and at "where is it?" besides an answer: nothing is lost or misread."""

from dataclasses import replace

import pytest

from bot.talk.deeds import AddTo, AskToClose, File, KeepDraft, SetPlace
from tests.talking import HOLE, NOW, SEKAYU, SEND, TUGUREJO, WHERE, Talk, open_report


def read_back(words: str = HOLE) -> Talk:
    talk = Talk()
    talk.hears(words)
    assert talk.choices == SEND
    return talk


# --- at the read-back ----------
@pytest.mark.parametrize(
    "words",
    [
        "salah tempat, yang benar di Kelurahan Tugurejo",
        "bukan di situ pak, di kelurahan tugurejo",
        "kelurahan tugurejo",
        "eh maksud saya Tugurejo",
    ],
)
def test_another_place_said_at_the_read_back_takes_the_place_of_the_first(words: str) -> None:
    talk = read_back()
    (said,) = talk.hears(words)
    assert "Tempat: " in said and "ugurejo" in said and talk.choices == SEND
    assert talk.did(KeepDraft).answers["place"]["code"] == TUGUREJO


@pytest.mark.parametrize("words", ["salah tempat", "ganti lokasi", "tempatnya salah pak", "alamatnya keliru"])
def test_who_only_says_that_the_place_is_wrong_is_asked_for_it(words: str) -> None:
    (said,) = read_back().hears(words)
    assert said.startswith(WHERE)


def test_a_name_in_pieces_becomes_one_place() -> None:
    talk = Talk()
    for words in ("banjir setinggi lutut", "jl", "jl gajah raya", "rt 3 rw 4"):
        talk.hears(words)
    assert talk.did(KeepDraft).answers["place"]["name"] == "jl gajah raya, rt 3 rw 4"


def test_instead_of_one_service_another_is_named() -> None:
    talk = read_back("lampu merah mati di kelurahan sekayu")
    assert talk.state["answers"]["category"] == "lalu_lintas"
    talk.hears("bukan lampu merah, tapi lampu jalan")
    answers = talk.did(KeepDraft).answers
    assert answers["category"] == "penerangan_jalan" and "lampu jalan" in answers["story"]


def test_a_few_more_words_of_the_story_are_kept() -> None:
    talk = read_back()
    (said,) = talk.hears("banyak yg jatuh")
    assert "banyak yg jatuh" in said and talk.choices == SEND


def test_who_wants_no_name_at_the_read_back_need_not_find_the_button() -> None:
    talk = read_back()
    said = talk.hears("saya mau anonim")
    assert "Nama Anda tidak diketahui instansi" in said[-1]
    talk.hears("kirim")
    assert talk.did(File).anonymous


def test_a_correction_at_what_shall_we_change_is_one() -> None:
    talk = read_back()
    talk.hears("ubah")
    talk.hears("yang rusak itu trotoarnya, bukan jalannya")
    assert talk.choices == SEND and "trotoarnya" in talk.did(KeepDraft).answers["story"]


@pytest.mark.parametrize("words", ["hah?", "asdfgh", "zzz qqq"])
def test_what_nobody_understands_changes_nothing(words: str) -> None:
    talk = read_back()
    said = talk.hears(words)
    assert said[0].startswith("Maaf") and words not in said[1]


# --- at "where is it?" ----------
def asked_where() -> Talk:
    talk = Talk()
    (said,) = talk.hears("lampu jalan padam")
    assert said.startswith(WHERE)
    return talk


@pytest.mark.parametrize("words", ["mati semua", "sudah 3 minggu", "gelap banget", "banyak yg jatuh"])
def test_more_of_the_story_is_not_taken_for_its_place(words: str) -> None:
    talk = asked_where()
    (said,) = talk.hears(words)
    assert said.startswith(WHERE)
    assert talk.did(KeepDraft).answers["story"] == f"lampu jalan padam\n{words}"
    talk.hears("Kelurahan Sekayu")
    assert talk.did(KeepDraft).answers["place"]["code"] == SEKAYU


@pytest.mark.parametrize("words", ["di depan rumah saya", "ngarep omahku", "jl", "di sini pak"])
def test_a_place_that_nobody_else_finds_is_asked_for_again(words: str) -> None:
    talk = asked_where()
    (said,) = talk.hears(words)
    assert said.startswith(WHERE)
    talk.hears("jl gajah raya")
    assert talk.did(KeepDraft).answers["place"]["name"] == "jl gajah raya"


def test_who_says_no_more_than_in_front_of_his_house_is_not_held_up() -> None:
    talk = asked_where()
    for _ in range(3):
        talk.hears("di depan rumah saya")
    assert talk.choices == SEND


def test_hah_is_no_place() -> None:
    talk = asked_where()
    for _ in range(3):
        assert talk.hears("hah?")[1].startswith(WHERE)


@pytest.mark.parametrize(
    "words", ["alun-alun", "pasar", "dekat masjid", "wonodri kopen", "jl mangga 3", "rt 3 rw 4"]
)
def test_what_may_be_a_place_is_one(words: str) -> None:
    talk = asked_where()
    talk.hears(words)
    assert talk.did(KeepDraft).answers["place"]["name"] == words


def test_more_of_the_story_by_sms_does_not_end_the_question() -> None:
    talk = Talk(sms=True)
    talk.hears("lampu jalan padam")
    talk.known = Talk(sms=True, report=open_report(place="")).known
    talk.hears("mati semua")
    assert talk.did(AddTo).words == "mati semua"
    talk.hears("jl gajah raya")
    assert talk.did(SetPlace).place["name"] == "jl gajah raya"


# --- other words of everyday ----------
def test_kirim_at_what_shall_we_change_goes_back_to_the_read_back() -> None:
    talk = read_back()
    talk.hears("ubah")
    talk.hears("kirim")
    assert talk.choices == SEND and talk.state["answers"]["story"] == HOLE


@pytest.mark.parametrize("words", ["lapor", "mau lapor pak", "selamat pagi"])
def test_a_report_announced_twice_is_no_story(words: str) -> None:
    talk = Talk()
    talk.hears("lapor")
    talk.hears(words)
    assert "story" not in talk.state["answers"]


def test_a_story_in_single_words_loses_none() -> None:
    talk = Talk()
    for words in ("jalan", "berlubang", "bahaya banget", "Kelurahan Sekayu"):
        talk.hears(words)
    assert talk.did(KeepDraft).answers["story"] == "jalan\nberlubang\nbahaya banget"
    assert talk.choices == SEND


def test_an_emergency_by_sms_does_not_end_the_question_for_the_place() -> None:
    talk = Talk(sms=True)
    talk.hears("lampu jalan padam")
    talk.known = Talk(sms=True, report=open_report(place="")).known
    talk.hears("kebakaran pak tolong")
    talk.hears("jl dargo")
    assert talk.did(SetPlace).place["name"] == "jl dargo"


@pytest.mark.parametrize("words", ["cabut", "TUTUP"])
def test_cabut_alone_is_about_the_latest_open_report(words: str) -> None:
    talk = Talk(report=open_report())
    talk.hears(words)
    assert talk.did(AskToClose) == AskToClose()


def test_an_objection_to_a_rejection_is_taken_at_once() -> None:
    talk = Talk(report=replace(open_report("rejected"), changed_at=NOW))
    for words in ("kok ditolak?", "kok ditolak pak, saya keberatan sekali"):
        talk.hears(words)
        assert talk.deeds == [AddTo(7, words)]


def test_thanks_at_the_read_back_are_no_misunderstanding() -> None:
    talk = read_back()
    (said,) = talk.hears("makasih ya")
    assert said.startswith("Laporan Anda") and talk.choices == SEND


def test_a_story_told_late_is_not_its_place() -> None:
    talk = Talk()
    talk.hears("pak kulo badhe wadul")
    assert "story" not in talk.state["answers"]
    talk.hears("bade lapor lampu")
    talk.hears("lampu margi ngajeng griyo kulo pejah sampun seminggu pak")
    assert "place" not in talk.did(KeepDraft).answers


def test_stories_in_many_pieces_never_become_the_place() -> None:
    talk = Talk()
    for words in ("jalan", "bolong", "bahaya banget", "banyak yg jatuh", "di jl tambak aji"):
        talk.hears(words)
    answers = talk.did(KeepDraft).answers
    assert answers["place"]["name"] == "di jl tambak aji" and "banyak yg jatuh" in answers["story"]


def test_what_something_costs_is_a_question() -> None:
    (said,) = read_back("berapa biaya urus kk hilang?").hears("ulang")
    assert said.startswith("Pertanyaan Anda")


def test_a_second_thank_you_is_not_answered_with_the_manual() -> None:
    talk = Talk(report=open_report())
    assert talk.hears("makasih")[0].startswith("Sama-sama")
    assert talk.hears("makasih ya pak")[0].startswith("Baik.")


@pytest.mark.parametrize("words", ["uwis", "uwes pak", "mpun"])
def test_solved_is_heard_in_javanese(words: str) -> None:
    talk = Talk(report=open_report("answered"))
    talk.hears(words)
    assert talk.choices == ["rate=1", "rate=2", "rate=3", "rate=4", "rate=5"]


@pytest.mark.parametrize("words", ["gatau kelurahan apa", "ga tau min", "mbuh"])
def test_who_does_not_know_the_place_goes_on(words: str) -> None:
    talk = asked_where()
    talk.hears(words)
    assert talk.did(KeepDraft).answers["place"] == {"name": "", "code": ""} and talk.choices == SEND
    talk.hears("perumahan bukit kencana")
    assert talk.did(KeepDraft).answers["place"]["name"] == "perumahan bukit kencana"
    talk.hears("oke kirim aja pak")
    assert talk.did(File)
