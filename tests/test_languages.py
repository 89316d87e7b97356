"""The citizen chooses the language: asked once, by name, number or button; never switched by guess."""

import pytest

from bot.languages import OFFERS, guess, named
from bot.talk.deeds import AddTo, File, KeepDraft, SetLanguage
from bot.wording import Wording
from tests.house import SEMARANG
from tests.talking import HOLE, SEND, Talk, open_report, paused

LANGUAGES = ["language=id", "language=en", "language=jv", "language=su"]
CODES = ("id", "en", "jv", "su")


# --- the choice ----------
@pytest.mark.parametrize("words", ["BAHASA", "bahsa", "language", "basa", "ganti bahasa", "change language"])
@pytest.mark.parametrize("sms", [False, True])
def test_bahasa_asks_which_language(words: str, sms: bool) -> None:
    talk = Talk(sms=sms)
    (said,) = talk.hears(words)
    assert said == "Pilih bahasa Anda. Choose your language."
    assert talk.choices == LANGUAGES
    assert [label for _, label in talk.lines[0].options] == [
        "Bahasa Indonesia",
        "English",
        "Basa Jawa",
        "Basa Sunda",
    ]


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("1", "id", "Mulai sekarang kami menjawab dalam bahasa Indonesia."),
        ("2", "en", "From now on we answer in English."),
        ("no 3", "jv", "Wiwit sapunika kula mangsuli mawi basa Jawi."),
        ("jowo", "jv", "Wiwit sapunika kula mangsuli mawi basa Jawi."),
        ("Basa Sunda", "su", "Ti ayeuna kami ngawaler ku basa Sunda."),
        ("sunda", "su", "Ti ayeuna kami ngawaler ku basa Sunda."),
    ],
)
def test_the_answer_is_already_in_the_language_that_was_chosen(answer: str, code: str, said: str) -> None:
    talk = Talk()
    talk.hears("BAHASA")
    assert talk.hears(answer)[0] == said
    assert talk.did(SetLanguage) == SetLanguage(code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("english", "en"),
        ("English please", "en"),
        ("bahasa inggris", "en"),
        ("BAHASA JAWA", "jv"),
        ("ganti boso jowo", "jv"),
        ("basa sunda", "su"),
        ("bahasa indonesia saja", "id"),
    ],
)
def test_a_language_can_be_named_at_once(words: str, code: str) -> None:
    talk = Talk()
    talk.hears(words)
    assert talk.did(SetLanguage) == SetLanguage(code)


@pytest.mark.parametrize("words", ["Jl Jawa", "jawa", "pasar jawa", "kursus bahasa inggris mahal", "basa"])
def test_a_name_in_other_words_is_no_choice(words: str) -> None:
    assert not named(words)


def test_a_button_of_the_choice_works_later_too() -> None:
    talk = Talk()
    talk.hears("BAHASA")
    talk.hears(HOLE)
    said = talk.hears("English", kind="choice", choice="language=en")
    assert said[0] == "From now on we answer in English."
    assert said[1].startswith("Your report: jalan berlubang besar") and talk.choices == SEND


def test_a_story_instead_of_an_answer_is_not_lost() -> None:
    talk = Talk()
    talk.hears("BAHASA")
    talk.hears(HOLE)
    assert talk.did(KeepDraft).answers["story"] == HOLE
    talk.hears("2")
    assert talk.did(File).anonymous, "2 is an answer to the newer question"


def test_the_choice_can_be_repeated() -> None:
    talk = Talk()
    asked = talk.hears("BAHASA")
    assert talk.hears("ULANG") == asked
    assert talk.hears("3")[0].endswith("basa Jawi.")


# --- what was open goes on ----------
def test_an_open_question_comes_again_in_the_new_language() -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.hears("BAHASA")
    said = talk.hears("2")
    assert said[1].startswith("Where is it?")
    talk.hears("Kelurahan Sekayu")
    assert talk.choices == SEND
    assert talk.hears("send") == [] and talk.did(File)


def test_an_old_draft_is_asked_about_in_the_new_language() -> None:
    talk = paused()
    talk.hears("halo")
    said = talk.hears("basa sunda")
    assert said[1] == "Urang nuju ngabahas: jalan berlubang besar. Teraskeun?"
    (said_next,) = talk.hears("1")
    assert said_next.startswith("Di mana tempatna?")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "words", ["1", "kirim", "send", "ya", "yes", "inggih", "sampun leres", "muhun", "👍"]
)
def test_the_read_back_is_answered_in_any_words_in_every_language(code: str, words: str) -> None:
    talk = Talk()
    talk.hears(kind="choice", choice=f"language={code}")
    talk.hears(HOLE)
    talk.hears(words)
    assert talk.did(File) == File()


def test_with_one_language_it_says_so() -> None:
    talk = Talk(wording=Wording(SEMARANG, ("id",)))
    for words in ("BAHASA", "english please", "bahasa jawa"):
        assert talk.hears(words) == ["Saat ini layanan ini tersedia dalam bahasa Indonesia."]


def test_an_officers_question_is_not_answered_by_a_choice_of_language() -> None:
    talk = Talk(report=open_report("waiting"))
    talk.hears("BAHASA")
    assert talk.hears("2") == ["From now on we answer in English."]
    talk.hears("left side of the road")
    assert talk.did(AddTo).words == "left side of the road"


# --- a guess, only to offer ----------
SPOKEN = {
    "en": [
        "there is a big hole in the road near the market",
        "Good morning, the street light in front of my house is broken",
        "how do I report a problem?",
        "the officer asked me for money",
        "No water for three days in our street, please help",
    ],
    "jv": [
        "dalane bolong gedhe ing ngarep omah, wis sesasi durung didandani",
        "nyuwun tulung, lampu dalan wonten ngajeng griya sampun dangu pejah",
        "banyune ora mili wis telung dina",
        "kula badhe matur bab bantuan ingkang dereng kula tampi",
    ],
    "su": [
        "punten, lampu jalan di payuneun bumi abdi pareum ti kamari",
        "runtah numpuk caket pasar, teu acan diangkut",
        "solokan mampet, caah unggal hujan",
        "cai teu ngalir tos tilu dinten di lembur abdi",
    ],
}
INDONESIAN = [
    "jalan rusak parah di depan rumah saya",
    "halo admin, lampu jalan mati sudah seminggu neng kene",
    "matur nuwun pak, jalan sudah bagus",
    "punten admin mau lapor jalan rusak",
    "street food di jalan Pemuda bikin macet",
    "air PDAM mati wis rong dino, tolong dibantu min",
    "jalan rusak nang ngarep omah saya sudah sebulan belum diperbaiki",
    "pak wong jualan di trotoar wis akeh, tolong ditertibkan ya pak",
    "aplikasi error not responding terus",
    "good morning",
    "wifi public area off sudah sebulan",
    "",
]


@pytest.mark.parametrize(
    ("code", "words"), [(code, words) for code, all_ in SPOKEN.items() for words in all_]
)
def test_who_begins_in_another_language_is_offered_it_once(code: str, words: str) -> None:
    talk = Talk()
    assert talk.hears(words)[-1] == OFFERS[code]
    assert talk.language == "id" and not any(isinstance(deed, SetLanguage) for deed in talk.deeds)
    assert OFFERS[code] not in talk.hears(words)


@pytest.mark.parametrize("words", INDONESIAN)
def test_indonesian_and_mixed_words_are_not_taken_for_another_language(words: str) -> None:
    assert guess(words, CODES) in ("", "id")


def test_nothing_is_offered_by_sms_or_when_it_is_not_spoken_here() -> None:
    for talk in (Talk(sms=True), Talk(wording=Wording(SEMARANG, ("id", "jv")))):
        assert OFFERS["en"] not in talk.hears(SPOKEN["en"][0])


def test_danger_is_answered_before_a_language_is_offered() -> None:
    said = Talk().hears("please help the house of my neighbour is on fire")
    assert "112" in said[0] and said[-1] == OFFERS["en"]
