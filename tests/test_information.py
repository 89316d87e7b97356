"""Questions that the city has answered already: found, told, passed on; a complaint is never swallowed."""

import pytest

from bot.reading.known_answers import asked
from bot.talk.deeds import AddTo, File, KeepDraft
from bot.talk.fresh import Report
from tests.talking import CITY, UNDERSTANDING, Talk, open_report

# The words of a listed question, asked as citizens may: what is expected is a part of the listed question.
ASKED = {
    "mau nanya pak, syarat urus KTP hilang apa aja?": "KTP",
    "gimana ya cara bikin kartu keluarga": "KTP",
    "where do I get a new ktp?": "KTP",
    "akta kelahiran anak syaratnya apa min": "akta",
    "piye carane ngurus akta lair?": "akta",
    "cara daftar IKD bagaimana kak": "IKD",
    "ktp digital itu apa ya": "IKD",
    "mau daftar BPJS gratis caranya gimana": "BPJS",
    "puskesmas buka jam berapa ya bu?": "Jam",
    "hari sabtu kantor kecamatan buka tidak?": "Jam",
    "tagihan PBB bisa dicek di mana?": "PBB",
    "mbayar PBB wonten pundi nggih": "PBB",
    "hari apa saja jadwal angkut sampah?": "sampah",
    "pju itu tanggung jawab siapa ya": "PJU",
    "nomor pengaduan pdam berapa min": "PDAM",
    "bedanya sama lapor.go.id apa?": "SP4N",
    "biaya lapor berapa?": "berbayar",
    "bisa pakai bahasa jawa gak?": "Bahasa",
    "apa syarat dapat bansos?": "bantuan sosial",
    "kapan jadwal ppdb smp negeri?": "sekolah",
    "112 itu nomer apa to": "112",
    "how can I report without my name?": "tanpa nama",
    "kira-kira berapa hari laporan dijawab?": "Berapa lama",
    "cara lihat laporan saya gimana": "melihat laporan",
}
# Complaints, wishes and other talk, some with a question mark: none of them may be answered away.
NOT_ASKED = (
    "kapan jalan rusak ini diperbaiki?",
    "kapan got depan rumah saya dikeruk?",
    "kenapa sampah di TPS Sekayu belum diangkut?",
    "sampah sudah tiga hari belum diangkut, kapan truknya datang?",
    "lampu PJU mati di Jl Melati, siapa yang urus?",
    "kok KTP saya sampai sekarang belum jadi?",
    "bikin KTP dimintai uang 100 ribu, apa memang begitu?",
    "BPJS saya ditolak rumah sakit, bagaimana ini?",
    "bansos saya dipotong ketua RT, apa boleh?",
    "PBB saya salah luas tanahnya, kok naik terus?",
    "kantor kelurahan jam 9 masih tutup, kapan bukanya?",
    "petugas disdukcapil marah-marah, apa tidak diajari?",
    "telepon 112 tidak diangkat dari tadi",
    "air pdam mati dari kemarin, kapan hidup?",
    "apakah tidak bisa jalan ini diaspal?",
    "usul jadwal truk sampah ditambah",
    "guru SD negeri menarik iuran seragam, apa boleh?",
    "why is my street dark every night?",
    "when will somebody fix the broken pipe near my house?",
    "iraha jalan ruksak di lembur abdi dibenerkeun?",
    "kapan laporan saya dikerjakan?",
    "apakah besok ada bus trans ke Mangkang?",
    "berapa harga beras hari ini?",
    "ktp",
    "sampah",
    "jalan berlubang besar",
    "halo pak",
    "iya",
    "Jl Pemuda dekat pasar",
)


@pytest.mark.parametrize(("text", "part"), ASKED.items())
def test_a_known_question_is_found_in_other_words(text: str, part: str) -> None:
    found = asked(text, CITY.answers)
    assert found and part.casefold() in found.question.casefold()


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_is_no_known_question_is_left_alone(text: str) -> None:
    named = bool(UNDERSTANDING.read(text).places)
    assert asked(text, CITY.answers, names_place=named) is None


def test_every_listed_phrase_finds_its_own_question() -> None:
    lost = [
        words
        for known in CITY.answers
        for words in known.words
        if len(words.split()) > 1 and asked(words, CITY.answers) != known
    ]
    assert lost == []


def test_the_answer_comes_at_once_and_opens_nothing() -> None:
    talk = Talk()
    (said,) = talk.hears("bagaimana cara bikin KTP baru?")
    assert said.startswith("KTP dan Kartu Keluarga diurus Disdukcapil.") and said.endswith("Sudah terjawab?")
    assert talk.choices == ["answered=yes", "answered=no"] and talk.deeds == []
    assert talk.hears("1") == ["Baik. Tulis kapan saja bila ada keluhan di Kota Semarang."]
    assert talk.deeds == [] and "aside" not in talk.state


@pytest.mark.parametrize("no", ["2", "belum", "Belum, teruskan", "tidak"])
def test_not_yet_reads_the_question_back_with_nothing_typed_again(no: str) -> None:
    talk = Talk()
    talk.hears("bagaimana cara bikin KTP baru?")
    (said,) = talk.hears(no)
    assert said.startswith("Pertanyaan Anda: bagaimana cara bikin KTP baru?\nDikirim ke Disdukcapil.")
    kept = talk.did(KeepDraft).answers
    assert (kept["kind"], kept["story"]) == ("information", "bagaimana cara bikin KTP baru?")
    talk.hears(choice="send=send")
    assert talk.did(File)


def test_by_sms_the_answer_is_one_part_and_not_yet_files_at_once() -> None:
    talk = Talk(sms=True)
    answer, question = talk.hears("syarat bikin ktp apa saja")
    assert len(answer) <= 160 and question == "Sudah terjawab?"
    talk.hears("2")
    assert talk.did(KeepDraft).answers["kind"] == "information"
    assert not talk.did(File).asks_place


def test_anything_else_lets_the_question_go_and_is_taken_afresh() -> None:
    talk = Talk()
    talk.hears("apa itu 112?")
    (said,) = talk.hears("jalan berlubang besar di Kelurahan Sekayu")
    assert said.startswith("Laporan Anda: jalan berlubang") and "aside" not in talk.state


@pytest.mark.parametrize(
    ("language", "start", "end"),
    [
        ("en", "112 is the emergency number", "Is that what you wanted to know?"),
        ("jv", "112 nomer darurat Kota Semarang. Gratis lan", "Sampun kawangsulan?"),
        ("su", "112 nomer darurat Kota Semarang. Gratis sareng", "Tos kawaler?"),
    ],
)
def test_the_answer_is_in_the_citizens_language(language: str, start: str, end: str) -> None:
    talk = Talk()
    talk.language = language
    (said,) = talk.hears("apa itu 112?")
    assert said.startswith(start) and said.endswith(end)


def test_an_officers_question_and_an_open_draft_come_first() -> None:
    waits = Talk(report=open_report("waiting"))
    waits.hears("bagaimana cara bikin KTP baru?")
    assert "aside" not in waits.state and waits.did(AddTo).ticket_id == 7
    drafting = Talk()
    drafting.hears("jalan berlubang besar")
    drafting.hears("apa itu 112?")
    assert drafting.state["script"] == "report" and "aside" not in drafting.state


def test_who_has_a_report_and_asks_about_it_sees_how_it_stands() -> None:
    talk = Talk(report=Report(7, "417058236", "received", True, "jalan"))
    talk.hears("gimana cek laporan saya")
    assert "aside" not in talk.state


def test_danger_comes_before_any_answer() -> None:
    talk = Talk()
    (first, *_) = talk.hears("kebakaran di rumah tetangga, 112 itu nomor apa?")
    assert "112" in first and first.startswith("Keadaan darurat?")


# --- three kinds ----------
def test_a_proposal_is_read_back_as_one_and_can_be_made_a_complaint() -> None:
    talk = Talk()
    (said,) = talk.hears("usul pasang lampu jalan di Kelurahan Sekayu")
    assert said.startswith("Usulan Anda: ")
    assert talk.did(KeepDraft).answers["kind"] == "aspiration"
    talk.hears(choice="send=change")
    assert len(talk.choices) <= 5
    assert talk.hears(choice="change=kind") == ["Ini keluhan, usulan, atau pertanyaan?"]
    (said,) = talk.hears("keluhan")
    assert said.startswith("Laporan Anda: ") and talk.did(KeepDraft).answers["kind"] == "complaint"


def test_a_question_needs_no_place_but_may_have_one() -> None:
    talk = Talk()
    talk.hears("apa itu 112?")
    talk.hears("2")
    talk.hears(choice="send=change")
    (said,) = talk.hears(choice="change=place")
    assert said.startswith("Di mana tempatnya?")
    (said,) = talk.hears("Kelurahan Sekayu")
    assert said.startswith("Pertanyaan Anda: ")
    talk.hears(choice="send=change")
    talk.hears(choice="change=kind")
    (said,) = talk.hears(choice="kind=complaint")
    assert said.startswith("Laporan Anda: ") and "Tempat: " in said


@pytest.mark.parametrize(
    "text",
    [
        "berapa biaya sewa gedung pertemuan?",
        "where can I pay the market fee?",
        "kapan pasar murah dibuka lagi",
    ],
)
def test_a_question_that_nobody_has_listed_goes_to_an_officer_as_one(text: str) -> None:
    talk = Talk()
    (said,) = talk.hears(text)
    assert said.startswith(f"Pertanyaan Anda: {text}") and "Tempat" not in said
    assert talk.did(KeepDraft).answers["kind"] == "information"


@pytest.mark.parametrize("text", ["hah?", "kamu siapa?", "???", "mau pulsa murah? klik promo bonus"])
def test_what_is_hardly_a_question_is_not(text: str) -> None:
    talk = Talk()
    talk.hears(text)
    assert talk.deeds == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tolong pohon di Kelurahan Sekayu dipangkas?", "complaint"),
        ("kenapa air PDAM keruh di Kelurahan Sekayu?", "complaint"),
        ("usule pasang lampu dalan ing Kelurahan Sekayu", "aspiration"),
        ("I suggest a street light in Kelurahan Sekayu", "aspiration"),
        ("apakah Kelurahan Sekayu membuka posyandu besok?", "information"),
    ],
)
def test_the_kind_is_taken_from_the_words(text: str, kind: str) -> None:
    assert UNDERSTANDING.read(text).kind == kind


def test_known_answers_are_the_citys_own() -> None:
    assert asked("apa itu 112?", CITY.answers) and asked("apa itu 112?", ()) is None
