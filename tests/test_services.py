"""The demo city's services in four languages: told in any of them, named in the one that is spoken."""

import pytest

from tests.talking import CITY, UNDERSTANDING, WORDING


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("there is a big pothole on the road near the market", "jalan"),
        ("the street lights in our neighbourhood have been off for a week", "penerangan_jalan"),
        ("garbage has not been collected for two weeks and it smells", "sampah_lingkungan"),
        ("our street floods every time it rains because the drain is blocked", "drainase_banjir"),
        ("my identity card is still not ready after three months", "kependudukan"),
        ("lampu margi pejah sampun tigang dinten", "penerangan_jalan"),
        ("uwuh numpuk boten dipunpendhet", "sampah_lingkungan"),
        ("toya pdam boten mili wiwit wingi", "air_bersih"),
        ("got buntet toyanipun mlebet griya", "drainase_banjir"),
        ("dalan ngarep omahku bolong gedhe", "jalan"),
        ("lampu jalan pareum tos saminggu", "penerangan_jalan"),
        ("runtah numpuk teu diangkut", "sampah_lingkungan"),
        ("cai pdam teu ngocor ti kamari", "air_bersih"),
        ("tangkal ageung rungkad ka jalan", "pohon_taman"),
    ],
)
def test_a_trouble_is_recognised_in_every_language(words: str, category: str) -> None:
    assert UNDERSTANDING.read(words).categories[0][0] == category


@pytest.mark.parametrize("language", ["en", "jv", "su"])
def test_every_service_has_a_name_in_every_language_that_fits_a_button(language: str) -> None:
    for one in CITY.categories.values():
        label = WORDING.sentence(one.name, language)
        assert 0 < len(label) <= 20
    assert WORDING.sentence("Jalan Rusak", language) != "Jalan Rusak"
