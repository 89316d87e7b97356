"""What the bot makes of one text: a greeting, a command, a complaint or a cry for help."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cities.city import read_city
from bot.reading.understanding_protocol import answer_line, answer_request
from bot.understanding import OUTSIDE, Understanding, strip_region_code

SEMARANG = read_city(Path(__file__).parent.parent / "city" / "semarang")
BRAIN = Understanding(SEMARANG)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("BATAL", "cancel"),
        ("batla", "cancel"),
        ("btal", "cancel"),
        ("BATAL dong", "cancel"),
        ("/batal", "cancel"),
        ("Bantuan", "help"),
        ("bantaun", "help"),
        ("sttatus", "check_status"),
        ("CEK 8000001", "check_status"),
        ("cek status no 8000001", "check_status"),
        ("ULANG", "repeat"),
        ("menuu", "menu"),
        ("/menu", "menu"),
        ("petgas", "human"),
        ("BAHASA", "language"),
        ("bahasa jawa", "language"),
        ("STOP", "stop"),
        ("brhenti", "stop"),
        ("START", "start"),
        ("/start", "start"),
        ("BALAS 8000001 lampunya masih padam pak", "add"),
        ("TUTUP 8000001", "close"),
        ("IKUT 8000001", "follow"),
    ],
)
def test_a_command_is_heard_with_typing_slips_and_a_number(text: str, intent: str) -> None:
    told = BRAIN.read(text)
    assert (told.intent, told.is_command) == (intent, True)


@pytest.mark.parametrize(
    "text",
    [
        "batas",
        "bata",
        "bakal",
        "utang",
        "uang",
        "pulang",
        "stok",
        "balai",
        "bahas",
        "ikut",
        "tutup got",
        "bantuan sosial",
        "petugas kasar",
        "stop parkir",
        "tolong batalkan denda parkir saya",
        "status lahan rumah saya bagaimana",
        "petugas sampah tidak pernah datang ke gang kami",
        "menu makan siang anak sekolah basi",
        "tutup 3 saluran itu pak, bahaya",
    ],
)
def test_an_ordinary_word_or_a_longer_text_is_no_command(text: str) -> None:
    assert not BRAIN.read(text).is_command


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("halo selamat pagi pak", "greeting"),
        ("Assalamu'alaikum wr. wb.", "greeting"),
        ("sugeng enjing", "greeting"),
        ("Terima kasih banyak ya bu", "thanks"),
        ("matur nuwun sanget", "thanks"),
        ("hatur nuhun pisan", "thanks"),
        ("iya betul", "affirm"),
        ("nggih", "affirm"),
        ("👍", "affirm"),
        ("bukan pak", "deny"),
        ("mboten", "deny"),
        ("teu", "deny"),
        ("gak jadi deh", "cancel"),
        ("teu janten lapor", "cancel"),
        ("tolong hapus laporan saya", "cancel"),
        ("laporan saya yang kemarin gimana ya", "check_status"),
        ("aduanku wis tekan endi", "check_status"),
        ("bagaimana cara melapor di sini", "help"),
        ("saya ingin bicara dengan orang", "human"),
        ("tolong sambungkan ke admin", "human"),
        ("saya mau melapor", "new_complaint"),
        ("bade lapor", "new_complaint"),
        ("berapa skor bola tadi malam", "other"),
        ("wkwkwk", "other"),
        ("", "other"),
    ],
)
def test_lines_about_the_service_itself_are_told_apart(text: str, intent: str) -> None:
    assert OUTSIDE[BRAIN.read(text).intent] == intent


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("jalan rusak di depan SMP 2 Tugu", "jalan"),
        ("jln rsk dpn rmh sy, bnyk lbg", "jalan"),
        ("aku arep wadul dalan rusak", "jalan"),
        ("halo min, got di gang kami mampet dan bau", "drainase_banjir"),
        ("PJU padam sudah seminggu", "penerangan_jalan"),
        ("lampu jalannya mati, peteng banget", "penerangan_jalan"),
        ("runtah numpuk di pinggir kali", "sampah_lingkungan"),
        ("sampahh belum diangkut truk", "sampah_lingkungan"),
        ("air pdam ga ngalir dari kemarin", "air_bersih"),
        ("juru parkir liar minta sepuluh ribu", "parkir"),
        ("pohon besar mau tumbang ke rumah warga", "pohon_taman"),
        ("KTP saya belum jadi padahal sudah rekam", "kependudukan"),
        ("bansos tidak tepat sasaran", "bantuan_sosial"),
    ],
)
def test_a_complaint_is_known_as_one_with_its_category_first(text: str, category: str) -> None:
    told = BRAIN.read(text)
    assert told.intent == "new_complaint"
    assert told.categories[0][0] == category


def test_a_complaint_behind_a_command_word_or_greeting_is_still_a_complaint() -> None:
    for text in (
        "halo selamat pagi, tolong bantu selokan depan rumah buntu",
        "bantuan perbaikan jalan berlubang di kampung kami",
        "terima kasih sebelumnya, mohon lampu jalan yang mati diganti",
        "cek jalan rusak di Mijen",
    ):
        assert BRAIN.read(text).intent == "new_complaint", text


def test_thanks_for_finished_work_are_not_a_new_complaint() -> None:
    assert BRAIN.read("terima kasih pak lampunya sudah nyala").intent == "thanks"


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("lap sy no 8000001 gmn", "8000001"),
        ("#123456789 sudah sampai mana", "123456789"),
        ("nomor 654321?", "654321"),
        ("hubungi saya 081234567890", ""),
        ("diminta Rp 500000 oleh oknum", ""),
        ("diminta 1.500000 rupiah", ""),
        ("RT 05 RW 03", ""),
    ],
)
def test_a_report_number_is_found_among_other_numbers(text: str, ticket: str) -> None:
    assert BRAIN.read(text).ticket == ticket


def test_the_question_after_a_number_is_a_question_about_that_report() -> None:
    told = BRAIN.read("laporan saya 8000001 soal jalan rusak sudah sampai mana?")
    assert (told.intent, told.ticket) == ("check_status", "8000001")


def test_wishes_and_questions_are_told_from_complaints() -> None:
    assert BRAIN.read("usul dibuatkan taman bermain di kampung kami").kind == "aspiration"
    assert BRAIN.read("apa syarat membuat kartu keluarga?").kind == "information"
    assert BRAIN.read("kenapa jalan rusak belum ditambal?").kind == "complaint"


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("SMG jln rsk", "jln rsk"),
        ("smg: jalan rusak", "jalan rusak"),
        ("semarng jalan rusak", "jalan rusak"),
        ("Semarang Barat banjir", "Semarang Barat banjir"),
        ("SMG", "SMG"),
        ("sampah menumpuk", "sampah menumpuk"),
    ],
)
def test_the_region_code_of_an_sms_is_taken_off(text: str, story: str) -> None:
    assert strip_region_code(text, SEMARANG) == story


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(), max_size=300))
def test_any_text_is_understood_as_something(text: str) -> None:
    told = BRAIN.read(text)
    assert told.intent in OUTSIDE
    assert len(told.categories) <= 3
    assert len(told.places) <= 5
    assert all(0 <= score <= 1 for _, score in told.categories)
    assert all(0 <= place.score <= 1 for place in told.places)


@pytest.mark.parametrize(
    "text",
    [
        "\ud83d\ude00\udfff",
        "\0",
        "a" * 10_000,
        "di " * 3_500,
        "1" * 10_000,
        "👨‍👩‍👧" * 500,
        "\u202ejalan\u0300 rusak",
    ],
)
def test_broken_and_endless_texts_do_no_harm(text: str) -> None:
    assert BRAIN.read(text).intent in OUTSIDE


def test_the_protocol_answers_every_task() -> None:
    def ask(**fields: str) -> dict[str, Any]:
        return answer_request(BRAIN, {"id": 7, **fields})

    category = ask(task="category", text="lampu PJU padam")
    assert category["id"] == 7
    assert category["category"][0] == "penerangan_jalan"
    assert set(category["agency"]) <= {office.name for office in SEMARANG.offices.values()}
    assert ask(task="intent", text="cek 8000001") == {"id": 7, "intent": "check_status", "ticket": "8000001"}
    assert ask(task="intent", text="menu") == {"id": 7, "intent": "help"}
    assert ask(task="place", text="banjir di kec. Genuk", context="33.74")["place"][0] == "33.74.05"
    assert ask(task="place", text="banjir di kec. Genuk", context="35.78") == {"id": 7, "place": []}


def test_reports_of_the_same_hole_are_likelier_one_than_reports_of_two_streets() -> None:
    def score(**other: str) -> float:
        report = {"text": "jalan berlubang depan pasar", "address": "Jl Kenanga 5", "date": "2026-03-01"}
        one, two = {**report, "place": "Tugu/Jerakah"}, {**report, "place": "Tugu/Jerakah", **other}
        reply: dict[str, Any] = answer_request(BRAIN, {"task": "duplicate", "a": one, "b": two})
        return float(reply["duplicate"])

    assert score() == 1.0
    assert score(text="jln brlubang di dpn pasar mohon ditambal") > 0.5
    assert score(place="Genuk/Kudu") < 0.5
    assert score(address="Jl Mawar Timur 88", text="jalan berlubang dekat masjid") < 0.5
    assert score(date="2027-03-01") < score(date="2026-03-05")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": 1}',
        '{"id": 1, "task": "weather", "text": "x"}',
        '{"id": 1, "task": "category"}',
        '{"id": 1, "task": "intent", "text": 5}',
        '{"id": 1, "task": "duplicate", "a": "x", "b": {}}',
        '{"id": 1, "task": "duplicate", "a": {"date": "kemarin"}, "b": {}}',
    ],
)
def test_a_question_that_makes_no_sense_gets_a_sentence(line: str) -> None:
    reply = json.loads(answer_line(BRAIN, line))
    assert reply["error"].endswith(".")
    assert reply["id"] == (1 if '"id"' in line else None)
