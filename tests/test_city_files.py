"""What a clumsy or a mischievous hand can do to a city's folder, and that both demo cities are sound."""

import shutil
from pathlib import Path

import pytest

from bot.cities.city import City, check_city, read_city
from bot.cities.parts import Fault
from tests.test_city import Damage, add, becomes, change, line_of

CITIES = {folder.parent.name: folder.parent for folder in Path(__file__).parents[1].glob("city/*/city.csv")}


ORDINARY = (
    "lampu jalan mati sudah seminggu",
    "jalan rusak sering terjadi kecelakaan mohon diperbaiki",
    "bakar sampah tiap sore asapnya ganggu",
    "banjir tiap hujan rumah saya kebanjiran",
    "pohon besar takut tumbang",
    "air pdam mati dari kemarin",
    "juru parkir minta uang parkir lebih",
)
DANGER = {
    "fire": "tolong ada kebakaran di pasar",
    "violence": "saya dibegal di jembatan",
    "drowning": "ada anak tenggelam di kali",
    "suicide": "saya mau bunuh diri saja",
    "trapped": "kami terjebak banjir di lantai dua",
    "medical": "bapak saya pingsan di jalan",
}


def kinds_in(city: City, text: str) -> set[str]:
    return {e.kind for e in city.emergencies if any(f" {word} " in f" {text} " for word in e.words)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CITIES["semarang"], tmp_path / "semarang"))


@pytest.fixture(scope="module", params=sorted(CITIES))
def city(request: pytest.FixtureRequest) -> City:
    return read_city(CITIES[request.param])


def test_there_are_two_demo_cities_without_faults() -> None:
    assert sorted(CITIES) == ["banjarmasin", "semarang"]
    assert {name: check_city(folder) for name, folder in CITIES.items()} == {
        "banjarmasin": [],
        "semarang": [],
    }


def test_every_category_and_place_leads_to_an_office(city: City) -> None:
    for category in ("", "unknown", *city.categories):
        for place in ("", "99.99", *city.places):
            assert city.route(category, place) in city.offices


def test_every_kelurahan_has_its_own_office_under_its_kecamatan(city: City) -> None:
    for place in (one for one in city.places.values() if one.level == "kelurahan"):
        office = city.offices[city.route("pemerintahan_wilayah", place.code)]
        assert (office.kind, office.place_code) == ("kelurahan", place.code)
        assert city.offices[office.parent].place_code == place.code.rpartition(".")[0]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_complaints_name_no_danger(city: City, text: str) -> None:
    assert kinds_in(city, text) == set()


@pytest.mark.parametrize(("kind", "text"), DANGER.items())
def test_a_danger_is_named(city: City, kind: str, text: str) -> None:
    assert kinds_in(city, text) == {kind}


def test_banjarmasin_is_the_second_city() -> None:
    city = read_city(CITIES["banjarmasin"])
    levels = [place.level for place in city.places.values()]
    kinds = [office.kind for office in city.offices.values()]
    assert (city.name, city.code, str(city.timezone)) == ("Kota Banjarmasin", "63.71", "Asia/Makassar")
    assert (levels.count("kecamatan"), levels.count("kelurahan")) == (5, 52)
    assert (kinds.count("kelurahan"), kinds.count("puskesmas")) == (52, 28)
    assert set(city.categories) == set(read_city(CITIES["semarang"]).categories)
    assert city.clocks.limit("complaint", "", "verify").days == 1
    assert city.clocks.limit("complaint", "", "follow_up").days == 2
    assert kinds_in(city, "tolong ada kakanakan tinggalam di sungai") == {"drowning"}
    assert city.route("penerangan_jalan", "") == "DISHUB"  # in Semarang: Disperkim


def test_semarang_has_its_offices_in_a_tree() -> None:
    city = read_city(CITIES["semarang"])
    offices = list(city.offices.values())
    kinds = [office.kind for office in offices]
    assert sum(office.parent in ("", "PEMKOT") for office in offices) >= 50
    assert (kinds.count("kecamatan"), kinds.count("kelurahan")) == (16, 177)
    assert kinds.count("puskesmas") >= 37 and kinds.count("school") >= 45


def test_the_most_specific_place_wins(copy: Path) -> None:
    add("jalan,33.74.16,DISPERKIM", "jalan,33.74.16.1002,@kecamatan")(copy / "routing.csv")
    city = read_city(copy)
    assert city.route("jalan", "33.74.16.1002") == "KEC-TUGU"
    assert city.route("jalan", "33.74.16.1006/l1") == city.route("jalan", "33.74.16") == "DISPERKIM"
    assert city.route("jalan", "33.74.15") == "DPU"


HEADER = "code,parent,name,short_name,kind,place_code"
VILLAGE = "33.74.16.1099,Zeta,kelurahan"
KELURAHAN = "kelurahan,33.74.16.1002"  # of Tugurejo
# A damage, the file it is done to, a text on the line to be named ("": the whole file), the sentence.
FAULTS: list[tuple[Damage, str, str, str]] = [
    # the file
    (becomes(f"{HEADER}\n".encode()), "offices.csv", "", "has a header and no rows"),
    (becomes(b"kind,number,label,words\n"), "numbers.csv", "", "has a header and no rows"),
    (becomes(b"PK\x03\x04rest of a workbook"), "offices.csv", "", "a spreadsheet's own file"),
    (becomes("category,place,office\n".encode("utf-16")), "routing.csv", "c", "not UTF-8"),
    (change("category,place,office", "category\tplace\toffice"), "routing.csv", "category\t", "not tabs"),
    (change("place_code", "place_code,name"), "offices.csv", "place_code,name", "names name twice"),
    (add(HEADER), "offices.csv", "", "a second time"),
    (add("X,PEMKOT,#REF!,X,opd,"), "offices.csv", "#REF!", "name is #REF!: a formula that failed"),
    (add("X,PEMKOT,Din\ufffds,X,opd,"), "offices.csv", "X,PEMKOT", "name holds a character"),
    (add("X,PEMKOT,Di\x00nas,X,opd,"), "offices.csv", "X,PEMKOT", "name holds a character"),
    # offices
    (add("dpu,PEMKOT,Kembar,Kembar,opd,"), "offices.csv", "Kembar", "dpu stands already in line"),
    (add("X/Y,PEMKOT,X,X,opd,"), "offices.csv", "X/Y", "code is 'X/Y'; it must be letters"),
    (add("@kelurahan,PEMKOT,X,X,opd,"), "offices.csv", "@kel", "code is '@kelurahan'"),
    (add("X,,X,X,opd,"), "offices.csv", "X,,X", "X stands under no office"),
    (add(*(f"X{n},{f'X{n - 1}' if n else 'DPU'},X,X,upt," for n in range(12))), "offices.csv", "X11,",
     "X11 stands 13 offices below the top, at most 12"),
    (add("X,PLN,X,X,opd,"), "offices.csv", "X,PLN", "stands under PLN, which is external"),
    (add("X,,X,X,city,"), "offices.csv", "X,,X", "X is a second city; the first is PEMKOT in line 2"),
    (add(f"X,KEC-TUGU,X,X,{KELURAHAN}"), "offices.csv", "X,KEC", "is the kelurahan of KEL-TUGUREJO"),
    (add("X,KEC-TUGU,X,X,kelurahan,"), "offices.csv", "X,KEC", "X is a kelurahan; its place_code"),
    (add("X,PEMKOT,X,X,kelurahan,33.74.16"), "offices.csv", "X,PEMKOT", "must be that of its kelurahan"),
    (change("KEL-MIROTO,KEC-SEMARANG-TENGAH", "KEL-MIROTO,KEC-TUGU"), "offices.csv", "KEL-MIROTO",
     "stands under KEC-TUGU, but 33.74.01.1001 lies elsewhere"),
    (change("coordinator_office,DISKOMINFO", "coordinator_office,PLN"), "city.csv", "coordinator",
     "PLN is external"),
    # places
    (change("code,33.74", "code,Semarang"), "city.csv", "code,Sem", "code is 'Semarang'"),
    (change("code,33.74", "code,63.71"), "places.csv", "", "No row of level city has the code 63.71"),
    (add("33.75,Kota Lain,city,,,"), "places.csv", "Kota Lain", "33.75 is another city"),
    (add("33.74.1,Palsu,kecamatan,,,"), "places.csv", "Palsu", "33.74.1 is no code of a kecamatan"),
    (change("33.74.10,Tembalang", "33.74.1,Tembalang"), "places.csv", "33.74.1,", "as text"),
    (add(f"{VILLAGE},110.35,-6.97,"), "places.csv", "Zeta", "latitude is '110.35'"),
    (add(f"{VILLAGE},6.97,110.35,"), "places.csv", "Zeta", "lies outside Indonesia"),
    (add(f"{VILLAGE},-0.03,109.34,"), "places.csv", "Zeta", "km from the middle of the others"),
    (add(f"{VILLAGE},-6.97631,110.35141,"), "places.csv", "Zeta", "the centre point of Tugurejo in line"),
    # words
    (change("sms_codes,smg", "sms_codes,batal"), "city.csv", "sms_codes", "'batal' is a command"),
    (change("sms_codes,smg", "sms_codes,Banjir"), "city.csv", "sms_codes",
     "'banjir' is a word of complaints"),
    (change("sms_codes,smg", "sms_codes,kota smg"), "city.csv", "sms_codes", "must be one word"),
    (change("Call Center 112,orang tenggelam", "Call Center 112,kobong;orang tenggelam"), "numbers.csv",
     "drowning", "'kobong' gives fire away already; it cannot mean drowning too"),
    # what citizens are told
    (add(f"Apa?,{'x' * 161},kata,,,"), "answers.csv", "Apa?", "161 characters long, at most 160"),
    (add("Apa?,Jam 8 \u2013 14,kata,,,"), "answers.csv", "Apa?", "answer has \u2013, which an SMS cannot"),
    (change("answer_su", "answer_ban"), "answers.csv", "answer_ban", "answer_ban is in no language"),
    (add('msgid "Bantuan Sosial"', 'msgstr "Bansos {tahun}"'), "wording/id.po", 'msgid "Bantuan',
     "{tahun} is no value of this sentence"),
    (add('msgid "Bantuan Sosial"', 'msgstr "Bansos {"'), "wording/id.po", 'msgid "Bantuan',
     "a brace without its partner"),
    # routing
    (change("office\n", "office\njalan,33.74,@province\n"), "routing.csv", "@province", "is not known"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "file", "on_line", "sentence"), FAULTS, ids=[fault[3] for fault in FAULTS]
)
def test_each_fault_is_found_with_its_line(
    copy: Path, damage: Damage, file: str, on_line: str, sentence: str
) -> None:
    wanted = file
    damage(copy / ("city.csv" if sentence.startswith("No row of level") else file))
    line = line_of(copy, wanted, on_line) if on_line else 0
    if sentence == "a second time":
        line = len((copy / file).read_text("utf-8").splitlines())
    found = check_city(copy)
    assert [f for f in found if f.file == wanted and f.line == line and sentence in f.sentence], found
    assert all(one.sentence.endswith(".") and "\n" not in one.sentence for one in found)


def test_a_kind_of_office_that_nobody_is_cannot_be_routed_to(copy: Path) -> None:
    offices = copy / "offices.csv"
    lines = [line for line in offices.read_text("utf-8").splitlines() if ",kelurahan," not in line]
    offices.write_text("\n".join(lines) + "\n", "utf-8")
    line = line_of(copy, "routing.csv", "@kelurahan")
    sentence = "@kelurahan finds nobody: offices.csv has no office of kind kelurahan."
    assert check_city(copy) == [Fault("routing.csv", line, sentence)]


def test_what_spreadsheets_add_is_no_fault(copy: Path) -> None:
    """Spaces around cells, capitals that begin a cell, empty columns and rows at the end."""
    offices, words = copy / "offices.csv", copy / "categories.csv"
    rows = [line + ",," for line in offices.read_text("utf-8").replace("DPU,", "DPU ,\u00a0").splitlines()]
    offices.write_text("\n".join([*rows, ",,,,,,,", "  ,,,,,,,"]) + "\n", "utf-8")
    words.write_text(words.read_text("utf-8").replace("jalan rusak;", "Jalan  RUSAK ;", 1), "utf-8")
    assert check_city(copy) == []
    city = read_city(copy)
    assert city.route("jalan", "") == "DPU"
    assert city.categories["jalan"].words[0] == "jalan rusak"


def test_a_folder_of_rubbish_gives_faults_and_no_crash(copy: Path) -> None:
    for number, file in enumerate(sorted(copy.glob("*.csv"))):
        file.write_bytes(bytes(range(256)) * number)
    files = {fault.file for fault in check_city(copy)}
    assert files >= {"offices.csv", "places.csv", "routing.csv", "categories.csv", "numbers.csv"}
