"""What citizens say about the end of a report, in four languages: yes, no, neither, or take it back."""

import pytest

from bot.talk.solved import says_more, takes_back, verdict


@pytest.mark.parametrize(
    "words",
    """ya|iya pak|sudah|sudah pak, terima kasih|sampun|nggih|parantos|muhun|yes|sudah beres
yes it is fixed now|👍|👍👍
alhamdulillah sudah|wis beres|tos beres kang|ya sudah|done|sampun rampung pak""".replace("\n", "|").split(
        "|"
    ),
)
def test_a_line_that_wholly_says_so_is_yes_in_four_languages(words: str) -> None:
    assert verdict(words) == "yes"


@pytest.mark.parametrize(
    "words",
    """belum|blm pak|dereng|teu acan|not yet|no|still broken|masih bolong pak|tidak ada perubahan|👎
lampunya mati lagi|sudah beres tapi masih bau|isih peteng|mboten|rusak lagi""".replace("\n", "|").split("|"),
)
def test_words_of_objection_are_no_in_four_languages(words: str) -> None:
    assert verdict(words) == "no"


@pytest.mark.parametrize(
    "words", ["makasih ya pak", "terima kasih ya", "ok ya", "sip ya min", "nuhun nya", "matur nuwun nggih"]
)
def test_a_friendly_ya_behind_thanks_closes_nothing(words: str) -> None:
    assert verdict(words) == "soft"


@pytest.mark.parametrize(
    "words",
    [
        "sudah sebulan begini terus pak",
        "sudah selesai belum?",
        "tidak banjir lagi",
        "tidak apa-apa",
        "belum saya cek",
        "di sebelah kiri juga ada lubang",
        "no problem",
    ],
)
def test_nothing_is_guessed_of_what_says_neither(words: str) -> None:
    assert verdict(words) == ""


def test_a_bare_belum_says_nothing_more_but_a_reason_does() -> None:
    assert not any(map(says_more, ["belum", "belum selesai pak", "not yet", "tidak", "teu acan"]))
    assert all(map(says_more, ["masih bolong", "belum ada yang datang", "still broken"]))


@pytest.mark.parametrize(
    "words", ["kapan laporan saya selesai?", "laporan: tutup got hilang", "laporan saya"]
)
def test_a_question_or_a_story_takes_nothing_back(words: str) -> None:
    assert not takes_back(words)
