"""Short words of four languages, and of chats, that answer the bot: yes, no, thanks, help, never mind."""

import pytest

from bot.understanding import OUTSIDE
from tests.talking import UNDERSTANDING, Talk

# Each row: what it means, then the words, parted by commas.
WORDS = {
    "affirm": (
        "ya, iya, iye, yap, yoi, y, oke, okedeh, sip, siapp, baik, betul, bener, bnr, setuju, se7",
        "boleh, sudah, udah",
        "nggih, injih, inggih, enggeh, leres, nggih leres, sampun, sampun leres, saestu, monggo",
        "ndherek, wis, wes bener",
        "muhun, sumuhun, enya, heueuh, atos, atos leres, mangga, satuju, sapuk, leres pisan",
        "yes, yep, yeah, right, correct, sure, fine, all right, it is correct",
        "iya pak, ya min, baik bu, 👍, ✅",
    ),
    "deny": (
        "tidak, tdk, gak, ga, nggak, endak, bukan, jgn, jangan, salah, belum, blm, lum, gamau",
        "gak perlu, ogah, ntar",
        "mboten, boten, boten leres, ora, ora iku, dudu, dereng, durung, mangke, mangke mawon, mengko",
        "wegah, lepat",
        "teu, henteu, teu acan, teuacan, encan, acan, sanes, alim, moal, entong, teu kedah, engke",
        "engke wae",
        "no, nope, wrong, incorrect, not yet, no thanks, that's wrong, 👎, ❌",
    ),
    "thanks": (
        "terima kasih, makasih, mksh, trims, tq, ty, suwun, matur nuwun, maturnuwun, nuhun",
        "hatur nuhun, haturnuhun, 🙏",
    ),
    "help": (
        "bantuan, bingung, cara lapor, boten ngertos, mboten mangertos, nyuwun pitulung, teu ngartos",
        "i don't understand",
    ),
    "cancel": (
        "batal, gak jadi, tidak jadi, boten sios, ora sido, teu janten, teu cios, moal janten",
        "never mind, bolay",
    ),
}
CASES = [(word, meant) for meant, rows in WORDS.items() for row in rows for word in row.split(", ")]


@pytest.mark.parametrize(("word", "meant"), CASES, ids=[word for word, _ in CASES])
def test_a_short_word_means_the_same_in_every_language(word: str, meant: str) -> None:
    assert OUTSIDE[UNDERSTANDING.read(word).intent] == meant


@pytest.mark.parametrize("word", ["sampun", "atos", "injih", "heueuh", "sudah"])
def test_yes_in_any_language_sends_the_report(word: str) -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar di Kelurahan Sekayu")
    talk.hears(word)
    assert any(type(deed).__name__ == "File" for deed in talk.does)


@pytest.mark.parametrize("word", ["boten", "teu acan", "acan", "moal"])
def test_no_in_any_language_does_not_send_it(word: str) -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar di Kelurahan Sekayu")
    talk.hears(word)
    assert not any(type(deed).__name__ == "File" for deed in talk.does)
    assert talk.state["script"]


def test_a_bin_is_no_refusal_inside_a_report() -> None:
    told = UNDERSTANDING.read("tong sampah di taman rusak")
    assert (told.intent, told.categories[0][0]) == ("new_complaint", "sampah_lingkungan")
