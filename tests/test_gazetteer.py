"""Places all over the country: the packed gazetteer, and texts about elsewhere."""

from pathlib import Path

import pytest

from bot.reading import evaluating
from bot.reading.gazetteer import PACKED, gazetteer, joined, read_packed, write_packed
from bot.reading.understanding_protocol import answer_request
from tests.talking import UNDERSTANDING

KANDANGAN, ITS_VILLAGE, KEDIRI, KOTA_KEDIRI = "35.06.19", "35.06.19.2009", "35.06", "35.71"
BANJARMASIN, SURABAYA, SEMARANG = "63.71", "35.78", "33.74"


def codes(text: str, context: str = "") -> list[str]:
    return [guess.code for guess in UNDERSTANDING.places(text, context)]


def test_all_regions_of_the_decree_are_there() -> None:
    names = gazetteer()
    counts = [0, 0, 0, 0]
    for code in read_packed(PACKED):
        counts[code.count(".")] += 1
    assert counts == [38, 514, 7285, 83762]
    assert names.name("35.06.19") == "Kandangan"
    assert names.name("63.71.02.1004") and not names.name("99")


def test_every_region_is_found_by_its_official_name() -> None:
    names = gazetteer()
    lost = [code for code, name in read_packed(PACKED).items() if code not in names.named(joined(name))]
    assert lost == []


def test_the_same_names_pack_to_the_same_bytes(tmp_path: Path) -> None:
    names = read_packed(PACKED)
    write_packed(names, tmp_path / "one.gz")
    write_packed(dict(reversed(list(names.items()))), tmp_path / "two.gz")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert read_packed(tmp_path / "one.gz") == names


def test_a_file_that_is_no_gazetteer_is_refused(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "other.gz").write_bytes(gzip.compress(b"something else\n"))
    with pytest.raises(ValueError, match=r"other\.gz"):
        read_packed(tmp_path / "other.gz")


def test_the_notice_lies_beside_the_data_and_names_licence_and_source() -> None:
    notice = PACKED.with_name("gazetteer.NOTICE.md").read_text()
    assert "Open Database License" in notice and "idn-area-data" in notice


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jalan rusak di Kecamatan Kandangan Kediri", KANDANGAN),
        ("jalan rusak di Kandangan, Kediri", KANDANGAN),
        ("jln rsk kec. kandangan kab. kediri", KANDANGAN),
        ("lampu mati di desa Klampisan kecamatan Kandangan kabupaten Kediri", "35.06.19.2002"),
        ("banjir di Kabupaten Sidoarjo", "35.15"),
        ("banjir di Sidoarjo", "35.15"),
        ("Kecamatan Medan Baru, Kota Medan, sampahnya menumpuk", "12.71.17"),
        ("Kec. Tugu Trenggalek jalannya ambles", "35.03.05"),
        ("pasar Ambarawa Kabupaten Semarang bau", "33.22.10"),
        ("listrik padam di Jayapura Selatan Kota Jayapura", "91.71.02"),
    ],
)
def test_a_text_about_elsewhere_gives_the_code(text: str, code: str) -> None:
    assert codes(text)[0] == code


@pytest.mark.parametrize(
    "text",
    [
        "pohon jambu roboh kemarin",
        "jalan Kediri berlubang dalam",
        "gang Kandangan becek",
        "anak saya bernasib malang",
        "sumber air di sini kering",
        "kelurahan setempat tidak menanggapi desa kami",
        "petugas kecamatan kota tidak ramah",
        "desa sukamaju banjir",  # there are dozens: none would be a guess
        "pasar baru belum juga dibuka",
        "saya naik bus dari Solo",
        "jalan rusak di Semarang",
        "terima kasih",
    ],
)
def test_a_text_without_a_clear_place_gives_none(text: str) -> None:
    assert codes(text) == []


def test_one_name_of_two_levels_gives_both_in_the_order_of_the_words_around() -> None:
    assert codes("banjir di kecamatan Kandangan Kediri")[:2] == [KANDANGAN, ITS_VILLAGE]
    assert codes("banjir di desa Kandangan Kediri")[:2] == [ITS_VILLAGE, KANDANGAN]
    assert codes("banjir di Kandangan Kediri")[:2] == [KANDANGAN, ITS_VILLAGE]


def test_the_city_and_the_regency_of_one_name_are_told_apart() -> None:
    assert codes("macet di kota kediri") == [KOTA_KEDIRI]
    assert codes("macet di kab. kediri") == [KEDIRI]
    assert set(codes("macet di kediri")) == {KEDIRI, KOTA_KEDIRI}


def test_in_the_context_of_another_city_its_bare_names_are_enough() -> None:
    assert codes("pju mati di kelayan barat", BANJARMASIN)[0] == "63.71.01.1004"
    assert codes("sampah di klurahan ngagel", SURABAYA)[0] == "35.78.04.1003"
    assert codes("kec. wonokromo kel. ngagel", SURABAYA)[:2] == ["35.78.04.1003", "35.78.04"]
    assert codes("sampah menumpuk", BANJARMASIN) == []


def test_a_context_keeps_everything_else_out() -> None:
    assert codes("jalan rusak di Kandangan, Kediri", "35")[0] == KANDANGAN
    assert codes("jalan rusak di Kandangan, Kediri", "33") == []
    assert codes("kelurahan ngagel surabaya", "35.78.01") == []
    assert codes("jalan rusak di Kandangan, Kediri", SEMARANG) == []


def test_a_place_of_the_city_comes_before_its_namesakes() -> None:
    assert codes("jalan rusak di Tembalang dekat bengkel Sidoarjo")[0] == "33.74.10"
    assert codes("kelurahan Kembangarum banjir")[0].startswith("33.74.")
    assert codes("kecamatan Tugu Semarang banjir")[0] == "33.74.16"


def test_anybody_can_measure_places_and_intents_with_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = tmp_path / "places.csv"
    places.write_text(
        "text,kecamatan,kelurahan\n"
        "sampah di kelurahan Ngagel,Wonokromo,Ngagel\n"
        "lampu mati dekat pasar,Wonokromo,Ngagel\n"
        "got di kecamatan Wonokromo mampet,Wonokromo,Ngagel\n"
        "sampah di Ngagel,Tidak Ada,Ngagel\n"
    )
    evaluating.main(["place", str(places), "--context", SURABAYA])
    said = capsys.readouterr().out
    assert "kelurahan named: it comes first" in said
    assert said.count("1.000 of 1") == 5 and "ms a text" in said
    lines = tmp_path / "lines.csv"
    lines.write_text("text,intent,ticket\nbatal,cancel,\ncek 123456789,check_status,123456780\n")
    evaluating.main(["intent", str(lines)])
    said = capsys.readouterr().out
    assert "cancel             1 of    1" in said and "check_status       0 of    1" in said


def test_the_protocol_gives_official_codes_alone() -> None:
    def asked(text: str, context: str) -> object:
        request = {"id": 1, "task": "place", "text": text, "context": context}
        return answer_request(UNDERSTANDING, request)["place"]

    assert asked("sampah di Pasar Johar", SEMARANG) == ["33.74.01.1010"]
    assert asked("jalan rusak di Kecamatan Kandangan Kediri", "") == [KANDANGAN, ITS_VILLAGE, KEDIRI]
    assert asked("ktp saya belum jadi", "") == []


def test_a_text_of_nothing_but_village_names_is_read_as_far_as_a_report_would_go() -> None:
    text = "Sukamaju Mekarsari Sukajaya Mekarjaya Cibodas " * 200
    assert codes(f"banjir di Kandangan, Kediri. {text}")[0] == KANDANGAN
    assert codes(text + "banjir di kabupaten Sidoarjo") == []
