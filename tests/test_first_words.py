"""What the first words of a citizen tell: the street, the office, a fire, a place alone."""

import pytest

from bot.talk.deeds import File, KeepDraft
from tests.talking import SEND, WHERE, Talk


def read_back(words: str) -> Talk:
    talk = Talk()
    talk.hears(words)
    assert talk.choices == SEND
    return talk


@pytest.mark.parametrize(
    ("story", "street"),
    [
        ("got mampet di jl mugas dalam", "jl mugas dalam"),
        ("sampah numpuk di jln. medoho raya sudah 3 minggu", "jln. medoho raya"),
        ("lampu mati di Jalan Pemuda no 12, gelap", "Jalan Pemuda no 12"),
        ("lampu mati dpn gg delima", "gg delima"),
    ],
)
def test_a_street_said_in_the_story_is_not_asked_for(story: str, street: str) -> None:
    talk = read_back(story)
    assert talk.did(KeepDraft).answers["place"] == {"name": street, "code": ""}
    by_sms = Talk(sms=True)
    by_sms.hears(story)
    assert not by_sms.did(File).asks_place


@pytest.mark.parametrize(
    "story",
    [
        "banyak lubang di jalan yang rusak",
        "di jalan bergelombang banyak motor jatuh",
        "ada pohon tumbang di jalan",
        "jln gronjal bahaya",
        "lampu mati di jalan raya",
    ],
)
def test_a_street_without_a_name_is_asked_for(story: str) -> None:
    (said,) = Talk().hears(story)
    assert said.startswith(WHERE)


@pytest.mark.parametrize(
    "story",
    [
        "ada pungli di kelurahan tugurejo, minta uang 500 ribu urus surat",
        "lurah tugurejo minta uang 200 ribu untuk tanda tangan",
    ],
)
def test_suspected_corruption_goes_to_the_inspectorate_not_to_the_office_it_is_about(story: str) -> None:
    (said,) = read_back(story).hears("ulang")
    assert "Inspektorat" in said and "Rahasia" in said
    by_sms = Talk(sms=True)
    by_sms.hears(story)
    assert by_sms.did(KeepDraft).answers["category"] == "aparatur"


@pytest.mark.parametrize("story", ["rumah saya terbakar", "tulung omahku kobongan", "help fire"])
def test_a_fire_goes_to_who_helps(story: str) -> None:
    talk = Talk()
    talk.hears(story)
    talk.hears("Kelurahan Tugurejo")
    assert talk.did(KeepDraft).answers["category"] == "keamanan_darurat" and talk.choices == SEND


@pytest.mark.parametrize("words", ["jl gajah raya", "Tugurejo", "kel. tugurejo"])
@pytest.mark.parametrize("sms", [False, True])
def test_who_says_the_place_first_is_asked_what_happened_and_not_where(words: str, sms: bool) -> None:
    talk = Talk(sms=sms)
    (said,) = talk.hears(words)
    assert said.startswith("Silakan")
    talk.hears("sampah menumpuk")
    assert talk.did(KeepDraft).answers["place"]["name"] == words
    assert talk.did(File) if sms else talk.choices == SEND
