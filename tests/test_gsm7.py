"""What fits into an SMS, and that nothing is lost on the way into it."""

# ruff: noqa: RUF001 - characters that look like others are the subject
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.gsm7 import GSM7, counted, fits_one_part, is_gsm7, measure, parts, septets, transliterate

GSM_TEXT = st.text(st.sampled_from(sorted(GSM7)))
MIXED = st.text(st.sampled_from("ab €{ “é…—\u00a0•😀مꦱ\n"), max_size=600)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Jalan” ‘rusak’", "\"Jalan\" 'rusak'"),
        ("Senin–Jumat — tutup…", "Senin-Jumat - tutup..."),
        ("Rp\u00a05.000", "Rp 5.000"),
        ("• satu\r\n• dua", "- satu\n- dua"),
        ("ê ā ç Đ ł ø ñ é", "e a c D l ø ñ é"),
        ("e\u0301", "é"),
        ("Terima kasih 🙏 Bu", "Terima kasih Bu"),
        ("🙏 Terima kasih 🙏", "Terima kasih"),
        ("1️⃣ ya", "1 ya"),
        ("½ m² ﬁ Ｋ", "1/2 m2 fi K"),
        ("kol\tom\x00\x1b\u200b", "kol om"),
        ("`kode`", "'kode'"),
        ("Œuvre × 3 ≤ 5", "OEuvre x 3 <= 5"),
    ],
)
def test_typography_becomes_gsm7(written: str, sent: str) -> None:
    assert transliterate(written) == sent
    assert is_gsm7(sent)


@pytest.mark.parametrize(
    "text",
    [
        "Jl. Pandanaran no. 5, RT 03/RW 02: lampu mati & berlubang! (sejak 3 hari)",
        "[a] {b} ~ ^ | \\ €",
        "@£$",
    ],
)
def test_what_gsm7_can_write_stays(text: str) -> None:
    assert transliterate(text) == text


@pytest.mark.parametrize("text", ["السلام عليكم", "ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ", "你好", "Привет", "Jalan ꦱ “rusak” 😀", "👍"])
def test_letters_without_a_latin_form_are_not_lost(text: str) -> None:
    assert transliterate(text) == text
    assert not is_gsm7(text)


@given(GSM_TEXT)
def test_gsm7_text_is_never_changed(text: str) -> None:
    assert transliterate(text) == text


@given(st.text())
def test_transliterating_twice_changes_nothing_more(text: str) -> None:
    once = transliterate(text)
    assert transliterate(once) == once
    once.encode("utf-8")
    assert "\x00" not in once


@given(st.text(st.characters(max_codepoint=0x24F, categories=["L"]), min_size=1))
def test_no_latin_letter_disappears(text: str) -> None:
    assert len(transliterate(text)) >= len(text)


@pytest.mark.parametrize(
    ("text", "units", "count"),
    [
        ("", 0, 0),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("a" * 159 + "€", 161, 2),
        ("a" * 152 + "€" + "a" * 152, 306, 3),  # the pair does not fit behind 152 septets: it moves on whole
        ("a" * 151 + "€" + "a" * 153, 306, 2),
        ("م" * 70, 160, 1),
        ("م" * 71, 163, 2),
        ("م" * 134, 307, 2),
        ("م" * 135, 309, 3),
        ("😀" * 35, 160, 1),
        ("م" * 66 + "😀" + "م" * 66, 307, 3),  # the same with a pair of UCS-2
    ],
)
def test_septets_and_parts_at_the_boundaries(text: str, units: int, count: int) -> None:
    assert septets(text) == units
    assert len(parts(text)) == count
    assert "".join(parts(text)) == text


@given(MIXED)
def test_septets_agree_with_parts(text: str) -> None:
    assert (septets(text) <= 160) == (len(parts(text)) <= 1)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 160, True),
        ("a" * 161, False),
        ("“" * 160, True),
        ("…" * 53, True),
        ("…" * 54, False),
        ("م" * 70, True),
        ("م" * 71, False),
    ],
)
def test_fits_one_part_measures_what_goes_out(text: str, fits: bool) -> None:
    assert fits_one_part(text) is fits


def without_counters(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return " ".join(text.removeprefix(f"({n}/{len(texts)}) ") for n, text in enumerate(texts, start=1))


@given(MIXED, st.lists(st.sampled_from(["1 Ya", "2 Tidak", "3 " + "panjang " * 9]), max_size=5))
def test_counted_sms_fit_and_lose_nothing(text: str, menu: list[str]) -> None:
    text = transliterate(text)
    texts = counted(text, menu)
    assert all(0 < septets(part) <= 160 for part in texts)
    bare = re.sub(r"\s", "", without_counters(texts))
    assert bare == re.sub(r"\s", "", text + "".join(menu))


@given(st.lists(st.text("abc€é", min_size=1, max_size=20), min_size=1, max_size=300))
def test_counted_sms_never_break_a_word(words: list[str]) -> None:
    assert without_counters(counted(" ".join(words))).split() == words


def test_ten_or_more_sms_still_fit_their_counter() -> None:
    texts = counted("kata " * 400)
    assert texts[0].startswith(f"(1/{len(texts)}) kata") and len(texts) >= 10
    assert all(septets(text) <= 160 for text in texts)


def test_choices_keep_together_or_at_least_whole() -> None:
    menu = [f"{n} {'pilihan ' * 3}{n}" for n in range(1, 10)]
    texts = counted("Pilih satu.", menu, "\n")
    assert len(texts) > 1
    assert all(any(choice in text for text in texts) for choice in menu)


def test_measure_tells_what_goes_out() -> None:
    assert measure("") == (0, 0)
    assert measure("a" * 160) == (1, 160)
    assert measure("€" * 80) == (1, 160)
    assert measure("€" * 80 + "a")[0] == 2
    assert measure("م" * 70) == (1, 160)
    assert measure("م" * 71)[0] == 2
