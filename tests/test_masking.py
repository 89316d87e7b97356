"""Personal numbers typed unasked are masked; every other number stays as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.masking import mask, without_signs

PHONES = """081234567890|0812-3456-7890|0812 3456 7890|0812.3456.7890|(0812) 3456 7890|+6281234567890
|+62 812 3456 7890|+62 (812) 3456-7890|62812 3456 7890|6281234567890|081 234 567 890|0812 345 678 90
|0812345678|0812-345678901""".replace("\n", "").split("|")
NIKS = """3374010101900001|3374 0101 0190 0001|337401.010190.0001|33.7401.410190.0001|337401-010190-0001
|3374015503880002""".replace("\n", "").split("|")
EMAILS = ["warga@contoh.co.id", "siti.aminah+lapor@contoh.id", "A_B@sub.contoh.com"]
# Numbers that a report needs: whose place, whose office, whose money.
KEPT = [
    "CEK 417058236",
    "CEK 417058236 4821",
    "CEK 628123456 4821",
    "BALAS 812345678 sudah 3 kali",
    "telepon 112, 110, 119 atau 0812",
    "Jl Pemuda No. 148 RT 03 RW 08",
    "dimintai Rp 1.500.000.000",
    "anggaran Rp1.500.000.000.000.000 hilang",
    "1000000000 rupiah",
    "plat H 1234 AB",
    "tanggal 08-11-2026 10.30",
    "08.11.2026 - 09.11.2026",
    "buka 08.00-10.00 dan 12.30",
    "id pelanggan PLN 523456789012",
    "nomor sambungan PDAM 12345678901",
    "nomor meter 14123456789",
    "(024) 3512345",
    "tiang nomor SMG-0812-17",
    "-6.9841234567890123, 110.0812345678901",
    "SAMBUNG 482913",
    "12 14 16 18 20 22 24 26",
    "surel tanpa alamat: @semarangpemkot",
]


@pytest.mark.parametrize(
    ("sign", "number"),
    [("[TELP]", one) for one in PHONES]
    + [("[NIK]", one) for one in NIKS]
    + [("[EMAIL]", one) for one in EMAILS],
)
def test_a_personal_number_is_masked_and_handed_back(sign: str, number: str) -> None:
    masked = mask(f"lampu mati di RT 3, hubungi {number}. Terima kasih")
    assert masked.text == f"lampu mati di RT 3, hubungi {sign}. Terima kasih"
    assert masked.hidden == (f"{sign.strip('[]')} {number}",)


@pytest.mark.parametrize("text", KEPT)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text).text == text and mask(text).hidden == ()


def test_a_nik_with_a_digit_too_many_or_too_few_is_masked_where_its_name_stands_before_it() -> None:
    assert mask("NIK 337401010190001").text == "NIK [NIK]"
    assert mask("no. KK saya: 33740101019000011").text == "no. KK saya: [NIK]"


def test_what_stands_beside_a_number_stays() -> None:
    assert mask("23-11-2026 0812 3456 7890").text == "23-11-2026 [TELP]"
    assert mask("RT 3 0812 3456 7890").text == "RT 3 [TELP]"
    assert mask("0812 3456 789 2 hari").text == "[TELP] 2 hari"
    assert mask("0812345678/081345678901").text == "[TELP]/[TELP]"
    both = mask("nik 3374010101900001 hp 0812 3456 7890 surel a@b.id")
    assert both.text == "nik [NIK] hp [TELP] surel [EMAIL]"
    assert sorted(both.hidden) == ["EMAIL a@b.id", "NIK 3374010101900001", "TELP 0812 3456 7890"]


@given(st.text(alphabet="0123456789 .-+()ab@", max_size=60))
def test_a_second_look_masks_nothing_more(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(
    st.from_regex(r"\+?(0|62)8[1-9][0-9]{8,10}", fullmatch=True), st.sampled_from(["", "hp ", "hub:", "("])
)
def test_no_mobile_number_in_one_piece_gets_through(number: str, before: str) -> None:
    assert number.lstrip("+") not in mask(f"{before}{number} ya").text


def test_a_sign_is_nothing_that_somebody_said() -> None:
    assert without_signs("[TELP]") == "" and without_signs("lampu [NIK] mati") == "lampu   mati"


@pytest.mark.parametrize("piece", ["1 ", "a.b-", "nik ", "1-", "a@", "12"])
def test_a_very_long_text_is_read_to_its_end(piece: str) -> None:
    """Patterns that look again and again from every letter would never come back."""
    long = piece * (400_000 // len(piece))
    assert mask(long).text == long
