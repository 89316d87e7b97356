"""Where it is: places of the city in what citizens write."""

from pathlib import Path

import pytest

from bot.cities.city import read_city
from bot.understanding import PlaceGuess, Understanding

BRAIN = Understanding(read_city(Path(__file__).parent.parent / "city" / "semarang"))

TUGU, GUNUNGPATI_KEC, GUNUNGPATI_KEL = "33.74.16", "33.74.12", "33.74.12.1004"
TUGUREJO, TAMBAKAJI, NGALIYAN = "33.74.16.1002", "33.74.15.1008", "33.74.15"


def codes(text: str) -> list[str]:
    return [guess.code for guess in BRAIN.places(text)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jalan rusak di depan SMP 2 Tugu", TUGU),
        ("kec. Tugu banjir", TUGU),
        ("Tugu", TUGU),
        ("pju mati kel. tugurejo", TUGUREJO),
        ("sampah di tugu rejo", TUGUREJO),
        ("got mampet tambakaji", TAMBAKAJI),
        ("kelurahan tmbakaji rt 2 rw 4", TAMBAKAJI),
        ("banjir di tembalng", "33.74.10"),
        ("lampu mati neng genuk", "33.74.05"),
        ("rob smg utara tinggi", "33.74.02"),
        ("sampah di Pasar Johar", "33.74.01.1010/l1"),
        ("macet dekat simpang 5", "33.74.07/l1"),
        ("jl. mangga raya, tambakaji, ngaliyan, semarang", TAMBAKAJI),
    ],
)
def test_the_place_in_a_text_comes_first(text: str, code: str) -> None:
    assert codes(text)[0] == code


@pytest.mark.parametrize(
    "text",
    [
        "lampu mati sejak kemarin",
        "saya kudu lapor ke mana sekarang",
        "tugu batas kampung roboh",
        "candi yang rusak",
        "macet parah tugu muda",
        "pedagang di trotoar",
        "jalan rusak di Semarang",
        "terima kasih",
        "",
    ],
)
def test_a_text_without_a_place_names_none(text: str) -> None:
    assert codes(text) == []


def test_a_name_of_two_levels_gives_both_the_wider_first() -> None:
    wide, narrow = BRAIN.places("banjir gunungpati")[:2]
    assert (wide.code, narrow.code) == (GUNUNGPATI_KEC, GUNUNGPATI_KEL)
    assert wide.score - narrow.score < 0.1


def test_the_word_kelurahan_or_kecamatan_before_it_decides_between_levels() -> None:
    assert codes("banjir kel gunungpati")[0] == GUNUNGPATI_KEL
    assert codes("banjir kec gunungpati")[0] == GUNUNGPATI_KEC


def test_a_kelurahan_comes_before_the_kecamatan_named_with_it() -> None:
    assert codes("jalan berlubang di tambakaji ngaliyan")[:2] == [TAMBAKAJI, NGALIYAN]


def test_the_kecamatan_tells_two_kelurahan_of_one_name_apart() -> None:
    assert set(codes("mangunharjo")) == {"33.74.10.1003", "33.74.16.1007"}
    assert codes("kel mangunharjo kec tugu")[0] == "33.74.16.1007"
    assert codes("kel mangunharjo kec tembalang")[0] == "33.74.10.1003"


def test_a_street_named_after_a_place_counts_only_when_nothing_else_is_named() -> None:
    assert codes("lubang di jalan sampangan, pedurungan")[0] == "33.74.06"
    assert "33.74.09.1004" not in codes("lubang di jalan sampangan, pedurungan")
    (only,) = BRAIN.places("lubang di jl sampangan")
    assert (only.code, only.level) == ("33.74.09.1004", "kelurahan")
    assert only.score < 0.5


def test_a_street_that_is_no_place_is_none() -> None:
    assert codes("jalan rusak di Jl Pemuda") == []


def test_another_citys_context_knows_no_place_here() -> None:
    assert BRAIN.places("banjir di genuk", "63.71") == []
    assert [g.code for g in BRAIN.places("banjir di genuk", "33.74")] == codes("banjir di genuk")


def test_a_guess_carries_what_the_citizen_is_asked_to_confirm() -> None:
    guess = BRAIN.places("kelurahan tugurejo")[0]
    assert guess == PlaceGuess(TUGUREJO, "Tugurejo", "kelurahan", guess.score)
    assert guess.score > 0.9
