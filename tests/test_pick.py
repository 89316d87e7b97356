"""Which of the numbered options a citizen means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reading.picking import Picked, pick

SEND = (("send", "Kirim"), ("nameless", "Kirim tanpa nama"), ("change", "Ubah"), ("cancel", "Batal"))
ASK = (("yes", "Ya"), ("no", "Tidak"))
TOPICS = (
    ("jalan", "Jalan Rusak"),
    ("lampu", "Lampu Jalan"),
    ("parkir", "Parkir"),
    ("air_bersih", "Air Bersih"),
    ("0", "Lainnya"),
)
ELEVEN = tuple((f"option{n}", f"Pilihan {chr(64 + n)}") for n in range(1, 12))


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "1.",
        "(1)",
        " 1 ",
        "no 1",
        "No. 1",
        "nomor 1",
        "yang pertama",
        "satu",
        "siji",
        "hiji",
        "one",
        "1️⃣",
        "\uff11",
        "1 aja pak",
        "pilih 1",
        "1 kirim",
        "1. Kirim",
        "kirim",
        "KIRIM",
        "send",
    ],
)
def test_the_first_option_in_all_ways_to_say_it(text: str) -> None:
    assert pick(text, SEND) == Picked("send", ())


@pytest.mark.parametrize(
    "text", ["2", "dua", "loro", "kalih", "two", "2️⃣", "tanpa nama", "2. kirim tanpa nama"]
)
def test_the_second_option_in_all_ways_to_say_it(text: str) -> None:
    assert pick(text, SEND).id == "nameless"


@pytest.mark.parametrize("text", ["10", "🔟", "5", "0", "1000000", "12", "", "   ", "..."])
def test_a_number_that_was_not_offered_picks_nothing(text: str) -> None:
    assert pick(text, SEND) == Picked("", ())


def test_ten_is_ten_where_there_are_that_many() -> None:
    assert pick("10", ELEVEN).id == "option10"
    assert pick("sepuluh", ELEVEN).id == "option10"


@pytest.mark.parametrize(
    "text", ["ya", "iya", "Y", "ok", "oke", "betul", "👍", "👍🏽", "nggih", "muhun", "yes", "iya pak"]
)
def test_every_word_for_yes(text: str) -> None:
    assert pick(text, ASK).id == "yes"


@pytest.mark.parametrize(
    "text", ["tidak", "gak", "nggak", "ora", "mboten", "teu", "no", "bukan", "👎", "tdk"]
)
def test_every_word_for_no(text: str) -> None:
    assert pick(text, ASK).id == "no"


def test_no_with_a_number_is_the_number() -> None:
    assert pick("no 1", ASK).id == "yes"
    assert pick("no 2", ASK).id == "no"


def test_yes_and_no_pick_nothing_where_they_were_not_offered() -> None:
    assert pick("ya", TOPICS).id == ""
    assert pick("tidak", SEND).id == ""


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("lampu", "lampu"),
        ("park", "parkir"),
        ("parkr", "parkir"),
        ("air bersh", "air_bersih"),
        ("0", "0"),
        ("lain", "0"),
        ("jalan rusk", "jalan"),
        ("lampu jaln", "lampu"),
    ],
)
def test_a_label_counts_by_its_beginning_and_with_a_slip(text: str, option: str) -> None:
    assert pick(text, TOPICS).id == option


def test_the_option_for_zero_is_not_counted() -> None:
    assert pick("5", TOPICS) == Picked("", ())


def test_when_unsure_the_closest_two_are_offered() -> None:
    assert pick("jalan lampu rusak", TOPICS) == Picked("", ("jalan", "lampu"))


def test_a_number_that_contradicts_its_words_is_asked_back() -> None:
    assert pick("1 kirim tanpa nama", SEND) == Picked("", ("send", "nameless"))


@pytest.mark.parametrize(
    "text", ["sudah tiga hari hujan terus dan rumah kami kebanjiran", "ya tapi alamatnya salah"]
)
def test_a_story_picks_nothing_and_is_near_nothing(text: str) -> None:
    assert pick(text, ASK) == Picked("", ())


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(st.text(st.characters(), max_size=60), st.from_regex(r"[0-9]{1,3}[. ]?(ya|kirim|lampu)?")),
    st.sampled_from([SEND, ASK, TOPICS, ELEVEN, ()]),
)
def test_only_what_was_offered_is_ever_picked(text: str, options: tuple[tuple[str, str], ...]) -> None:
    offered = {option for option, _ in options}
    picked = pick(text, options)
    assert picked.id == "" or picked.id in offered
    assert set(picked.near) <= offered
    assert len(picked.near) in (0, min(2, len(offered)))
    assert not (picked.id and picked.near)
