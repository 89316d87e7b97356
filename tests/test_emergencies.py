"""Danger in a text: noticed in four languages, and told from what only speaks of it."""

import pytest

from tests.talking import UNDERSTANDING as BRAIN


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tolong ada kebakaran", "fire"),
        ("kebakran di gudang", "fire"),
        ("omahe tanggaku kobongan", "fire"),
        ("there is a house fire", "fire"),
        ("help fire", "fire"),
        ("saya sudah tidak kuat hidup lagi", "suicide"),
        ("help there is a fire in my kitchen", "fire"),
        ("rumah saya terbakar", "fire"),
        ("ada anak tenggelam di kali", "drowning"),
    ],
)
def test_danger_is_noticed_and_filed_as_a_report(text: str, kind: str) -> None:
    told = BRAIN.read(text)
    assert (told.emergency, told.intent) == (kind, "new_complaint")


@pytest.mark.parametrize(
    "text",
    [
        "panggil pemadam kebakaran",
        "tolong kirim mobil pemadam kebakaran",
        "pemadam kebakaran belum datang",
        "kemarin kebakaran, sekarang masih ada api",
        "tahun lalu kebakaran sekarang kebakaran lagi",
        "tahun lalu banjir. kebakaran di pasar!",
        "tahun lalu saya lapor lampu mati, kebakaran di rumah tetangga",
        "pernah lapor, sekarang kebakaran",
        "kami takut, kebakaran di rumah sebelah",
        "takut kebakaran, sudah ada asap tebal",
        "di dekat pos pemadam kebakaran ada rumah terbakar",
        "warga terjebak kebakaran pemadam kebakaran blm sampai",
    ],
)
def test_a_fire_that_is_there_is_never_lost_among_words_about_others(text: str) -> None:
    assert BRAIN.read(text).emergency == "fire"


@pytest.mark.parametrize("text", ["dulu saya dipukuli suami", "tahun lalu saya dianiaya suami"])
def test_who_was_beaten_before_is_told_the_number_all_the_same(text: str) -> None:
    assert BRAIN.read(text).emergency == "violence"


def test_who_once_wished_to_die_is_told_the_number() -> None:
    assert BRAIN.read("saya dulu pernah ingin bunuh diri").emergency == "suicide"


@pytest.mark.parametrize(
    "text",
    [
        "lampu mati",
        "pohon mati",
        "mobil pemadam parkir sembarangan",
        "pemadam kebakaran tidak datang tahun lalu",
        "minta sosialisasi kebakaran",
        "mobil pemadam kebakaran parkir di trotoar",
        "petugas pemadam kebakaran ramah sekali",
        "usul ditambah pemadam kebakaran di kecamatan",
        "tahun lalu kebakaran di pasar, puingnya mengganggu",
        "tahun lalu, kebakaran di pasar ini",
        "kebakaran pasar dua tahun yang lalu",
        "rumah kami pernah kebakaran, surat tanah hilang",
        "kabel menjuntai, takut kebakaran",
        "bulan lalu ada anak tenggelam di embung, mohon dipagari",
        "taun kepungkur omahe kobongan",
        "last year there was a house fire here",
    ],
)
def test_what_only_sounds_like_danger_is_no_emergency(text: str) -> None:
    assert BRAIN.read(text).emergency == ""
