import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.cities.city import City, CityFaults, check_city, read_city
from bot.cities.parts import EMERGENCY_KINDS
from bot.deadlines import Limit

SEMARANG = Path(__file__).parents[1] / "city" / "semarang"
Damage = Callable[[Path], object]  # done to one file


@pytest.fixture(scope="module")
def city() -> City:
    return read_city(SEMARANG)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEMARANG, tmp_path / "semarang"))


def add(*lines: str) -> Damage:
    """Append rows; a city's files end with a newline."""

    def damage(file: Path) -> None:
        with file.open("a", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in lines)

    return damage


def change(old: str, new: str) -> Damage:
    def damage(file: Path) -> None:
        text = file.read_text("utf-8")
        assert old in text, f"{file} no longer holds {old!r}"
        file.write_text(text.replace(old, new, 1), "utf-8")

    return damage


def becomes(content: bytes) -> Damage:
    return lambda file: file.write_bytes(content)


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_bytes().decode("utf-8", "replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 0)


def test_the_demo_city_has_no_faults() -> None:
    assert check_city(SEMARANG) == []


def test_the_demo_city_is_semarang(city: City) -> None:
    levels = [place.level for place in city.places.values()]
    assert (city.name, city.code, str(city.timezone)) == ("Kota Semarang", "33.74", "Asia/Jakarta")
    assert (levels.count("kecamatan"), levels.count("kelurahan")) == (16, 177)
    assert len(city.categories) == 23
    assert city.clocks.limit("complaint", "", "resolve") == Limit(days=city.promise_days) == Limit(days=7)
    assert city.clocks.limit("information", "", "resolve") == Limit(days=5), "the national one"
    assert {emergency.kind for emergency in city.emergencies} == set(EMERGENCY_KINDS)
    assert "smg" in city.sms_codes
    assert not city.calendar.works(date(2026, 8, 17))


def test_a_nameless_or_unknown_category_goes_to_the_coordinator(city: City) -> None:
    assert city.route("", "33.74.16.1002") == city.route("unknown", "") == "DISKOMINFO"


def test_an_office_by_place_is_the_kelurahan_then_the_kecamatan_then_the_coordinator(city: City) -> None:
    assert city.route("pemerintahan_wilayah", "33.74.16.1002") == "KEL-TUGUREJO"
    assert city.route("pemerintahan_wilayah", "33.74.16.1006/l1") == "KEL-MANGKANG-KULON"
    assert city.route("pemerintahan_wilayah", "33.74.16") == "KEC-TUGU"
    for nowhere in ("", "33.74", "33.99"):
        assert city.route("pemerintahan_wilayah", nowhere) == "DISKOMINFO"


def test_a_place_code_is_compared_by_its_parts(copy: Path) -> None:
    """/l1 is not around /l10, though it is how that begins."""
    village = "33.74.16.1002"
    add(f"{village}/l1,Satu,landmark,,,", f"{village}/l10,Sepuluh,landmark,,,")(copy / "places.csv")
    add(f"jalan,{village}/l1,SATPOLPP")(copy / "routing.csv")
    assert read_city(copy).route("jalan", f"{village}/l10") == "DPU"


@pytest.mark.parametrize(
    ("latitude", "longitude", "kelurahan"),
    [
        (-6.98350, 110.44520, "Sambirejo"),  # the Great Mosque of Central Java
        (-6.9770, 110.3520, "Tugurejo"),
        (-7.0510, 110.4400, "Tembalang"),  # Diponegoro University
    ],
)
def test_a_pin_finds_its_kelurahan(city: City, latitude: float, longitude: float, kelurahan: str) -> None:
    found = city.nearest(latitude, longitude)
    assert found is not None
    assert (found.name, found.level) == (kelurahan, "kelurahan")


@pytest.mark.parametrize(("latitude", "longitude"), [(-6.1754, 106.8272), (-6.85, 110.42), (0.0, 0.0)])
def test_a_pin_far_outside_finds_nothing(city: City, latitude: float, longitude: float) -> None:
    assert city.nearest(latitude, longitude) is None


def test_a_pin_on_a_landmark_finds_the_kelurahan_and_not_the_landmark(copy: Path) -> None:
    add("33.74.16.1002/l9,Masjid,landmark,-6.9770,110.3520,")(copy / "places.csv")
    found = read_city(copy).nearest(-6.9770, 110.3520)
    assert found is not None and found.name == "Tugurejo"


def test_a_place_knows_what_it_lies_in(city: City) -> None:
    district, village = city.district_of("33.74.16.1006/l1"), city.village_of("33.74.16.1006/l1")
    assert district is not None and district.name == "Tugu"
    assert village is not None and village.name == "Mangkang Kulon"
    assert city.district_of("33.74") is None
    assert city.village_of("33.74.16") is None
    assert city.district_of("") is None


@pytest.mark.parametrize("file", sorted(path.name for path in SEMARANG.glob("*.csv")))
def test_a_missing_file_is_named(copy: Path, file: str) -> None:
    (copy / file).unlink()
    assert (file, 0, "The file is missing.") in [(f.file, f.line, f.sentence) for f in check_city(copy)]


# A damage, the file it is done to, a text on the line to be named ("": the whole file), the sentence.
FAULTS: list[tuple[Damage, str, str, str]] = [
    (change("code,parent", "code,above"), "offices.csv", "code,above", "lacks parent"),
    (change("category,place,office", "category;place;office"), "routing.csv", "category;", "semicolons"),
    (add("DPU,PEMKOT,Dinas Kembar,Kembar,opd,"), "offices.csv", "Kembar", "stands already in line"),
    (add("X,NOWHERE,X,X,opd,"), "offices.csv", "NOWHERE", "NOWHERE, which is no office"),
    (add("X,Y,X,X,opd,", "Y,X,Y,Y,opd,"), "offices.csv", "X,Y", "X stands under itself"),
    (add("X,Y,X,X,opd,", "Y,X,Y,Y,opd,"), "offices.csv", "Y,X,Y", "Y stands under itself"),
    (add("X,PEMKOT,X,X,ministry,"), "offices.csv", "ministry", "kind is 'ministry'"),
    (add("X,PEMKOT,X,X,opd,33.99"), "offices.csv", "33.99", "33.99 is no place"),
    (add("X,PEMKOT,,X,opd,"), "offices.csv", "X,PEMKOT", "name is empty"),
    (add("X,PEMKOT,X"), "offices.csv", "X,PEMKOT", "3 cells where the header has 6"),
    (add(f"X,PEMKOT,X,{'s' * 25},opd,"), "offices.csv", "sssss", "25 characters long, at most 24"),
    (add(f"x,{'n' * 25},Agama,,kata"), "categories.csv", "nnnnn", "25 characters long, at most 24"),
    (add("x,X,Astronomi,,kata"), "categories.csv", "Astronomi", "national is 'Astronomi'"),
    (add("x,X,Agama,,;"), "categories.csv", "x,X", "words is empty"),
    
    (change("jalan,,DPU", "jalan,33.74.16,DPU"), "routing.csv", "", "jalan has no row with an empty"),
    (add("sihir,,DPU"), "routing.csv", "sihir", "category sihir is not known"),
    (add("jalan,33.99,DPU"), "routing.csv", "33.99", "place 33.99 is not known"),
    (add("jalan,33.74.16,NOBODY"), "routing.csv", "NOBODY", "office NOBODY is not known"),
    (add("jalan,33.74.16,@province"), "routing.csv", "@province", "office @province is not known"),
    (add("jalan,,DLH"), "routing.csv", "jalan,,DLH", "jalan stands already in line"),
    (add("33.74.16.1099,Zeta,kelurahan,,,"), "places.csv", "Zeta", "has no centre point"),
    (add("33.74.16.1099,Zeta,kelurahan,-6.9,,"), "places.csv", "Zeta", "Only one of latitude"),
    (add("33.74.16.1099,Zeta,kelurahan,-6.9,190.1,"), "places.csv", "Zeta", "longitude is '190.1'"),
    (add("33.74.16.1099,Zeta,kelurahan,\"-6,9\",110.1,"), "places.csv", "Zeta", "latitude is '-6,9'"),
    (add("33.74.16.1099,Zeta,kelurahan,nan,110.1,"), "places.csv", "Zeta", "latitude is 'nan'"),
    (add("33.75.01.1001,Zeta,kelurahan,-6.9,110.1,"), "places.csv", "Zeta", "lies in no other place"),
    (add("33.75/l1,Zeta,landmark,,,"), "places.csv", "Zeta", "lies in no other place"),
    (add("33.74.16.1099,Zeta,village,-6.9,110.1,"), "places.csv", "Zeta", "level is 'village'"),
    (change("resolve,7", "resolve,0"), "clocks.csv", "resolve,0", "days is '0'"),
    (change("resolve,7", "resolve,7.5"), "clocks.csv", "7.5", "days is '7.5'"),
    (change("resolve,7", "resolve,15"), "clocks.csv", ",15", "looser than the national 14 working days"),
    (add("complaint,,silence,9,"), "clocks.csv", "silence", "shorter than the national 10 working days"),
    (add("complaint,,verify,3,20"), "clocks.csv", "verify", "either days or hours"),
    (add("complaint,,late,6,"), "clocks.csv", "late", "looser than the national 5 working days"),
    (add("complaint,,late,,20"), "clocks.csv", "late", "is given in working days"),
    (add("lament,,resolve,7,"), "clocks.csv", "lament", "kind is 'lament'"),
    (change("clocks,semarang", "clocks,slow"), "city.csv", "slow", "value is 'slow'"),
    (add("work_hours,mon 16:00-07:30"), "city.csv", "work_hours", "'16:00-07:30' is no period"),
    (change("tel. 137", "tel. 137 atau 138"), "city.csv", "ombudsman", "characters long, at most 45 fit"),
    (add("17-08-2026,Libur,no"), "calendar.csv", "17-08", "date is '17-08-2026'"),
    (add("2026-02-30,Libur,no"), "calendar.csv", "02-30", "date is '2026-02-30'"),
    (add("2026-05-04,Libur,maybe"), "calendar.csv", "maybe", "working is 'maybe'"),
    (add("2026-05-04,A,no", "2026-05-04,B,no"), "calendar.csv", "04,B", "stands already in line 2"),
    (change("drowning,112", "drowning,"), "numbers.csv", "drowning,", "number is empty"),
    (change("drowning,112", "drowning,satu"), "numbers.csv", "satu", "number is 'satu'"),
    (change("drowning,112", "flood,112"), "numbers.csv", "flood,112", "kind is 'flood'"),
    (change("drowning,112", "flood,112"), "numbers.csv", "", "no number for drowning"),
    (add("Apa?,,kata,,,"), "answers.csv", "Apa?", "answer is empty"),
    (add("colour,blue"), "city.csv", "colour", "'colour' is no setting"),
    (change("promise_days,7\n", ""), "city.csv", "", "lacks promise_days"),
    (change("promise_days,7", "promise_days,soon"), "city.csv", "promise_days", "value is 'soon'"),
    (change("Asia/Jakarta", "Asia/Semarang"), "city.csv", "timezone", "'Asia/Semarang' is no time zone"),
    (change("mon tue", "mon tues"), "city.csv", "workdays", "'tues' is no day"),
    (change("DISKOMINFO", "KOMINFO"), "city.csv", "KOMINFO", "KOMINFO is no office"),
    (add('msgid "Hello'), "wording/id.po", 'msgid "Hello', "does not parse"),
    (becomes(b"question,answer,words\nA,B,C\nApa\xe9?,B,C\n"),
     "answers.csv", "Apa", "not UTF-8"),
    (becomes(b'question,answer,words\n"A"x,B,C\n'),
     "answers.csv", '"A"x', "not CSV"),
    (becomes(b""), "answers.csv", "", "The file is empty"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "file", "on_line", "sentence"), FAULTS, ids=[fault[3] for fault in FAULTS]
)
def test_each_fault_is_found_with_its_line(
    copy: Path, damage: Damage, file: str, on_line: str, sentence: str
) -> None:
    damage(copy / file)
    line = line_of(copy, file, on_line) if on_line else 0
    found = check_city(copy)
    assert [f for f in found if f.file == file and f.line == line and sentence in f.sentence], found


def test_a_category_without_a_row_for_everywhere_is_named(copy: Path) -> None:
    add("x,X,Agama,,kata")(copy / "categories.csv")
    assert [(f.file, f.line) for f in check_city(copy)] == [("routing.csv", 0)]
    add("x,33.74.16,DPU")(copy / "routing.csv")
    assert "x has no row with an empty place" in check_city(copy)[0].sentence


def test_a_city_with_faults_is_refused_with_all_of_them(copy: Path) -> None:
    add("X,NOWHERE,X,X,opd,")(copy / "offices.csv")
    add("sihir,,DPU")(copy / "routing.csv")
    with pytest.raises(CityFaults) as refused:
        read_city(copy)
    assert [fault.file for fault in refused.value.faults] == ["offices.csv", "routing.csv"]
    assert refused.value.faults == tuple(check_city(copy))
    assert "routing.csv:" in str(refused.value)


def test_an_office_below_a_circle_is_not_blamed_for_it(copy: Path) -> None:
    add("X,Y,X,X,opd,", "Y,X,Y,Y,opd,", "Z,X,Z,Z,opd,")(copy / "offices.csv")
    assert [fault.sentence[0] for fault in check_city(copy)] == ["X", "Y"]


def test_no_folder_at_all_is_faults_and_not_a_crash(tmp_path: Path) -> None:
    assert {fault.file for fault in check_city(tmp_path / "none")} == {p.name for p in SEMARANG.glob("*.csv")}


def test_lines_are_counted_over_cells_with_line_breaks(copy: Path) -> None:
    add('"Dua\nbaris?",Ya,kata,,,', "Kosong?,,kata,,,")(copy / "answers.csv")
    line = line_of(copy, "answers.csv", "Kosong?")
    assert [(fault.file, fault.line) for fault in check_city(copy)] == [("answers.csv", line)]


def test_a_file_saved_by_a_spreadsheet_is_read(copy: Path) -> None:
    for path in copy.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_city(copy) == []


def test_the_citys_own_days_reach_its_calendar(copy: Path) -> None:
    add("2026-11-23,Libur kota,no", "2026-11-28,Hari kerja pengganti,yes")(copy / "calendar.csv")
    change("mon tue wed thu fri", "mon tue wed thu")(copy / "city.csv")
    calendar = read_city(copy).calendar
    assert not calendar.works(date(2026, 11, 27))  # a Friday
    assert not calendar.works(date(2026, 11, 23))
    assert calendar.works(date(2026, 11, 28))


def test_known_answers_fit_one_short_message(city: City) -> None:
    assert len(city.answers) >= 5
    for known in city.answers:
        for answer in (known.answer, *(words for _, words in known.others)):
            assert len(answer) <= 160 and answer.isascii()


def test_words_are_plain_phrases_in_lower_case(city: City) -> None:
    for table in (city.categories.values(), city.emergencies, city.answers):
        for entry in table:
            assert [word for word in entry.words if word != word.lower()] == []
